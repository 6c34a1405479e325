//! Answers that are no review: a status and one line of text.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};

use super::limits::BODY_LIMIT;
use crate::metrics::Refused;
use crate::review;
use crate::text;

/// Why a request gets no review.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The client's certificate has none of the names that are asked for.
    #[error("the client certificate is for {0}, which no --client-name of the webhook allows")]
    UnauthorizedClient(String),
    /// The method is not POST.
    #[error("send a review by POST")]
    Method,
    /// The content type is another.
    #[error("the content type must be application/json")]
    ContentType,
    /// The body is larger than [`BODY_LIMIT`].
    #[error("the body is larger than {BODY_LIMIT} bytes")]
    TooLarge,
    /// The body was not complete in time.
    #[error("the body was not complete in time")]
    SlowBody,
    /// The body ended early, or its framing was broken.
    #[error("the body could not be read to its end")]
    BrokenBody,
    /// The caller's time is over, so the answer would come too late.
    #[error("the time that the caller gave has run out")]
    Late,
    /// As many requests as allowed are being answered.
    #[error("too many requests at the same time; try again")]
    Shed,
    /// The body is not a review.
    #[error(transparent)]
    NoReview(#[from] review::ReviewError),
    /// A fault of this program.
    #[error(
        "internal error: the webhook failed while it judged this review; its log has the place"
    )]
    Fault,
}

impl Refusal {
    /// The status that is answered.
    #[must_use]
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::UnauthorizedClient(_) => StatusCode::FORBIDDEN,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenBody | Self::NoReview(_) => StatusCode::BAD_REQUEST,
            Self::Late => StatusCode::SERVICE_UNAVAILABLE,
            Self::Shed => StatusCode::TOO_MANY_REQUESTS,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// How it is counted.
    #[must_use]
    pub(super) const fn counted(&self) -> Refused {
        match self {
            Self::UnauthorizedClient(_)
            | Self::Method
            | Self::ContentType
            | Self::TooLarge
            | Self::BrokenBody
            | Self::NoReview(_) => Refused::Invalid,
            Self::SlowBody | Self::Late => Refused::Timeout,
            Self::Shed => Refused::Shed,
            Self::Fault => Refused::Error,
        }
    }

    /// How much of its body an honest client may still send, in bytes.
    #[must_use]
    pub(super) const fn body_allowed(&self) -> usize {
        match self {
            Self::TooLarge => 0,
            _ => BODY_LIMIT,
        }
    }

    /// The reason for the log: like the answer, but without any text of the body.
    #[must_use]
    pub(super) fn log_text(&self) -> String {
        text::printable(&self.to_string()).into_owned()
    }

    /// The answer.
    #[must_use]
    pub(super) fn response(&self) -> Response<Body> {
        let mut response = line(self.status(), &text::printable_value(&self.to_string()));
        match self {
            Self::Method => {
                response
                    .headers_mut()
                    .insert(ALLOW, HeaderValue::from_static("POST"));
            }
            // Never 0, at which an API server would call again at once, eleven times.
            Self::Shed => {
                response
                    .headers_mut()
                    .insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

/// An answer of one line of text.
#[must_use]
pub(super) fn line(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{text}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}
