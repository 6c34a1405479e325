//! `docs/policies.md`: from the webhook to policies alone and back, by the page's commands.

use test_support::guarded::wait_until;

use super::page::{Section, page, success, typed};
use super::pods;
use super::scene::Scene;

#[test]
fn the_webhook_gives_way_to_policies_and_comes_back_and_nothing_is_lost() {
    let page = page("docs/policies.md");
    let sections = Section::of(&page);
    let section = sections
        .iter()
        .find(|section| section.title == "From the webhook to policies alone, and back")
        .unwrap();
    let commands = section.fenced("sh");
    let [beside, pause, delete, alone, back] = &commands[..] else {
        panic!("five commands: {commands:?}")
    };

    let scene = Scene::installed();
    pods::settled(&scene, 2);
    let writes = scene.writes();
    for command in [beside, pause, delete, alone] {
        success(typed(&scene, command));
    }
    wait_until("the end of all pods", || {
        pods::all(&scene).is_empty().then_some(())
    });
    success(typed(&scene, "wfe-webhook doctor"));
    writes
        .stop()
        .expect_nothing_lost("the change to policies alone");

    let writes = scene.writes();
    success(typed(&scene, back));
    pods::settled(&scene, 2);
    success(typed(&scene, "wfe-webhook doctor --expect-webhook"));
    writes.stop().expect_nothing_lost("the change back");
}
