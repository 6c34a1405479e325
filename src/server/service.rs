//! What holds for every request of a connection, whatever its path.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use tower::{Service, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;

use super::activity::Activity;
use super::lifecycle::{Lifecycle, Phase};
use super::refusal::line;
use super::tls::Stranger;
use crate::metrics::Metrics;

/// Makes the service of each connection.
#[derive(Debug)]
pub struct Connections {
    routes: Router,
    lifecycle: Arc<Lifecycle>,
}

impl Connections {
    /// Serves `routes`; a panic anywhere in them costs one request.
    pub fn new(routes: Router, lifecycle: Arc<Lifecycle>, metrics: Arc<Metrics>) -> Self {
        let routes = routes.layer(ServiceBuilder::new().layer(CatchPanicLayer::custom(
            move |_: Box<dyn std::any::Any + Send>| {
                metrics.panicked();
                line(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
            },
        )));
        Self { routes, lifecycle }
    }

    /// The service of a connection; a `stranger` behind it is not to be answered.
    pub fn service(
        &self,
        activity: Arc<Activity>,
        stranger: Option<Stranger>,
    ) -> ConnectionService {
        ConnectionService {
            routes: self.routes.clone(),
            lifecycle: Arc::clone(&self.lifecycle),
            activity,
            stranger,
        }
    }
}

/// Answers the requests of one connection.
#[derive(Debug)]
pub struct ConnectionService {
    routes: Router,
    lifecycle: Arc<Lifecycle>,
    activity: Arc<Activity>,
    /// Requests carry it as an extension.
    stranger: Option<Stranger>,
}

impl hyper::service::Service<Request<Incoming>> for ConnectionService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let lifecycle = Arc::clone(&self.lifecycle);
        let activity = Arc::clone(&self.activity);
        if let Some(stranger) = &self.stranger {
            request.extensions_mut().insert(stranger.clone());
        }
        // A router is always ready.
        let answer = self.routes.clone().call(request);
        Box::pin(async move {
            let answering = activity.begin();
            let mut response = answer.await?;
            answering.answered();
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
