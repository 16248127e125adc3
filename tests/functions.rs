//! Terraform's functions against what Terraform recorded: all of them are there with their parameters, and calls whose
//! arguments are constants or the unknowns of the recordings' root give what the console printed.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tfguard::eval::functions::{self, ConfinedFiles, FunctionContext, FunctionError};
use tfguard::source::Sources;
use tfguard::syntax::{self, Expr, ExprKind, UnaryOperator};
use tfguard::value::{
    self, Cause, Causes, Data, Entries, Marks, Number, Shape, Type, Unknown, Value,
};

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/expressions")
}

#[test]
fn every_function_is_there_with_its_parameters() {
    let list = std::fs::read_to_string(recordings().join("functions.list")).unwrap();
    let mut wrong = String::new();
    let mut count = 0;
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        count += 1;
        let (name, rest) = line.split_once('(').unwrap();
        let (params, _) = rest.split_once(") -> ").unwrap();
        let wanted: Vec<&str> = params
            .split(", ")
            .filter(|param| !param.is_empty())
            .map(|param| param.split_once(": ").unwrap().0)
            .collect();
        let Some(function) = functions::lookup(name) else {
            writeln!(wrong, "{name} is missing").unwrap();
            continue;
        };
        let given: Vec<String> = function
            .params
            .iter()
            .map(|param| param.name.to_owned())
            .chain(
                function
                    .variadic
                    .iter()
                    .map(|param| format!("{}...", param.name)),
            )
            .collect();
        if given != wanted {
            writeln!(wrong, "{name}: {given:?} instead of {wanted:?}").unwrap();
        }
    }
    assert!(count > 100, "the list was read");
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn names_are_in_order_and_near_ones_are_found() {
    let names: Vec<&str> = functions::names().collect();
    assert!(names.is_sorted(), "the table is searched by halves");
    assert_eq!(functions::suggest("uper"), Some("upper"));
    assert_eq!(functions::suggest("jsonencoded"), Some("jsonencode"));
    assert_eq!(functions::suggest("nothing_like_it"), None);
    assert_eq!(functions::lookup("core::upper").unwrap().name, "upper");
}

/// What cannot be computed here is unknown with a reason; Terraform knows it.
const NOT_COMPUTED: &[&str] = &[
    "rsadecrypt",
    "bcrypt",
    "timestamp",
    "uuid",
    "IBM437",
    "[local.unk_str, \"b\"",
];

#[test]
fn calls_give_what_the_console_printed() {
    let mut report = String::new();
    let mut equal: BTreeMap<String, usize> = BTreeMap::new();
    let mut different = 0;
    let filter = std::env::var("CASE").unwrap_or_default();
    let root = Root::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(recordings())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    for file in files {
        for case in Case::read(&std::fs::read_to_string(&file).unwrap()) {
            if !case.expression.contains(&filter) {
                continue;
            }
            let Some((name, given)) = root.answer(&case.expression) else {
                continue;
            };
            let home = std::env::var("HOME").unwrap_or_default();
            let given = given.replace(&format!("\"{home}"), "\"/home/someone");
            if alike(&given, &case.answer) {
                *equal.entry(name).or_default() += 1;
                continue;
            }
            if NOT_COMPUTED
                .iter()
                .any(|name| case.expression.contains(name))
            {
                continue;
            }
            different += 1;
            writeln!(
                report,
                "> {}\n--- recorded\n{}\n--- given\n{given}\n",
                case.expression, case.answer
            )
            .unwrap();
        }
    }
    let total: usize = equal.values().sum();
    println!(
        "{total} calls of {} functions equal, {different} different",
        equal.len()
    );
    assert!(
        filter
            .is_empty()
            .then_some(total)
            .is_none_or(|total| total > 4000),
        "only {total}"
    );
    assert!(
        report.is_empty(),
        "\n{report}\n{different} different, {total} equal"
    );
}

/// Equal; of what is wrong with a text in another language only that it is refused. Where Terraform 1.11 panicked, later
/// versions give a value or another message.
fn alike(given: &str, recorded: &str) -> bool {
    const OTHER_LANGUAGES: &[&str] = &["jsondecode", "yamldecode", "decode_tfvars"];
    let summary = |answer: &str| answer.lines().next().unwrap_or_default().to_owned();
    let of_other = OTHER_LANGUAGES.iter().any(|name| {
        let failed = format!("{name}\" failed: ");
        given.contains(&failed) && recorded.contains(&failed)
    });
    let refused = given.starts_with('!') && summary(given) == summary(recorded);
    given == recorded || (refused && of_other) || recorded.contains("panic in function")
}

