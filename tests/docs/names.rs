//! Every command, flag, variable, metric, rule and file that the pages name is there.

use std::collections::BTreeSet;

use clap::{Arg, Command, CommandFactory as _};
use wfe_webhook::cli::Cli;
use wfe_webhook::rules::{Action, Rule};

use crate::pages::{self, Page};

/// Flags of other programs that the pages speak of outside of commands.
const FOREIGN_FLAGS: [&str; 6] = [
    "--enable-aggregator-routing",
    "--custom-resource-state-config-file",
    "--force-conflicts",
    "--all-targets",
    "--set-file",
    "--values",
];

/// Files that the program or the tests make.
const MADE_FILES: [&str; 3] = [
    "certs/ca.crt",
    "tests/control-plane/.cache",
    "tests/helm/.cache",
];

/// Folders and files at the top of the repository: a code span that starts with one names a file.
const TOP: [&str; 14] = [
    ".cargo/",
    ".ci/",
    "Cargo.toml",
    "benches/",
    "certs/",
    "deploy/",
    "deny.toml",
    "docs/",
    "examples/",
    "fuzz/",
    "src/",
    "tests/",
    "Dockerfile",
    "Makefile",
];

/// Calls `check` for each page and gives the messages.
fn faults(check: impl Fn(&Page, &mut Vec<String>)) -> Vec<String> {
    let mut faults = Vec::new();
    for page in pages::all() {
        let mut found = Vec::new();
        check(&page, &mut found);
        faults.extend(found.iter().map(|fault| format!("{}: {fault}", page.name)));
    }
    faults
}

fn all_arguments(command: &Command) -> Vec<Arg> {
    let mut arguments: Vec<Arg> = command.get_arguments().cloned().collect();
    for subcommand in command.get_subcommands() {
        arguments.extend(all_arguments(subcommand));
    }
    arguments
}

fn program() -> Command {
    let mut command = Cli::command();
    command.build();
    command
}

