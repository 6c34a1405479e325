//! Allows everything: it reads the body, copies the uid that an API server writes first in a request, and answers.

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::routing::post;

fn main() -> anyhow::Result<()> {
    let routes = Router::new()
        .route("/mutate", post(allow))
        .route("/validate", post(allow))
        .layer(DefaultBodyLimit::max(7 << 20));
    stack::serve(&routes)
}

async fn allow(body: Bytes) -> Result<([(HeaderName, &'static str); 1], String), StatusCode> {
    let uid = uid(&body).ok_or(StatusCode::BAD_REQUEST)?;
    let answer = format!(
        r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{{"uid":"{uid}","allowed":true}}}}"#
    );
    Ok(([(CONTENT_TYPE, "application/json")], answer))
}

fn uid(body: &[u8]) -> Option<&str> {
    const KEY: &[u8] = br#""uid":""#;
    let start = body.windows(KEY.len()).position(|window| window == KEY)? + KEY.len();
    let length = body[start..].iter().position(|&byte| byte == b'"')?;
    std::str::from_utf8(&body[start..start + length]).ok()
}
