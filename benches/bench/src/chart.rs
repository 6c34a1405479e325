//! Lines on two logarithmic axes, as SVG.

use std::fmt::Write as _;

/// One line.
pub struct Line {
    pub name: &'static str,
    /// x and y, both above zero.
    pub points: Vec<(f64, f64)>,
}

/// A chart.
pub struct Chart<'a> {
    pub title: &'a str,
    pub x: &'a str,
    pub y: &'a str,
    pub lines: Vec<Line>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;
/// Also distinguishable without seeing red or green.
const COLOURS: [&str; 4] = ["#767676", "#0072b2", "#e69f00", "#d55e00"];

impl Chart<'_> {
    /// The picture. A white ground makes it readable on pages of any colour.
    pub fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let (x, y) = (
            Axis::over(points().map(|point| point.0)),
            Axis::over(points().map(|point| point.1)),
        );
        let at_x = |value| LEFT + x.part(value) * (WIDTH - LEFT - RIGHT);
        let at_y = |value| HEIGHT - BOTTOM - y.part(value) * (HEIGHT - TOP - BOTTOM);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
        );
        let mut text = |x: f64, y: f64, anchor: &str, text: &str| {
            let _ = writeln!(
                svg,
                "<text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"{anchor}\">{text}</text>"
            );
        };
        text(LEFT, 22.0, "start", self.title);
        text(
            (LEFT + WIDTH - RIGHT) / 2.0,
            HEIGHT - 12.0,
            "middle",
            self.x,
        );
        text(8.0, TOP - 6.0, "start", self.y);
        for tick in x.ticks() {
            text(at_x(tick), HEIGHT - BOTTOM + 16.0, "middle", &label(tick));
        }
        for tick in y.ticks() {
            text(LEFT - 6.0, at_y(tick) + 4.0, "end", &label(tick));
        }
        let mut ends = Vec::new();
        for (line, colour) in self.lines.iter().zip(COLOURS) {
            if let Some((x, y)) = line.points.last() {
                ends.push((at_x(*x), at_y(*y), line.name, colour));
            }
        }
        // Names that would lie on each other are moved apart.
        ends.sort_by(|one, other| one.1.total_cmp(&other.1));
        let mut lowest = f64::MIN;
        for (x, y, name, colour) in ends {
            lowest = (y + 4.0).max(lowest + 14.0);
            let _ = writeln!(
                svg,
                "<text x=\"{:.0}\" y=\"{lowest:.0}\" fill=\"{colour}\">{name}</text>",
                x + 8.0
            );
        }
        let mut grid = |x1: f64, y1: f64, x2: f64, y2: f64| {
            let _ = writeln!(
                svg,
                "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"#dddddd\"/>"
            );
        };
        x.ticks()
            .for_each(|tick| grid(at_x(tick), TOP, at_x(tick), HEIGHT - BOTTOM));
        y.ticks()
            .for_each(|tick| grid(LEFT, at_y(tick), WIDTH - RIGHT, at_y(tick)));
        for (line, colour) in self.lines.iter().zip(COLOURS) {
            let path: Vec<String> = line
                .points
                .iter()
                .map(|(x, y)| format!("{:.1},{:.1}", at_x(*x), at_y(*y)))
                .collect();
            let path = path.join(" ");
            let _ = writeln!(
                svg,
                "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
            );
        }
        svg + "</svg>\n"
    }
}

/// A logarithmic axis from one step of 1, 2, 5, 10 ... to another.
struct Axis {
    least: f64,
    greatest: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>) -> Self {
        let (mut least, mut greatest) = (f64::MAX, f64::MIN_POSITIVE);
        for value in values {
            least = least.min(value);
            greatest = greatest.max(value);
        }
        let least = steps()
            .take_while(|step| *step <= least)
            .last()
            .unwrap_or(least);
        let greatest = steps().find(|step| *step >= greatest).unwrap_or(greatest);
        Self { least, greatest }
    }

    fn part(&self, value: f64) -> f64 {
        (value / self.least).ln() / (self.greatest / self.least).ln()
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        steps().filter(|step| *step >= self.least && *step <= self.greatest)
    }
}

fn steps() -> impl Iterator<Item = f64> {
    (-2..9).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power)))
}

fn label(value: f64) -> String {
    if value >= 1e6 {
        format!("{}M", value / 1e6)
    } else if value >= 1e3 {
        format!("{}k", value / 1e3)
    } else {
        format!("{value}")
    }
}
