//! What the language costs: reading the index, compiling the catalogue with its checks, binding a command.
//!
//! Reach (DESIGN 10): the whole catalogue compiled and checked in 30 ms, the first read of the index
//! included; one command bound in 10 µs.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use graph_dsl::graph_index::{GraphIndex, decode, decompress};
use graph_dsl::{Arguments, Root, SourceFile, System, compile};
use tokio::time::Instant;

const INDEX: &[u8] = include_bytes!("../src/graph_index/index.bin");

fn main() {
    let source = source();
    let first = once(|| compile(&source, None).diagnostics.len());
    say("the first compile of the catalogue, index included", first);
    say("read the index", median(30, read_index));
    say(
        "compile the catalogue",
        median(30, || compile(black_box(&source), None).diagnostics.len()),
    );
    let system = compile(&source, None).system.expect("a catalogue without errors");
    say("bind a command", bind(&system));
}

fn source() -> SourceFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systems/entra.yaml");
    SourceFile::new("entra.yaml", std::fs::read(path).expect("the catalogue"))
}

fn read_index() -> usize {
    let bytes = decompress(INDEX).expect("an index");
    let data = decode(&bytes).expect("records");
    usize::from(GraphIndex::new(data).all_clouds())
}

fn bind(system: &System) -> Duration {
    const CALLS: u32 = 1_000;
    let plan = system.catalogue.get("group.add_member").expect("a command");
    let root = Root::new("https://graph.microsoft.com").expect("a root");
    let arguments = Arguments::new()
        .with("id", "11111111-2222-3333-4444-555555555555")
        .with("member_id", "99999999-8888-7777-6666-555555555555");
    let many = || (0..CALLS).filter(|_| plan.bind(black_box(&arguments), &root).is_ok()).count();
    median(30, many) / CALLS
}

fn median(rounds: usize, mut run: impl FnMut() -> usize) -> Duration {
    let mut times: Vec<Duration> = (0..rounds).map(|_| once(&mut run)).collect();
    times.sort_unstable();
    times[rounds / 2]
}

fn once(mut run: impl FnMut() -> usize) -> Duration {
    let start = Instant::now();
    black_box(run());
    start.elapsed()
}

#[expect(clippy::print_stdout, reason = "a benchmark reports to whoever started it")]
fn say(what: &str, time: Duration) {
    println!("{what}: {time:.1?}");
}
