//! Which source files Terraform accepts: every case in `fixtures/syntax` must be accepted or refused here as well. What
//! they mean is tested where expressions are evaluated.

use std::fs;
use std::path::Path;

use tfguard::source::Sources;
use tfguard::syntax::{JsonFile, parse, parse_json};

/// Errors that only evaluation can find.
const SEMANTIC: &[&str] = &[
    "Call to unknown function",
    "Duplicate local value definition",
    "Duplicate variable declaration",
    "Extraneous JSON object property",
    "Invalid local value name",
    "Invalid object key expression",
    "Invalid template interpolation value",
    "Invalid type specification",
    "Invalid value for variable",
    "Reference to \"each\" in context without for_each",
    "Reference to undeclared local value",
];

/// A case as `fixtures/syntax/README.md` describes it.
#[derive(Default, Debug)]
struct Case {
    line: usize,
    name: String,
    text: String,
    further_files: bool,
    /// What `terraform fmt` said.
    accepted: Option<bool>,
    has_value: bool,
    refusals: Vec<String>,
}

fn cases(recording: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut name: Option<&str> = None;
    let (mut in_answers, mut asked) = (true, false);
    for (number, line) in recording.lines().enumerate() {
        let (mark, rest) = line.split_at(line.len().min(2));
        let is_answer = in_answers;
        match mark.trim_end() {
            "%" => name = Some(rest),
            ">" if name.is_some() && !is_answer => {
                last(&mut cases).further_files = true;
                name = None;
            }
            ">" => {
                cases.push(Case {
                    line: number + 1,
                    name: name.take().unwrap_or("main.tf").to_owned(),
                    text: rest.to_owned(),
                    ..Case::default()
                });
                (in_answers, asked) = (false, false);
            }
            "|" => {
                let case = last(&mut cases);
                if !case.further_files {
                    case.text.push('\n');
                    case.text.push_str(rest);
                }
            }
            "?" => (in_answers, asked) = (true, true),
            "=" | "!" => {
                in_answers = true;
                let case = last(&mut cases);
                let good = mark.starts_with('=');
                if !asked {
                    case.accepted = Some(good);
                }
                case.has_value |= asked && good;
                if !good {
                    case.refusals.push(rest.to_owned());
                }
            }
            "" => in_answers = true,
            _ => {}
        }
    }
    cases
}

fn last(cases: &mut [Case]) -> &mut Case {
    cases.last_mut().expect("a line that belongs to a case")
}

/// The bytes of a file: `⟦0D⟧` stands for raw bytes, and at the very end `⟦⟧` for no line break.
fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('⟦') {
        let (raw, after) = after.split_once('⟧').expect("raw bytes are closed");
        bytes.extend_from_slice(before.as_bytes());
        for at in (0..raw.len()).step_by(2) {
            bytes.push(u8::from_str_radix(&raw[at..at + 2], 16).expect("two digits"));
        }
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    if !text.ends_with("⟦⟧") {
        bytes.push(b'\n');
    }
    bytes
}

fn is_json(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "json")
}

/// What is wrong with the file, if anything.
fn errors(case: &Case) -> Vec<String> {
    let sources = Sources::default();
    let id = match sources.add_source(case.name.as_str().into(), bytes(&case.text)) {
        Ok(id) => id,
        Err(error) => return vec![error.to_string()],
    };
    let text = sources.file(id).text().clone();
    let parsed = match case.name.as_str() {
        name if !is_json(name) => parse(id, &text),
        name if name.contains(".tfvars.") => parse_json(id, &text, JsonFile::Values),
        _ => parse_json(id, &text, JsonFile::Configuration),
    };
    parsed
        .errors
        .into_iter()
        .map(|error| error.message)
        .collect()
}

/// Whether the file must be read without errors; nothing where the recording does not say.
fn expected(case: &Case) -> Option<bool> {
    if case.accepted.is_some() || !is_json(&case.name) {
        return case.accepted;
    }
    if case.has_value {
        return Some(true);
    }
    let is_semantic = |refusal: &String| SEMANTIC.contains(&refusal.as_str());
    let decided = !case.refusals.is_empty() && !case.refusals.iter().any(is_semantic);
    decided.then_some(false)
}

#[test]
fn files_are_accepted_as_terraform_accepts_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/syntax");
    let mut compared = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        for case in cases(&fs::read_to_string(&path).unwrap()) {
            let Some(accepted) = expected(&case) else {
                continue;
            };
            compared += 1;
            let errors = errors(&case);
            if errors.is_empty() != accepted {
                let Case { line, text, .. } = &case;
                wrong.push(format!("{file}:{line}: {accepted} {text:?}: {errors:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 800, "only {compared} cases compared");
}
