//! What holds for every request of a connection, whatever its path.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use tower::{Service, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;

use super::activity::Activity;
use super::gate::Peer;
use super::lifecycle::{Lifecycle, Phase};
use super::refusal::line;
use super::tls::Stranger;
use crate::metrics::Metrics;

/// Makes the service of each connection.
#[derive(Clone, Debug)]
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
}

impl Service<Peer> for Connections {
    type Response = ConnectionService;
    type Error = Infallible;
    type Future = Ready<Result<ConnectionService, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, peer: Peer) -> Self::Future {
        ready(Ok(ConnectionService {
            routes: self.routes.clone(),
            lifecycle: Arc::clone(&self.lifecycle),
            activity: peer.activity,
            stranger: None,
        }))
    }
}

/// Answers the requests of one connection.
#[derive(Clone, Debug)]
pub struct ConnectionService {
    routes: Router,
    lifecycle: Arc<Lifecycle>,
    activity: Arc<Activity>,
    /// Set when the client is not to be answered; requests carry it as an extension.
    pub stranger: Option<Stranger>,
}

impl<B> Service<Request<B>> for ConnectionService
where
    B: axum::body::HttpBody<Data = axum::body::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let lifecycle = Arc::clone(&self.lifecycle);
        let activity = Arc::clone(&self.activity);
        if let Some(stranger) = &self.stranger {
            request.extensions_mut().insert(stranger.clone());
        }
        let answer = self.routes.call(request);
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
