module github.com/acme/gopher

go 1.23
