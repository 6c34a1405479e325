//! One `WorkflowExecution`, written in every way that clients use.

use std::process::Command;

use kube::Api;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::control_plane::ControlPlane;

/// Which of the two CRDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// `workflowexecution.kubernaut.ai`
    Tekton,
    /// `kubernaut.ai`
    Kubernaut,
}

impl Group {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tekton => "workflowexecution.kubernaut.ai",
            Self::Kubernaut => "kubernaut.ai",
        }
    }

    fn resource(self) -> ApiResource {
        ApiResource::from_gvk_with_plural(
            &GroupVersionKind::gvk(self.name(), "v1alpha1", "WorkflowExecution"),
            "workflowexecutions",
        )
    }
}

/// A stored object.
pub struct Object {
    plane: &'static ControlPlane,
    namespace: String,
    pub group: Group,
    pub name: String,
    api: Api<DynamicObject>,
}

/// The result of a write: the object in the answer, or the API server's error.
pub type Written = Result<Value, Box<kube::core::Status>>;

impl Object {
    pub async fn create(
        plane: &'static ControlPlane,
        namespace: &str,
        group: Group,
        name: &str,
    ) -> Self {
        let client = plane.client().await;
        let object = Self {
            plane,
            namespace: namespace.to_owned(),
            group,
            name: name.to_owned(),
            api: Api::namespaced_with(client, namespace, &group.resource()),
        };
        let mut new = DynamicObject::new(name, &group.resource());
        new.data = json!({"spec": {
            "workflowRef": {"workflowId": "restart-pod"},
            "targetResource": "shop/Deployment/cart",
        }});
        object
            .api
            .create(&PostParams::default(), &new)
            .await
            .expect("an object to create");
        object
    }

    /// The same object, written by another user.
    pub async fn as_user(&self, user: &str) -> Self {
        let client = self.plane.client_as(user).await;
        Self {
            plane: self.plane,
            namespace: self.namespace.clone(),
            group: self.group,
            name: self.name.clone(),
            api: Api::namespaced_with(client, &self.namespace, &self.group.resource()),
        }
    }

    /// The whole object as it is stored.
    pub async fn stored(&self) -> Value {
        to_value(&self.api.get(&self.name).await.expect("a stored object"))
    }

    /// The stored conditions.
    pub async fn conditions(&self) -> Value {
        self.stored().await["status"]["conditions"].clone()
    }

    /// The stored resource version: it moves with every write that changes something.
    pub async fn resource_version(&self) -> String {
        resource_version(&self.stored().await)
    }

    /// Reads the object, gives it this status and replaces it, as controllers do.
    pub async fn put(&self, status: Value) -> Written {
        self.put_with(&PostParams::default(), status).await
    }

    /// As [`Object::put`], storing nothing.
    pub async fn put_dry_run(&self, status: Value) -> Written {
        let parameters = PostParams {
            dry_run: true,
            ..PostParams::default()
        };
        self.put_with(&parameters, status).await
    }

    /// As [`Object::put`], under a field manager's name.
    pub async fn put_as(&self, manager: &str, status: Value) -> Written {
        let parameters = PostParams {
            field_manager: Some(manager.to_owned()),
            ..PostParams::default()
        };
        self.put_with(&parameters, status).await
    }

    async fn put_with(&self, parameters: &PostParams, status: Value) -> Written {
        let mut object = self.api.get(&self.name).await.expect("a stored object");
        object.data["status"] = status;
        written(
            self.api
                .replace_status(&self.name, parameters, &object)
                .await,
        )
    }

    /// Puts a status over an object as it was read at some time.
    pub async fn put_over(&self, read: &Value, status: Value) -> Written {
        self.put_over_with(&PostParams::default(), read, status)
            .await
    }

    async fn put_over_with(&self, parameters: &PostParams, read: &Value, status: Value) -> Written {
        let mut object: DynamicObject = serde_json::from_value(read.clone()).expect("an object");
        object.data["status"] = status;
        written(
            self.api
                .replace_status(&self.name, parameters, &object)
                .await,
        )
    }

    /// As [`Object::put_over`], storing nothing.
    pub async fn put_over_dry_run(&self, read: &Value, status: Value) -> Written {
        let parameters = PostParams {
            dry_run: true,
            ..PostParams::default()
        };
        self.put_over_with(&parameters, read, status).await
    }

    /// Sends a merge patch of the status.
    pub async fn merge(&self, status: Value) -> Written {
        let patch = Patch::Merge(json!({"status": status}));
        written(
            self.api
                .patch_status(&self.name, &PatchParams::default(), &patch)
                .await,
        )
    }

    /// Server-side apply of the status by `manager`.
    pub async fn apply(&self, manager: &str, status: Value) -> Written {
        self.apply_with(&PatchParams::apply(manager), status).await
    }

    /// Server-side apply that takes over what others own.
    pub async fn apply_forced(&self, manager: &str, status: Value) -> Written {
        self.apply_with(&PatchParams::apply(manager).force(), status)
            .await
    }

    async fn apply_with(&self, parameters: &PatchParams, status: Value) -> Written {
        let patch = Patch::Apply(json!({
            "apiVersion": format!("{}/v1alpha1", self.group.name()),
            "kind": "WorkflowExecution",
            "metadata": {"name": self.name},
            "status": status,
        }));
        written(self.api.patch_status(&self.name, parameters, &patch).await)
    }

    /// `kubectl patch --subresource=status`; `kind` is `json` or `merge`.
    pub fn kubectl_patch(&self, kind: &str, patch: &str) -> Command {
        let mut command = self.plane.kubectl();
        command.args(["--namespace", &self.namespace]).args([
            "patch",
            &self.kubectl_name(),
            "--subresource=status",
            "--type",
            kind,
            "-p",
            patch,
        ]);
        command
    }

    /// The name by which kubectl finds the object, in either group.
    pub fn kubectl_name(&self) -> String {
        format!(
            "workflowexecutions.v1alpha1.{}/{}",
            self.group.name(),
            self.name
        )
    }

    /// Who owns the list of conditions by server-side apply or by an update, as `manager/operation`.
    pub async fn owners_of_conditions(&self) -> Vec<String> {
        let stored = self.stored().await;
        let mut owners: Vec<String> = stored["metadata"]["managedFields"]
            .as_array()
            .expect("managed fields")
            .iter()
            .filter(|entry| entry["fieldsV1"]["f:status"].get("f:conditions").is_some())
            .map(|entry| {
                let text = |key: &str| entry[key].as_str().expect("a string").to_owned();
                format!("{}/{}", text("manager"), text("operation"))
            })
            .collect();
        owners.sort();
        owners
    }
}

pub fn resource_version(object: &Value) -> String {
    object["metadata"]["resourceVersion"]
        .as_str()
        .expect("a resource version")
        .to_owned()
}

fn to_value(object: &DynamicObject) -> Value {
    serde_json::to_value(object).expect("objects are JSON")
}

fn written(result: kube::Result<DynamicObject>) -> Written {
    match result {
        Ok(object) => Ok(to_value(&object)),
        Err(kube::Error::Api(status)) => Err(status),
        Err(error) => panic!("the API server did not answer: {error}"),
    }
}