/// A recorded case.
struct Case {
    expression: String,
    /// As the file has it, less the remarks.
    answer: String,
}

impl Case {
    fn read(text: &str) -> Vec<Self> {
        let mut cases: Vec<Self> = Vec::new();
        for line in text.lines() {
            let line = plain(line);
            if let Some(expression) = line.strip_prefix("> ") {
                cases.push(Self {
                    expression: expression.to_owned(),
                    answer: String::new(),
                });
            } else if let Some(more) = line.strip_prefix('|') {
                let case = cases.last_mut().unwrap();
                case.expression.push('\n');
                case.expression
                    .push_str(more.strip_prefix(' ').unwrap_or(more));
            } else if line.starts_with(['=', ':', '!', '-']) {
                let case = cases.last_mut().unwrap();
                case.answer.push_str(&line);
                case.answer.push('\n');
            }
        }
        cases
    }
}

/// A line with what it could not show.
fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('⟦') {
        let (hexadecimal, after) = after.split_once('⟧').unwrap();
        let digits: Vec<u8> = hexadecimal.bytes().filter(|byte| *byte != b' ').collect();
        let bytes = digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
        out.push_str(before);
        out.push_str(&String::from_utf8(bytes.collect()).unwrap());
        rest = after;
    }
    out + rest
}

/// Why an expression has no answer.
enum No {
    /// More than constants and calls: not for this test.
    Beyond,
    Refused(String),
}

/// The recordings' root, as far as this test evaluates it.
struct Root {
    folder: PathBuf,
    files: ConfinedFiles,
    sources: Sources,
    locals: BTreeMap<Arc<str>, Expr>,
    called: RefCell<BTreeSet<String>>,
}

impl Root {
    fn new() -> Self {
        let folder = recordings().join("root");
        let sources = Sources::default();
        let text = std::fs::read_to_string(folder.join("main.tf")).unwrap();
        let source = sources.add("main.tf".into(), text.as_str());
        let parsed = syntax::parse(source, &text);
        assert!(parsed.errors.is_empty());
        let locals = parsed
            .body
            .blocks_of("locals")
            .flat_map(|block| &block.body.attributes)
            .map(|attribute| (Arc::clone(&attribute.name.name), attribute.expr.clone()))
            .collect();
        let files = ConfinedFiles::below(&folder).unwrap();
        Self {
            folder,
            files,
            sources,
            locals,
            called: RefCell::default(),
        }
    }

    /// The function that is called outermost, and the answer in the form of the recordings.
    fn answer(&self, expression: &str) -> Option<(String, String)> {
        let source = self.sources.add("case".into(), expression);
        let expr = syntax::parse_expression(source, expression, 0).ok()?;
        let ExprKind::Call(call) = &expr.kind else {
            return None;
        };
        let name = call.name.name.to_string();
        let answer = match self.evaluate(&expr) {
            Err(No::Beyond) => return None,
            Err(No::Refused(answer)) => answer,
            Ok(value) => {
                let mut answer = String::new();
                for (mark, text) in [
                    ('=', value::format(&value)),
                    (':', value::format_type(&value.ty())),
                ] {
                    for line in text.split('\n') {
                        answer.push(mark);
                        if !line.is_empty() {
                            answer.push(' ');
                        }
                        answer.push_str(line);
                        answer.push('\n');
                    }
                }
                answer
            }
        };
        Some((name, answer))
    }

