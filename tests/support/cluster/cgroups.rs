//! The control groups that a node's pods are in.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = "/sys/fs/cgroup";

/// The controllers that a kubelet uses, each a hierarchy of its own; `None` where there is one for all (version 2).
fn hierarchies() -> Option<Vec<PathBuf>> {
    if Path::new(ROOT).join("cgroup.controllers").exists() {
        return None;
    }
    let names = [
        "blkio",
        "cpu",
        "cpuacct",
        "cpuset",
        "devices",
        "freezer",
        "hugetlb",
        "memory",
        "perf_event",
        "pids",
        "systemd",
    ];
    let folders = names.map(|name| Path::new(ROOT).join(name));
    Some(
        folders
            .into_iter()
            .filter(|folder| folder.exists())
            .collect(),
    )
}

/// Creates the control group `name` for a kubelet's `cgroupRoot`.
pub(super) fn create(name: &str) {
    let Some(hierarchies) = hierarchies() else {
        let folder = Path::new(ROOT).join(name);
        fs::create_dir_all(&folder).expect("a control group");
        for file in [
            Path::new(ROOT).join("cgroup.subtree_control"),
            folder.join("cgroup.subtree_control"),
        ] {
            fs::write(&file, "+cpuset +cpu +memory +pids").expect("controllers of a control group");
        }
        return;
    };
    for hierarchy in hierarchies {
        let folder = hierarchy.join(name);
        fs::create_dir_all(&folder).expect("a control group");
        // A new group of this hierarchy takes no process before it has these.
        for file in ["cpuset.cpus", "cpuset.mems"] {
            if hierarchy.ends_with("cpuset") {
                let parent = fs::read(hierarchy.join(file)).expect("the whole machine's");
                fs::write(folder.join(file), parent).expect("a file of a control group");
            }
        }
    }
}

/// A shell script that removes the control groups called `names` and all below them. Processes that were killed a moment ago
/// are still in them: it tries until they are gone.
pub(super) fn removal(names: &[String]) -> String {
    let names = names.join(" ");
    format!(
        r#"for name in {names}; do
    for attempt in $(seq 100); do
        find {ROOT} -depth -type d -path "*/$name*" -exec rmdir {{}} + 2>/dev/null
        [ -n "$(find {ROOT} -maxdepth 2 -name "$name")" ] || break
        sleep 0.1
    done
done
"#
    )
}
