//! Draws the panels, as there is no Grafana to show them: the same queries over the same time, in a picture for each row.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use serde_json::Value;

use super::{Series, Watched, queries};

const SECONDS: u64 = 110;
const CELL: (u32, u32) = (560, 300);
/// Also distinguishable without seeing red or green.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(213, 94, 0),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(118, 118, 118),
];
/// How many lines of text have room below a panel.
const NAMES: usize = 6;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

pub fn all(watched: &Watched, rows: &[(String, Vec<Value>)], folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (row, panels) in rows {
        let name = row.to_lowercase().replace(' ', "-");
        let mut picture = String::new();
        picture_of(watched, panels, &mut picture);
        std::fs::write(folder.join(format!("dashboard-{name}.svg")), picture).unwrap();
    }
}

fn picture_of(watched: &Watched, panels: &[Value], picture: &mut String) {
    let is_stat = panels[0]["type"] == "stat";
    let (columns, width, height) = if is_stat {
        (
            panels.len(),
            1120 / u32::try_from(panels.len()).unwrap(),
            90,
        )
    } else {
        (2, CELL.0, CELL.1)
    };
    let lines = panels.len().div_ceil(columns);
    let size = |count: usize, one: u32| u32::try_from(count).unwrap() * one;
    let backend = SVGBackend::with_string(picture, (size(columns, width), size(lines, height)));
    let area = backend.into_drawing_area();
    area.fill(&WHITE).unwrap();
    for (panel, cell) in panels.iter().zip(area.split_evenly((lines, columns))) {
        let unit = panel["fieldConfig"]["defaults"]["unit"].as_str().unwrap();
        write_text(&cell, panel["title"].as_str().unwrap(), (12, 10), 14, BLACK);
        match panel["type"].as_str().unwrap() {
            "stat" => {
                let found = watched.now(&queries(panel)[0]).unwrap();
                let value = found[0].values[0].1;
                write_text(
                    &cell,
                    &label(
                        unit,
                        if unit == "short" {
                            value.round()
                        } else {
                            value
                        },
                    ),
                    (12, 38),
                    30,
                    COLOURS[0],
                );
            }
            "table" => table(&cell, &watched.now(&queries(panel)[0]).unwrap()),
            "heatmap" => heatmap(&cell, &watched.over_time(&queries(panel)[0], SECONDS)),
            _ => lines_of(&cell, watched, panel, unit),
        }
    }
    area.present().unwrap();
}

fn write_text(area: &Area<'_>, text: &str, at: (i32, i32), size: i32, colour: RGBColor) {
    let style = ("sans-serif", size).into_font().color(&colour);
    area.draw_text(text, &style, at).unwrap();
}

/// The name of a series, as the panel's legend makes it.
fn name(legend: &str, labels: &Value) -> String {
    let mut name = legend.to_owned();
    for (label, value) in labels.as_object().unwrap() {
        let value = value.as_str().unwrap();
        // The namespace of the test, and its port.
        let value = value.trim_start_matches("watched.");
        let value = if label == "instance" {
            "replica"
        } else {
            value
        };
        name = name.replace(&format!("{{{{{label}}}}}"), value);
    }
    name
}

fn table(area: &Area<'_>, found: &[Series]) {
    let mut rows: Vec<(f64, String)> = found
        .iter()
        .map(|series| {
            let labels = series.labels.as_object().unwrap().values();
            let labels: Vec<&str> = labels.map(|value| value.as_str().unwrap()).collect();
            (series.values[0].1, labels.join("  "))
        })
        .collect();
    rows.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (index, (value, labels)) in rows.iter().take(13).enumerate() {
        let y = 36 + 19 * i32::try_from(index).unwrap();
        write_text(area, labels, (12, y), 12, BLACK);
        write_text(
            area,
            &label("short", value.round()),
            (500, y),
            12,
            COLOURS[0],
        );
    }
}

