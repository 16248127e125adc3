//! The layers: each module of the crate imports only modules before it in this list, which is the pipeline. `lib.rs`
//! has the same modules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From what is read to what is printed. Modules of one line may not import each other either.
const LAYERS: &[&[&str]] = &[
    // What everything stands on: text, its tree, addresses, values, facts.
    &["source", "address"],
    &["syntax", "problem"],
    &["gzip", "value"],
    &["provider"],
    &["inventory", "secret"],
    // Evidence: what is there, whatever it was read from.
    &["plan"],
    &["repository"],
    &["config"],
    &["eval"],
    &["flow"],
    &["route"],
    // Judging.
    &["rule"],
    &["rules"],
    &["check"],
    &["waiver"],
    // What the user sees and types.
    &["cli"],
    &["error"],
    &["catalogue", "settings", "why"],
    &["discover", "report", "show"],
    &["join"],
    &["coverage", "init"],
    &["run"],
    &["imports"],
    &["defect"],
];

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The place of a module in the list.
fn layer(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| layer.contains(&module))
        .unwrap_or_else(|| {
            panic!("`{module}` has no layer: add it to tests/architecture.rs, where it belongs")
        })
}

/// Every file of the library with the top-level module that it belongs to.
fn files() -> Vec<(String, PathBuf)> {
    let root = source_folder();
    let walk = walkdir::WalkDir::new(&root).sort_by_file_name().into_iter();
    let paths = walk.map(|entry| entry.expect("the sources can be walked").into_path());
    let rust = paths.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    rust.filter_map(|path| {
        let below = path.strip_prefix(&root).expect("it lies below");
        let top = below.components().next()?.as_os_str().to_str()?;
        let module = top.strip_suffix(".rs").unwrap_or(top).to_owned();
        (module != "lib" && module != "main").then_some((module, path))
    })
    .collect()
}

/// The top-level modules that a text names: `crate::a::…`, `use crate::{a, b::c}`. Comments do not count.
fn named(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.insert(first_step(&name));
                        name.clear();
                        continue;
                    }
                    _ => {}
                }
                name.push(c);
            }
            found.insert(first_step(&name));
        } else {
            found.insert(first_step(rest));
        }
    }
    found.remove("");
    found
}

fn first_step(path: &str) -> String {
    path.trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn imports_point_one_way() {
    let mut wrong = Vec::new();
    for (module, path) in files() {
        let text = fs::read_to_string(&path).expect("a source can be read");
        // Tests of a module may use what comes later.
        let text = text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default();
        let modules = named(text).into_iter().filter(|other| *other != module);
        let upward = modules.filter(|other| layer(other) >= layer(&module));
        wrong.extend(
            upward.map(|other| format!("{}: `{module}` imports `{other}`", path.display())),
        );
    }
    assert!(
        wrong.is_empty(),
        "imports against the pipeline:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_module_of_the_library_has_a_layer() {
    let text = fs::read_to_string(source_folder().join("lib.rs")).expect("lib.rs can be read");
    let listed = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let layers: Vec<usize> = listed.map(layer).collect();
    assert!(layers.len() > 20, "lib.rs lists the modules");
    assert!(
        layers.is_sorted(),
        "lib.rs lists them in the order of the pipeline"
    );
}

#[test]
fn an_upward_import_would_be_seen() {
    let text = "use crate::{plan::{self, Plan}, rule};\n// crate::report\nfn f() { crate::check::check() }\n";
    let found = named(text);
    assert_eq!(
        found.iter().map(String::as_str).collect::<Vec<_>>(),
        ["check", "plan", "rule"]
    );
    assert!(layer("rule") > layer("plan") && layer("check") > layer("rule"));
}
