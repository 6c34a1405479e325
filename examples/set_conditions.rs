//! What a controller sets while it watches its runs, and the conditions that come of it.
//!
//! `cargo run --example set_conditions`

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use wfe_webhook::conditions::{self, Error, Reason, RunConditions};
use wfe_webhook::vocabulary::{EXECUTION, FailureReason, Role, SkipReason, TEKTON};

/// What a reconcile finds out about a run.
enum Observed<'a> {
    TargetIsBusy { by: &'a str },
    PipelineRunCreated { name: &'a str },
    Progress { task: &'a str },
    Succeeded { summary: &'a str },
    Failed { why: FailureReason, text: &'a str },
}

/// Sets the conditions for what was observed. Returns whether the status has to be written.
fn reconcile(
    list: &mut Vec<Condition>,
    observed: &Observed<'_>,
    generation: Option<i64>,
    now: Timestamp,
) -> Result<bool, Error> {
    let mut run = RunConditions::new(&TEKTON, list, now).observing(generation);
    match *observed {
        Observed::TargetIsBusy { by } => {
            run.set_resource_locked(true, SkipReason::ResourceBusy, format!("{by} works on it"))
        }
        Observed::PipelineRunCreated { name } => {
            run.set_created(true, Reason::Usual, format!("PipelineRun {name} created"))
        }
        Observed::Progress { task } => run.set_running(true, Reason::Usual, task),
        Observed::Succeeded { summary } => run.set_complete(true, Reason::Usual, summary),
        Observed::Failed { why, text } => run.set_complete(false, why, text),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start: Timestamp = "2025-12-11T10:15:00Z".parse()?;
    let created = Observed::PipelineRunCreated { name: "wfe-1" };
    let first = Observed::Progress {
        task: "Task 1 of 2 runs",
    };
    let second = Observed::Progress {
        task: "Task 2 of 2 runs",
    };
    let succeeded = Observed::Succeeded {
        summary: "2 of 2 tasks succeeded in 45s",
    };
    let failed = Observed::Failed {
        why: FailureReason::OOMKilled,
        text: "Task apply ran out of memory",
    };
    let busy = Observed::TargetIsBusy { by: "Run wfe-7" };

    for (title, life) in [
        (
            "A run that succeeds",
            vec![&created, &first, &second, &second, &succeeded],
        ),
        ("A run that fails", vec![&created, &failed]),
        ("A run that is skipped", vec![&busy]),
    ] {
        println!("{title}:");
        let mut list = Vec::new();
        let mut now = start;
        for observed in life {
            let changed = reconcile(&mut list, observed, Some(1), now)?;
            println!(
                "  {now} {}",
                if changed {
                    "write the status"
                } else {
                    "nothing to write"
                }
            );
            now += Duration::from_secs(15);
        }
        print(&list);
    }

    println!("The other vocabulary, and a reason that it does not know:");
    let mut list = Vec::new();
    let mut run = RunConditions::new(&EXECUTION, &mut list, start);
    if let Err(error) = run.set_created(false, "RBACError", "jobs.batch is forbidden") {
        println!("  error: {error}");
    }
    run.set_created(false, FailureReason::Forbidden, "jobs.batch is forbidden")?;
    run.set_ready(false, Reason::Usual, "The run could not be created")?;
    println!("  created: {}", run.is_true(Role::Created));
    print(&list);
    println!("  ready: {}", conditions::is_true(&list, "Ready"));
    Ok(())
}

fn print(list: &[Condition]) {
    for condition in list {
        let Condition {
            type_,
            status,
            reason,
            message,
            last_transition_time,
            ..
        } = condition;
        println!(
            "    {type_:<22} {status:<5} {reason:<18} {} {message}",
            last_transition_time.0
        );
    }
}
