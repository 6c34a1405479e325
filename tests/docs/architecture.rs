//! The architecture page names every room of the program.

use crate::pages;

#[test]
fn every_module_at_the_top_of_the_library_is_a_room_and_no_other_is() {
    let page = pages::read("docs/architecture.md");
    let rooms = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `src/")?.split_once('`'))
        .map(|(room, _)| room.trim_end_matches(".rs"))
        .filter(|room| *room != "main");
    let mut rooms: Vec<&str> = rooms.collect();
    let library = pages::read("src/lib.rs");
    let modules = library
        .lines()
        .map(|line| line.strip_prefix("pub ").unwrap_or(line))
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let mut modules: Vec<&str> = modules.collect();
    rooms.sort_unstable();
    modules.sort_unstable();
    assert_eq!(rooms, modules);
}
