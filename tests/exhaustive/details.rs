//! Phase by stored phase by details, without conditions and with those that the details decide about.

use crate::space::{Names, phases_and_details, reasons_beside_details};
use crate::tally::compare_all;

#[test]
fn phases_and_details_without_conditions() {
    for names in Names::BOTH {
        let title = "phase x stored phase x details";
        compare_all(title, names, phases_and_details(names), 3000);
    }
}

#[test]
fn every_reason_beside_every_details_reason() {
    for names in Names::BOTH {
        let title = "reasons x details reasons";
        compare_all(title, names, reasons_beside_details(names), 1500);
    }
}
