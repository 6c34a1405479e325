//! What a test of a cluster leaves on the machine, also when it fails: nothing.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::scene::Scene;

/// Files, control groups and processes of clusters that this program started.
fn left_over(directory: &Path) -> Vec<PathBuf> {
    let own = format!("wfe-webhook-{}-node", std::process::id());
    let hierarchies = fs::read_dir("/sys/fs/cgroup").unwrap().flatten();
    let groups = hierarchies
        .map(|hierarchy| hierarchy.path())
        .filter(|hierarchy| hierarchy.is_dir())
        .flat_map(|hierarchy| fs::read_dir(hierarchy).unwrap().flatten())
        .map(|group| group.path())
        .filter(|group| {
            let name = group.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with(&own)
        });
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let processes = processes.map(|process| process.path()).filter(|process| {
        let command = fs::read(process.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains(&*directory.to_string_lossy())
    });
    let files = Some(directory.to_owned()).filter(|directory| directory.exists());
    groups.chain(processes).chain(files).collect()
}

#[test]
fn a_cluster_leaves_nothing_behind() {
    let scene = Scene::installed();
    let directory = scene.cluster.directory().to_owned();
    assert!(left_over(&directory).len() > 3, "nothing of it is found");
    let failed = catch_unwind(AssertUnwindSafe(move || {
        let _scene = scene;
        panic!("a test that fails");
    }));
    assert!(failed.is_err());
    assert_eq!(left_over(&directory), Vec::<PathBuf>::new());
}
