use axum::{routing::get, Router};

#[tokio::main]
async fn main() {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
    let app = Router::new()
        .route("/readyz", get(|| async { "ready" }))
        .route("/:code", get(move || async move { url }));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:7878").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