    fn evaluate(&self, expr: &Expr) -> Result<Value, No> {
        match &expr.kind {
            ExprKind::Null => Ok(Value::NULL),
            ExprKind::Bool(value) => Ok(Value::bool(*value)),
            ExprKind::Number(text) => Number::parse(text).map(Value::number).ok_or(No::Beyond),
            ExprKind::String(text) => Ok(Value::string(Arc::clone(text))),
            ExprKind::Parens(inner) => self.evaluate(inner),
            ExprKind::Tuple(elements) => {
                let elements: Result<Vec<Value>, No> = elements
                    .iter()
                    .map(|element| self.evaluate(element))
                    .collect();
                Ok(Value::tuple(elements?))
            }
            ExprKind::Object(items) => {
                let mut entries = Entries::new();
                for item in items {
                    let ExprKind::String(key) = &item.key.kind else {
                        return Err(No::Beyond);
                    };
                    entries.insert(Arc::clone(key), self.evaluate(&item.value)?);
                }
                Ok(Value::object(entries))
            }
            ExprKind::Unary {
                operator: UnaryOperator::Negate,
                operand,
            } => {
                let operand = self.evaluate(operand)?;
                operand
                    .as_number()
                    .map(|number| Value::number(number.neg()))
                    .ok_or(No::Beyond)
            }
            ExprKind::Attr { source, name } => self.attribute(source, &name.name),
            ExprKind::Index { source, key } => {
                let (source, key) = (self.evaluate(source)?, self.evaluate(key)?);
                value::index(&source, &key).map_err(|_| No::Beyond)
            }
            ExprKind::Call(call) => {
                if call.expand_last
                    || matches!(
                        call.name.name.trim_start_matches("core::"),
                        "try" | "can" | "type"
                    )
                {
                    return Err(No::Beyond);
                }
                let function = functions::lookup(&call.name.name).ok_or(No::Beyond)?;
                let arguments: Result<Vec<Value>, No> = call
                    .arguments
                    .iter()
                    .map(|argument| self.evaluate(argument))
                    .collect();
                self.called.borrow_mut().insert(call.name.name.to_string());
                let beyond = RefCell::new(false);
                let render = |text: &str, _: &str, _: &Entries| {
                    *beyond.borrow_mut() = text.contains("${") || text.contains("%{");
                    Ok(Value::text(text))
                };
                let cx = FunctionContext {
                    base: &self.folder,
                    files: &self.files,
                    render: &render,
                };
                let result = function.call(&arguments?, &cx);
                if *beyond.borrow() || call.name.name.starts_with("template") {
                    return Err(No::Beyond);
                }
                result.map_err(|error| No::Refused(refusal(&error, &call.name.name)))
            }
            _ => Err(No::Beyond),
        }
    }

    fn attribute(&self, source: &Expr, name: &str) -> Result<Value, No> {
        match &source.kind {
            ExprKind::Variable(root) if &**root == "local" => {
                let expr = self.locals.get(name).ok_or(No::Beyond)?;
                self.evaluate(expr)
            }
            ExprKind::Variable(root) if &**root == "var" && name == "fleeting" => {
                let ephemeral = Marks {
                    ephemeral: true,
                    ..Marks::NONE
                };
                Ok(Value::string("token").with_marks(&ephemeral))
            }
            ExprKind::Attr {
                source,
                name: inner,
            } if &*inner.name == "u" => match &source.kind {
                ExprKind::Variable(root) if &**root == "terraform_data" => {
                    let causes = Causes::one(Cause::Unsupported {
                        what: "a test".into(),
                    });
                    Ok(Value::unknown(Type::Dynamic, causes))
                }
                _ => Err(No::Beyond),
            },
            _ => {
                let source = self.evaluate(source)?;
                value::attribute(&source, name).map_err(|_| No::Beyond)
            }
        }
    }
}

fn refusal(error: &FunctionError, called: &str) -> String {
    let mut answer = format!("! {}\n", error.summary());
    for line in error.detail(called).lines().filter(|line| !line.is_empty()) {
        writeln!(answer, "- {line}").unwrap();
    }
    answer
}

/// Calls a function with values, in a folder without files.
fn call(name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
    let folder = recordings().join("root");
    let files = ConfinedFiles::below(&folder).unwrap();
    let render = |text: &str, _: &str, _: &Entries| Ok(Value::text(text));
    let cx = FunctionContext {
        base: &folder,
        files: &files,
        render: &render,
    };
    functions::lookup(name).unwrap().call(arguments, &cx)
}

fn unknown(ty: Type) -> Value {
    Value::unknown(
        ty,
        Causes::one(Cause::NoValue {
            variable: "var.x".into(),
        }),
    )
}

fn secret(text: &str) -> Value {
    Value::text(text).with_marks(&Marks::secret("var.password"))
}

