//! What `--version` says.

use std::env::consts::{ARCH, OS};
use std::sync::LazyLock;

/// Since this version of Kubernetes everything that an installation uses is there for good.
const OLDEST_KUBERNETES: &str = "1.30";

/// The commit that a release is built from, and when it was made (RFC 3339). Other builds do not know them.
pub(super) const REVISION: Option<&str> = option_env!("WFE_WEBHOOK_REVISION");
pub(super) const CREATED: Option<&str> = option_env!("WFE_WEBHOOK_CREATED");

/// The version, where it comes from, what it runs on, and which Kubernetes it is for.
pub(super) fn long() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let version = env!("CARGO_PKG_VERSION");
        let known = |value: Option<&'static str>| value.filter(|it| !it.is_empty());
        let commit = match (known(REVISION), known(CREATED)) {
            (Some(revision), Some(created)) => format!("{revision} of {created}"),
            (Some(revision), None) => revision.to_owned(),
            (None, _) => "unknown: not built as a release".to_owned(),
        };
        format!(
            "{version}\ncommit: {commit}\ntarget: {ARCH}-{OS}\nKubernetes: {OLDEST_KUBERNETES} or newer"
        )
    });
    &TEXT
}
