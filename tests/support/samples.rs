//! Reads metrics in Prometheus' text format.

/// The sum of a counter over all series that have these labels; 0 when there is none.
pub fn sum(metrics: &str, counter: &str, labels: &[(&str, &str)]) -> u64 {
    let labels: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    metrics
        .lines()
        .filter_map(|line| {
            line.strip_prefix(counter)?
                .strip_prefix('{')?
                .rsplit_once("} ")
        })
        .filter(|(series, _)| {
            labels
                .iter()
                .all(|label| series.split(',').any(|pair| pair == label))
        })
        // Counters may be written as 12.0 or, when they are large, as 1.2e+07.
        .map(|(_, value)| value.parse::<f64>().expect("a number"))
        .map(|value| format!("{value:.0}").parse::<u64>().expect("a count"))
        .sum()
}
