//! What an import costs, each figure beside its baseline in the same run, as a Markdown table
//! (`cargo bench -p graph-import --bench import [-- throughput budget latency memory idle]`).
//!
//! What is reached for is in DESIGN section 10; figures are printed, never asserted.

#![expect(clippy::unwrap_used, reason = "a bench that cannot be set up fails")]
#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded for people")]

mod bare;
mod budget;
mod idle;
mod memory;
mod tape;
mod tenant;
mod throughput;
mod witness;

/// One line of the table.
struct Row {
    what: String,
    measured: String,
    baseline: String,
    reached: String,
    reach: &'static str,
}

type Bench = fn() -> Vec<Row>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == memory::IMPORTER) {
        return memory::import(&arguments[1..]);
    }
    let named: Vec<_> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    println!("| what | measured | baseline | reached | reach |\n|---|---|---|---|---|");
    let benches: [(&str, Bench); 5] = [
        ("throughput", throughput::bench),
        ("budget", budget::bench),
        ("latency", budget::bench_with_latency),
        ("memory", memory::bench),
        ("idle", idle::bench),
    ];
    for (name, bench) in benches {
        if named.is_empty() || named.iter().any(|named| *named == name) {
            for row in bench() {
                let Row { what, measured, baseline, reached, reach } = row;
                println!("| {what} | {measured} | {baseline} | {reached} | {reach} |");
            }
        }
    }
}
