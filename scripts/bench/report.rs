//! What was measured, as a Markdown table and as JSON lines, and the bounds that the project holds itself to.

use std::{fs::OpenOptions, io::Write, path::Path};

use serde_json::{Map, json};

use crate::Result;

/// The values of one run, by metric, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample(Vec<(&'static str, f64)>);

impl Sample {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The same with one more value.
    pub(crate) fn with(mut self, metric: &'static str, value: f64) -> Self {
        self.0.push((metric, value));
        self
    }

    /// A value that is there.
    pub(crate) fn get(&self, metric: &str) -> f64 {
        self.0.iter().find(|(name, _)| *name == metric).map_or(f64::NAN, |(_, value)| *value)
    }
}

/// What the first program must hold: test, metric, at most.
const BOUNDS: [(&str, &str, f64); 51] = [
    ("size", "mb", 15.0),
    ("version", "wall_ms", 10.0),
    ("exec", "beyond_ms", 25.0),
    ("exec", "peak_mb", 25.0),
    ("exec-tools", "round_ms", 30.0),
    ("exec-20k", "wall_ms", 400.0),
    ("exec-100k", "wall_ms", 1200.0),
    ("exec-1m", "wall_ms", 300.0),
    ("exec-16m", "wall_ms", 3000.0),
    ("patch-20m", "wall_ms", 5000.0),
    ("patch-20m", "peak_mb", 110.0),
    ("patch-100m", "wall_ms", 3000.0),
    ("patch-100m", "peak_mb", 320.0),
    ("patch-50k", "wall_ms", 5000.0),
    ("patch-50k", "peak_mb", 90.0),
    ("large-clean", "first_beyond_ms", 60.0),
    ("large-clean", "further_beyond_ms", 10.0),
    ("large-clean", "peak_beyond_mb", 40.0),
    ("large-dirty", "first_beyond_ms", 60.0),
    ("large-dirty", "further_beyond_ms", 10.0),
    ("large-dirty", "peak_beyond_mb", 40.0),
    ("large-no-git", "first_beyond_ms", 60.0),
    ("large-no-git", "further_beyond_ms", 10.0),
    ("large-no-git", "peak_beyond_mb", 40.0),
    ("large-changes", "changes_beyond_ms", 100.0),
    ("sandbox", "bubblewrap_ms", 8.0),
    ("sandbox", "native_ms", 8.0),
    ("sandbox", "landlock_ms", 8.0),
    ("tui-start", "paint_ms", 35.0),
    ("tui-start", "echo_ms", 45.0),
    ("tui-idle", "rss_mb", 40.0),
    ("tui-idle", "cpu_ms", 10.0),
    ("tui-idle", "bytes", 0.0),
    ("tui-idle", "processes", 1.0),
    ("tui-stream", "wall_ms", 1000.0),
    ("tui-stream", "cpu_ms", 700.0),
    ("tui-stream", "bytes", 500_000.0),
    ("tui-paced", "cpu_ms", 400.0),
    ("tui-markdown", "wall_ms", 500.0),
    ("tui-long", "p95_ms", 4.0),
    ("tui-long", "rss_mb", 60.0),
    ("tui-find", "first_ms", 60.0),
    ("tui-find", "key_p95_ms", 8.0),
    ("tui-paste", "shown_ms", 300.0),
    ("tui-paste", "echo_ms", 400.0),
    ("tui-resize", "settled_ms", 500.0),
    ("inline-resize", "settled_ms", 500.0),
    ("echo-idle", "p95_ms", 4.0),
    ("echo-busy", "p95_ms", 6.0),
    ("resume-tui", "echo_ms", 200.0),
    ("resume-tui", "peak_mb", 60.0),
];

/// Median and range of one metric.
#[derive(Clone, Copy, Debug)]
struct Summary {
    median: f64,
    least: f64,
    most: f64,
    runs: usize,
}

#[derive(Debug)]
struct Row {
    test: &'static str,
    what: &'static str,
    metric: &'static str,
    /// One for each program; `None` where the measurement failed or was not taken.
    cells: Vec<Option<Summary>>,
}

/// All measurements.
#[derive(Debug)]
pub(crate) struct Report {
    labels: Vec<String>,
    rows: Vec<Row>,
}

impl Report {
    pub(crate) fn new(labels: Vec<String>) -> Self {
        Self { labels, rows: Vec::new() }
    }

    /// Adds the runs of one test of the program in this column.
    pub(crate) fn add(&mut self, test: &'static str, what: &'static str, column: usize, samples: &[Sample]) {
        for (metric, _) in samples.first().map(|sample| sample.0.as_slice()).unwrap_or_default() {
            let summary = summary(samples.iter().map(|sample| sample.get(metric)).collect());
            self.cell(test, what, metric, column, summary);
        }
    }

    /// Notes that a test could not be done.
    pub(crate) fn fail(&mut self, test: &'static str, what: &'static str, column: usize) {
        self.cell(test, what, "failed", column, Some(Summary { median: 1.0, least: 1.0, most: 1.0, runs: 0 }));
    }

