//! `generate completions` and `generate man`, as shells and mandoc read them, and `--version`.

use std::fs;
use std::path::Path;
use std::process::Command;

use rstest::rstest;

use crate::program::{command_lines, flags, run};

/// A file with what the program prints.
fn printed(folder: &Path, args: &[&str]) -> std::path::PathBuf {
    let ended = run(args);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{args:?}");
    let file = folder.join("printed");
    fs::write(&file, ended.stdout).unwrap();
    file
}

/// What a program says; it has to succeed.
fn said(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; tests/setup.sh installs it"));
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}{errors}");
    text
}

#[test]
fn every_command_has_a_manual_page_with_all_its_flags_that_mandoc_has_nothing_against() {
    let folder = tempfile::tempdir().unwrap();
    for words in command_lines().iter().chain([&Vec::new()]) {
        let mut args = vec!["generate", "man"];
        args.extend(words.iter().map(String::as_str));
        let file = printed(folder.path(), &args);
        said(
            Command::new("mandoc")
                .args(["-T", "lint", "-W", "warning"])
                .arg(&file),
        );
        let page = said(Command::new("mandoc").args(["-T", "utf8"]).arg(&file));
        let page = without_backspaces(&page);
        for flag in flags(words) {
            assert!(
                page.contains(&flag),
                "{flag} is not in the page of {words:?}:\n{page}"
            );
        }
    }
}

/// A page without the letters that are overstruck to be bold.
fn without_backspaces(page: &str) -> String {
    let mut plain = String::new();
    for character in page.chars() {
        if character == '\u{8}' {
            plain.pop();
        } else {
            plain.push(character);
        }
    }
    plain
}

#[test]
fn a_manual_page_of_no_command_is_refused() {
    let ended = run(&["generate", "man", "generate", "pages"]);
    assert_eq!(ended.code, 2);
    let expected = "error: wfe-webhook generate has no command \"pages\"; `wfe-webhook generate --help` lists them\n";
    assert_eq!(
        (ended.stdout.as_str(), ended.stderr.as_str()),
        ("", expected)
    );
}

/// Calls the function that the script registers, as bash does.
const BASH: &str = r#"source "$1"; shift
set -- $(complete -p wfe-webhook) -- "$@"
while [ "$1" != -F ]; do shift; done; function=$2
while [ "$1" != -- ]; do shift; done; shift
COMP_WORDS=(wfe-webhook "$@"); COMP_CWORD=$#
$function wfe-webhook "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}""#;

#[rstest]
#[case::command(&[""], "doctor")]
#[case::inner_command(&["generate", ""], "registration")]
#[case::value_of_an_argument(&["generate", "completions", "f"], "fish")]
#[case::flag(&["serve", "--mo"], "--mode")]
#[case::flag_of_an_inner_command(&["generate", "registration", "--serv"], "--service")]
#[case::value_of_a_flag(&["check", "--output", "sa"], "sarif")]
fn bash_completes(#[case] words: &[&str], #[case] expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = printed(folder.path(), &["generate", "completions", "bash"]);
    let mut bash = Command::new("bash");
    bash.args(["-c", BASH, "bash"]).arg(script).args(words);
    let completed = said(&mut bash);
    assert!(completed.lines().any(|it| it == expected), "{completed}");
}

#[rstest]
#[case::command("wfe-webhook ", "doctor")]
#[case::inner_command("wfe-webhook generate ", "registration")]
#[case::flag("wfe-webhook serve --mo", "--mode")]
#[case::value_of_a_flag("wfe-webhook check --output ", "sarif")]
fn fish_completes(#[case] line: &str, #[case] expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = printed(folder.path(), &["generate", "completions", "fish"]);
    let commands = format!("source {}; complete -C '{line}'", script.display());
    let mut fish = Command::new("fish");
    // It keeps settings and a history.
    fish.env("HOME", folder.path()).args(["-c", &commands]);
    let completed = said(&mut fish);
    let is_expected = |line: &str| line.split('\t').next() == Some(expected);
    assert!(completed.lines().any(is_expected), "{completed}");
}

/// zsh completes in a terminal only: its script is loaded and its functions are there. No PowerShell runs here.
#[test]
fn zsh_loads_its_script() {
    let folder = tempfile::tempdir().unwrap();
    let script = printed(folder.path(), &["generate", "completions", "zsh"]);
    let commands = format!(
        "autoload -U compinit && compinit -D -d '{}' && source {} && whence -w _wfe-webhook && print $_comps[wfe-webhook]",
        folder.path().join("dump").display(),
        script.display()
    );
    let loaded = said(Command::new("zsh").args(["-f", "-c", &commands]));
    assert_eq!(loaded, "_wfe-webhook: function\n_wfe-webhook\n");
}

#[rstest]
fn every_script_has_every_flag(#[values("bash", "zsh", "fish", "powershell")] shell: &str) {
    let script = run(&["generate", "completions", shell]).stdout;
    for words in command_lines() {
        for flag in flags(&words) {
            let name = flag.trim_start_matches('-');
            assert!(script.contains(name), "{shell}: {flag} of {words:?}");
        }
    }
}

#[test]
fn the_version_says_where_the_program_comes_from_and_what_it_is_for() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(run(&["-V"]).stdout, format!("wfe-webhook {version}\n"));
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/chart/wfe-webhook/Chart.yaml");
    let chart = fs::read_to_string(chart).unwrap();
    let oldest = chart
        .lines()
        .find_map(|line| {
            line.strip_prefix("kubeVersion: \">=")?
                .strip_suffix(".0-0\"")
        })
        .unwrap();
    let expected = format!(
        "wfe-webhook {version}\ncommit: unknown: not built as a release\ntarget: {}-{}\nKubernetes: {oldest} or newer\n",
        std::env::consts::ARCH,
        std::env::consts::OS
    );
    assert_eq!(run(&["--version"]).stdout, expected);
}

/// kubectl runs `kubectl-wfe` for `kubectl wfe`.
#[test]
fn as_a_plugin_the_program_calls_itself_as_users_do() {
    let folder = tempfile::tempdir().unwrap();
    let plugin = folder.path().join("kubectl-wfe");
    fs::copy(env!("CARGO_BIN_EXE_wfe-webhook"), &plugin).unwrap();
    let help = said(Command::new(&plugin).args(["check", "--help"]));
    assert!(help.contains("\nUsage: kubectl wfe check "), "{help}");
    let output = Command::new(&plugin).arg("inspect").output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("\nUsage: kubectl wfe "), "{errors}");
}
