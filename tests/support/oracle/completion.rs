//! Section 5: completion, step by step as it is written there.

use serde_json::Value;

use super::Scene;
use super::implied::{Implied, implied};
use super::judge::judge;
use super::status::{MARK, first, is_own, items, natural, not_a_list};

/// What completion makes of a list of conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct Completed {
    /// The whole list afterwards.
    pub conditions: Vec<Value>,
    /// Each change, in no particular order.
    pub changes: Vec<Change>,
    /// The places of the own items that the writer edited and that are renewed or removed.
    pub undone_edits: Vec<usize>,
}

/// Type, status and reason of the condition, and `add`, `restore`, `renew` or `remove`.
pub type Change = (String, String, String, &'static str);

/// What a finding speaks of: the rule and the field, the place of the item, and the value.
type Found = (String, Option<usize>, Value);

/// A list under construction.
struct List<'a> {
    scene: &'a Scene<'a>,
    status: &'a Value,
    stored: &'a Value,
    /// What stands at each place of the writer's list, and after it what was added.
    places: Vec<Option<Value>>,
    found: Vec<Found>,
}

impl List<'_> {
    fn items(&self) -> Vec<Value> {
        self.places.iter().flatten().cloned().collect()
    }

    fn findings(&self) -> Vec<Found> {
        let mut status = self.status.clone();
        status["conditions"] = self.items().into();
        let is_taken = |place: &usize| self.places[*place].is_some();
        let places: Vec<usize> = (0..self.places.len()).filter(is_taken).collect();
        judge(self.scene, &status, self.stored)
            .into_iter()
            .filter(|finding| finding.rule != "transition-time")
            .map(|finding| {
                let field = finding.path.rsplit('.').next().unwrap_or_default();
                let place = finding.index.map(|index| places[index]);
                (format!("{} {field}", finding.rule), place, finding.value)
            })
            .collect()
    }

    /// Puts an item at its place if it fits: if there is no finding that was not there before.
    fn put(&mut self, place: usize, item: Value) -> bool {
        self.places.resize(self.places.len().max(place + 1), None);
        self.places[place] = Some(item);
        let findings = self.findings();
        let mut before = self.found.clone();
        let fits = findings.iter().all(|finding| {
            let known = before.iter().position(|known| known == finding);
            known.map(|at| before.swap_remove(at)).is_some()
        });
        if fits {
            self.found = findings;
        } else {
            self.places[place] = None;
        }
        fits
    }
}

/// The types of the conditions that completion would restore or derive.
pub fn missing(scene: &Scene, status: &Value, stored: &Value) -> Vec<String> {
    complete(scene, status, stored)
        .map(|completed| completed.changes)
        .unwrap_or_default()
        .into_iter()
        .filter(|(.., change)| ["add", "restore"].contains(change))
        .map(|(name, ..)| name)
        .collect()
}

/// Completes the conditions of a status; `None` when they are left alone.
pub fn complete(scene: &Scene, status: &Value, stored: &Value) -> Option<Completed> {
    let unreadable = items(status).iter().any(|item| !item["type"].is_string());
    if !scene.spoken || unreadable || not_a_list(status).is_some() {
        return None;
    }
    let written = items(status);
    // 1. Take all own items out.
    let places = written
        .iter()
        .map(|item| (!is_own(scene.words, item)).then(|| item.clone()))
        .collect();
    let mut list = List {
        scene,
        status,
        stored,
        places,
        found: Vec::new(),
    };
    list.found = list.findings();
    let mut changes = Vec::new();
    // 2. Each implied role.
    let foreign = list.items();
    for implied in implied(scene, status, stored, &foreign) {
        if !foreign.iter().any(|item| item["type"] == implied.row.1) {
            changes.extend(complete_one(&mut list, &implied));
        }
    }
    // 3. Keep every other own item: each that is not in its place by now.
    for (place, item) in written.iter().enumerate() {
        if list.places[place].is_none() && !list.put(place, item.clone()) {
            changes.push(change(item, "remove"));
        }
    }
    let is_undone = |place: &usize| {
        let item = &written[*place];
        let edited =
            first(items(stored), item["type"].as_str().unwrap_or_default()).is_some_and(|old| {
                is_own(scene.words, old)
                    && (old["status"] != item["status"] || old["reason"] != item["reason"])
            });
        is_own(scene.words, item) && edited && list.places[*place].as_ref() != Some(item)
    };
    let undone_edits = (0..written.len()).filter(is_undone).collect();
    Some(Completed {
        conditions: list.items(),
        changes,
        undone_edits,
    })
}

/// Keeps, renews, restores or derives the condition of one implied role, and says what changed.
fn complete_one(list: &mut List, implied: &Implied) -> Option<Change> {
    let (scene, written) = (list.scene, items(list.status));
    let name = implied.row.1;
    let old = first(items(list.stored), name);
    let mine = written
        .iter()
        .position(|item| is_own(scene.words, item) && item["type"] == name);
    if let Some(place) = mine {
        if implied.is(&written[place]) {
            list.put(place, written[place].clone());
            return None;
        }
        let made = implied.make(scene, list.status, Some(&written[place]), old);
        return list
            .put(place, made.clone())
            .then(|| change(&made, "renew"));
    }
    let limit = scene.stored_generation.or(scene.generation);
    let restorable = old.filter(|old| {
        let is_marked = old["message"]
            .as_str()
            .is_some_and(|message| message.ends_with(MARK));
        let observed = natural(&old["observedGeneration"]);
        old["status"] == implied.status
            && observed
                .zip(limit)
                .is_none_or(|(observed, limit)| observed <= limit)
            && (!is_marked || implied.is(old))
    });
    let candidates = [
        restorable.map(|old| (known_fields(old), "restore")),
        Some((implied.make(scene, list.status, None, old), "add")),
    ];
    let end = list.places.len();
    let mut candidates = candidates.into_iter().flatten();
    candidates
        .find(|(item, _)| list.put(end, item.clone()))
        .map(|(item, kind)| change(&item, kind))
}

fn change(item: &Value, kind: &'static str) -> Change {
    let word = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
    (word("type"), word("status"), word("reason"), kind)
}

/// The fields of a condition, as far as they are there: no API server stores others.
fn known_fields(item: &Value) -> Value {
    let fields = [
        "type",
        "status",
        "reason",
        "message",
        "lastTransitionTime",
        "observedGeneration",
    ];
    let present = fields.iter().filter(|field| !item[**field].is_null());
    present
        .map(|field| ((*field).to_owned(), item[*field].clone()))
        .collect()
}
