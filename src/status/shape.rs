//! The shape of a condition: rule `condition-shape` of spec section 3.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::{Condition, ConditionStatus, Instant, ItemFields};
use crate::json::Raw;

/// A field of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConditionField {
    /// `type`.
    Type,
    /// `status`.
    Status,
    /// `reason`.
    Reason,
    /// `lastTransitionTime`.
    LastTransitionTime,
    /// `message`.
    Message,
    /// `observedGeneration`.
    ObservedGeneration,
}

impl ConditionField {
    /// The name as the API spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Status => "status",
            Self::Reason => "reason",
            Self::LastTransitionTime => "lastTransitionTime",
            Self::Message => "message",
            Self::ObservedGeneration => "observedGeneration",
        }
    }
}

/// One broken field of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShapeFault<'a> {
    /// The field.
    pub field: ConditionField,
    /// What stands there; `None` where it is absent or `null`.
    pub value: Option<Raw<'a>>,
    /// What should stand there.
    pub must: &'static str,
}

type Checked<'a, T> = Result<T, ShapeFault<'a>>;

/// The condition that `item` is, where it is well-shaped.
pub(super) fn condition<'a>(item: &ItemFields<'a>) -> Option<Condition<'a>> {
    let (time, instant) = time(item).ok()?;
    Some(Condition {
        condition_type: condition_type(item).ok()?,
        status: status(item).ok()?,
        reason: reason(item).ok()?,
        message: message(item).ok()?,
        time,
        instant,
        observed_generation: observed_generation(item).ok()?,
    })
}

/// The broken fields of `item`, in the order in which the rule names them; none for a well-shaped one.
pub(super) fn faults<'a>(item: &ItemFields<'a>) -> [Option<ShapeFault<'a>>; 6] {
    [
        condition_type(item).err(),
        status(item).err(),
        reason(item).err(),
        time(item).err(),
        message(item).err(),
        observed_generation(item).err(),
    ]
}

fn condition_type<'a>(item: &ItemFields<'a>) -> Checked<'a, Cow<'a, str>> {
    let must = "a string of 1 to 316 characters";
    text(ConditionField::Type, item.condition_type, must, 1..=316)
}

fn status<'a>(item: &ItemFields<'a>) -> Checked<'a, ConditionStatus> {
    let must = "True, False or Unknown";
    let text = text(ConditionField::Status, item.status, must, 0..=usize::MAX)?;
    ConditionStatus::from_name(&text).ok_or(ShapeFault {
        field: ConditionField::Status,
        value: item.status,
        must,
    })
}

fn reason<'a>(item: &ItemFields<'a>) -> Checked<'a, Cow<'a, str>> {
    let must = "a CamelCase word of 1 to 1024 characters";
    text(ConditionField::Reason, item.reason, must, 1..=1024)
}

fn time<'a>(item: &ItemFields<'a>) -> Checked<'a, (Cow<'a, str>, Instant)> {
    let must = "a time such as 2006-01-02T15:04:05Z, of a real day, upper-case, and not 0001-01-01T00:00:00Z";
    let field = ConditionField::LastTransitionTime;
    let text = text(field, item.time, must, 0..=usize::MAX)?;
    match Instant::parse(&text) {
        Some(instant) => Ok((text, instant)),
        None => Err(ShapeFault {
            field,
            value: item.time,
            must,
        }),
    }
}

fn message<'a>(item: &ItemFields<'a>) -> Checked<'a, Option<Cow<'a, str>>> {
    let must = "a string of at most 32768 characters";
    match item.message {
        None => Ok(None),
        value => text(ConditionField::Message, value, must, 0..=32_768).map(Some),
    }
}

fn observed_generation<'a>(item: &ItemFields<'a>) -> Checked<'a, Option<i64>> {
    match item.observed_generation {
        None => Ok(None),
        Some(value) => value.natural().map(Some).ok_or(ShapeFault {
            field: ConditionField::ObservedGeneration,
            value: Some(value),
            must: "an integer from 0 to 9223372036854775807, without fraction or exponent",
        }),
    }
}

/// A character takes no more bytes of JSON than this, so that what is far too long need not be decoded.
const LONGEST_CHAR: usize = r"\ud83d\ude80".len();
const QUOTES: usize = 2;

/// A string of so many `chars`, which are counted as the API server counts them: Unicode scalar values.
fn text<'a>(
    field: ConditionField,
    value: Option<Raw<'a>>,
    must: &'static str,
    chars: RangeInclusive<usize>,
) -> Checked<'a, Cow<'a, str>> {
    let longest = chars
        .end()
        .saturating_mul(LONGEST_CHAR)
        .saturating_add(QUOTES);
    value
        .filter(|value| value.text().len() <= longest)
        .and_then(Raw::string)
        .filter(|text| chars.contains(&text.len()) || chars.contains(&text.chars().count()))
        .ok_or(ShapeFault { field, value, must })
}
