//! What source files mean: the questions in `fixtures/syntax` get the answers that `terraform console` gave.

mod transcript;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tfguard::cli::InputArgs;
use tfguard::config::Loader;
use tfguard::eval::{Evaluation, Mode, Options, Scope};
use tfguard::plan::ProblemKind;
use tfguard::source::Sources;
use tfguard::{settings, syntax, value};
use transcript::{append, raw, unescaped};

/// Source files and what the console was asked about them.
#[derive(Default)]
struct Case {
    line: usize,
    files: Vec<(String, String)>,
    questions: Vec<Question>,
}

#[derive(Default)]
struct Question {
    line: usize,
    text: String,
    value: Option<String>,
    ty: Option<String>,
    refused: Option<String>,
}

/// Refusals that this test or the console cannot see, each with its reason.
const UNSEEN: [(&str, usize, &str); 1] = [(
    "structure.txt",
    1866,
    "OpenTofu reads `.tofu` beside `.tf`, and the recordings are Terraform's",
)];

#[test]
fn files_mean_what_terraform_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/syntax");
    let mut recordings: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    recordings.sort();
    // What nests deeply needs a deep stack, as in the binary.
    let run = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(move || {
            let (mut asked, mut wrong) = (0, Vec::new());
            for recording in &recordings {
                let name = recording
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned();
                let text = std::fs::read_to_string(recording).expect("readable");
                for case in cases(&text) {
                    asked += case.questions.len();
                    check(&name, &case, &mut wrong);
                }
            }
            (asked, wrong)
        });
    let (asked, mut wrong) = run
        .expect("a thread starts")
        .join()
        .expect("no case panics");
    let shown = std::env::var("SHOW")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20);
    let count = wrong.len();
    wrong.truncate(shown);
    assert!(
        wrong.is_empty(),
        "{count} of {asked} answers differ\n\n{}",
        wrong.join("\n\n")
    );
    assert!(asked > 900, "only {asked} questions");
}

fn check(recording: &str, case: &Case, wrong: &mut Vec<String>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{recording}-{}", case.line));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    for (name, text) in &case.files {
        std::fs::write(folder.join(name), bytes(text)).expect("a file can be written");
    }
    let sources = Arc::new(Sources::default());
    let config = Arc::new(Loader::new(Arc::clone(&sources)).load(&folder));
    let arguments = InputArgs {
        vars: Vec::new(),
        var_files: Vec::new(),
        ordered: Vec::new(),
        workspace: None,
    };
    let mut errors = Vec::new();
    let inputs = settings::inputs(
        &folder,
        &[],
        &arguments,
        std::iter::empty(),
        &sources,
        &mut errors,
    );
    let options = Options {
        mode: Mode::Static,
        ..Options::new(folder.clone())
    };
    let evaluation = Evaluation::new(&config, Arc::clone(&sources), inputs, options);
    let plan = evaluation.plan();
    let refusal = plan
        .problems
        .iter()
        .find(|one| {
            matches!(
                one.kind,
                ProblemKind::Refused | ProblemKind::Unreadable | ProblemKind::ConditionFailed
            )
        })
        .map(|one| one.message.clone())
        .or_else(|| errors.first().map(ToString::to_string));
    for question in &case.questions {
        let answer = match &refusal {
            Some(refusal) => Err(refusal.clone()),
            None => ask(&evaluation, &sources, &question.text),
        };
        if let Err(difference) = compare(question, answer) {
            let files: Vec<&str> = case.files.iter().map(|(_, text)| &**text).collect();
            let files: String = files.join("\n%\n").chars().take(300).collect();
            if UNSEEN
                .iter()
                .any(|(file, line, _)| *file == recording && *line == question.line)
            {
                continue;
            }
            wrong.push(format!(
                "{recording}:{}: {}\n{difference}\n  in: {files}",
                question.line, question.text
            ));
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder can be removed");
}

fn ask(
    evaluation: &Arc<Evaluation>,
    sources: &Sources,
    text: &str,
) -> Result<(String, String), String> {
    let source = sources.add("question".into(), text);
    let expr =
        syntax::parse_expression(source, text, 0).map_err(|errors| errors[0].message.clone())?;
    let value = Scope::module(evaluation, evaluation.root())
        .evaluate(&expr)
        .map_err(|error| error.message)?;
    Ok((value::format(&value), value::format_type(&value.ty())))
}

fn compare(question: &Question, answer: Result<(String, String), String>) -> Result<(), String> {
    match (answer, &question.refused, &question.value) {
        (Err(_), Some(_), _) => Ok(()),
        (Ok((value, _)), Some(refused), _) => {
            Err(format!("  accepted: {value}\n  expected: {refused}"))
        }
        (Err(message), None, expected) => {
            Err(format!("  refused: {message}\n  expected: {expected:?}"))
        }
        (Ok((value, ty)), None, expected) => {
            let expected = after_warnings(expected.as_deref().unwrap_or_default());
            if expected != value {
                return Err(format!("  value: {value}\n  expected: {expected:?}"));
            }
            match &question.ty {
                Some(expected) if after_warnings(expected) != ty => {
                    Err(format!("  type: {ty}\n  expected: {expected}"))
                }
                _ => Ok(()),
            }
        }
    }
}

/// The console prints warnings before its answer.
fn after_warnings(answer: &str) -> &str {
    match answer.strip_prefix("\nWarning: ") {
        Some(warned) => warned.rsplit("\n\n").next().unwrap_or(warned),
        None => answer,
    }
}

/// Reads the format that the README of the fixtures describes.
fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut name: Option<&str> = None;
    let mut in_files = false;
    for (at, line) in text.lines().enumerate() {
        let (mark, rest) = line.split_at(line.find(' ').unwrap_or(line.len()));
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match mark {
            "%" => {
                name = Some(rest);
                continue;
            }
            ">" => {
                if !(in_files && name.is_some()) {
                    cases.push(Case {
                        line: at + 1,
                        ..Case::default()
                    });
                }
                let case = cases.last_mut().expect("a case has begun");
                case.files
                    .push((name.take().unwrap_or("main.tf").to_owned(), rest.to_owned()));
                in_files = true;
                continue;
            }
            _ => {}
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        match (mark, case.questions.last_mut()) {
            ("|", _) => {
                let (_, file) = case.files.last_mut().expect("a file has begun");
                file.push('\n');
                file.push_str(rest);
            }
            ("?", _) => {
                in_files = false;
                case.questions.push(Question {
                    line: at + 1,
                    text: unescaped(rest),
                    ..Question::default()
                });
            }
            ("=", Some(question)) => append(&mut question.value, &unescaped(rest)),
            (":", Some(question)) => append(&mut question.ty, rest),
            ("!", Some(question)) => question.refused = Some(rest.to_owned()),
            ("=" | "!" | "-", None) => in_files = false,
            _ => {
                if mark.is_empty() {
                    in_files = false;
                }
            }
        }
    }
    cases
}

/// A file ends with a line break unless its last line ends with `⟦⟧`.
fn bytes(text: &str) -> Vec<u8> {
    match text.strip_suffix("⟦⟧") {
        Some(text) => raw(text),
        None => raw(&format!("{text}\n")),
    }
}