#[test]
fn causes_of_arguments_reach_the_result() {
    let result = call("upper", &[unknown(Type::String)]).unwrap();
    let causes: Vec<String> = result.causes().iter().map(ToString::to_string).collect();
    assert_eq!(causes, ["`var.x` has no value"]);
}

#[test]
fn secrets_follow_values_but_not_what_reveals_nothing() {
    let password = secret("hunter2");
    for name in [
        "upper",
        "base64encode",
        "jsonencode",
        "nonsensitive",
        "sha256",
        "sensitive",
    ] {
        let result = call(name, std::slice::from_ref(&password)).unwrap();
        assert!(result.marks().is_secret(), "{name}");
    }
    for (name, rest) in [
        ("length", None),
        ("startswith", Some("h")),
        ("strcontains", Some("t")),
    ] {
        let rest = rest.map(Value::text);
        let arguments: Vec<Value> = std::iter::once(password.clone()).chain(rest).collect();
        assert!(
            !call(name, &arguments).unwrap().marks().is_secret(),
            "{name}"
        );
    }
}

#[test]
fn structure_of_partly_unknown_strings_stays_in_sight() {
    let arn = unknown(Type::String);
    let object = Value::object(Entries::from([
        ("arn".into(), arn.clone()),
        ("n".into(), secret("x")),
    ]));
    let json = call("jsonencode", &[object]).unwrap();
    let Some(Unknown {
        shape: Some(Shape::Json(inner)),
        prefix,
        not_null: true,
        ..
    }) = json.as_unknown()
    else {
        panic!("{json:?}");
    };
    assert_eq!(prefix.as_deref(), Some("{"));
    assert!(inner.attribute("n").unwrap().marks().is_secret());
    let back = call("jsondecode", &[json]).unwrap();
    assert!(matches!(
        back.as_unknown().unwrap().shape,
        Some(Shape::Decoded(_))
    ));

    let joined = call(
        "join",
        &[
            Value::text("/"),
            Value::tuple([Value::text("a"), arn.clone(), Value::text("b")]),
        ],
    );
    let formatted = call("format", &[Value::text("a/%s/b"), arn]);
    for result in [joined.unwrap(), formatted.unwrap()] {
        let Some(Shape::Concat(parts)) = &result.as_unknown().unwrap().shape else {
            panic!("{result:?}");
        };
        let known: Vec<Option<&str>> = parts.iter().map(Value::as_str).collect();
        assert_eq!(known, [Some("a/"), None, Some("/b")]);
    }
}

#[test]
fn nothing_blows_up() {
    let began = std::time::Instant::now();
    let number = |number: i64| Value::number(number);
    let long: Vec<Value> = (0..1000).map(number).collect();
    let long = Value::tuple(long);
    assert!(call("range", &[number(1_000_000_000)]).is_err());
    assert!(call("format", &[Value::text("%1000000000d"), number(1)]).is_err());
    assert!(call("format", &[Value::text("%.999999999f"), number(1)]).is_err());
    assert!(call("indent", &[number(1 << 40), Value::text("a\nb")]).is_err());
    assert!(
        !call("setproduct", &[long.clone(), long.clone(), long])
            .unwrap()
            .is_known()
    );
    let nested = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let _ = call("yamldecode", &[Value::text(&nested)]);
    let bomb: String = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
        format!("{text}a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)
    });
    assert!(
        !call("yamldecode", &[Value::text(&bomb)])
            .unwrap()
            .is_known()
    );
    let mut text = Value::text("aaaaaaaaaaaaaaaa");
    for _ in 0..40 {
        match call(
            "replace",
            &[text, Value::text("a"), Value::text("aaaaaaaaaaaaaaaa")],
        ) {
            Ok(longer) => text = longer,
            Err(_) => break,
        }
        assert!(matches!(text.data(), Data::String(text) if text.len() <= 128 << 20));
    }
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn files_outside_are_unknown_with_a_reason() {
    // The second is not there, but may be on the machine that applies.
    for path in ["../../../Cargo.toml", "../../../nothing/there.pub"] {
        let result = call("file", &[Value::text(path)]).unwrap();
        let causes: Vec<String> = result.causes().iter().map(ToString::to_string).collect();
        let expected = format!("file `{path}`: it is outside of the repository");
        assert_eq!(causes, [expected]);
    }
    assert!(call("file", &[Value::text("nothing/there.pub")]).is_err());
}
