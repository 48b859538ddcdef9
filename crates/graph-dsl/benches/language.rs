//! What the language costs: reading the index, compiling the catalogue with its checks, binding a command.
//!
//! Reach (DESIGN 10): the whole catalogue compiled and checked in 30 ms, the first read of the index
//! included; one command bound in 10 µs.

use std::hint::black_box;
use std::path::Path;

use graph_dsl::graph_index::{GraphIndex, decode, decompress};
use graph_dsl::{Arguments, Root, SourceFile, System, compile};

fn main() {
    divan::main();
}

fn source() -> SourceFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systems/entra.yaml");
    SourceFile::new("entra.yaml", std::fs::read(path).expect("the catalogue"))
}

fn system() -> System {
    compile(&source(), None).system.expect("a catalogue without errors")
}

/// What the first check of a process pays.
#[divan::bench]
fn read_index(bencher: divan::Bencher<'_, '_>) {
    bencher.bench(|| {
        let bytes = decompress(include_bytes!("../src/graph_index/index.bin")).expect("an index");
        let data = decode(&bytes).expect("records");
        black_box(GraphIndex::new(data).all_clouds())
    });
}

/// The index is read already.
#[divan::bench]
fn compile_catalogue(bencher: divan::Bencher<'_, '_>) {
    let source = source();
    let _ = GraphIndex::embedded();
    bencher.bench(|| compile(black_box(&source), None).diagnostics.len());
}

#[divan::bench]
fn bind_command(bencher: divan::Bencher<'_, '_>) {
    let system = system();
    let plan = system.catalogue.get("group.add_member").expect("a command");
    let root = Root::new("https://graph.microsoft.com").expect("a root");
    let arguments = Arguments::new()
        .with("id", "11111111-2222-3333-4444-555555555555")
        .with("member_id", "99999999-8888-7777-6666-555555555555");
    bencher.bench(|| plan.bind(black_box(&arguments), &root).is_ok());
}
