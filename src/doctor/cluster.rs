//! What is read from the cluster, and the two dry-run writes.

use std::path::Path;

use axum::http::{Request, header};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, ListParams};
use serde_json::Value;

use super::configuration::Registered;
use super::policies::Listed;
use super::trial::WriteResponse;
use crate::admission::Webhook;
use crate::kubernetes::{
    Access, ApiServer, CallError, ConnectError, PATIENCE, WebhookConfigurations, paths, time,
};

/// An answer of the API server is never longer than an object may be, by far.
const LIMIT: usize = 16 << 20;

/// Why nothing can be checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No way to the cluster is known.
    #[error("no cluster is configured: {0}; name a kubeconfig by --kubeconfig or KUBECONFIG")]
    Configuration(#[from] ConnectError),
    /// It does not answer, or does not permit it.
    #[error("{}{}", .0, help(.0))]
    Call(#[from] CallError),
    /// A request that cannot be sent.
    #[error("cannot make a request: {0}")]
    Request(#[from] axum::http::Error),
}

const fn help(error: &CallError) -> &'static str {
    match error {
        CallError::Refused(_) => "; docs/doctor.md lists the required permissions",
        CallError::Unreachable { .. } | CallError::Unusable { .. } => "",
    }
}

/// Reads from the API server, and asks it for dry runs.
pub(super) struct ClusterReader {
    server: ApiServer,
}

impl ClusterReader {
    /// Finds the API server as kubectl does, or as a pod does.
    pub(super) fn find(kubeconfig: Option<&Path>, context: Option<&str>) -> Result<Self, Error> {
        let access = Access {
            kubeconfig,
            context,
            read_timeout: Some(PATIENCE),
        };
        let server = ApiServer::find(access)?;
        Ok(Self { server })
    }

    /// All webhook configurations of both kinds.
    pub(super) async fn configurations(&self) -> Result<Vec<Registered>, Error> {
        let all = WebhookConfigurations::of(&self.server).list().await;
        let all = all.map_err(|error| self.error(error))?;
        Ok(all.into_iter().map(Registered::from).collect())
    }

    /// The policies of a kind and their bindings; nothing where the API server does not serve it.
    pub(super) async fn policies(&self, kind: Webhook) -> Result<Option<Listed>, Error> {
        let resource = match kind {
            Webhook::Mutate => "mutatingadmissionpolic",
            Webhook::Validate => "validatingadmissionpolic",
        };
        let path = |end: &str| format!("/apis/admissionregistration.k8s.io/v1/{resource}{end}");
        let policies = self.items(&path("ies")).await?;
        let bindings = self.items(&path("ybindings")).await?;
        Ok(policies
            .zip(bindings)
            .map(|(policies, bindings)| Listed { policies, bindings }))
    }

    /// A CRD, if it is there.
    pub(super) async fn crd(&self, name: &str) -> Result<Option<CustomResourceDefinition>, Error> {
        let crds: Api<CustomResourceDefinition> = Api::all(self.server.client());
        crds.get_opt(name).await.map_err(|error| self.error(error))
    }

    /// A Service, if it is there.
    pub(super) async fn service(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Service>, Error> {
        let services: Api<Service> = Api::namespaced(self.server.client(), namespace);
        services
            .get_opt(name)
            .await
            .map_err(|error| self.error(error))
    }

    /// What stands behind a Service.
    pub(super) async fn slices(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Vec<EndpointSlice>, Error> {
        let slices: Api<EndpointSlice> = Api::namespaced(self.server.client(), namespace);
        let of_service =
            ListParams::default().labels(&format!("kubernetes.io/service-name={name}"));
        let listed = slices.list(&of_service).await;
        Ok(listed.map_err(|error| self.error(error))?.items)
    }

    /// Objects of a group and version, at most fifty.
    pub(super) async fn objects(&self, group: &str, version: &str) -> Result<Vec<Value>, Error> {
        let path = format!("{}?limit=50", paths::objects(group, version));
        let mut items = self.items(&path).await?.unwrap_or_default();
        for item in &mut items {
            // The items of a list may come without them.
            item["apiVersion"] = Value::String(format!("{group}/{version}"));
            item["kind"] = Value::String("WorkflowExecution".to_owned());
        }
        Ok(items)
    }

    /// One object, if it is there.
    pub(super) async fn object(
        &self,
        group: &str,
        version: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Value>, Error> {
        self.read(&paths::object(group, version, namespace, name))
            .await
    }

    /// The items of a list; nothing where the API server has no such resource.
    async fn items(&self, path: &str) -> Result<Option<Vec<Value>>, Error> {
        let listed = self.read(path).await?;
        Ok(listed.map(|mut list| match list["items"].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        }))
    }

    async fn read(&self, path: &str) -> Result<Option<Value>, Error> {
        let request = Request::get(path).body(Vec::new())?;
        match self.server.client().request::<Value>(request).await {
            Ok(value) => Ok(Some(value)),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
            Err(error) => Err(self.error(error)),
        }
    }

    /// Patches the status of `object` without storing it.
    pub(super) async fn try_status(
        &self,
        object: &Value,
        patch: &Value,
    ) -> Result<WriteResponse, Error> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let api_version = text(&object["apiVersion"]);
        let (group, version) = api_version.split_once('/').unwrap_or_default();
        let metadata = &object["metadata"];
        let object = paths::object(
            group,
            version,
            &text(&metadata["namespace"]),
            &text(&metadata["name"]),
        );
        let request = Request::patch(format!("{object}/status?dryRun=All"))
            .header(header::CONTENT_TYPE, "application/merge-patch+json")
            .header(header::ACCEPT, "application/json")
            .body(kube::client::Body::from(patch.to_string().into_bytes()))?;
        let answer = self
            .server
            .client()
            .send(request)
            .await
            .map_err(|error| self.error(error))?;
        let code = answer.status().as_u16();
        let warnings = answer.headers().get_all(header::WARNING).iter();
        let warnings = warnings
            .filter_map(|warning| Some(warning.to_str().ok()?.to_owned()))
            .collect();
        let body = axum::body::to_bytes(axum::body::Body::new(answer.into_body()), LIMIT).await;
        let body = body.map_err(|error| self.server.unreachable(&error))?;
        Ok(WriteResponse {
            code,
            warnings,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        })
    }

    /// The API server's clock.
    pub(super) async fn date(&self) -> Option<Timestamp> {
        let request = Request::get("/version").body(kube::client::Body::empty());
        let answer = self.server.client().send(request.ok()?).await.ok()?;
        time::date(answer.headers())
    }

    fn error(&self, error: kube::Error) -> Error {
        self.server.call_error(error).into()
    }
}
