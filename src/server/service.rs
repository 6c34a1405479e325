//! What is done for every request of a connection, on any path.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::{Body as _, Incoming};
use tower::{Service, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;

use super::activity::Activity;
use super::lifecycle::{Lifecycle, Phase};
use super::refusal::line;
use super::tls::UnauthorizedClient;
use crate::metrics::Metrics;

/// Makes the service of each connection.
#[derive(Debug)]
pub(super) struct Connections {
    routes: Router,
    lifecycle: Arc<Lifecycle>,
    keeps_alive: bool,
}

impl Connections {
    /// Serves `routes`; a panic anywhere in them costs one request.
    pub(super) fn new(routes: Router, lifecycle: Arc<Lifecycle>, metrics: Arc<Metrics>) -> Self {
        let routes = routes.layer(ServiceBuilder::new().layer(CatchPanicLayer::custom(
            move |_: Box<dyn std::any::Any + Send>| {
                metrics.panicked();
                line(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
            },
        )));
        Self {
            routes,
            lifecycle,
            keeps_alive: true,
        }
    }

    /// Each connection ends with its first answer, so that no client can send request after request on one.
    #[must_use]
    pub(super) fn of_one_request(self) -> Self {
        Self {
            keeps_alive: false,
            ..self
        }
    }

    /// Whether a connection may have several requests.
    pub(super) const fn keeps_alive(&self) -> bool {
        self.keeps_alive
    }

    /// The service of a connection; a `unauthorized` behind it is not to be answered.
    pub(super) fn service(
        &self,
        activity: Arc<Activity>,
        unauthorized: Option<UnauthorizedClient>,
    ) -> ConnectionService {
        ConnectionService {
            routes: self.routes.clone(),
            lifecycle: Arc::clone(&self.lifecycle),
            activity,
            unauthorized,
        }
    }
}

/// Answers the requests of one connection.
#[derive(Debug)]
pub(super) struct ConnectionService {
    routes: Router,
    lifecycle: Arc<Lifecycle>,
    activity: Arc<Activity>,
    /// Requests carry it as an extension.
    unauthorized: Option<UnauthorizedClient>,
}

impl hyper::service::Service<Request<Incoming>> for ConnectionService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let lifecycle = Arc::clone(&self.lifecycle);
        let activity = Arc::clone(&self.activity);
        if let Some(unauthorized) = &self.unauthorized {
            request.extensions_mut().insert(unauthorized.clone());
        }
        let body_length = request.body().size_hint().exact();
        // A router is always ready.
        let answer = self.routes.clone().call(request);
        Box::pin(async move {
            let in_flight = activity.begin(body_length);
            let mut response = answer.await?;
            in_flight.answered();
            // So a client goes elsewhere after this answer; a connection that is just closed would cost it a call.
            if lifecycle.phase() >= Phase::Draining {
                response
                    .headers_mut()
                    .insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        })
    }
}
