//! Parameters of a workflow, such as playbooks pass: names and values of changing length, some with quotes and newlines.

use serde_json::{Map, Value};

const WORDS: [&str; 16] = [
    "rollout",
    "restart",
    "deployment/checkout",
    "--timeout=300s",
    "replicas: 3",
    "memory: 512Mi",
    "payments",
    "\"kubernaut.ai/approved\"",
    "if [ $rc -gt 0 ]; then",
    "exit 1; fi",
    "limits:\n  cpu: 500m",
    "grep -v '^#'",
    "requests > limits",
    "annotations:",
    "image: registry.example.com/remediate@sha256",
    "wait && echo done",
];

/// Numbers that look random and are the same on every run.
struct Numbers(u64);

impl Numbers {
    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        // Knuth's MMIX generator; its high bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }
}

/// Parameters whose names and values have about `bytes` bytes together.
pub fn parameters(bytes: usize) -> Map<String, Value> {
    let mut numbers = Numbers(1);
    let mut parameters = Map::new();
    let mut made = 0;
    while made < bytes {
        let name = format!(
            "STEP_{:03}_{}",
            parameters.len(),
            ["SCRIPT", "TARGET", "PATCH"][numbers.below(3)]
        );
        let wanted = [20, 60, 180, 400][numbers.below(4)].min(bytes - made);
        let mut value = String::new();
        while value.len() < wanted {
            value.push_str(WORDS[numbers.below(WORDS.len())]);
            value.push(' ');
        }
        made += name.len() + value.len();
        parameters.insert(name, value.into());
    }
    parameters
}
