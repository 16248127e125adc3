//! The README stays true: sessions are what the end-to-end cases print, and paths that it names exist.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn without_times(text: &str) -> String {
    let times = regex::Regex::new(r"\d+\.\d+ ms").expect("a pattern");
    times.replace_all(text, "0.0 ms").into_owned()
}

/// A session follows a comment that names its case: the command line with its arguments, and what it prints.
#[test]
fn sessions_are_true() {
    let readme = read("README.md");
    let mut checked = 0;
    for (at, _) in readme.match_indices("<!-- case: ") {
        let rest = &readme[at + "<!-- case: ".len()..];
        let (case, rest) = rest
            .split_once(" -->\n```console\n$ tfguard ")
            .expect("a session follows");
        let (session, _) = rest.split_once("```").expect("the session ends");
        let (command, printed) = session
            .split_once('\n')
            .expect("the session prints something");
        let arguments = read(case);
        let words = arguments
            .lines()
            .filter(|line| !line.starts_with(['@', '#']) && !line.is_empty());
        assert_eq!(command, words.collect::<Vec<_>>().join(" "), "{case}");
        let kept = read(&case.replace(".args", ".out"));
        let (_, stdout) = kept
            .split_once("--- stdout\n")
            .expect("the case prints something");
        assert_eq!(without_times(printed), stdout, "{case}");
        checked += 1;
    }
    assert!(checked >= 2, "the README shows a red and a green run");
}

/// Everything in backquotes that looks like a path of the repository.
#[test]
fn paths_exist() {
    for document in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/ci.md",
        "docs/configuration.md",
    ] {
        let text = read(document);
        let quoted = text.split('`').skip(1).step_by(2);
        let tops = [
            "src/",
            "fixtures/",
            "tests/",
            "benches/",
            "policies/",
            "docs/",
            ".ci/",
        ];
        for path in quoted
            .filter(|path| tops.iter().any(|top| path.starts_with(top)) && !path.contains("NAME"))
        {
            assert!(
                Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(),
                "{document} names `{path}`"
            );
        }
    }
}

/// What a plan's reader is told of versions is what Cargo says.
#[test]
fn the_minimum_rust_version_is_one() {
    let cargo = read("Cargo.toml");
    let line = cargo
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .expect("it is set");
    let version = line.trim_matches('"');
    assert!(read("README.md").contains(&format!("Rust ({version} or newer)")));
    assert!(read(".github/workflows/ci.yml").contains(&format!("cargo +{version} check")));
}
