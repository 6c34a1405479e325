//! `check --cluster`: the objects that a cluster has stored.

mod field_managers;
mod progress;

use std::path::PathBuf;
use std::time::Instant;

use clap::builder::NonEmptyStringValueParser;
use jiff::Timestamp;
use serde_json::Value;

use super::report::{Against, CheckReport, CheckedObject, InputPlace, StoredIdentity};
use crate::admission::Verdict;
use crate::check::{self, ItemContent, ObjectText, ReviewFrame, Unusable};
use crate::cli::output;
use crate::kubernetes::{Access, ApiServer, CallError, ConnectError, Pages, paths};
use crate::policy::Policy;
use crate::vocabulary::{GROUPS, RESOURCE};
use field_managers::Managed;
use progress::Progress;

/// Which objects of a cluster are judged.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Cluster")]
pub struct ClusterArgs {
    /// Judge what a cluster has stored: what is refused where a controller goes on writing like this, and what is completed
    #[arg(long, conflicts_with_all = ["files", "old", "stored", "fix"])]
    pub cluster: bool,
    /// Namespace; without it, all
    #[arg(long, short, value_name = "NAME", conflicts_with = "files", value_parser = NonEmptyStringValueParser::new())]
    pub namespace: Option<String>,
    /// Labels that objects have to have, as kubectl takes them
    #[arg(long, short = 'l', value_name = "LABELS", conflicts_with = "files")]
    pub selector: Option<String>,
    /// Kubeconfig file; without it, the one that kubectl uses, or a pod's service account
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    pub kubeconfig: Option<PathBuf>,
    /// Context of that file [default: the current one]
    #[arg(long, value_name = "NAME", conflicts_with = "files")]
    pub context: Option<String>,
}

/// Why the cluster's objects cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClusterError {
    #[error("no cluster is configured: {0}; name a kubeconfig by --kubeconfig or KUBECONFIG")]
    Configuration(#[from] ConnectError),
    #[error("{0}")]
    Call(#[from] CallError),
    #[error("the cluster at {url} has no {RESOURCE} of {}; install kubernaut's CRDs, or choose another --context", GROUPS.join(" or "))]
    NotServed { url: String },
    #[error("the cluster sends a list that {0}")]
    List(#[from] check::SyntaxError),
}

/// Judges every object of the cluster that the arguments name.
pub(super) async fn report(
    args: &ClusterArgs,
    policy: &Policy,
    now: Timestamp,
) -> Result<CheckReport, ClusterError> {
    let start = Instant::now();
    let server = ApiServer::find(Access {
        kubeconfig: args.kubeconfig.as_deref(),
        context: args.context.as_deref(),
        read_timeout: Some(crate::kubernetes::PATIENCE),
    })?;
    let mut survey = Survey {
        policy,
        now,
        report: CheckReport {
            is_of_cluster: true,
            ..CheckReport::default()
        },
        progress: Progress::start(),
        seen: 0,
    };
    let mut is_served = false;
    for group in GROUPS {
        let Some(version) = preferred_version(&server, group).await? else {
            continue;
        };
        let path = match &args.namespace {
            Some(namespace) => paths::objects_of(group, &version, namespace),
            None => paths::objects(group, &version),
        };
        let mut pages = Pages::of(&server, path, args.selector.as_deref());
        while let Some(page) = pages.next().await? {
            is_served = true;
            survey.page(&page.text)?;
            survey.progress.show(survey.seen, page.remaining);
        }
    }
    drop(survey.progress);
    if !is_served {
        let url = server.url().to_owned();
        return Err(ClusterError::NotServed { url });
    }
    let seconds = start.elapsed().as_secs_f64();
    let objects = match survey.seen {
        1 => "1 object".to_owned(),
        seen => format!("{seen} objects"),
    };
    output::complain(&format!("Read {objects} in {seconds:.1} s.\n"));
    Ok(survey.report)
}

/// The version by which an API server prefers a group to be read, if it has the group.
async fn preferred_version(server: &ApiServer, group: &str) -> Result<Option<String>, CallError> {
    let request = axum::http::Request::get(format!("/apis/{group}")).body(Vec::new());
    let request = request.map_err(|error| server.unreachable(&error))?;
    match server.client().request::<Value>(request).await {
        Ok(group) => Ok(group["preferredVersion"]["version"]
            .as_str()
            .map(str::to_owned)),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
        Err(error) => Err(server.call_error(error)),
    }
}

/// One run over all objects.
struct Survey<'a> {
    policy: &'a Policy,
    now: Timestamp,
    report: CheckReport,
    progress: Progress,
    seen: u64,
}

impl Survey<'_> {
    fn page(&mut self, text: &str) -> Result<(), ClusterError> {
        for document in check::read(text.as_bytes())? {
            for item in document.items() {
                match item.map(|item| item.content) {
                    Ok(ItemContent::Object(object)) => self.object(&object),
                    Ok(ItemContent::Review(_)) | Err((_, Unusable::EmptyList)) => {}
                    Err((_, problem)) => {
                        self.report
                            .unusable(&format!("an object of the cluster {problem}"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Judges a write that leaves the object as it is. What is refused on a write that makes a stored fault anew is what
    /// the policy says of its rule.
    fn object(&mut self, object: &ObjectText<'_>) {
        self.seen += 1;
        let frame = ReviewFrame::of_write(object, Some(object.text));
        let label = object.label();
        let checked = match check::check(&frame, object.text, self.policy, self.now) {
            Ok(checked) => checked,
            Err(problem) => return self.report.unusable(&format!("{label} {problem}")),
        };
        let managed = Managed::of(object.metadata);
        let place = InputPlace {
            file: format!("{RESOURCE}.{}/{label}", object.group),
            document: None,
            item: None,
        };
        let mut reported = CheckedObject::of(place, label, Against::Anew, &checked, |_| None);
        reported.judge_anew(|finding| {
            if finding.verdict == Verdict::Inherited
                && let Some(rule) = finding.rule()
            {
                finding.is_stored = true;
                finding.verdict = Verdict::Acted(self.policy.action(rule));
            }
            let field = finding.path.strip_prefix("status.").unwrap_or_default();
            finding.field_manager = managed.managers_of(field);
        });
        reported.stored = Some(StoredIdentity {
            api_version: format!("{}/{}", object.group, object.version),
            namespace: object.namespace.clone().unwrap_or_default(),
            name: object.name.clone().unwrap_or_default(),
            uid: managed.uid.clone().unwrap_or_default(),
            field_manager: managed.managers_of("conditions"),
        });
        self.report.objects.push(reported);
    }
}
