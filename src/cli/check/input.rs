//! Files, folders and standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::text::printable;

/// How the names of files that a folder is searched for end.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Something to read.
#[derive(Debug)]
pub(super) struct Input {
    pub path: PathBuf,
    /// It was found in a folder, where other things may be as well.
    pub is_of_folder: bool,
}

/// The files that were named, and those in the folders that were named, with what could not be searched.
pub(super) fn inputs(paths: &[PathBuf]) -> Vec<Result<Input, String>> {
    let mut inputs = Vec::new();
    for path in paths {
        if is_stdin(path) || !path.is_dir() {
            inputs.push(Ok(Input {
                path: path.clone(),
                is_of_folder: false,
            }));
            continue;
        }
        let mut files = Vec::new();
        if let Err(error) = search(path, &mut files) {
            inputs.push(Err(format!("{} cannot be searched: {error}", name(path))));
        } else if files.is_empty() {
            let extensions = EXTENSIONS.join(", .");
            inputs.push(Err(format!("{} has no file .{extensions}", name(path))));
        }
        inputs.extend(files.into_iter().map(|path| {
            Ok(Input {
                path,
                is_of_folder: true,
            })
        }));
    }
    inputs
}

/// Adds the files below a folder, in the order of their names. Links to folders are not followed.
fn search(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let entries = std::fs::read_dir(folder)?;
    let mut entries = entries.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            search(&path, files)?;
        } else if path.is_file() {
            let extension = path.extension().and_then(|extension| extension.to_str());
            if extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
                files.push(path);
            }
        }
    }
    Ok(())
}

pub(super) fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// How a file is called in output.
pub(super) fn name(file: &Path) -> String {
    if is_stdin(file) {
        return "stdin".to_owned();
    }
    printable(&file.to_string_lossy()).into_owned()
}

pub(super) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if is_stdin(file) {
        std::io::stdin().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.with_context(|| format!("{} cannot be read", name(file)))?;
    Ok(bytes)
}
