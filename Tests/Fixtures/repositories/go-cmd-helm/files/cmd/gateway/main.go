package main

import (
	"net/http"

	"github.com/acme/gopher/internal/health"
)

func main() {
	http.HandleFunc("/healthz", health.Handle)
	http.ListenAndServe(":8080", nil)
}
