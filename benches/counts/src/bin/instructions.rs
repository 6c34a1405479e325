//! Does the work of each subject once, in a function of its own that Callgrind counts in, and prints its name in
//! another, at whose end Callgrind writes its counts.

use counts::Subject;
use wfe_webhook::policy::Policy;

fn main() {
    let bodies = counts::bodies();
    let policy = Policy::default();
    for subject in counts::subjects(&bodies) {
        subject.warm_up();
        counted_work(&subject, &policy);
        end_of_count(&subject);
    }
}

#[inline(never)]
fn counted_work(subject: &Subject<'_>, policy: &Policy) {
    subject.run(policy);
}

#[inline(never)]
fn end_of_count(subject: &Subject<'_>) {
    println!("{}", subject.name());
}
