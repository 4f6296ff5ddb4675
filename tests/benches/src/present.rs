//! The report for people: a table with the targets, and plots.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use plotters::prelude::*;

use crate::figure::Figure;

/// Reads the report, draws the plots into `folder`, and gives the table.
///
/// # Errors
///
/// The report cannot be read, or a plot not be written.
pub fn present(report: &Path, folder: &Path) -> Result<String, Box<dyn Error>> {
    let figures: Vec<Figure> = serde_json::from_str(&fs::read_to_string(report)?)?;
    let mut table = table(&figures);
    for (file, title, prefixes, shows) in PLOTS {
        let rows: Vec<Row> = figures.iter().filter(|figure| is_one_of(figure, prefixes)).map(shows).collect();
        if !rows.is_empty() {
            let path = folder.join(file);
            draw(&path, title, &rows)?;
            let _ = writeln!(table, "drawn: {}", path.display());
        }
    }
    let _ = writeln!(table, "written: {}", report.display());
    Ok(table)
}

fn table(figures: &[Figure]) -> String {
    let mut text = format!(
        "{:<46} {:>12} {:>12} {:>10}  {:<16} {}\n",
        "figure", "value", "baseline", "ratio", "target", "unit"
    );
    for figure in figures {
        let target =
            TARGETS.iter().find(|target| target.name == figure.name || target.is_prefix_of(&figure.name));
        let target = target.map(|target| target.verdict(figure.ratio)).unwrap_or_default();
        let Figure { name, unit, value, baseline, ratio, .. } = figure;
        let _ = writeln!(
            text,
            "{name:<46} {:>12} {:>12} {:>10}  {target:<16} {unit}",
            short(*value),
            short(*baseline),
            short(*ratio)
        );
    }
    text
}

/// As many digits as say something.
fn short(number: f64) -> String {
    match number.abs() {
        0.0 => "0".to_owned(),
        large if large >= 1_000.0 => format!("{number:.0}"),
        middle if middle >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.3}"),
    }
}

/// What a ratio should be.
struct Target {
    /// Of the figure; with `[` at its end it stands for all that begin so.
    name: &'static str,
    bound: Bound,
}

enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    fn is_prefix_of(&self, name: &str) -> bool {
        self.name.ends_with('[') && name.starts_with(self.name)
    }

    fn verdict(&self, ratio: f64) -> String {
        let (is_met, sign, bound) = match self.bound {
            Bound::AtLeast(bound) => (ratio >= bound, ">=", bound),
            Bound::AtMost(bound) => (ratio <= bound, "<=", bound),
        };
        format!("{} {sign} {bound}", if is_met { "met " } else { "MISS" })
    }
}

const TARGETS: [Target; 16] = [
    Target { name: "authenticate/floor[aws-lc-rs,3kB]", bound: Bound::AtMost(1.25) },
    Target { name: "authenticate/floor[aes-gcm,3kB]", bound: Bound::AtMost(1.8) },
    Target { name: "authenticate/growth", bound: Bound::AtMost(1.05) },
    Target { name: "allocations[nothing]", bound: Bound::AtMost(3.0) },
    Target { name: "allocations[user]", bound: Bound::AtMost(5.0) },
    Target { name: "protected/unprotected[aes-gcm]", bound: Bound::AtLeast(0.88) },
    Target { name: "protected/unprotected[aws-lc-rs]", bound: Bound::AtLeast(0.92) },
    Target { name: "npm-get/authenticate", bound: Bound::AtLeast(60.0) },
    Target { name: "server/next-route", bound: Bound::AtLeast(60.0) },
    Target { name: "server/node-http-get", bound: Bound::AtLeast(8.0) },
    Target { name: "authenticate/alternative[", bound: Bound::AtMost(1.0) },
    Target { name: "redis/tower-sessions[", bound: Bound::AtLeast(1.0) },
    Target { name: "reject/authenticate", bound: Bound::AtMost(1.0) },
    Target { name: "garbage/protected[", bound: Bound::AtLeast(1.0) },
    Target { name: "storm/token-requests", bound: Bound::AtMost(1.0) },
    Target { name: "memory/growth", bound: Bound::AtMost(1.02) },
];

/// A bar, or two: ours and what it is measured against.
struct Row {
    label: String,
    bars: Vec<f64>,
}

type Shows = fn(&Figure) -> Row;