fn lines_of(area: &Area<'_>, watched: &Watched, panel: &Value, unit: &str) {
    let mut all: Vec<(String, Series)> = Vec::new();
    for (query, target) in queries(panel)
        .iter()
        .zip(panel["targets"].as_array().unwrap())
    {
        let legend = target["legendFormat"].as_str().unwrap();
        let found = watched.over_time(query, SECONDS);
        all.extend(
            found
                .into_iter()
                .map(|series| (name(legend, &series.labels), series)),
        );
    }
    let max = |series: &Series| {
        series
            .values
            .iter()
            .map(|(_, value)| *value)
            .fold(0.0, f64::max)
    };
    all.sort_by(|one, other| max(&other.1).total_cmp(&max(&one.1)));
    let top = all.first().map_or(1.0, |(_, series)| max(series)).max(1e-6) * 1.1;
    let (above, below) = area.split_vertically(CELL.1 - 14 * u32::try_from(NAMES / 2 + 1).unwrap());
    let mut chart = ChartBuilder::on(&above)
        .margin(10)
        .margin_top(30)
        .x_label_area_size(18)
        .y_label_area_size(62)
        .build_cartesian_2d(0.0..110.0, 0.0..top)
        .unwrap();
    mesh(&mut chart, &|value| label(unit, value));
    let end = all
        .iter()
        .filter_map(|(_, series)| series.values.last())
        .map(|(time, _)| *time)
        .fold(0.0, f64::max);
    for (index, (name, series)) in all.iter().enumerate() {
        let colour = COLOURS[index.min(COLOURS.len() - 1)];
        let points = series
            .values
            .iter()
            .map(|(time, value)| (110.0 - (end - time), *value));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))
            .unwrap();
        if index < NAMES {
            let at = (
                i32::try_from(index % 2).unwrap() * 275 + 12,
                i32::try_from(index / 2).unwrap() * 14,
            );
            write_text(&below, name, at, 11, colour);
        }
    }
    if let Some(more) = all.len().checked_sub(NAMES + 1) {
        let text = format!("and {} more", more + 1);
        write_text(
            &below,
            &text,
            (12, i32::try_from(NAMES / 2).unwrap() * 14),
            11,
            COLOURS[6],
        );
    }
}

fn mesh<'a, Y: Ranged<ValueType = f64> + plotters::coord::ranged1d::ValueFormatter<f64>>(
    chart: &mut ChartContext<
        'a,
        SVGBackend<'a>,
        Cartesian2d<plotters::coord::types::RangedCoordf64, Y>,
    >,
    label: &dyn Fn(f64) -> String,
) {
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(RGBColor(221, 221, 221))
        .axis_style(RGBColor(150, 150, 150))
        .x_labels(6)
        .y_labels(5)
        .x_label_formatter(&|seconds| format!("{seconds:.0} s"))
        .y_label_formatter(&|value| label(*value))
        .label_style(("sans-serif", 11))
        .draw()
        .unwrap();
}

/// Cumulative buckets as a map of how many reviews were how slow when.
fn heatmap(area: &Area<'_>, found: &[Series]) {
    let bound = |series: &Series| -> f64 {
        let le = series.labels["le"].as_str().unwrap();
        le.parse().unwrap_or(f64::INFINITY)
    };
    let mut buckets: Vec<&Series> = found.iter().collect();
    buckets.sort_by(|one, other| bound(one).total_cmp(&bound(other)));
    let end = buckets[0].values.last().unwrap().0;
    // Time, bucket, count.
    let mut cells: Vec<(f64, usize, f64)> = Vec::new();
    for (index, bucket) in buckets.iter().enumerate() {
        for (time, value) in &bucket.values {
            let below = index.checked_sub(1).and_then(|below| {
                let same = buckets[below]
                    .values
                    .iter()
                    .find(|(other, _)| (other - time).abs() < 0.5);
                same.map(|(_, value)| *value)
            });
            cells.push((110.0 - (end - time), index, value - below.unwrap_or(0.0)));
        }
    }
    let most = cells.iter().map(|(_, _, count)| *count).fold(1.0, f64::max);
    let top = f64::from(u32::try_from(buckets.len()).unwrap());
    let mut chart = ChartBuilder::on(area)
        .margin(10)
        .margin_top(30)
        .x_label_area_size(18)
        .y_label_area_size(62)
        .build_cartesian_2d(0.0..110.0, 0.0..top)
        .unwrap();
    let bounds: Vec<f64> = buckets.iter().map(|bucket| bound(bucket)).collect();
    mesh(&mut chart, &|value| {
        let reached = bounds
            .iter()
            .zip(0_u32..)
            .take_while(|(_, index)| f64::from(*index) < value);
        reached
            .last()
            .map_or("0".to_owned(), |(bound, _)| label("s", *bound))
    });
    let shown = cells.iter().filter(|(_, _, count)| *count > 0.0);
    let rectangles = shown.map(|(time, index, count)| {
        let y = f64::from(u32::try_from(*index).unwrap());
        let colour = COLOURS[1].mix((count / most).sqrt());
        Rectangle::new([(time - 1.0, y), (*time, y + 1.0)], colour.filled())
    });
    chart.draw_series(rectangles).unwrap();
}

/// A value in its unit.
fn label(unit: &str, value: f64) -> String {
    match unit {
        "s" if value.is_infinite() => "more".to_owned(),
        "s" if value >= 2.0 * 86400.0 => format!("{:.0} d", value / 86400.0),
        "s" if value >= 7200.0 => format!("{:.1} h", value / 3600.0),
        "s" if value >= 1.0 || value == 0.0 => format!("{} s", short(value)),
        "s" if value >= 1e-3 => format!("{} ms", short(value * 1e3)),
        "s" => format!("{} µs", short(value * 1e6)),
        "percentunit" => format!("{} %", short(value * 100.0)),
        "bytes" => format!("{:.1} MiB", value / f64::from(1 << 20)),
        "reqps" | "cps" => format!("{}/s", short(value)),
        _ => short(value),
    }
}

fn short(value: f64) -> String {
    let text = if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
