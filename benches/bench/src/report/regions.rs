//! The parts of other pages that a run writes: they stand between `<!-- begin NAME -->` and `<!-- end NAME -->`.

use anyhow::Context;

/// A page with another text in a region.
pub fn replaced(page: &str, name: &str, text: &str) -> anyhow::Result<String> {
    let (begin, end) = (
        format!("<!-- begin {name} -->\n"),
        format!("<!-- end {name} -->\n"),
    );
    let (before, rest) = page
        .split_once(&begin)
        .with_context(|| format!("a page has no line: {begin}"))?;
    let (_, after) = rest
        .split_once(&end)
        .with_context(|| format!("a page has no line: {end}"))?;
    Ok(format!("{before}{begin}{text}{end}{after}"))
}
