//! Reading HCL: ours and `hcl-edit` on the same files, and whether time stays linear in what can be long.
//!
//! `cargo bench --bench syntax`

use std::fs;
use std::path::Path;

use divan::Bencher;
use divan::counter::BytesCount;
use tfguard::source::{SourceId, Sources, decode};
use tfguard::syntax::parse;
use walkdir::WalkDir;

fn main() {
    divan::main();
}

/// The texts of all `.tf` and `.tfvars` fixtures that `hcl-edit` accepts.
fn fixtures() -> Vec<(SourceId, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let sources = Sources::default();
    let files = WalkDir::new(folder).into_iter();
    let paths = files.map(|entry| entry.expect("fixtures can be read").into_path());
    let native = paths.filter(|path| {
        let extension = path.extension().unwrap_or_default();
        extension == "tf" || extension == "tfvars"
    });
    native
        .map(|path| decode(fs::read(&path).expect("fixtures can be read")))
        .filter(|text| hcl_edit::parser::parse_body(text).is_ok())
        .map(|text| (sources.add("main.tf".into(), text.as_str()), text))
        .collect()
}

fn bytes(texts: &[(SourceId, String)]) -> BytesCount {
    BytesCount::new(texts.iter().map(|(_, text)| text.len()).sum::<usize>())
}

#[divan::bench]
fn fixtures_with_tfguard(bencher: Bencher) {
    let texts = fixtures();
    bencher.counter(bytes(&texts)).bench_local(|| {
        for (id, text) in &texts {
            divan::black_box(parse(*id, text));
        }
    });
}

#[divan::bench]
fn fixtures_with_hcl_edit(bencher: Bencher) {
    let texts = fixtures();
    bencher.counter(bytes(&texts)).bench_local(|| {
        for (_, text) in &texts {
            let _ = divan::black_box(hcl_edit::parser::parse_body(text));
        }
    });
}

/// What grows in one file: each line says what `n` of them cost.
fn long(bencher: Bencher, text: &str) {
    let id = Sources::default().add("main.tf".into(), text);
    bencher
        .counter(BytesCount::of_str(text))
        .bench_local(|| divan::black_box(parse(id, text)));
}

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// `count` lines, each made of its number.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

#[divan::bench(args = SIZES)]
fn object_keys(bencher: Bencher, n: usize) {
    let keys = lines(n, |key| format!("  key{key} = \"value\"\n"));
    long(bencher, &format!("x = {{\n{keys}}}\n"));
}

#[divan::bench(args = SIZES)]
fn attributes(bencher: Bencher, n: usize) {
    long(bencher, &lines(n, |key| format!("key{key} = 1\n")));
}

#[divan::bench(args = SIZES)]
fn chained_operators(bencher: Bencher, n: usize) {
    long(bencher, &format!("x = 1{}\n", " + a".repeat(n)));
}

#[divan::bench(args = SIZES)]
fn heredoc_lines(bencher: Bencher, n: usize) {
    long(
        bencher,
        &format!("x = <<-EOT\n{}EOT\n", "  line ${a}\n".repeat(n)),
    );
}

#[divan::bench(args = SIZES)]
fn broken_lines(bencher: Bencher, n: usize) {
    long(bencher, &"x = [ 1 2\n".repeat(n));
}
