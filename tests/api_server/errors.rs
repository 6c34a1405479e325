//! `docs/errors.md`: each text on it is produced on a real API server, its commands are run meanwhile, and what stands under
//! *At once* gets out.

use std::collections::BTreeSet;

use crate::control_plane::{stderr, stdout};

mod away;
mod calls;
mod crowd;
mod objects;
mod page;
mod rules;
mod states;
mod trouble;

use page::{Section, sections};
use states::Stage;
use trouble::{By, TROUBLES, Trouble};

#[test]
fn every_section_has_its_trouble() {
    let headings = sections().into_iter().map(|section| section.heading);
    let headings: BTreeSet<String> = headings.collect();
    let produced = TROUBLES.iter().map(|trouble| trouble.section);
    assert_eq!(headings, produced.map(str::to_owned).collect());
}

#[test]
fn what_kubectl_prints_in_trouble_is_on_the_page_and_the_page_gets_out() {
    play(By::UsualApiServer);
}

#[test]
fn what_kubectl_prints_where_api_servers_look_at_endpoints_themselves() {
    play(By::ApiServerThatRoutes);
}

/// One after the other, on one control plane: they change what is registered under the names that the page has.
fn play(by: By) {
    let mut stage = Stage::new(by.flags());
    let page = sections();
    for trouble in TROUBLES.iter().filter(|trouble| trouble.by == by) {
        let section = page.iter().find(|it| it.heading == trouble.section);
        let section = section.unwrap_or_else(|| panic!("no section {}", trouble.section));
        let printed = (trouble.make)(&mut stage);
        section.assert_shows(&printed);
        assert_commands_see(section, &stage);
        get_out(section, trouble, &stage);
        stage.clear();
    }
}

/// Each command under *See it* is run: kubectl's succeed, and `doctor` finds something.
fn assert_commands_see(section: &Section, stage: &Stage) {
    for command in section.see_it() {
        let output = stage.shell(&command);
        let expected = i32::from(command.starts_with("wfe-webhook doctor"));
        let said = format!("{}{}", stdout(&output), stderr(&output));
        let name = &section.heading;
        assert_eq!(
            output.status.code(),
            Some(expected),
            "{name}: {command}\n{said}"
        );
    }
}

/// What stands under *At once* helps; where it links to the runbook, each of the two ways there does.
fn get_out(section: &Section, trouble: &Trouble, stage: &Stage) {
    let commands = section.at_once();
    assert!(!commands.is_empty(), "{} has no way out", section.heading);
    for way in commands {
        for command in way {
            let output = stage.shell(&command);
            assert!(output.status.success(), "{command}\n{}", stderr(&output));
        }
        (trouble.out)(stage);
    }
}
