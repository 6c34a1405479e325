//! Measures the product beside a null webhook, the kube-rs and the controller-runtime idiom, and its own policies, and writes
//! docs/performance.md with its pictures, and what other pages say of the figures. `bench quick` does everything once and
//! briefly, to see that it works. `bench [quick] SECTION` measures one section alone, prints its figures as JSON, and writes
//! nothing.
//!
//! Servers run on the first core and this program on the second: it has to be started there (`make bench` does so).

mod answers;
mod chart;
mod client;
mod control_plane;
mod load;
mod machine;
mod process;
mod report;
mod sections;
mod subject;

use anyhow::bail;
use report::Results;
use sections::{
    Effort, api_server, churn, endurance, instructions, memory, open_loop, saturation, sizes,
    startup, worst,
};
use serde::Serialize;
use subject::Identity;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let effort = if arguments.next_if_eq("quick").is_some() {
        Effort::QUICK
    } else {
        Effort::FULL
    };
    let folder = tempfile::tempdir()?;
    let identity = Identity::make(folder.path())?;
    match arguments.next() {
        None => everything(&identity, effort),
        Some(section) => one(&section, &identity, effort),
    }
}

/// Measures everything and writes the page.
fn everything(identity: &Identity, effort: Effort) -> anyhow::Result<()> {
    // Before a quarter of an hour of measuring.
    report::check()?;
    let load_before = machine::load_average();
    let step = |name: &str| eprintln!("{name}");

    step("CPU per review, closed loop");
    let saturation = saturation::measure(identity, effort)?;
    step("latency at constant rates");
    let open_loop = open_loop::measure(
        identity,
        effort,
        &report::saturation_of_nothing(&saturation),
    )?;
    step("growth with bytes");
    let by_bytes = sizes::by_bytes(identity, effort)?;
    step("growth with conditions");
    let by_conditions = sizes::by_conditions(identity, effort)?;
    step("the worst reviews");
    let worst = worst::measure(identity, effort)?;
    step("memory of connections");
    let connections = memory::measure(identity, effort)?;
    step("connections for one review each");
    let churn = churn::measure(identity, effort)?;
    step("memory after many reviews");
    let endurance = endurance::measure(identity, effort)?;
    step("start");
    let startup = startup::measure(identity)?;
    step("through an API server");
    let (api_server, lives) = api_server::measure(identity, effort)?;
    step("instructions of whole servers");
    let instructions = instructions::measure(identity)?;

    let results = Results {
        effort,
        saturation,
        open_loop,
        by_bytes,
        by_conditions,
        worst,
        connections,
        churn,
        endurance,
        startup,
        api_server,
        lives,
        instructions,
        load: [load_before, machine::load_average()],
        machine: machine::describe(),
    };
    results.write()
}

/// Measures one section and prints its figures.
fn one(section: &str, identity: &Identity, effort: Effort) -> anyhow::Result<()> {
    match section {
        "saturation" => print(&saturation::measure(identity, effort)?),
        "open_loop" => print(&open_loop::measure(identity, effort, &[])?),
        "by_bytes" => print(&sizes::by_bytes(identity, effort)?),
        "by_conditions" => print(&sizes::by_conditions(identity, effort)?),
        "worst" => print(&worst::measure(identity, effort)?),
        "connections" => print(&memory::measure(identity, effort)?),
        "churn" => print(&churn::measure(identity, effort)?),
        "endurance" => print(&endurance::measure(identity, effort)?),
        "startup" => print(&startup::measure(identity)?),
        "api_server" => print(&api_server::measure(identity, effort)?),
        "instructions" => print(&instructions::measure(identity)?),
        _ => bail!(
            "usage: bench [quick] [SECTION]; the sections are the keys of docs/performance.json"
        ),
    }
}

fn print(figures: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(figures)?);
    Ok(())
}
