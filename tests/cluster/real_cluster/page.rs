//! Pages, and their commands as a reader types them.

use std::path::Path;
use std::process::{Command, Output};

use test_support::control_plane::{binary, run, stderr, stdout};
use test_support::{helm, image};

use super::scene::Scene;

/// The text of a page of the repository.
pub fn page(path: &str) -> String {
    std::fs::read_to_string(image::repository().join(path)).unwrap()
}

/// A part of a page.
pub struct Section<'a> {
    pub title: &'a str,
    text: &'a str,
}

impl<'a> Section<'a> {
    /// What is fenced as a language, with lines that go on joined.
    pub fn fenced(&self, language: &str) -> Vec<String> {
        let fence = format!("```{language}\n");
        let blocks = self.text.split(&fence).skip(1);
        let blocks = blocks.map(|rest| rest.split_once("\n```").unwrap().0.replace("\\\n", " "));
        blocks
            .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }

    /// The sections of a page.
    pub fn of(page: &'a str) -> Vec<Self> {
        let sections = page.split("\n## ").skip(1);
        let sections = sections.map(|section| section.split_once('\n').unwrap());
        sections.map(|(title, text)| Self { title, text }).collect()
    }
}

/// Runs a command of a page on node 1, in the repository.
pub fn typed(scene: &Scene, command: &str) -> Output {
    let command = command.replace("REGISTRY/", "localhost/");
    let folder_of = |program: &Path| program.parent().unwrap().display().to_string();
    let program = Path::new(env!("CARGO_BIN_EXE_wfe-webhook"));
    let folders = [program, helm::binary(), &binary("kubectl")].map(folder_of);
    let path = format!("{}:{}", folders.join(":"), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    // A command in a cluster begins in another folder.
    shell.args(["-c", &format!("cd \"$0\" && {command}")]);
    shell.arg(image::repository()).env("PATH", path);
    let output = run(&mut scene.cluster.inside(&shell));
    println!("$ {command}\n{}{}", stdout(&output), stderr(&output));
    output
}

/// What the next step needs of the last one.
pub fn success(output: Output) -> Output {
    assert!(output.status.success(), "{}", stderr(&output));
    output
}
