//! Section 6: which findings are inherited.

use serde_json::Value;

use super::Scene;
use super::judge::{Finding, judge_all};
use super::status::{first, is_own, items};

/// Every finding with whether it is inherited.
pub fn inherit(scene: &Scene, status: &Value, stored: &Value) -> Vec<(Finding, bool)> {
    let as_stored = Scene {
        generation: scene.stored_generation,
        ..scene.clone()
    };
    let mut already = judge_all(&as_stored, stored, stored);
    let mut bare = stored.clone();
    if let Some(items) = bare["conditions"].as_array_mut() {
        items.retain(|item| !is_own(scene.words, item));
    }
    already.extend(judge_all(&as_stored, &bare, &bare));
    judge_all(scene, status, stored)
        .into_iter()
        .map(|finding| {
            let inherited = is_inherited(scene, status, stored, &finding, &already);
            (finding, inherited)
        })
        .collect()
}

fn is_inherited(
    scene: &Scene,
    status: &Value,
    stored: &Value,
    finding: &Finding,
    already: &[Finding],
) -> bool {
    if ["phase-transition", "generation-ahead", "transition-time"].contains(&finding.rule) {
        return false;
    }
    let is_same = |old: &Finding| {
        old.rule == finding.rule && old.condition == finding.condition && old.value == finding.value
    };
    if already.iter().any(is_same) {
        return true;
    }
    if !scene.patches {
        return false;
    }
    let is_stored_own = |item: &Value| {
        is_own(scene.words, item)
            && items(stored).iter().any(|old| {
                is_own(scene.words, old)
                    && ["type", "status", "reason"]
                        .iter()
                        .all(|field| old[field] == item[field])
            })
    };
    let about_own = finding.rule != "condition-duplicate"
        && finding
            .index
            .is_some_and(|index| is_stored_own(&items(status)[index]));
    let created = scene
        .words
        .role("created")
        .expect("both vocabularies have it")
        .1;
    let created_is_own = finding.rule == "condition-conflict"
        && first(items(status), created).is_some_and(is_stored_own);
    about_own || created_is_own
}
