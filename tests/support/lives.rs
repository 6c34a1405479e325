//! Random lives of executions: what controllers write from Pending to the end, well and badly.

use arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::{Value, json};

use crate::reviews::MARK;
use crate::space::Names;

/// One life: each write follows from what is stored by then.
#[derive(Debug)]
pub struct Life {
    pub names: Names,
    pub writes: Vec<LifeWrite>,
}

/// One write of a life.
#[derive(Clone, Debug)]
pub struct LifeWrite {
    status: Value,
    conditions: Conditions,
}

/// What a writer does with the conditions that it has read.
#[derive(Clone, Debug)]
enum Conditions {
    /// It sends them back.
    Kept,
    /// It does not know them.
    Dropped,
    /// It drops one.
    Without(usize),
    /// It changes a field of one.
    Edited(usize, &'static str, Value),
    /// It sets its own beside them.
    And(Value),
    /// It sends its own alone, as by server-side apply.
    Only(Vec<Value>),
}

impl LifeWrite {
    /// The status that is written over `stored`.
    pub fn over(&self, stored: &Value) -> Value {
        let mut status = self.status.clone();
        let mut items = stored["conditions"].as_array().cloned().unwrap_or_default();
        let count = items.len();
        match &self.conditions {
            Conditions::Dropped => items.clear(),
            Conditions::Without(at) if count > 0 => drop(items.remove(at % count)),
            Conditions::Edited(at, field, value) if count > 0 => {
                items[at % count][field] = value.clone();
            }
            Conditions::Kept | Conditions::Without(_) | Conditions::Edited(..) => {}
            Conditions::And(item) => {
                items.retain(|other| other["type"] != item["type"]);
                items.push(item.clone());
            }
            Conditions::Only(own) => items.clone_from(own),
        }
        if !items.is_empty() {
            status["conditions"] = items.into();
        }
        status
    }
}

impl Life {
    /// The life that a series of choices stands for; `None` when they do not suffice.
    pub fn read(choices: &[u8]) -> Option<Self> {
        Self::arbitrary(&mut Unstructured::new(choices)).ok()
    }
}

impl<'a> Arbitrary<'a> for Life {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let names = *u.choose(&Names::BOTH)?;
        let mut writes = Vec::new();
        let mut status = json!({});
        for _ in 0..u.int_in_range(3..=6)? {
            status = advanced(u, names, status)?;
            let conditions = conditions(u, names)?;
            let status = status.clone();
            writes.push(LifeWrite { status, conditions });
        }
        Ok(Self { names, writes })
    }
}

/// The phase that mostly follows, with what mostly goes with it.
fn advanced(u: &mut Unstructured<'_>, names: Names, mut status: Value) -> Result<Value> {
    let next: &[&str] = match status["phase"].as_str() {
        None => &["Pending", "Running", "Running", "Failed", "Skipped"],
        Some("Pending") => &["Running", "Running", "Failed", "Skipped"],
        Some("Running") => &["Running", "Running", "Completed", "Failed"],
        Some(_) => &["Completed", "Failed", "Skipped", "Running"],
    };
    let phase = match status["phase"].as_str() {
        Some(phase) if next.len() == 4 && next[0] == "Completed" && u.ratio(3, 4)? => {
            phase.to_owned()
        }
        _ => (*u.choose(next)?).to_owned(),
    };
    let (reference, run_status) = match names {
        Names::Tekton => ("pipelineRunRef", "pipelineRunStatus"),
        Names::Execution => ("executionRef", "executionStatus"),
    };
    status["phase"] = phase.as_str().into();
    if phase == "Running" {
        set(u, &mut status, "startTime", time)?;
        set(u, &mut status, reference, |_| Ok(json!({"name": "run-1"})))?;
        set(u, &mut status, run_status, tasks)?;
    }
    if phase == "Completed" || phase == "Failed" {
        set(u, &mut status, "completionTime", time)?;
        set(u, &mut status, "duration", text)?;
    }
    if phase == "Failed" {
        set(u, &mut status, "failureDetails", |u| failure(u, names))?;
    }
    if phase == "Skipped" || u.ratio(1, 40)? {
        set(u, &mut status, "skipDetails", skip)?;
    }
    if u.ratio(1, 4)? {
        status["observedGeneration"] = u.int_in_range(0..=2)?.into();
    }
    Ok(status)
}

