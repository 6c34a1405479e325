//! From one version and one source of certificates to another and back: nothing is lost.

use std::path::{Path, PathBuf};
use std::process::Command;

use test_support::control_plane::{run, stderr};
use test_support::{helm, image};

use super::certificates::start_cert_manager;
use super::pods;
use super::scene::Scene;

#[test]
fn certificates_change_their_source_and_change_it_back() {
    let scene = Scene::new();
    start_cert_manager(&scene);
    let modes = ["selfManaged", "certManager"];
    scene.install(&["tls.mode=certManager"]);
    pods::settled(&scene, 2);
    // Twice, as the second time all Secrets are there already.
    for mode in [modes, modes].concat() {
        let writes = scene.writes();
        scene.install(&[&format!("tls.mode={mode}")]);
        pods::settled(&scene, 2);
        std::thread::sleep(std::time::Duration::from_secs(15));
        writes
            .stop()
            .expect_nothing_lost(&format!("the change to {mode}"));
    }
}

/// The commit before this one, with its own chart and its own image.
#[test]
fn an_upgrade_from_the_commit_before_and_back_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let before = the_commit_before(folder.path());
    let image = image::build(&before, &[]);
    let scene = Scene::new();
    scene.import(&image, "before");
    let chart = before.join("deploy/chart/wfe-webhook");
    scene.install_chart(&chart, &["image.tag=before"]);
    pods::settled(&scene, 2);

    let writes = scene.writes();
    scene.install_chart(&helm::chart(), &[]);
    pods::settled(&scene, 2);
    writes.stop().expect_nothing_lost("the upgrade");
    let writes = scene.writes();
    scene.helm("rollback", &["--wait", "--timeout=180s"]);
    pods::settled(&scene, 2);
    writes.stop().expect_nothing_lost("the rollback");
}

/// The sources of the commit before, in `folder`; these same sources where git knows no such commit, which is reported.
fn the_commit_before(folder: &Path) -> PathBuf {
    let script =
        "git rev-parse --quiet --verify HEAD^:deploy/chart && git archive HEAD^ | tar -x -C \"$0\"";
    let output = run(Command::new("sh")
        .args(["-c", script])
        .arg(folder)
        .current_dir(image::repository()));
    if output.status.success() {
        return folder.to_owned();
    }
    println!(
        "no commit before this one is known: the upgrade is from these sources to themselves; {}",
        stderr(&output).trim()
    );
    image::repository().to_owned()
}
