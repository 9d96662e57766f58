const response = await fetch(base + "/healthz");
