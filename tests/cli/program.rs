//! Runs the program that cargo built for these tests.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::CommandFactory as _;
use wfe_webhook::cli::Cli;

/// How a run of the program ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the program with nothing on standard input.
pub fn run(args: &[&str]) -> Ended {
    run_with_input(args, b"")
}

/// Runs the program with `input` on standard input. Settings of the surrounding environment don't reach it.
pub fn run_with_input(args: &[&str], input: &[u8]) -> Ended {
    run_in(Path::new("."), args, input)
}

/// The same in a folder.
pub fn run_in(folder: &Path, args: &[&str], input: &[u8]) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    let input = input.to_vec();
    // From a thread of its own: the program may write before it has read everything. It may also end without reading.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the program ends");
    let _ = writer.join().expect("the writer does not panic");
    Ended {
        code: output.status.code().expect("no signal ends the program"),
        stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// The commands that do something, with the words that lead to them.
fn commands(command: &clap::Command, words: &[String]) -> Vec<Vec<String>> {
    let inner = command.get_subcommands();
    let mut all = Vec::new();
    for inner in inner.filter(|inner| inner.get_name() != "help") {
        let words = [words, &[inner.get_name().to_owned()]].concat();
        all.extend(commands(inner, &words));
    }
    if all.is_empty() {
        all.push(words.to_vec());
    }
    all
}

/// The words that lead to each command.
pub fn command_lines() -> Vec<Vec<String>> {
    commands(&Cli::command(), &[])
}

/// The visible flags of a command.
pub fn flags(words: &[String]) -> Vec<String> {
    let mut command = Cli::command();
    command.build();
    for word in words {
        command = command.find_subcommand(word).expect("a command").clone();
    }
    let arguments = command.get_arguments().filter(|it| !it.is_hide_set());
    let flags = arguments.filter_map(|it| it.get_long().map(|long| format!("--{long}")));
    flags.collect()
}

#[test]
fn every_command_has_help_and_refuses_unknown_flags() {
    let all = command_lines();
    assert!(all.len() > 1);
    for words in all {
        let with = |flag| {
            let args = words.iter().map(String::as_str).chain([flag]);
            run(&args.collect::<Vec<_>>())
        };
        let help = with("--help");
        assert_eq!(help.code, 0, "{words:?}");
        assert!(help.stdout.contains("Usage: "), "{words:?}");
        let refused = with("--no-such-flag");
        assert_eq!(refused.code, 2, "{words:?}");
        assert!(refused.stderr.contains("--no-such-flag"), "{words:?}");
    }
}
