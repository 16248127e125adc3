//! Inputs that no machine could hold if they were written out, or that never end: each gets an answer or a clear error.
//! All of them are made here; nothing is timed, but a run that takes longer than two minutes is a failure.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rayon::prelude::*;

/// What is expected of `tfguard show`.
enum Expected {
    /// An answer, with this in it.
    Answer(&'static str),
    /// An error that says this.
    Error(&'static str),
}

use Expected::{Answer, Error};

fn output(value: &str) -> String {
    format!("output \"x\" {{\n  value = {value}\n}}\n")
}

/// Forty locals, each made of the one before.
fn doubling(first: &str, next: impl Fn(&str) -> String, last: &str) -> String {
    let mut text = format!("locals {{\n  a0 = {first}\n");
    for at in 1..=40 {
        let before = format!("local.a{}", at - 1);
        text.push_str(&format!("  a{at} = {}\n", next(&before)));
    }
    format!("{text}}}\n{}", output(last))
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

const TOO_MANY: &str = "more than 1000000 elements";
const TOO_LONG: &str = "longer than 16 MiB";
const TOO_DEEP: &str = "nested more than 500 levels deep";

/// What a root module says, and what comes of it.
fn cases() -> Vec<(&'static str, String, Expected)> {
    let twice = |name: &str| format!("[{name}, {name}]");
    let digits = "join(\"\", [for i in range(1024) : \"0123456789abcdef\"])";
    vec![
        (
            "object keys",
            output(&format!(
                "{{{}}}",
                (0..100_000)
                    .map(|at| format!("k{at} = {at}\n"))
                    .collect::<String>()
            )),
            Answer("\"k99999\":99999"),
        ),
        (
            "a long line",
            output(&format!("\"{}\"", "a".repeat(1_000_000))),
            Answer("aaaaaaaa"),
        ),
        (
            "brackets",
            output(&nested("[", "1", "]", 300)),
            Answer("[[[[1]]]]"),
        ),
        (
            "more brackets",
            output(&nested("[", "1", "]", 100_000)),
            Error(TOO_DEEP),
        ),
        (
            "parentheses",
            output(&nested("(", "1", ")", 100_000)),
            Error(TOO_DEEP),
        ),
        (
            "signs",
            output(&format!("{}true", "!".repeat(100_000))),
            Error(TOO_DEEP),
        ),
        (
            "templates",
            output(&nested("\"${", "1", "}\"", 600)),
            Error(TOO_DEEP),
        ),
        (
            "operators",
            output(&vec!["1"; 5_000].join(" + ")),
            Answer("\"value\":5000"),
        ),
        (
            "steps",
            output(&format!("try({}, 7)", vec!["local"; 100_000].join("."))),
            Error("is not declared"),
        ),
        (
            "a range",
            output("range(1e9)"),
            Error("more than 1024 values"),
        ),
        (
            "a template that doubles",
            doubling(
                "\"xx\"",
                |one| format!("\"${{{one}}}${{{one}}}\""),
                "local.a40",
            ),
            Error(TOO_LONG),
        ),
        (
            "a list that doubles",
            doubling("[1]", |one| format!("concat({one}, {one})"), "local.a40"),
            Error(TOO_MANY),
        ),
        (
            "a tuple that doubles",
            doubling("[1]", twice, "local.a40"),
            Error(TOO_MANY),
        ),
        (
            "its encoding",
            doubling("[1]", twice, "jsonencode(local.a40)"),
            Error(TOO_MANY),
        ),
        (
            "its elements",
            doubling("[1]", twice, "flatten(local.a40)"),
            Error(TOO_MANY),
        ),
        (
            "an object that doubles",
            doubling(
                "{}",
                |one| format!("{{ a = {one}, b = {one} }}"),
                "local.a40 == local.a39",
            ),
            Error(TOO_MANY),
        ),
        (
            "an unknown that doubles",
            format!(
                "resource \"terraform_data\" \"u\" {{}}\n{}",
                doubling("[terraform_data.u.id]", twice, "local.a40")
            ),
            Error(TOO_MANY),
        ),
        (
            "joined unknowns",
            doubling(
                digits,
                |one| format!("join({one}, [for i in range(1024) : {one}])"),
                "local.a40",
            ),
            Error(TOO_LONG),
        ),
        (
            "keys that double",
            doubling(
                "{ x = 1 }",
                |one| format!("merge({one}, {{ for k, v in {one} : \"${{k}}${{k}}\" => v }})"),
                "local.a40",
            ),
            Error(TOO_LONG),
        ),
        (
            "text that is encoded again and again",
            doubling("\"\\\"\"", |one| format!("jsonencode({one})"), "local.a40"),
            Error(TOO_LONG),
        ),
        (
            "text that is replaced",
            doubling(
                "\"aaaa\"",
                |one| format!("replace({one}, \"a\", {one})"),
                "local.a40",
            ),
            Error(TOO_LONG),
        ),
        (
            "text that is turned round",
            doubling(
                "\"aaaaaaaa\"",
                |one| format!("strrev(\"${{{one}}}${{{one}}}\")"),
                "local.a40",
            ),
            Error(TOO_LONG),
        ),
        (
            "loops in loops",
            output("[for i in range(1024) : [for j in range(1024) : [for k in range(10) : k]]]"),
            Error(TOO_MANY),
        ),
        (
            "long texts",
            output("[for i in range(1000) : format(\"%1000000s\", i)]"),
            Error("longer than 64 MiB together"),
        ),
        (
            "a wide format",
            output("format(\"%1000000000s\", \"a\")"),
            Error("wider than"),
        ),
        (
            "subnets",
            output("cidrsubnets(\"10.0.0.0/8\", [for i in range(1048576) : 12]...)"),
            Error("more than 1024 values"),
        ),
        (
            "a product",
            output("length(setproduct(range(1000), range(1000), range(1000)))"),
            Answer("\"after_unknown\":true"),
        ),
        (
            "deep JSON",
            output(&format!(
                "jsondecode(join(\"\", [for i in range(1000) : \"{}\"]))",
                "[".repeat(100)
            )),
            Error("500 levels"),
        ),
        (
            "deep YAML",
            output(&format!(
                "yamldecode(join(\"\", [for i in range(1000) : \"{}\"]))",
                "[".repeat(100)
            )),
            Error("yamldecode"),
        ),
        (
            "matches",
            output(&format!("length(regexall(\"(a*)*b\", {digits}))")),
            Answer("1024"),
        ),
        (
            "a large pattern",
            output("regexall(\"((a{1000}){1000}){1000}\", \"a\")"),
            Error("too large"),
        ),
        (
            "different objects",
            output(
                "length(distinct([for i in setproduct(range(100), range(100)) : { a = i[0], b = i[1] }]))",
            ),
            Answer("10000"),
        ),
        (
            "sets of objects",
            output(
                "length(setsubtract(setproduct(range(100), range(100)), setproduct(range(100), range(100))))",
            ),
            Answer("\"value\":0"),
        ),
        (
            "keys that match",
            output("length(matchkeys(range(1000), range(1000), range(1000)))"),
            Answer("1000"),
        ),
        (
            "a chain of locals",
            {
                let locals = (1..=10_000)
                    .rev()
                    .map(|at| format!("  a{at} = local.a{} + 1\n", at - 1));
                format!(
                    "locals {{\n{}  a0 = 1\n}}\n{}",
                    locals.collect::<String>(),
                    output("local.a10000")
                )
            },
            Answer("\"value\":10001"),
        ),
        (
            "a chain that nests",
            {
                let locals = (1..=1_000)
                    .rev()
                    .map(|at| format!("  a{at} = [local.a{}]\n", at - 1));
                format!(
                    "locals {{\n{}  a0 = 1\n}}\n{}",
                    locals.collect::<String>(),
                    output("local.a1000")
                )
            },
            Error(TOO_DEEP),
        ),
        (
            "a circle of locals",
            format!(
                "locals {{\n  a = local.b\n  b = local.a\n}}\n{}",
                output("local.a")
            ),
            Error("depends on itself"),
        ),
        (
            "instances",
            "resource \"terraform_data\" \"x\" {\n  count = 1000000\n}\n".to_owned(),
            Error("over the limit"),
        ),
        (
            "a device",
            output("file(\"/dev/zero\")"),
            Answer("\"after_unknown\":true"),
        ),
    ]
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// Runs the binary, for two minutes at most.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let out = fs::File::create(folder.join("stdout")).expect("a file can be made");
    let err = fs::File::create(folder.join("stderr")).expect("a file can be made");
    let mut child = Command::new(env!("CARGO_BIN_EXE_tfguard"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn()
        .expect("the binary runs");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the binary can be waited for") {
            break status;
        }
        if start.elapsed() > Duration::from_secs(120) {
            child.kill().expect("the binary can be ended");
            panic!("{arguments:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let read = |name: &str| fs::read(folder.join(name)).expect("a file can be read");
    Output {
        status,
        stdout: read("stdout"),
        stderr: read("stderr"),
    }
}

/// What is wrong with an output, if anything is.
fn fault(name: &str, output: &Output, expected: &Expected) -> Option<String> {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    let said = err.split_whitespace().collect::<Vec<_>>().join(" ");
    let right = match expected {
        Answer(text) => output.status.code() == Some(0) && out.contains(text),
        Error(text) => output.status.code() == Some(2) && said.contains(text),
    };
    let start = |text: &str| text.chars().take(400).collect::<String>();
    (!right).then(|| {
        format!(
            "{name}: {}\n{}\n{}",
            output.status,
            start(&err),
            start(&out)
        )
    })
}

#[test]
fn configurations_are_answered_or_refused() {
    let judge = |(name, text, expected): (&str, String, Expected)| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path(), "main.tf", &text);
        let mut faults = Vec::new();
        faults.extend(fault(name, &run(folder.path(), &["show"]), &expected));
        let checked = run(folder.path(), &["check"]).status.code();
        // Without a resource there is nothing to judge.
        let right = match expected {
            Answer(_) => matches!(checked, Some(0 | 3)),
            Error(_) => checked == Some(2),
        };
        if !right {
            faults.push(format!("{name}: `check` ends with {checked:?}"));
        }
        faults
    };
    let faults: Vec<String> = cases().into_par_iter().flat_map_iter(judge).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn instances_of_modules_and_resources_count_together() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let call = "module \"x\" {\n  source = \"./m\"\n  count  = 1000\n}\n";
    let called = "resource \"terraform_data\" \"y\" {\n  count = 100000\n}\n";
    write(folder.path(), "main.tf", call);
    write(folder.path(), "m/main.tf", called);
    let refused = Error("more than 100000 instances");
    let found = fault("instances", &run(folder.path(), &["show"]), &refused);
    assert_eq!(found, None);
}

#[test]
fn modules_that_call_themselves_or_each_other_twice_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(
        folder.path(),
        "main.tf",
        "module \"a\" {\n  source = \"./\"\n}\n",
    );
    let output = run(folder.path(), &["check"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("does a module call itself"), "{told}");
    assert_eq!(output.status.code(), Some(2));

    let folder = tempfile::tempdir().expect("a temporary folder");
    let twice = |to: &str| {
        format!(
            "module \"a\" {{\n  source = \"{to}\"\n}}\nmodule \"b\" {{\n  source = \"{to}\"\n}}\n"
        )
    };
    write(folder.path(), "main.tf", &twice("./m1"));
    for at in 1..30 {
        write(
            folder.path(),
            &format!("m{at}/main.tf"),
            &twice(&format!("../m{}", at + 1)),
        );
    }
    write(
        folder.path(),
        "m30/main.tf",
        "resource \"terraform_data\" \"x\" {}\n",
    );
    let output = run(folder.path(), &["check", "--format", "json"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("more than 10000 module calls"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn plans_that_nest_without_end_are_refused() {
    let deep = nested("{\"a\":", "1", "}", 1_000_000);
    let plan = format!(
        "{{\"format_version\":\"1.2\",\"resource_changes\":[{{\"address\":\"a.b\",\"mode\":\"managed\",\"type\":\"a\",\
         \"name\":\"b\",\"change\":{{\"actions\":[\"create\"],\"before\":null,\"after\":{deep}}}}}]}}"
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), "plan.json", &plan);
    let output = run(folder.path(), &["check", "plan.json"]);
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = output("file(\"${path.module}/zero\")");
    write(folder.path(), "main.tf", &text);
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero"))
        .expect("a link can be made");
    let refused = Answer("\"after_unknown\":true");
    let link = fault("a link", &run(folder.path(), &["show"]), &refused);
    assert_eq!(link, None);

    let made = Command::new("mkfifo")
        .arg(folder.path().join("pipe.tf"))
        .status();
    if made.is_ok_and(|status| status.success()) {
        let refused = Error("neither a file nor a folder");
        let pipe = fault("a pipe", &run(folder.path(), &["show"]), &refused);
        assert_eq!(pipe, None);
    }
}
