//! The way to the API server leads through a proxy.

use test_support::connect_proxy::{ConnectProxy, UNRESOLVABLE, kubeconfig};

use crate::scene::{LIFETIMES, Scene, USER};

#[test]
fn a_replica_reaches_the_api_server_through_the_kubeconfigs_proxy() {
    let mut scene = Scene::beside_others("proxy");
    scene.grant();
    let target = scene.plane.url().strip_prefix("https://").unwrap();
    let proxy = ConnectProxy::start(target.parse().unwrap());
    let text = std::fs::read_to_string(scene.plane.kubeconfig(USER)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, kubeconfig(&text, UNRESOLVABLE, Some(&proxy.url()))).unwrap();
    let environment = [("KUBECONFIG", file.display().to_string())];
    scene.start_replica_in(&environment, &LIFETIMES[2..]);
    scene.replicas[0].wait_until_ready();
    scene.assert_trusted(&scene.replicas[0]);
    assert!(proxy.tunnels() > 0);
}
