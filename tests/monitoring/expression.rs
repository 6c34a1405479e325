//! What an expression of Prometheus names. Prometheus itself checks the syntax; here every word has to be accounted for, so that no
//! misspelt name passes as something else.

/// A condition on a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    pub label: String,
    pub operator: String,
    pub value: String,
}

/// A metric with the conditions on its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    pub metric: String,
    pub matchers: Vec<Matcher>,
}

/// Everything that an expression names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub selectors: Vec<Selector>,
    /// Labels of `by`, `on` and the like.
    pub labels: Vec<String>,
    /// Functions and aggregations.
    pub functions: Vec<String>,
}

const WITH_LABELS: [&str; 6] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
];
const WORDS: [&str; 5] = ["and", "or", "unless", "offset", "bool"];

pub fn named(expression: &str) -> Named {
    let mut rest = Rest(expression);
    let mut named = Named::default();
    while let Some(next) = rest.0.chars().next() {
        if next.is_ascii_alphabetic() || next == '_' {
            let word = rest.word();
            rest.skip_space();
            if WITH_LABELS.contains(&word) {
                let list = rest.enclosed('(', ')');
                let labels = list.split(',').map(str::trim);
                named
                    .labels
                    .extend(labels.filter(|label| !label.is_empty()).map(str::to_owned));
            } else if WORDS.contains(&word) {
                // Between two parts; it names nothing.
            } else if rest.0.starts_with('(') || is_aggregation_before_labels(rest.0) {
                named.functions.push(word.to_owned());
            } else {
                let matchers = if rest.0.starts_with('{') {
                    matchers(rest.enclosed('{', '}'))
                } else {
                    Vec::new()
                };
                named.selectors.push(Selector {
                    metric: word.to_owned(),
                    matchers,
                });
            }
        } else if next == '[' {
            rest.enclosed('[', ']');
        } else if next.is_ascii_digit() {
            // Durations too.
            rest.take(|c| c.is_ascii_alphanumeric() || c == '.');
        } else {
            assert!(
                next.is_whitespace() || "()+-*/%^<>=!,".contains(next),
                "{next:?} in {expression}"
            );
            rest.0 = &rest.0[next.len_utf8()..];
        }
    }
    named
}

/// As in `sum by (a) (...)`.
fn is_aggregation_before_labels(rest: &str) -> bool {
    ["by (", "without ("]
        .iter()
        .any(|start| rest.starts_with(start))
}

fn matchers(text: &str) -> Vec<Matcher> {
    let mut rest = Rest(text);
    let mut matchers = Vec::new();
    loop {
        rest.take(|c| c.is_whitespace() || c == ',');
        if rest.0.is_empty() {
            return matchers;
        }
        let label = rest.word().to_owned();
        let operator = rest.take(|c| "=!~".contains(c)).to_owned();
        let value = rest.enclosed('"', '"').to_owned();
        assert!(!label.is_empty() && !operator.is_empty(), "{text}");
        matchers.push(Matcher {
            label,
            operator,
            value,
        });
    }
}

/// What is still to be read.
struct Rest<'e>(&'e str);

impl<'e> Rest<'e> {
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'e str {
        let end = self.0.find(|c| !wanted(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn skip_space(&mut self) {
        self.take(char::is_whitespace);
    }

    fn word(&mut self) -> &'e str {
        self.take(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
    }

    /// The text between two characters; no expression here nests them.
    fn enclosed(&mut self, open: char, close: char) -> &'e str {
        let inner = self.0.strip_prefix(open);
        let inner = inner.unwrap_or_else(|| panic!("{open} at {}", self.0));
        let (inner, rest) = inner
            .split_once(close)
            .unwrap_or_else(|| panic!("{close} after {inner}"));
        self.0 = rest;
        inner
    }
}

#[test]
fn every_word_is_what_it_is_in_promql() {
    let found = named(
        "sum by (le, rule) (rate(a_total{x=\"1\", y!~\"p|q\"}[5m] offset 1d)) / on (z) group_left () b:c > bool 0.5 or time() unless d",
    );
    let matcher = |label: &str, operator: &str, value: &str| Matcher {
        label: label.to_owned(),
        operator: operator.to_owned(),
        value: value.to_owned(),
    };
    let selector = |metric: &str, matchers: Vec<Matcher>| Selector {
        metric: metric.to_owned(),
        matchers,
    };
    assert_eq!(
        found.selectors,
        [
            selector(
                "a_total",
                vec![matcher("x", "=", "1"), matcher("y", "!~", "p|q")]
            ),
            selector("b:c", vec![]),
            selector("d", vec![]),
        ]
    );
    assert_eq!(found.labels, ["le", "rule", "z"]);
    assert_eq!(found.functions, ["sum", "rate", "time"]);
}
