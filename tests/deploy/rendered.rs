//! What the chart renders, as values.

use std::path::PathBuf;
use std::sync::OnceLock;

use clap::Parser as _;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, PodSpec, Service};
use serde::de::DeserializeOwned;
use serde_json::Value;
use test_support::helm::Release;
use wfe_webhook::cli::serve::ServeArgs;
use wfe_webhook::cli::{Cli, Command};

/// Namespace and name of everything in the rendered files.
pub const NAME: &str = "wfe-webhook";
pub const RELEASE: Release = Release {
    name: NAME,
    namespace: NAME,
};

/// The folder `deploy/`.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

/// `tls.mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    SelfManaged,
    CertManager,
    Files,
}

impl Mode {
    pub const ALL: [Self; 3] = [Self::SelfManaged, Self::CertManager, Self::Files];

    pub const fn name(self) -> &'static str {
        match self {
            Self::SelfManaged => "selfManaged",
            Self::CertManager => "certManager",
            Self::Files => "files",
        }
    }

    /// What Helm needs for it.
    pub fn arguments(self) -> Vec<String> {
        let mut arguments = vec!["--set".to_owned(), format!("tls.mode={}", self.name())];
        if self == Self::Files {
            arguments.push("--set-file".to_owned());
            arguments.push(format!("tls.files.caBundle={}", ca().path().display()));
        }
        arguments
    }
}

/// A file with a certificate.
pub fn ca() -> &'static tempfile::NamedTempFile {
    static CA: OnceLock<tempfile::NamedTempFile> = OnceLock::new();
    CA.get_or_init(|| {
        let made = rcgen::generate_simple_self_signed(["ca".to_owned()]).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), made.cert.pem()).unwrap();
        file
    })
}

/// Every object of a release.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// What is installed.
    pub objects: Vec<Value>,
    /// What `helm test` creates.
    pub tests: Vec<Value>,
}

impl Rendered {
    /// With the default values of a mode.
    pub fn of(mode: Mode) -> Self {
        Self::with(mode, &[])
    }

    pub fn with(mode: Mode, arguments: &[&str]) -> Self {
        let text = template(RELEASE, mode, arguments);
        Self::read(&text.unwrap_or_else(|error| panic!("{mode:?} {arguments:?}: {error}")))
    }

    pub fn read(text: &str) -> Self {
        let all: Vec<Value> =
            serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        let is_test = |object: &Value| object["metadata"]["annotations"]["helm.sh/hook"] == "test";
        let (tests, objects) = all.into_iter().partition(is_test);
        Self { objects, tests }
    }

    /// The only object of a kind.
    pub fn only<T: DeserializeOwned>(&self, kind: &str) -> T {
        let mut all = self.all(kind);
        assert_eq!(all.len(), 1, "{kind}");
        all.remove(0)
    }

    pub fn all<T: DeserializeOwned>(&self, kind: &str) -> Vec<T> {
        of_kind(&self.objects, kind)
    }

    /// The only object of a kind among those of `helm test`.
    pub fn only_of_test<T: DeserializeOwned>(&self, kind: &str) -> T {
        let mut all = of_kind(&self.tests, kind);
        assert_eq!(all.len(), 1, "{kind}");
        all.remove(0)
    }

    pub fn kinds(&self) -> Vec<&str> {
        let kinds = self.objects.iter().map(|object| object["kind"].as_str());
        kinds.map(Option::unwrap).collect()
    }

    pub fn deployment(&self) -> Deployment {
        self.only("Deployment")
    }

    pub fn service(&self) -> Service {
        self.only("Service")
    }

    pub fn pod_spec(&self) -> PodSpec {
        self.deployment().spec.unwrap().template.spec.unwrap()
    }

    /// The only container of a pod.
    pub fn container(&self) -> Container {
        let mut containers = self.pod_spec().containers;
        assert_eq!(containers.len(), 1);
        containers.remove(0)
    }

    /// Its arguments, as the program reads them.
    pub fn serve_args(&self) -> ServeArgs {
        serve_args(&self.container())
    }

    /// Both configurations.
    pub fn configurations(&self) -> [Value; 2] {
        [
            "MutatingWebhookConfiguration",
            "ValidatingWebhookConfiguration",
        ]
        .map(|kind| self.only(kind))
    }
}

pub fn serve_args(container: &Container) -> ServeArgs {
    let args = container.args.clone().unwrap();
    match Cli::try_parse_from([NAME.to_owned()].into_iter().chain(args)) {
        Ok(Cli {
            command: Command::Serve(args),
        }) => *args,
        Ok(other) => panic!("not serve: {other:?}"),
        Err(error) => panic!("{error}"),
    }
}

fn of_kind<T: DeserializeOwned>(objects: &[Value], kind: &str) -> Vec<T> {
    let found = objects.iter().filter(|object| object["kind"] == kind);
    found
        .map(|object| serde_json::from_value(object.clone()).unwrap())
        .collect()
}

/// What Helm renders, or its message.
pub fn template(release: Release, mode: Mode, arguments: &[&str]) -> Result<String, String> {
    let of_mode = mode.arguments();
    let mut all: Vec<&str> = of_mode.iter().map(String::as_str).collect();
    all.extend(arguments);
    release.template(&all)
}
