from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/api/v1/ready")
def ready():
    return {"status": "ready"}
