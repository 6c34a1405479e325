//! Does the work of each subject once and says how often, and for how many bytes, memory was asked for.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use wfe_webhook::policy::Policy;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let bodies = counts::bodies();
    let policy = Policy::default();
    for subject in counts::subjects(&bodies) {
        subject.warm_up();
        let region = Region::new(ALLOCATOR);
        subject.run(&policy);
        let change = region.change();
        // A block that grows is asked for anew; what it grows by is part of bytes_allocated.
        let times = change.allocations + change.reallocations;
        println!("{}\t{times}\t{}", subject.name(), change.bytes_allocated);
    }
}
