//! Expressions evaluate as `terraform console` says: `fixtures/expressions` holds its answers, recorded.

mod transcript;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tfguard::config::Loader;
use tfguard::eval::{Evaluation, Inputs, Mode, Options, Scope};
use tfguard::source::Sources;
use tfguard::{syntax, value};
use transcript::{append, unescaped};

/// A recorded case.
#[derive(Default, Clone)]
struct Case {
    line: usize,
    expression: String,
    /// What the console printed, or nothing for a refusal.
    value: Option<String>,
    /// What the console printed for the type.
    ty: Option<String>,
    refused: bool,
}

/// What is deliberately not compared, and why.
const EXCEPTIONS: [(&str, &str); 10] = [
    (
        "formatlist(\"%s-%s\", [local.unk_str, \"b\"",
        "Terraform plans the wrong elements below an unknown one, and others when it applies: unknown here",
    ),
    (
        "element([\"a\", \"b\", \"c\"], -",
        "Terraform 1.11.4 panics; later versions count from the end",
    ),
    (
        "timestamp()",
        "the console knows the time of its run, a plan does not",
    ),
    (
        "uuid()",
        "differs from run to run: unknown here, as in a plan",
    ),
    (
        "bcrypt(",
        "salted anew in each run: unknown here, as in a plan",
    ),
    ("type(", "a function of the console alone"),
    ("pathexpand(", "recorded with another home folder"),
    (
        "rsadecrypt(",
        "keys are not read: unknown here, with that reason",
    ),
    (
        "\"IBM437\"",
        "an encoding that the library for encodings leaves out",
    ),
    ("long word ", "folding of long lines in YAML"),
];

#[test]
fn expressions_evaluate_as_terraform_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/expressions");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    // What nests deeply needs a deep stack, as in the binary.
    let run = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(move || {
            let evaluation = evaluation(&folder.join("root"));
            let (mut total, mut wrong) = (0, Vec::new());
            for file in &files {
                let name = file
                    .file_name()
                    .expect("a file has a name")
                    .to_string_lossy()
                    .into_owned();
                for case in read(file) {
                    if EXCEPTIONS
                        .iter()
                        .any(|(text, _)| case.expression.contains(text))
                    {
                        continue;
                    }
                    total += 1;
                    if std::env::var_os("TRACE").is_some() {
                        eprintln!("{name}:{}", case.line);
                    }
                    if let Err(difference) = check(&evaluation, &case) {
                        wrong.push(format!(
                            "{name}:{}: {}\n{difference}",
                            case.line, case.expression
                        ));
                    }
                }
            }
            (total, wrong)
        });
    let (total, wrong) = run
        .expect("a thread starts")
        .join()
        .expect("no case panics");
    assert!(total > 4_000, "only {total} cases were found");
    let shown = std::env::var("SHOW")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20);
    assert!(
        wrong.is_empty(),
        "{} of {total} expressions differ\n\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(shown)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n\n")
    );
}

fn evaluation(root: &Path) -> Arc<Evaluation> {
    let sources = Arc::new(Sources::default());
    let config = Arc::new(Loader::new(Arc::clone(&sources)).load(root));
    assert_eq!(config.module.problems, [], "the root is in order");
    let options = Options {
        mode: Mode::Static,
        ..Options::new(root.to_path_buf())
    };
    Evaluation::new(&config, sources, Inputs::default(), options)
}

fn check(evaluation: &Arc<Evaluation>, case: &Case) -> Result<(), String> {
    let sources = evaluation.sources();
    let source = sources.add("case".into(), case.expression.as_str());
    let scope = Scope::module(evaluation, evaluation.root());
    let evaluated = match syntax::parse_expression(source, &case.expression, 0) {
        Ok(expr) => scope.evaluate(&expr).map_err(|error| error.message),
        Err(errors) => Err(errors[0].message.clone()),
    };
    match (evaluated, &case.value) {
        (Err(_), None) if case.refused => Ok(()),
        (Err(message), _) => Err(format!(
            "  refused: {message}\n  expected: {:?}",
            case.value
        )),
        (Ok(value), None) => Err(format!(
            "  accepted: {}\n  expected a refusal",
            value::format(&value)
        )),
        (Ok(value), Some(expected)) => {
            let shown = value::format(&value);
            if shown != *expected {
                return Err(format!("  value: {shown}\n  expected: {expected}"));
            }
            let ty = value::format_type(&value.ty());
            match &case.ty {
                Some(expected) if *expected != ty => {
                    Err(format!("  type: {ty}\n  expected: {expected}"))
                }
                _ => Ok(()),
            }
        }
    }
}

/// Reads the line format that the README of the fixtures describes.
fn read(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).expect("a fixture is readable");
    let mut cases: Vec<Case> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let (mark, rest) = line.split_at(line.find(' ').unwrap_or(line.len()));
        let rest = unescaped(rest.strip_prefix(' ').unwrap_or(rest));
        if mark == ">" {
            cases.push(Case {
                line: at + 1,
                expression: rest,
                ..Case::default()
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        match mark {
            "|" => case.expression = format!("{}\n{rest}", case.expression),
            "=" => append(&mut case.value, &rest),
            ":" => append(&mut case.ty, &rest),
            "!" => case.refused = true,
            _ => {}
        }
    }
    for case in &mut cases {
        // A case of several lines was recorded in parentheses, which let the lines break.
        if case.expression.contains('\n') {
            case.expression = format!("({}\n)", case.expression);
        }
    }
    cases
}
