package health

import "net/http"

func Handle(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
