//! Does the work of each subject once and prints how many bytes are held at most meanwhile, beyond the review.

use peak_alloc::PeakAlloc;
use wfe_webhook::policy::Policy;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() {
    let bodies = counts::bodies();
    let policy = Policy::default();
    for subject in counts::subjects(&bodies) {
        subject.warm_up();
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        subject.run(&policy);
        let peak = ALLOCATOR.peak_usage() - before;
        println!("{}\t{peak}", subject.name());
    }
}
