//! What operators do every day: nothing is lost.

use rstest::rstest;
use test_support::cluster::{ClusterOptions, ProxyMode};

use super::pods;
use super::scene::{RELEASE, Scene};

fn roll(scene: &Scene) {
    let name = format!("deployment/{}", RELEASE.name);
    let namespace = ["--namespace", RELEASE.namespace];
    scene.kubectl(&[&["rollout", "restart", &name], &namespace[..]].concat());
    scene.kubectl(
        &[
            &["rollout", "status", "--timeout=180s", &name],
            &namespace[..],
        ]
        .concat(),
    );
    pods::settled(scene, 2);
}

fn scale(scene: &Scene, replicas: usize) {
    let name = format!("deployment/{}", RELEASE.name);
    let replicas_flag = format!("--replicas={replicas}");
    scene.kubectl(&[
        "scale",
        &name,
        &replicas_flag,
        "--namespace",
        RELEASE.namespace,
    ]);
    pods::settled(scene, replicas);
}

fn delete_a_pod(scene: &Scene) {
    let pod = pods::settled(scene, 2).remove(0);
    scene.kubectl(&["delete", "pod", &pod.name, "--namespace", RELEASE.namespace]);
    pods::settled(scene, 2);
}

fn drain(scene: &Scene, node: &str) {
    scene.kubectl(&["drain", node, "--timeout=180s", "--ignore-daemonsets"]);
    let pods = pods::settled(scene, 2);
    assert!(pods.iter().all(|pod| pod.node != node), "{pods:?}");
    scene.kubectl(&["uncordon", node]);
}

#[rstest]
#[case::iptables(ProxyMode::Iptables, 4)]
#[case::nftables(ProxyMode::Nftables, 1)]
fn no_write_is_lost_while_replicas_are_replaced(
    #[case] proxy_mode: ProxyMode,
    #[case] rollouts: u32,
) {
    let scene = Scene::with(ClusterOptions {
        proxy_mode,
        ..ClusterOptions::default()
    });
    scene.install(&[]);
    pods::settled(&scene, 2);

    let writes = scene.writes();
    for _ in 0..rollouts {
        roll(&scene);
    }
    writes
        .stop()
        .expect_nothing_lost(&format!("{rollouts} rollouts"));
    if proxy_mode == ProxyMode::Nftables {
        return;
    }

    let writes = scene.writes();
    scale(&scene, 1);
    scale(&scene, 2);
    writes.stop().expect_nothing_lost("scaling to 1 and to 2");

    let writes = scene.writes();
    delete_a_pod(&scene);
    writes.stop().expect_nothing_lost("the deletion of a pod");

    let writes = scene.writes();
    for node in ["node1", "node2"] {
        drain(&scene, node);
    }
    writes.stop().expect_nothing_lost("the drain of both nodes");
    assert!(pods::all(&scene).iter().all(|pod| pod.restarts == 0));
}
