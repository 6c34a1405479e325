//! Measures the product beside a null webhook, the kube-rs and the controller-runtime idiom, and CEL policies, and writes
//! docs/performance.md with its pictures. `bench quick` does everything once and briefly, to see that it works.
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
    startup,
};
use subject::Identity;

fn main() -> anyhow::Result<()> {
    let effort = match std::env::args().nth(1).as_deref() {
        None => Effort::FULL,
        Some("quick") => Effort::QUICK,
        Some(_) => bail!("usage: bench [quick]"),
    };
    let folder = tempfile::tempdir()?;
    let identity = Identity::make(folder.path())?;
    let load_before = machine::load_average();
    let step = |name: &str| eprintln!("{name}");

    step("CPU per review, closed loop");
    let saturation = saturation::measure(&identity, effort)?;
    step("latency at constant rates");
    let open_loop = open_loop::measure(
        &identity,
        effort,
        &report::saturation_of_nothing(&saturation),
    )?;
    step("growth with bytes");
    let by_bytes = sizes::by_bytes(&identity, effort)?;
    step("growth with conditions");
    let by_conditions = sizes::by_conditions(&identity, effort)?;
    step("memory of connections");
    let connections = memory::measure(&identity, effort)?;
    step("connections for one review each");
    let churn = churn::measure(&identity, effort)?;
    step("memory after many reviews");
    let endurance = endurance::measure(&identity, effort)?;
    step("start");
    let startup = startup::measure(&identity)?;
    step("through an API server");
    let api_server = api_server::measure(&identity, effort)?;
    step("instructions of whole servers");
    let instructions = instructions::measure(&identity)?;

    let results = Results {
        effort,
        saturation,
        open_loop,
        by_bytes,
        by_conditions,
        connections,
        churn,
        endurance,
        startup,
        api_server,
        instructions,
        load: [load_before, machine::load_average()],
        machine: machine::describe(),
    };
    results.write()
}
