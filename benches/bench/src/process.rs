//! Figures of a process, from the kernel.

use std::time::Duration;

use anyhow::Context;

/// CPU time of all threads so far, also of those that have ended, to 10 ms.
pub fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold spaces. After it come state and, from the twelfth on, user and system time.
    let (_, fields) = stat.rsplit_once(") ").context("a name in brackets")?;
    let mut times = fields.split(' ').skip(11).map(str::parse::<u64>);
    let mut next = || times.next().context("a time")?.context("a number");
    let ticks = next()? + next()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// CPU time of all threads since `before`, in microseconds for each of some answers.
pub fn cpu_for_each(pid: u32, before: Duration, answers: u64) -> anyhow::Result<f64> {
    let spent = cpu(pid)?.saturating_sub(before);
    Ok(spent.as_secs_f64() * 1e6 / answers as f64)
}

/// Memory in bytes: `VmRSS` is what is held, `VmHWM` the most that was.
pub fn memory(pid: u32, field: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = status.lines().find_map(|line| {
        line.strip_prefix(field)?
            .strip_prefix(':')?
            .trim()
            .strip_suffix(" kB")
    });
    Ok(kib
        .context("a field of the status")?
        .trim()
        .parse::<u64>()?
        * 1024)
}
