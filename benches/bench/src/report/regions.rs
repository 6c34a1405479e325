//! The parts of other pages that a run writes: they stand between `<!-- begin NAME -->` and `<!-- end NAME -->`.

use std::path::Path;

use anyhow::Context;

/// Writes a region of a page anew; without a text it only makes sure that the region is there.
pub fn write(root: &Path, page: &str, region: &str, text: Option<&str>) -> anyhow::Result<()> {
    let path = root.join(page);
    let old = std::fs::read_to_string(&path).with_context(|| page.to_owned())?;
    let (before, rest) = split(&old, page, &format!("<!-- begin {region} -->\n"))?;
    let (_, after) = split(rest, page, &format!("<!-- end {region} -->\n"))?;
    if let Some(text) = text {
        let new = format!("{before}<!-- begin {region} -->\n{text}<!-- end {region} -->\n{after}");
        std::fs::write(&path, new)?;
    }
    Ok(())
}

fn split<'a>(text: &'a str, page: &str, line: &str) -> anyhow::Result<(&'a str, &'a str)> {
    text.split_once(line)
        .with_context(|| format!("{page} has no line: {line}"))
}
