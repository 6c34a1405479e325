//! Reads the webhook's answers and holds them against section 8 of the specification: form, limits, printable text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use wfe_webhook::admission::Webhook;
use wfe_webhook::rules::Rule;

/// A cause of a denial.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    pub reason: String,
    pub field: String,
    pub message: String,
}

/// An answer that has passed every check of [`read`].
#[derive(Clone, Debug)]
pub struct Answer {
    pub allowed: bool,
    pub patch: Option<Value>,
    pub warnings: Vec<String>,
    pub causes: Vec<Cause>,
    pub message: String,
    pub annotations: Vec<(String, String)>,
}

impl Answer {
    /// The audit annotation with this key.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, text)| text.as_str())
    }
}

/// Reads an answer.
///
/// # Errors
///
/// When it is not what section 8 allows: what is wrong.
pub fn read(webhook: Webhook, bytes: &[u8], uid: &str) -> Result<Answer, String> {
    let review: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let response = &review["response"];
    ensure(review["apiVersion"] == "admission.k8s.io/v1", "apiVersion")?;
    ensure(review["kind"] == "AdmissionReview", "kind")?;
    ensure(response["uid"] == uid, "uid")?;
    let allowed = response["allowed"]
        .as_bool()
        .ok_or("allowed is not a boolean")?;
    let patch = read_patch(response)?;
    let warnings = read_warnings(response)?;
    if webhook == Webhook::Mutate {
        let is_about_edit = |warning: &String| {
            warning.contains("follows phase and details") || warning.contains("more edits")
        };
        ensure(
            allowed && warnings.iter().all(is_about_edit),
            "/mutate denies nothing and warns only about edits that it undoes",
        )?;
    } else {
        ensure(patch.is_none(), "/validate gives no patch")?;
    }
    let mut annotations = Vec::new();
    for (key, text) in response["auditAnnotations"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let text = text.as_str().ok_or("an annotation that is not a string")?;
        ensure(is_annotation_key(key), "an annotation's key")?;
        ensure(text.len() <= 8192, "an annotation of more than 8 KiB")?;
        ensure(is_printable(text), "an unprintable annotation")?;
        annotations.push((key.clone(), text.to_owned()));
    }
    let (causes, message) = read_status(response, allowed)?;
    Ok(Answer {
        allowed,
        patch,
        warnings,
        causes,
        message,
        annotations,
    })
}

fn ensure(holds: bool, what: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("against section 8: {what}"))
    }
}

fn read_patch(response: &Value) -> Result<Option<Value>, String> {
    match (&response["patch"], &response["patchType"]) {
        (Value::Null, Value::Null) => Ok(None),
        (Value::String(patch), Value::String(kind)) if kind == "JSONPatch" => {
            let bytes = STANDARD.decode(patch).map_err(|error| error.to_string())?;
            let patch = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
            Ok(Some(patch))
        }
        _ => Err("patch and patchType do not come together".to_owned()),
    }
}

fn read_warnings(response: &Value) -> Result<Vec<String>, String> {
    let mut warnings = Vec::new();
    for warning in response["warnings"].as_array().into_iter().flatten() {
        let warning = warning.as_str().ok_or("a warning that is not a string")?;
        ensure(
            !warning.is_empty() && warning.chars().count() <= 256,
            "a warning's length",
        )?;
        ensure(is_printable(warning), "an unprintable warning")?;
        warnings.push(warning.to_owned());
    }
    let total: usize = warnings.iter().map(|warning| warning.chars().count()).sum();
    ensure(total < 4096, "all warnings' length")?;
    Ok(warnings)
}

fn read_status(response: &Value, allowed: bool) -> Result<(Vec<Cause>, String), String> {
    let status = &response["status"];
    if allowed {
        ensure(status["causes"].is_null(), "causes without a denial")?;
        return Ok((Vec::new(), String::new()));
    }
    ensure(
        status["code"] == 422 && status["reason"] == "Invalid",
        "422 and Invalid",
    )?;
    let details = &status["details"];
    for field in ["kind", "name", "group"] {
        ensure(details[field].is_string(), "details of the object")?;
    }
    let message = status["message"].as_str().ok_or("no message")?;
    ensure(message.len() <= 4096, "a message of more than 4 KiB")?;
    ensure(is_printable(message), "an unprintable message")?;
    let mut causes = Vec::new();
    for cause in details["causes"].as_array().into_iter().flatten() {
        let word = |field: &str| {
            let word = cause[field].as_str().filter(|word| !word.is_empty());
            word.map(str::to_owned)
                .ok_or(format!("a cause without {field}: {cause}"))
        };
        let cause = Cause {
            reason: word("reason")?,
            field: word("field")?,
            message: word("message")?,
        };
        ensure(
            is_printable(&cause.message) && is_printable(&cause.field),
            "an unprintable cause",
        )?;
        causes.push(cause);
    }
    ensure((1..=50).contains(&causes.len()), "from 1 to 50 causes")?;
    Ok((causes, message.to_owned()))
}

/// The rule that a cause names: exactly one, in square brackets at its end; what it quotes may hold anything.
pub fn rule_of(message: &str) -> Option<Rule> {
    let (rest, id) = message.strip_suffix(']')?.rsplit_once(" [")?;
    let rest = without_quoted(rest);
    let names_another = Rule::ALL
        .iter()
        .any(|rule| rest.contains(&format!("[{rule}]")));
    Rule::from_id(id).filter(|_| !names_another)
}

fn without_quoted(text: &str) -> String {
    let mut is_quoted = false;
    let mut is_escaped = false;
    let outside = text.chars().filter(|c| {
        let is_quote = *c == '"' && !is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        is_quoted ^= is_quote;
        !is_quoted
    });
    outside.collect()
}

fn is_annotation_key(key: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    !key.is_empty() && key.len() <= 63 && key.chars().all(is_allowed)
}

/// Whether a text shows every one of its characters, on one line.
pub fn is_printable(text: &str) -> bool {
    text.chars().all(|c| {
        !c.is_control()
            && !matches!(
                c,
                '\u{ad}'
                    | '\u{61c}'
                    | '\u{180e}'
                    | '\u{200b}'..='\u{200f}'
                    | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}'
                    | '\u{feff}'
            )
    })
}
