//! How many connections fit into the files that this process may open.

use super::ADMIN_CONNECTIONS;

/// Files beside connections: listeners, certificates, the runtime's own.
const OTHERS: usize = 64;

/// The most files that this process may have open, where the kernel reports it.
pub(super) fn limit() -> Option<usize> {
    parse(&std::fs::read_to_string("/proc/self/limits").ok()?)
}

/// The soft limit in the text of `/proc/self/limits`; nothing when there is none.
fn parse(limits: &str) -> Option<usize> {
    let values = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    values.split_whitespace().next()?.parse().ok()
}

/// As many of the `wanted` connections as fit into `limit` files, so that probes can always connect: an orchestrator ends a
/// server whose probes fail. Where there are very few files, a quarter of them.
pub(super) fn fitting(wanted: usize, limit: usize) -> usize {
    let fit = limit.saturating_sub(ADMIN_CONNECTIONS + OTHERS);
    wanted.min(fit.max(limit / 4).max(1))
}

#[cfg(test)]
mod tests {
    use super::{fitting, limit, parse};

    #[test]
    fn the_kernel_reports_a_limit() {
        assert!(limit().is_none_or(|files| files > 0));
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max processes             95963                95963                processes \n\
                    Max open files            1024                 524288               files     \n";
        assert_eq!(parse(text), Some(1024));
        assert_eq!(parse(&text.replace("1024", "unlimited")), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn connections_leave_files_for_probes() {
        for (wanted, limit, expected) in [
            (1000, 1_048_576, 1000),
            (1000, 1320, 1000),
            (1000, 1319, 999),
            (1000, 1024, 704),
            (1000, 100, 25),
            (10, 100, 10),
            (1000, 3, 1),
        ] {
            assert_eq!(fitting(wanted, limit), expected, "{wanted} of {limit}");
        }
    }
}
