//! The chart and the image in a real cluster: kubelets, `containerd`, `kube-proxy`, with writes at a steady rate.
//!
//! `WFE_WEBHOOK_NO_NODES=1 make test` leaves these tests out by the name of this module.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends by panicking"
)]

mod real_cluster {
    mod certificates;
    mod client_certificates;
    mod disturbances;
    mod install;
    mod leftovers;
    mod page;
    mod path_to_enforce;
    mod pods;
    mod policies_alone;
    mod prometheus;
    mod rollouts;
    mod scene;
    mod upgrades;
    mod writes;
}
