//! What judges and completes status writes, and how it is registered.

use std::process::Command;

use anyhow::ensure;
use serde::Serialize;

use crate::subject::{Identity, Running, Subject};

/// What judges and completes status writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Setup {
    Nothing,
    /// The policies that the product generates, without the one that completes.
    ValidatingPolicies,
    /// All policies that the product generates.
    Policies,
    /// A server's `/mutate` and `/validate`, called for every write.
    Both(Subject),
    /// The product as it is registered by default: what needs no call is left out.
    AsRegistered,
    /// The same beside all policies.
    PoliciesAndWebhooks,
    /// Two webhooks of controller-runtime that allow everything.
    NullInGo,
    /// The product's `/mutate` alone.
    Mutate,
    /// The product's `/validate` alone.
    Validate,
}

impl Setup {
    pub const ALL: [Self; 11] = [
        Self::Nothing,
        Self::ValidatingPolicies,
        Self::Policies,
        Self::Both(Subject::Null),
        Self::NullInGo,
        Self::Mutate,
        Self::Validate,
        Self::Both(Subject::Product),
        Self::AsRegistered,
        Self::PoliciesAndWebhooks,
        Self::Both(Subject::ControllerRuntime),
    ];

    /// As tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing registered",
            Self::ValidatingPolicies => "generated policies, validating",
            Self::Policies => "generated policies, with mutating",
            Self::Both(Subject::Null) => "null webhook, twice",
            Self::Both(subject) => subject.name(),
            Self::AsRegistered => "wfe-webhook, as registered by default",
            Self::PoliciesAndWebhooks => "policies and webhooks, both",
            Self::NullInGo => "null webhook of controller-runtime, twice",
            Self::Mutate => "wfe-webhook, `/mutate` alone",
            Self::Validate => "wfe-webhook, `/validate` alone",
        }
    }

    /// What is registered before it. The policies come first, because behind webhooks nobody sees who completes.
    pub const fn below(self) -> Option<Self> {
        match self {
            Self::PoliciesAndWebhooks => Some(Self::Policies),
            _ => None,
        }
    }

    /// Whose webhooks are registered, and the kinds of their configurations.
    const fn webhooks(self) -> Option<(Subject, &'static [&'static str])> {
        const MUTATING: &str = "MutatingWebhookConfiguration";
        const VALIDATING: &str = "ValidatingWebhookConfiguration";
        match self {
            Self::Nothing | Self::ValidatingPolicies | Self::Policies => None,
            Self::Both(subject) => Some((subject, &[MUTATING, VALIDATING])),
            Self::AsRegistered | Self::PoliciesAndWebhooks => {
                Some((Subject::Product, &[MUTATING, VALIDATING]))
            }
            Self::NullInGo => Some((Subject::ControllerRuntime, &[MUTATING, VALIDATING])),
            Self::Mutate => Some((Subject::Product, &[MUTATING])),
            Self::Validate => Some((Subject::Product, &[VALIDATING])),
        }
    }

    /// What it makes of the writes that tell setups from each other.
    pub const fn signs(self) -> Signs {
        let (unknown_type, ended) = match self {
            Self::Nothing => ((200, 0), (0, 0)),
            Self::ValidatingPolicies => ((422, 0), (0, 0)),
            Self::Policies => ((422, 0), (3, 0)),
            Self::Both(Subject::Null) | Self::NullInGo => ((200, 2), (0, 2)),
            Self::Mutate => ((200, 1), (3, 1)),
            Self::Validate => ((422, 1), (0, 1)),
            Self::Both(_) | Self::AsRegistered => ((422, 2), (3, 2)),
            // One policy brings back what is missing, so that `/mutate` is not called, and one refuses before `/validate` is.
            Self::PoliciesAndWebhooks => ((422, 0), (3, 2)),
        };
        Signs {
            unknown_type,
            ended,
        }
    }

    /// What has to be applied for it, where there is anything, above what is below.
    pub fn manifests(
        self,
        servers: &[(Subject, Running)],
        identity: &Identity,
    ) -> anyhow::Result<Option<String>> {
        match (self, self.webhooks()) {
            (Self::ValidatingPolicies, _) => {
                generate(&["policies", "--failure-policy=Fail", "--validating-only"]).map(Some)
            }
            (Self::Policies, _) => generate(&["policies", "--failure-policy=Fail"]).map(Some),
            (_, None) => Ok(None),
            (_, Some((subject, kinds))) => {
                let servers = servers.iter().filter(|(of, _)| *of == subject);
                let ports: Vec<u16> = servers
                    .map(|(_, server)| server.target.address.port())
                    .collect();
                ensure!(ports.len() == 1, "servers: {ports:?}");
                self.registration(ports[0], kinds, identity).map(Some)
            }
        }
    }

    fn registration(
        self,
        port: u16,
        kinds: &[&str],
        identity: &Identity,
    ) -> anyhow::Result<String> {
        let match_conditions = match self {
            Self::AsRegistered | Self::PoliciesAndWebhooks => "--match-conditions=on",
            _ => "--match-conditions=off",
        };
        let registration = generate(&[
            "registration",
            // A call that fails must fail the write, or it would count as a fast one.
            "--failure-policy=Fail",
            match_conditions,
            &format!("--url=https://localhost:{port}"),
            &format!("--ca={}", identity.certificate.display()),
        ])?;
        let documents: Vec<&str> = registration
            .split("---\n")
            .filter(|document| kinds.iter().any(|kind| document.contains(kind)))
            .collect();
        ensure!(documents.len() == kinds.len(), "{registration}");
        let mut manifests = documents.join("---\n");
        if self == Self::NullInGo {
            for path in ["/mutate", "/validate"] {
                manifests = manifests.replace(path, &format!("/null{path}"));
            }
        }
        Ok(manifests)
    }
}

/// What becomes of two writes, and how many calls of webhooks each causes. By it a setup is known to be in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signs {
    /// Of one with an unknown condition type: the status of the answer.
    pub unknown_type: (u16, u64),
    /// Of one that ends a run and has no conditions: how many it has then.
    pub ended: (usize, u64),
}

/// What the product generates.
fn generate(arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(Subject::Product.program()?)
        .arg("generate")
        .args(arguments)
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "generate {arguments:?}: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}
