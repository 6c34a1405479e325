//! What an image is made of, in short.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{ORIGIN, output, repository};

/// Everything that decides what the image holds: the files, the arguments and the compiler.
pub(super) fn state(sources: &Path, build_args: &[&str]) -> String {
    fn add(state: &mut DefaultHasher, sources: &Path, path: &Path) {
        if path.is_dir() {
            let entries = fs::read_dir(path).unwrap();
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            for path in paths {
                add(state, sources, &path);
            }
        } else {
            let name = path.strip_prefix(sources).unwrap();
            let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for part in [name.as_os_str().as_encoded_bytes(), &text] {
                state.write_usize(part.len());
                state.write(part);
            }
        }
    }
    let mut state = DefaultHasher::new();
    for name in context(sources) {
        add(&mut state, sources, &sources.join(name));
    }
    let compiler = output(Command::new("rustc").arg("-vV").current_dir(repository()));
    let origin = ORIGIN.into_iter().flat_map(<[&str; 2]>::from);
    for text in origin
        .chain(build_args.iter().copied())
        .chain([compiler.as_str()])
    {
        state.write_usize(text.len());
        state.write(text.as_bytes());
    }
    format!("{:016x}", state.finish())
}

/// The files and folders that the Dockerfile can copy, and those that say so.
pub(super) fn context(sources: &Path) -> Vec<String> {
    let ignored = fs::read_to_string(sources.join(".dockerignore")).unwrap();
    let let_through = ignored.lines().filter_map(|line| line.strip_prefix('!'));
    let_through
        .chain(["Dockerfile", ".dockerignore"])
        .map(str::to_owned)
        .collect()
}
