//! The readers on files that are broken in arbitrary ways: no panic, spans that can be shown, nothing lost in silence.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use tfguard::source::{Sources, Span, decode};
use tfguard::syntax::{
    Body, JsonFile, Parsed, SyntaxError, parse, parse_expression, parse_json, parse_template,
};
use walkdir::WalkDir;

/// Pieces that mean something to one of the readers.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "\\",
    "\n",
    "\r\n",
    "\r",
    "${",
    "%{",
    "~}",
    "$${",
    "<<EOT\n",
    "<<-EOT\n",
    "EOT\n",
    "EOT",
    "#",
    "//",
    "/*",
    "*/",
    "=",
    "=>",
    "==",
    "?",
    ":",
    "::",
    ".",
    "...",
    ",",
    "*",
    "[*]",
    ".*",
    "for ",
    " in ",
    "if ",
    "%{ if x }",
    "%{ endif }",
    "%{ for x in y }",
    "-",
    "!",
    "&&",
    "&",
    "'",
    "`",
    "é",
    "e\u{301}",
    "\u{fffd}",
    "\u{feff}",
    "“",
    "0.0.0.0",
    "1e5",
    "null",
    "\\u00e9",
    "\\ud83d",
    "resource \"a\" \"b\" {\n",
    "x = ",
    ";",
    "\0",
    "\u{2028}",
];

/// Small files to begin with, whose names end in one of the extensions.
fn seeds(extensions: &[&str], more: &[&str]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = WalkDir::new(folder).sort_by_file_name().into_iter();
    let paths = files.filter_map(|entry| Some(entry.ok()?.into_path()));
    let chosen = paths.filter(|path| {
        let name = path.to_string_lossy();
        extensions.iter().any(|extension| name.ends_with(extension))
    });
    let texts = chosen.filter_map(|path| Some(decode(fs::read(path).ok()?)));
    let small = texts.filter(|text| text.len() < 4000);
    small
        .chain(more.iter().map(|text| (*text).to_owned()))
        .collect()
}

fn native_seeds() -> &'static [String] {
    static SEEDS: OnceLock<Vec<String>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let heredoc = "a = <<-EOT\n  b ${c} %{ if d ~}\n  e\n  %{ endif }\n  EOT\n";
        seeds(&[".tf", ".tfvars"], &[heredoc])
    })
}

fn json_seeds() -> &'static [String] {
    static SEEDS: OnceLock<Vec<String>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let more = [
            r#"{"locals": {"a": "\u00e9${b.c}", "d": [1, -2.5e3, null]}}"#,
            r#"{"resource": {"a": {"b": [{"c": "${d}", "depends_on": ["e.f"]}]}}, "//": "x"}"#,
            r#"{"variable": [{"a": {"type": "list(any)", "default": {"b": true}}}]}"#,
        ];
        seeds(&[".tf.json", ".tfvars.json"], &more)
    })
}

fn mutated(seeds: fn() -> &'static [String]) -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..12_usize, 0..=PIECES.len());
    let edits = prop::collection::vec(edit, 0..6);
    (any::<prop::sample::Index>(), edits).prop_map(move |(seed, edits)| {
        let mut text = seed.get(seeds()).clone();
        for (place, removed, piece) in edits {
            let boundary = |at: usize| {
                (0..=at.min(text.len()))
                    .rev()
                    .find(|at| text.is_char_boundary(*at))
            };
            let at = place.index(text.len() + 1);
            let start = boundary(at).unwrap_or(0);
            let end = boundary(start + removed).unwrap_or(start).max(start);
            text.replace_range(start..end, PIECES.get(piece).copied().unwrap_or(""));
        }
        text
    })
}

fn check_span(text: &str, span: Span) {
    let (start, end) = (span.start as usize, span.end as usize);
    assert!(
        text.get(start..end).is_some(),
        "{start}..{end} of {} bytes",
        text.len()
    );
}

fn check_errors(text: &str, errors: &[SyntaxError]) {
    for error in errors {
        check_span(text, error.span);
        assert!(!error.message.is_empty());
    }
}

fn check_body(text: &str, body: &Body) {
    body.span
        .into_iter()
        .for_each(|span| check_span(text, span));
    for attribute in &body.attributes {
        check_span(text, attribute.span);
        check_span(text, attribute.name.span);
        attribute.expr.walk(|expr| check_span(text, expr.span));
    }
    for block in &body.blocks {
        check_span(text, block.span);
        check_span(text, block.header);
        block
            .labels
            .iter()
            .for_each(|label| check_span(text, label.span));
        check_body(text, &block.body);
    }
}

fn check(text: &str, parsed: &Parsed) {
    check_errors(text, &parsed.errors);
    check_body(text, &parsed.body);
    parsed
        .comments
        .iter()
        .for_each(|comment| check_span(text, comment.span));
}

/// Names of items that begin a line, which a file without errors must have kept.
fn count_items(body: &Body) -> usize {
    let inside: usize = body
        .blocks
        .iter()
        .map(|block| count_items(&block.body))
        .sum();
    body.attributes.len() + body.blocks.len() + inside
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn native_syntax(text in mutated(native_seeds)) {
        let id = Sources::default().add("main.tf".into(), text.as_str());
        let parsed = parse(id, &text);
        check(&text, &parsed);
        prop_assert!(!parsed.errors.is_empty() || count_items(&parsed.body) > 0 || only_space(&text, &parsed));
        for result in [parse_expression(id, &text, 0), parse_template(id, &text, 0)] {
            match result {
                Ok(expr) => expr.walk(|expr| check_span(&text, expr.span)),
                Err(errors) => {
                    prop_assert!(!errors.is_empty());
                    check_errors(&text, &errors);
                }
            }
        }
    }

    #[test]
    fn json_syntax(text in mutated(json_seeds)) {
        let id = Sources::default().add("main.tf.json".into(), text.as_str());
        check(&text, &parse_json(id, &text, JsonFile::Configuration));
        check(&text, &parse_json(id, &text, JsonFile::Values));
    }
}

/// Whether nothing but comments and white space stands in a text.
fn only_space(text: &str, parsed: &Parsed) -> bool {
    let commented: usize = parsed
        .comments
        .iter()
        .map(|comment| {
            text[comment.span.start as usize..comment.span.end as usize]
                .trim()
                .len()
        })
        .sum();
    let visible: usize = text.split_whitespace().map(str::len).sum();
    visible <= commented
}
