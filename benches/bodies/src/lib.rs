//! The reviews that are measured: status writes as kubernaut's controllers make them, in the form in which an API server
//! sends them, and made alike on every run.

mod envelope;
mod filler;
mod object;
mod write;

pub use write::{Write, life};

/// A review by name.
#[derive(Clone, Debug)]
pub struct Body {
    /// What the write is and how many kilobytes its review has, for example `patch-9k`.
    pub name: String,
    /// The write.
    pub write: Write,
    /// The `AdmissionReview`, compact, as it is posted.
    pub json: Vec<u8>,
}

/// Sizes in bytes that each kind of write is measured at.
const SIZES: [(Write, &[usize]); 5] = [
    (Write::Nothing, &[SMALLEST, 5_600, 8_600, 26_000, 200_000]),
    (Write::Patch, &[5_600, 8_600, 26_000, 200_000]),
    (Write::OneFinding, &[8_600]),
    (Write::FiveFindings, &[8_600]),
    (Write::OtherResource, &[SMALLEST, 8_600, 200_000]),
];

/// Room for a phase, and for neither conditions nor `managedFields`.
const SMALLEST: usize = 1_600;

/// Every review that is measured.
#[must_use]
pub fn all() -> Vec<Body> {
    let sized = SIZES.into_iter();
    sized
        .flat_map(|(write, sizes)| sizes.iter().map(move |&size| body(write, size)))
        .collect()
}

/// The review of a write, filled up to about `size` bytes.
#[must_use]
pub fn body(write: Write, size: usize) -> Body {
    let json = if size <= SMALLEST {
        envelope::bare(write, &write::smallest())
    } else {
        envelope::filled(write, &write::statuses(write), size)
    };
    Body {
        name: format!("{}-{}k", write.name(), (size + 500) / 1000),
        write,
        json,
    }
}

/// The review of a progress pass where the list holds `count` conditions of third parties.
#[must_use]
pub fn many_conditions(count: usize) -> Body {
    Body {
        name: format!("conditions-{count}"),
        write: Write::Nothing,
        json: envelope::filled(Write::Nothing, &write::many_conditions(count), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_review_has_about_the_size_of_its_name() {
        for body in all() {
            let (_, size) = body.name.rsplit_once('-').unwrap();
            let size: usize = size.trim_end_matches('k').parse().unwrap();
            let off = body.json.len().abs_diff(size * 1000);
            assert!(off <= 600 + size * 20, "{}: {off}", body.name);
        }
    }

    #[test]
    fn every_review_but_the_smallest_has_managed_fields_on_both_sides() {
        for body in all() {
            let review: Value = serde_json::from_slice(&body.json).unwrap();
            let has =
                |object: &str| review["request"][object]["metadata"]["managedFields"].is_array();
            let expected = !body.name.ends_with("-2k");
            assert_eq!(
                [has("object"), has("oldObject")],
                [expected; 2],
                "{}",
                body.name
            );
        }
    }

    #[test]
    fn strings_are_escaped_as_an_api_server_escapes_them() {
        for body in all() {
            assert!(
                !body.json.iter().any(|byte| b"<>&".contains(byte)),
                "{}",
                body.name
            );
        }
    }
}