#[test]
fn every_flag_that_a_page_names_exists() {
    let arguments = all_arguments(&program());
    let known: BTreeSet<String> = arguments
        .iter()
        .filter_map(|argument| argument.get_long().map(|long| format!("--{long}")))
        .collect();
    let faults = faults(|page, faults| {
        for span in page.spans() {
            // A span that begins with another program is that program's command line.
            if starts_foreign_command(span) {
                continue;
            }
            for word in span.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
                let named = word.starts_with("--") && !word.starts_with("---") && word.len() > 2;
                if named && !known.contains(word) && !FOREIGN_FLAGS.contains(&word) {
                    faults.push(format!("no command has {word}"));
                }
            }
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

fn starts_foreign_command(span: &str) -> bool {
    let mut words = span.split_whitespace();
    let program = words.find(|word| !word.contains('='));
    let foreign = [
        "make",
        "cargo",
        "kubectl",
        "kube-apiserver",
        "curl",
        "openssl",
        "buildah",
        "docker",
        "helm",
    ];
    program.is_some_and(|program| foreign.contains(&program)) && words.next().is_some()
}

#[test]
fn every_flag_that_a_manifest_names_exists() {
    let arguments = all_arguments(&program());
    let known: BTreeSet<&str> = arguments.iter().filter_map(Arg::get_long).collect();
    let folder = std::fs::read_dir(pages::root().join("deploy")).expect("deploy is there");
    let entries = folder.map(|entry| entry.expect("an entry").path());
    let mut named = 0;
    for path in entries.filter(|path| path.is_file()) {
        let text = std::fs::read_to_string(&path).expect("a text file");
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
            if let Some(flag) = word
                .strip_prefix("--")
                .filter(|flag| !flag.is_empty() && !flag.starts_with('-'))
            {
                assert!(
                    known.contains(flag),
                    "{}: no command has {word}",
                    path.display()
                );
                named += 1;
            }
        }
    }
    assert!(named > 0, "the Deployment gives flags");
}

#[test]
fn every_command_line_of_the_program_that_a_page_shows_is_understood() {
    let faults = faults(|page, faults| {
        let spans = page.spans();
        let spans = spans.iter().map(|span| (*span).to_owned());
        for command in page.commands().into_iter().chain(spans) {
            for part in command.split(['|', '\n']) {
                let part = part.split('>').next().unwrap_or_default();
                let words: Vec<&str> = part
                    .split_whitespace()
                    .skip_while(|word| *word == "$")
                    .filter(|word| *word != "\\" && *word != "&")
                    .collect();
                // `wfe-webhook` alone is the program's name.
                if words.first() != Some(&"wfe-webhook") || words.len() == 1 {
                    continue;
                }
                if let Err(error) = understood(&words) {
                    faults.push(format!("{part}: {error}"));
                }
            }
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

fn understood(words: &[&str]) -> Result<(), String> {
    use clap::error::ErrorKind as Kind;
    match program().try_get_matches_from(words) {
        Ok(_) => Ok(()),
        // A page may name a command without what it needs; help and version are fine.
        Err(error) => match error.kind() {
            Kind::DisplayHelp
            | Kind::DisplayVersion
            | Kind::DisplayHelpOnMissingArgumentOrSubcommand
            | Kind::MissingRequiredArgument
            | Kind::MissingSubcommand => Ok(()),
            _ => Err(error.to_string()),
        },
    }
}

#[test]
fn every_command_of_the_program_is_on_a_page() {
    let pages = pages::all();
    let spans = pages.iter().flat_map(|page| {
        let spans = page.spans().into_iter().map(str::to_owned);
        page.commands().into_iter().chain(spans)
    });
    let spans: Vec<String> = spans.collect();
    for command in commands("wfe-webhook", &program()) {
        let is_named = spans.iter().any(|span| span.contains(&command));
        assert!(is_named, "no page has {command}");
    }
}

/// The commands that do something: those without commands of their own.
fn commands(name: &str, command: &Command) -> Vec<String> {
    let mut all = Vec::new();
    for inner in command.get_subcommands() {
        if inner.get_name() != "help" {
            all.extend(commands(&format!("{name} {}", inner.get_name()), inner));
        }
    }
    if all.is_empty() {
        all.push(name.to_owned());
    }
    all
}

#[test]
fn every_variable_that_a_page_names_is_read() {
    let arguments = all_arguments(&program());
    let known: BTreeSet<String> = arguments
        .iter()
        .filter_map(Arg::get_env)
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let readers = [
        pages::read("tests/support/prometheus.rs"),
        pages::read("tests/api_server/dashboard.rs"),
        pages::read("tests/support/control_plane.rs"),
        pages::read("tests/support/helm.rs"),
        pages::read("tests/setup.sh"),
        pages::read("tests/docs/rules_page.rs"),
        pages::read("src/cli/output.rs"),
        pages::read("src/kubernetes/proxy.rs"),
    ]
    .concat();
    let code = sources();
    let is_constant = |word: &str| {
        ["const", "static"]
            .iter()
            .any(|kind| code.contains(&format!("{kind} {word}: ")))
    };
    let faults = faults(|page, faults| {
        for span in page.spans() {
            for word in span.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
                let variable = word.contains('_')
                    && !word.ends_with('_')
                    && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
                let is_known =
                    || known.contains(word) || readers.contains(word) || is_constant(word);
                if variable && !is_known() {
                    faults.push(format!("nothing reads {word}"));
                }
            }
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_file_that_a_page_names_exists() {
    let faults = faults(|page, faults| {
        let spans = page.spans();
        let named = spans
            .iter()
            .copied()
            .filter(|span| TOP.iter().any(|top| span.starts_with(top)))
            .filter(|span| !span.contains(['*', ' ', '<']))
            .filter(|span| !MADE_FILES.contains(span))
            .map(std::path::PathBuf::from);
        for path in named.chain(page.links()) {
            if !pages::root().join(&path).exists() {
                faults.push(format!("{} does not exist", path.display()));
            }
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_rule_that_a_page_names_exists() {
    let faults = faults(|page, faults| {
        let text = page.text.as_str();
        // As the value of --rule.
        for rest in text.split("--rule").skip(1) {
            let word = rest.trim_start_matches([' ', '\n', '=']);
            let word = word
                .split(['`', ' ', '\n', '\''])
                .next()
                .unwrap_or_default();
            let Some((id, action)) = word.split_once('=') else {
                continue;
            };
            let known = Rule::from_id(id).is_some()
                && Action::ALL.iter().any(|known| known.name() == action);
            if !known && word != "ID=ACTION" {
                faults.push(format!("--rule does not take {word}"));
            }
        }
        // At the end of what the webhook says.
        for fence in page.fences() {
            for line in fence.text.lines().filter(|line| line.contains("status.")) {
                let id = line
                    .trim_end_matches(['"', ',', '\\', '\n'])
                    .strip_suffix(']')
                    .and_then(|line| line.rsplit_once('['));
                if let Some((_, id)) = id
                    && Rule::from_id(id).is_none()
                    && id.contains('-')
                {
                    faults.push(format!("no rule is called {id}"));
                }
            }
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_table_of_rules_in_the_specification_has_the_rules_of_the_program() {
    let page = pages::read("docs/spec.md");
    let section = page
        .split("\n## ")
        .find(|section| section.starts_with("3. "));
    let rows: Vec<&str> = section
        .expect("a section 3")
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(rows, Rule::ALL.map(Rule::id));
}

#[test]
fn every_make_target_and_example_that_a_page_names_exists() {
    let makefile = pages::read("Makefile");
    let faults = faults(|page, faults| {
        let spans = page.spans();
        let spans = spans.iter().map(|span| (*span).to_owned());
        for command in page.commands().into_iter().chain(spans) {
            let words: Vec<&str> = command.split_whitespace().collect();
            match words[..] {
                ["make", target, ..] if !makefile.contains(&format!("\n{target}:")) => {
                    faults.push(format!("the Makefile has no target {target}"));
                }
                ["cargo", "run", "--example", name, ..]
                    if !pages::root().join(format!("examples/{name}.rs")).exists() =>
                {
                    faults.push(format!("there is no example {name}"));
                }
                _ => {}
            }
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Everything in `src` and `tests`.
fn sources() -> String {
    fn add(folder: &std::path::Path, code: &mut String) {
        let entries = std::fs::read_dir(folder).expect("a folder");
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                add(&path, code);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                code.push_str(&std::fs::read_to_string(&path).expect("a text file"));
            }
        }
    }
    let mut code = String::new();
    for folder in ["src", "tests"] {
        add(&pages::root().join(folder), &mut code);
    }
    code
}

#[test]
fn every_test_that_contributing_names_exists() {
    let code = sources();
    let page = pages::read("CONTRIBUTING.md");
    let spans = page.split('`').skip(1).step_by(2);
    let is_test = |span: &str| {
        span.matches('_').count() > 3 && span.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    let mut named = 0;
    for test in spans.filter(|span| is_test(span)) {
        assert!(code.contains(&format!("fn {test}(")), "no test is {test}");
        named += 1;
    }
    assert!(named > 0);
}

#[test]
fn every_test_program_that_a_page_names_exists_and_contributing_names_all() {
    let programs: BTreeSet<String> = std::fs::read_dir(pages::root().join("tests"))
        .expect("tests are there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("main.rs").exists())
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let faults = faults(|page, faults| {
        let spans = page.spans();
        let spans = spans.iter().map(|span| (*span).to_owned());
        for command in page.commands().into_iter().chain(spans) {
            let mut words = command.split_whitespace();
            if !command.contains("cargo test") || !words.any(|word| word == "--test") {
                continue;
            }
            let name = words.next().unwrap_or_default();
            if !programs.contains(name) && name != "NAME" {
                faults.push(format!("there is no test program {name}"));
            }
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
    let contributing = pages::read("CONTRIBUTING.md");
    let described = contributing
        .lines()
        .filter_map(|line| line.strip_prefix("| `tests/")?.split_once('`'))
        .map(|(name, _)| name.to_owned());
    assert_eq!(described.collect::<BTreeSet<_>>(), programs);
}

#[test]
fn the_count_of_rules_is_what_the_pages_say() {
    let spelled = ["fifteen", "sixteen", "seventeen", "eighteen"];
    let right = spelled[Rule::ALL.len() - 15];
    let faults = faults(|page, faults| {
        let text = page.text.to_lowercase();
        let wrong = spelled.iter().filter(|word| **word != right);
        for word in wrong.filter(|word| text.contains(&format!("{word} rules"))) {
            faults.push(format!("{word} rules: there are {right}"));
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}