/// Sets a field in most cases.
fn set<'a>(
    u: &mut Unstructured<'a>,
    status: &mut Value,
    field: &str,
    value: impl FnOnce(&mut Unstructured<'a>) -> Result<Value>,
) -> Result<()> {
    if u.ratio(5, 6)? {
        status[field] = value(u)?;
    }
    Ok(())
}

fn time(u: &mut Unstructured<'_>) -> Result<Value> {
    let minute = u.int_in_range(0..=59)?;
    let form = u.choose(&["Z", "Z", "Z", "Z", ".5Z", "+02:00", ".123456789-11:30"])?;
    Ok(format!("2026-11-20T10:{minute:02}:07{form}").into())
}

fn text(u: &mut Unstructured<'_>) -> Result<Value> {
    let texts = [
        "1m12s",
        "container was killed",
        "it's \"quoted\" \\ and {braced}",
        " ",
        "",
        "Größe überschritten",
        "two\nlines",
    ];
    let long = "much ".repeat(300);
    Ok(if u.ratio(1, 12)? {
        long.into()
    } else {
        (*u.choose(&texts)?).into()
    })
}

fn tasks(u: &mut Unstructured<'_>) -> Result<Value> {
    let total = u.int_in_range(0..=3)?;
    let completed = u.int_in_range(0..=total)?;
    let reason = u.choose(&["Running", "Running", "Started", "PipelineRunPending"])?;
    Ok(
        json!({"status": "Unknown", "reason": reason, "completedTasks": completed, "totalTasks": total}),
    )
}

fn failure(u: &mut Unstructured<'_>, names: Names) -> Result<Value> {
    let mut details = json!({"reason": u.choose(names.words().failures)?});
    set(u, &mut details, "message", text)?;
    set(u, &mut details, "failedAt", time)?;
    if u.ratio(1, 2)? {
        details["wasExecutionFailure"] = u.arbitrary::<bool>()?.into();
    }
    Ok(details)
}

fn skip(u: &mut Unstructured<'_>) -> Result<Value> {
    let reasons = [
        "ResourceBusy",
        "RecentlyRemediated",
        "ExhaustedRetries",
        "PreviousExecutionFailed",
        "NoSuchReason",
    ];
    let mut details = json!({"reason": u.choose(&reasons)?});
    set(u, &mut details, "message", text)?;
    set(u, &mut details, "skippedAt", time)?;
    Ok(details)
}

fn conditions(u: &mut Unstructured<'_>, names: Names) -> Result<Conditions> {
    Ok(match u.int_in_range(0..=11)? {
        0..=4 => Conditions::Kept,
        5 | 6 => Conditions::Dropped,
        7 => Conditions::Without(u.int_in_range(0..=4)?),
        8 => {
            let (field, value) = edit(u)?;
            Conditions::Edited(u.int_in_range(0..=4)?, field, value)
        }
        9 | 10 => Conditions::And(condition(u, names)?),
        _ => {
            let (first, second) = (condition(u, names)?, condition(u, names)?);
            let mut own = vec![first, second];
            own.dedup_by(|one, other| one["type"] == other["type"]);
            Conditions::Only(own)
        }
    })
}

fn edit(u: &mut Unstructured<'_>) -> Result<(&'static str, Value)> {
    Ok(match u.int_in_range(0..=3)? {
        0 => ("status", (*u.choose(&["True", "False", "Unknown"])?).into()),
        1 => (
            "reason",
            (*u.choose(&["TaskFailed", "Other", "snake_case"])?).into(),
        ),
        2 => (
            "message",
            format!("edited{}", if u.arbitrary::<bool>()? { MARK } else { "" }).into(),
        ),
        _ => ("lastTransitionTime", time(u)?),
    })
}

/// A controller's condition, mostly a right one.
fn condition(u: &mut Unstructured<'_>, names: Names) -> Result<Value> {
    let row = u.choose(names.words().rows)?;
    let status = *u.choose(&["True", "True", "False", "Unknown"])?;
    let reasons = if status == "False" { row.3 } else { row.2 };
    let reason = if reasons.is_empty() || u.ratio(1, 10)? {
        u.choose(&["Other", "snake_case", "TaskFailed"])?
    } else {
        u.choose(reasons)?
    };
    let condition_type = if u.ratio(1, 20)? {
        u.choose(&["Unheard", "example.com/Checked"])?
    } else {
        &row.1
    };
    let mut item = json!({
        "type": condition_type, "status": status, "reason": reason,
        "message": "by the controller", "lastTransitionTime": time(u)?,
    });
    if u.ratio(1, 6)? {
        item["observedGeneration"] = u.int_in_range(0..=2)?.into();
    }
    Ok(item)
}
