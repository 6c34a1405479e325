//! Files, folders and standard input.

use std::fs::DirEntry;
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

/// The file that was named, or those in the folder that was named, with what could not be searched.
pub(super) fn inputs(path: &Path) -> Vec<Result<Input, String>> {
    if is_stdin(path) || !path.is_dir() {
        let path = path.to_path_buf();
        return vec![Ok(Input {
            path,
            is_of_folder: false,
        })];
    }
    let mut found = Vec::new();
    search(path, &mut found);
    if found.is_empty() {
        let extensions = EXTENSIONS.join(", .");
        found.push(Err(format!("{} has no file .{extensions}", name(path))));
    }
    found
}

/// Adds the files below a folder, in the order of their names. Links to folders are not followed.
fn search(folder: &Path, found: &mut Vec<Result<Input, String>>) {
    let cannot_be_searched =
        |error: std::io::Error| Err(format!("{} cannot be searched: {error}", name(folder)));
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect);
    let mut entries: Vec<DirEntry> = match entries {
        Ok(entries) => entries,
        Err(error) => return found.push(cannot_be_searched(error)),
    };
    entries.sort_by_key(DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => search(&path, found),
            Ok(_) if is_to_be_read(&path) => found.push(Ok(Input {
                path,
                is_of_folder: true,
            })),
            Ok(_) => {}
            Err(error) => found.push(cannot_be_searched(error)),
        }
    }
}

/// Whether what a folder has is a file with documents by its name. A link that leads nowhere is one that cannot be read.
fn is_to_be_read(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
        && std::fs::metadata(path).map_or(true, |it| it.is_file())
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
