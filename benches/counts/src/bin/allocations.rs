//! Does the work of each subject once and prints how often memory was requested, and how many bytes.

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
        // A block that grows is requested again; what it grows by is part of bytes_allocated.
        let times = change.allocations + change.reallocations;
        println!("{}\t{times}\t{}", subject.name(), change.bytes_allocated);
    }
}
