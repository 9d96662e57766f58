ROUTES = {"/livez": "ok"}