    fn cell(
        &mut self,
        test: &'static str,
        what: &'static str,
        metric: &'static str,
        column: usize,
        summary: Option<Summary>,
    ) {
        let known = self.rows.iter().position(|row| row.test == test && row.metric == metric);
        let at = known.unwrap_or_else(|| {
            self.rows.push(Row { test, what, metric, cells: vec![None; self.labels.len()] });
            self.rows.len() - 1
        });
        if let Some(cell) = self.rows[at].cells.get_mut(column) {
            *cell = summary;
        }
    }

    /// The table: medians, ranges in brackets, and the bound of the first program.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("| test | metric | must | {} |\n", self.labels.join(" | "));
        text.push_str(&format!("|:-----|:-------|-----:|{}\n", "------:|".repeat(self.labels.len())));
        let mut last = "";
        for row in &self.rows {
            let test = if row.test == last { String::new() } else { format!("{}: {}", row.test, row.what) };
            last = row.test;
            let must = bound(row).map_or(String::new(), |bound| format!("≤ {}", number(bound)));
            let cells: Vec<String> = row.cells.iter().map(|cell| cell.map_or("-".to_owned(), shown)).collect();
            let missed = if is_missed(row) { " **missed**" } else { "" };
            text.push_str(&format!("| {test} | {} | {must}{missed} | {} |\n", row.metric, cells.join(" | ")));
        }
        text
    }

    /// Whether the first program holds every bound that was measured.
    pub(crate) fn is_within_bounds(&self) -> bool {
        !self.rows.iter().any(is_missed)
    }

    /// Appends one JSON line for each test and program.
    pub(crate) fn append_json_lines(&self, path: &Path) -> Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        let mut tests: Vec<&str> = self.rows.iter().map(|row| row.test).collect();
        tests.dedup();
        for test in tests {
            for (column, label) in self.labels.iter().enumerate() {
                let mut line = Map::new();
                line.insert("label".to_owned(), json!(label));
                line.insert("test".to_owned(), json!(test));
                for row in self.rows.iter().filter(|row| row.test == test) {
                    if let Some(Some(Summary { median, least, most, runs })) = row.cells.get(column) {
                        let value = json!({ "median": median, "min": least, "max": most, "runs": runs });
                        line.insert(row.metric.to_owned(), value);
                    }
                }
                writeln!(file, "{}", serde_json::Value::Object(line))?;
            }
        }
        Ok(())
    }
}

fn bound(row: &Row) -> Option<f64> {
    BOUNDS.iter().find(|(test, metric, _)| *test == row.test && *metric == row.metric).map(|(_, _, bound)| *bound)
}

/// Whether the first program misses the row's bound, could not do the test, or lost a part of a stream.
fn is_missed(row: &Row) -> bool {
    let Some(Some(first)) = row.cells.first() else { return false };
    match row.metric {
        "failed" => true,
        "complete" => first.least < 1.0,
        _ => bound(row).is_some_and(|bound| first.median > bound),
    }
}

fn summary(mut values: Vec<f64>) -> Option<Summary> {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let (least, most) = (*values.first()?, *values.last()?);
    let middle = values.len() / 2;
    let median =
        if values.len().is_multiple_of(2) { f64::midpoint(values[middle - 1], values[middle]) } else { values[middle] };
    Some(Summary { median, least, most, runs: values.len() })
}

fn shown(summary: Summary) -> String {
    let Summary { median, least, most, runs } = summary;
    if runs < 2 || least == most {
        return number(median);
    }
    format!("{} [{}..{}]", number(median), number(least), number(most))
}

/// About three digits.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || size == size.trunc() => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(values: &[f64]) -> Vec<Sample> {
        values.iter().map(|value| Sample::new().with("wall_ms", *value)).collect()
    }

    #[test]
    fn the_table_shows_medians_and_missed_bounds() {
        let mut report = Report::new(vec!["a".to_owned(), "b".to_owned()]);
        report.add("version", "`--version`", 0, &runs(&[4.0, 2.0, 3.25, 12.5]));
        report.add("version", "`--version`", 1, &runs(&[123.4]));
        assert!(report.is_within_bounds(), "only the first program is held to them");
        report.add("exec-1m", "one event", 0, &runs(&[301.0]));
        report.fail("exec-1m", "one event", 1);
        assert!(!report.is_within_bounds());
        assert_eq!(
            report.markdown(),
            "| test | metric | must | a | b |\n\
             |:-----|:-------|-----:|------:|------:|\n\
             | version: `--version` | wall_ms | ≤ 10 | 3.62 [2..12.5] | 123 |\n\
             | exec-1m: one event | wall_ms | ≤ 300 **missed** | 301 | - |\n\
             |  | failed |  | - | 1 |\n"
        );
    }

    #[test]
    fn a_lost_stream_is_a_miss() {
        let mut report = Report::new(vec!["a".to_owned()]);
        let sample = |complete| Sample::new().with("complete", complete);
        report.add("tui-stream", "deltas", 0, &[sample(1.0), sample(1.0)]);
        assert!(report.is_within_bounds());
        report.add("tui-stream", "deltas", 0, &[sample(1.0), sample(0.0)]);
        assert!(!report.is_within_bounds());
    }
}