/// File, title, the figures by how their names begin, and what is shown of them.
const PLOTS: [(&str, &str, &[&str], Shows); 3] = [
    ("authenticate.svg", "Reading a session (blue) and the floor (grey), ns", &["authenticate/floor["], both),
    (
        "alternatives.svg",
        "Time of ours, where theirs is 1",
        &["authenticate/alternative[", "authenticate/opaque["],
        ratio,
    ),
    (
        "servers.svg",
        "Requests per second on one core (blue), and of what it stands beside (grey)",
        &["protected/unprotected[", "redis/tower-sessions[", "server/n"],
        both,
    ),
];

fn is_one_of(figure: &Figure, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| figure.name.starts_with(prefix))
}

fn both(figure: &Figure) -> Row {
    Row { label: figure.name.clone(), bars: vec![figure.value, figure.baseline] }
}

fn ratio(figure: &Figure) -> Row {
    Row { label: figure.name.clone(), bars: vec![figure.ratio, 1.0] }
}

fn draw(path: &Path, title: &str, rows: &[Row]) -> Result<(), Box<dyn Error>> {
    let height = TOP + ROW * i32::try_from(rows.len())?;
    let area = SVGBackend::new(path, (WIDTH.unsigned_abs(), height.unsigned_abs())).into_drawing_area();
    area.fill(&WHITE)?;
    let (heading, small) = (("sans-serif", 16).into_font(), ("sans-serif", 12).into_font());
    area.draw(&Text::new(title.to_owned(), (MARGIN, 12), heading))?;
    let longest = rows.iter().flat_map(|row| &row.bars).copied().fold(0.0, f64::max);
    for (number, row) in (0..).zip(rows) {
        let top = TOP + ROW * number;
        area.draw(&Text::new(row.label.clone(), (MARGIN, top + 6), small.clone()))?;
        for (place, (bar, color)) in (0..).zip(row.bars.iter().zip([&OURS, &THEIRS])) {
            #[expect(clippy::cast_possible_truncation, reason = "a share of the width")]
            let end = LABELS + (f64::from(BARS) * bar / longest) as i32;
            let (upper, lower) = (top + 2 + place * BAR, top + place * BAR + BAR);
            area.draw(&Rectangle::new([(LABELS, upper), (end.max(LABELS + 1), lower)], color.filled()))?;
            area.draw(&Text::new(short(*bar), (end + 6, upper - 2), small.clone()))?;
        }
    }
    area.present()?;
    Ok(())
}

const OURS: RGBColor = RGBColor(0x2b, 0x6c, 0xb0);
const THEIRS: RGBColor = RGBColor(0xa0, 0xa8, 0xb4);
const WIDTH: i32 = 960;
const MARGIN: i32 = 16;
/// Where the bars begin, and how long the longest one is.
const LABELS: i32 = 320;
const BARS: i32 = 540;
const TOP: i32 = 44;
const ROW: i32 = 34;
const BAR: i32 = 14;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_whether_each_target_is_met() {
        let figures = [
            Figure::of("authenticate/growth", "ns", 9.0, 10.0, 1),
            Figure::of("protected/unprotected[aes-gcm]", "requests/s", 8.0, 10.0, 1),
            Figure::of("authenticate/alternative[x]", "ns", 11.0, 10.0, 1),
            Figure::of("user/floor[3kB]", "ns", 11.0, 10.0, 1),
        ];
        let table = table(&figures);
        let line = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        assert!(line("authenticate/growth").contains("met  <= 1.05"), "{table}");
        assert!(line("protected").contains("MISS >= 0.88"), "{table}");
        assert!(line("authenticate/alternative").contains("MISS <= 1"), "{table}");
        assert!(!line("user").contains("met") && !line("user").contains("MISS"), "{table}");
    }

    #[test]
    fn a_plot_is_drawn_for_the_figures_that_it_is_about() {
        let folder = std::env::temp_dir().join(format!("auth-benches-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let report = folder.join("report.json");
        let figures = [Figure::of("authenticate/floor[aes-gcm,3kB]", "ns", 18.0, 10.0, 1)];
        fs::write(&report, serde_json::to_string(&figures).expect("JSON")).expect("written");
        present(&report, &folder).expect("presented");
        let plot = fs::read_to_string(folder.join("authenticate.svg")).expect("drawn");
        assert!(plot.contains("authenticate/floor[aes-gcm,3kB]"), "{plot}");
        assert!(!folder.join("servers.svg").exists());
        fs::remove_dir_all(&folder).expect("removed");
    }
}
