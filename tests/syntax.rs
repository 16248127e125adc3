//! The reader of HCL native syntax: what values cannot show: spans, recovery, comments, limits.

use tfguard::source::{SourceId, Sources};
use tfguard::syntax::{
    Attribute, Block, Body, Expr, ExprKind, JsonFile, MAX_DEPTH, Parsed, TemplatePart, parse,
    parse_expression, parse_json, parse_template,
};

fn source(text: &str) -> SourceId {
    Sources::default().add("main.tf".into(), text)
}

fn read(text: &str) -> Parsed {
    parse(source(text), text)
}

fn good(text: &str) -> Body {
    let parsed = read(text);
    let start: String = text.chars().take(200).collect();
    assert_eq!(parsed.errors, [], "in {start:?}");
    parsed.body
}

/// Each error as `message @ text under its span`.
fn errors(text: &str) -> Vec<String> {
    let shown = read(text).errors.into_iter().map(|error| {
        let place = &text[error.span.start as usize..error.span.end as usize];
        format!("{} @ {place}", error.message)
    });
    shown.collect()
}

fn value(text: &str) -> Expr {
    parse_expression(source(text), text, 0).unwrap_or_else(|errors| panic!("{text:?}: {errors:?}"))
}

fn string(text: &str) -> String {
    match &value(text).kind {
        ExprKind::String(string) => string.to_string(),
        other => panic!("{text:?}: {other:?}"),
    }
}

/// The literals of a template, with `{}` for each sequence.
fn outline(text: &str) -> String {
    match &value(text).kind {
        ExprKind::String(string) => string.to_string(),
        ExprKind::Template(template) => {
            let parts = template.parts.iter().map(|part| match part {
                TemplatePart::Literal(text) => text.to_string(),
                _ => "{}".to_owned(),
            });
            parts.collect()
        }
        other => panic!("{text:?}: {other:?}"),
    }
}

fn names(attributes: &[Attribute]) -> Vec<&str> {
    let names = attributes.iter().map(|attribute| &*attribute.name.name);
    names.collect()
}

fn kinds(blocks: &[Block]) -> Vec<&str> {
    blocks.iter().map(|block| &*block.kind.name).collect()
}

#[test]
fn bodies_have_spans_and_comments() {
    let text = "# one\nresource \"aws_lb\" web { // two\n  a-1 = [1, /* three */ 2]\n}\n#four";
    let sources = Sources::default();
    let id = sources.add("main.tf".into(), text);
    let parsed = parse(id, text);
    assert_eq!(parsed.errors, []);
    let comments = parsed.comments.iter();
    let comments: Vec<String> = comments.map(|comment| sources.text(comment.span)).collect();
    assert_eq!(comments, ["# one", "// two", "/* three */", "#four"]);
    let block = &parsed.body.blocks[0];
    assert_eq!(sources.text(block.header), "resource \"aws_lb\" web");
    assert_eq!(sources.text(block.labels[0].span), "\"aws_lb\"");
    assert_eq!(&*block.labels[0].name, "aws_lb");
    assert_eq!(&*block.labels[1].name, "web");
    assert!(sources.text(block.span).ends_with("2]\n}"));
    let attribute = &block.body.attributes[0];
    assert_eq!(sources.text(attribute.span), "a-1 = [1, /* three */ 2]");
    assert_eq!(sources.text(attribute.expr.span), "[1, /* three */ 2]");
    assert_eq!(
        sources.text(block.body.span.unwrap()),
        text[text.find('{').unwrap()..=text.find('}').unwrap()]
    );
}

#[test]
fn expressions_have_spans() {
    let text = "x = a.b[0].c + f(1, \"${d.e}\") ? !g : -h.*.i";
    let sources = Sources::default();
    let id = sources.add("main.tf".into(), text);
    let parsed = parse(id, text);
    assert_eq!(parsed.errors, []);
    let mut seen = Vec::new();
    let expr = &parsed.body.attributes[0].expr;
    expr.walk(|expr| seen.push(sources.text(expr.span)));
    assert_eq!(
        seen,
        [
            &text[4..],
            "a.b[0].c + f(1, \"${d.e}\")",
            "a.b[0].c",
            "a.b[0]",
            "a.b",
            "a",
            "0",
            "f(1, \"${d.e}\")",
            "1",
            "\"${d.e}\"",
            "d.e",
            "d",
            "!g",
            "g",
            "-h.*.i",
            "h.*.i",
            "h",
            ".*.i",
            ".*",
        ]
    );
}

#[test]
fn heredocs() {
    assert_eq!(string("<<EOT\na\n  b\nEOT\n"), "a\n  b\n");
    assert_eq!(string("<<EOT\n  EOT\n"), "");
    assert_eq!(string("<<E\nE\"\n E x\nE # c\nE\n"), "E\"\n E x\nE # c\n");
    assert_eq!(string("<<-E\n    a\n   \n  b\n      E\n"), "  a\n   \nb\n");
    assert_eq!(
        string("<<-E\r\n    a\r\n\r\n  b\r\nE\r\n"),
        "  a\r\n\r\nb\r\n"
    );
    assert_eq!(
        string("<<E\n$ $${a} %%{b} \\n %\nE\n"),
        "$ ${a} %{b} \\n %\n"
    );
    assert_eq!(outline("<<-E\n    a\n  ${b}\n   c\n  E\n"), "  a\n{}\n c\n");
    assert_eq!(
        outline("<<-E\n    a\n${b}\n   c\n  E\n"),
        "    a\n{}\n   c\n"
    );
    assert_eq!(outline("<<E\n  ${~ a ~}\n\n  b\nE\n"), "{}\n  b\n");
    assert_eq!(outline("<<E\n${<<E\nx\nE\n}\nE\n"), "{}\n");
}

#[test]
fn strings() {
    assert_eq!(string(r#""\n\t\"\\\u00e9\U0001F600""#), "\n\t\"\\é😀");
    assert_eq!(string(r#""$ $$ $${a} %%{b} %""#), "$ $$ ${a} %{b} %");
    assert_eq!(outline(r#""$$$${a}${b}""#), "$$${a}{}");
    assert_eq!(outline(r#""a ${~ b ~} c""#), "a{}c");
    assert_eq!(string("\"e\\u0301\""), "\u{e9}");
    assert_eq!(string("\"\""), "");
}

#[test]
fn sole_interpolations() {
    let sole = |text: &str| match &value(text).kind {
        ExprKind::Template(template) => template.sole_interpolation().is_some(),
        other => panic!("{text:?}: {other:?}"),
    };
    assert!(sole("\"${a}\""));
    assert!(sole("\"${~ a ~}\""));
    assert!(!sole("\"${a ~} \""));
    assert!(!sole("\" ${~ a}\""));
    assert!(!sole("<<E\n${a}\nE\n"));
    assert!(!sole("<<E\n${a ~}\nE\n"));
    assert!(!sole("\"%{ if a }%{ endif }\""));
}

#[test]
fn keys_that_are_keywords() {
    let object = value("{ null = 1, true : 2, (a) = 3, a.b = 4, for = 5 }");
    let ExprKind::Object(items) = &object.kind else {
        panic!("{object:?}");
    };
    let keys = items.iter().map(|item| match &item.key.kind {
        ExprKind::String(key) => &**key,
        ExprKind::Parens(_) => "()",
        ExprKind::Attr { .. } => ".",
        other => panic!("{other:?}"),
    });
    assert_eq!(keys.collect::<Vec<_>>(), ["null", "true", "()", ".", "for"]);
}

#[test]
fn templates_alone_know_where_they_stand() {
    let text = "a ${b.c} %{ for k, v in d ~}\n${k}%{ endfor }";
    let template = parse_template(source(text), text, 100).unwrap();
    let ExprKind::Template(parts) = &template.kind else {
        panic!("{template:?}");
    };
    let TemplatePart::Interpolation(expr) = &parts.parts[1] else {
        panic!("{parts:?}");
    };
    assert_eq!((expr.span.start, expr.span.end), (104, 107));
    assert_eq!(template.span.start, 100);
    let errors = parse_template(source("x ${"), "x ${", 10).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].span.start, 14);
}

#[test]
fn one_broken_item_costs_only_itself() {
    let text = "
variable \"a\" {
  default = 0.0.0.0/0
  type = foo bar
  nullable = true
}

output \"b\" {
  value = [1, 2
  sensitive = true
}

module c = 1 {
}

locals {
  d = \"x
  e = { f = 1, g 2 }
  h = 3
  h = 4
}
";
    assert_eq!(
        errors(text),
        [
            "what begins with a digit here is no number @ 0.0.0.0",
            "expected a line break after an argument, found a word @ bar",
            "expected `,` or `]` after an item, found `sensitive` @ sensitive",
            "expected a label or `{` in a block's header, found `=` @ =",
            "quoted string is not closed on its line @ \"x",
            "expected `=` or `:` after an object's key, found a number @ 2",
            "`h` is set twice @ h",
        ]
    );
    let body = read(text).body;
    assert_eq!(kinds(&body.blocks), ["variable", "output", "locals"]);
    let [variable, output, locals] = &body.blocks[..] else {
        panic!("{body:?}");
    };
    assert_eq!(
        names(&variable.body.attributes),
        ["default", "type", "nullable"]
    );
    assert_eq!(names(&output.body.attributes), ["value", "sensitive"]);
    assert_eq!(names(&locals.body.attributes), ["d", "e", "h"]);
    assert!(matches!(
        output.body.attributes[0].expr.kind,
        ExprKind::Invalid
    ));
}

#[test]
fn a_missing_brace_is_found_by_indentation() {
    let text = "
resource \"a\" \"b\" {
  lifecycle {
    x = 1
}

resource \"c\" \"d\" {
  tags = {
    y = 1
}

resource \"e\" \"f\" {
  z = 1

resource \"g\" \"h\" {
}
";
    assert_eq!(
        errors(text),
        [
            "block `lifecycle` is never closed @ lifecycle {",
            "object is never closed @ {",
            "block `resource` is never closed @ resource \"e\" \"f\" {",
        ]
    );
    let body = read(text).body;
    assert_eq!(kinds(&body.blocks), ["resource"; 4]);
    assert_eq!(names(&body.blocks[2].body.attributes), ["z"]);
}

#[test]
fn a_brace_too_many_is_one_error() {
    let text = "a = 1\n}\nb = 2\nc {\n}\n";
    assert_eq!(errors(text), ["`}` closes nothing @ }"]);
    assert_eq!(names(&read(text).body.attributes), ["a", "b"]);
}

#[test]
fn strings_over_lines() {
    let text = "a = \"one\ntwo\nthree\"\nb = 1\nc = \"x ${y\nd = 2\n";
    assert_eq!(errors(text)[0], "line break in a quoted string @ \n");
    let parsed = read(text);
    assert_eq!(names(&parsed.body.attributes)[..2], ["a", "b"]);
    assert_eq!(parsed.errors.len(), 2);
}

#[test]
fn characters_without_meaning_are_one_error_each() {
    assert_eq!(
        errors("a = 'x y'\nb = “z”\nc = d & e\nf = 1;\ng = \u{fffd}\n# \u{fffd}\n"),
        [
            "single quotes have no meaning @ 'x y'",
            "curly quotes have no meaning @ “z”",
            "`&` is no operator @ &",
            "`;` has no meaning @ ;",
            "character `\u{fffd}` has no meaning @ \u{fffd}",
        ]
    );
}

#[test]
fn marks_and_line_ends() {
    assert_eq!(names(&good("a = 1\r\nb = 2").attributes), ["a", "b"]);
    assert_eq!(errors("a = 1\rb = 2\n").len(), 1);
    assert_eq!(good("a {}\nb { c = 1 }\n").blocks.len(), 2);
    assert_eq!(errors("b {\n c = 1 }\n").len(), 1);
    assert_eq!(errors("b { c = 1\n}\n").len(), 1);
}

#[test]
fn nesting_has_a_limit_and_chains_have_none() {
    let small_stack = || {
        for (open, close) in [
            ("[", "]"),
            ("(", ")"),
            ("{a=", "}"),
            ("\"${", "}\""),
            ("f(", ")"),
            ("x[", "]"),
            ("!", ""),
            ("a?b:", ""),
            ("\"%{if ", "}%{endif}\""),
            ("1 + (", ")"),
            ("<<E\n${", "}\nE\n"),
        ] {
            let nested =
                |depth: usize| format!("x = {}1{}\n", open.repeat(depth), close.repeat(depth));
            good(&nested(MAX_DEPTH - 2));
            for depth in [MAX_DEPTH + 1, 20_000] {
                let parsed = read(&nested(depth));
                let message = &parsed.errors[0].message;
                assert!(
                    message.starts_with("nested more than 500 levels"),
                    "{open}: {message}"
                );
            }
        }
        for (open, close) in [("[for x in ", ":x]"), ("{for x in a: x => ", "}")] {
            let depth = MAX_DEPTH / 2 - 2;
            good(&format!(
                "x = {}a{}\n",
                open.repeat(depth),
                close.repeat(depth)
            ));
        }
        let blocks = format!("{}{}", "a {\n".repeat(20_000), "}\n".repeat(20_000));
        assert!(!read(&blocks).errors.is_empty());
        let directives = format!(
            "x = \"{}{}\"\n",
            "%{if a}".repeat(20_000),
            "%{endif}".repeat(20_000)
        );
        assert!(!read(&directives).errors.is_empty());
        for link in [" + a", ".a", "[0]", ".0.a", ".*.a[0]"] {
            let body = good(&format!("x = a{}\n", link.repeat(20_000)));
            let mut visited = 0;
            let copy = body.clone();
            copy.attributes[0].expr.walk(|_| visited += 1);
            assert!(visited > 20_000);
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(small_stack);
    thread.unwrap().join().unwrap();
}

#[test]
fn errors_stop_at_a_limit() {
    let text = "a b c\n".repeat(10_000);
    let parsed = read(&text);
    assert_eq!(parsed.errors.len(), 101);
    assert!(
        parsed.errors[100]
            .message
            .starts_with("more than 100 errors")
    );
}

#[test]
fn text_without_meaning_is_read_in_time_proportional_to_its_length() {
    // Quadratic reading of these takes minutes.
    let zeros = "\0".repeat(2_000_000);
    let marks = "x = '@ ".repeat(200_000);
    let damaged = "\u{fffd} ".repeat(400_000);
    for text in [zeros, marks, damaged] {
        let start = std::time::Instant::now();
        let parsed = read(&text);
        let elapsed = start.elapsed();
        assert!(elapsed.as_secs() < 30, "{elapsed:?}");
        assert_eq!(parsed.errors.len(), 101);
        assert!(
            parsed.errors[100]
                .message
                .starts_with("more than 100 errors")
        );
    }
}

fn read_json(text: &str) -> Parsed {
    parse_json(source(text), text, JsonFile::Configuration)
}

#[test]
fn json_becomes_blocks_where_terraform_has_blocks() {
    let text = r#"{
  "//": "of the file",
  "resource": {
    "aws_lb": {
      "web": {
        "count": 2,
        "subnet_mapping": [{ "subnet_id": "${var.subnet}" }],
        "depends_on": ["aws_vpc.main"],
        "provider": "aws.west",
        "lifecycle": { "ignore_changes": ["tags[\"a\"]"], "precondition": [{}, {}] },
        "provisioner": [{ "local-exec": { "command": "x" } }, { "file": {} }],
        "dynamic": { "ingress": { "for_each": [], "content": { "port": -1.50 } } }
      },
      "internal": [{ "a": 1 }, { "a": 2 }]
    }
  },
  "variable": [{ "a": { "type": "list(string)", "default": "${x}" } }, { "b": null }, { "c": {} }],
  "unknown": true
}"#;
    let sources = Sources::default();
    let id = sources.add("main.tf.json".into(), text);
    let parsed = parse_json(id, text, JsonFile::Configuration);
    assert_eq!(parsed.errors, []);
    assert_eq!(sources.text(parsed.comments[0].span), "//\": \"of the file");
    assert_eq!(names(&parsed.body.attributes), ["unknown"]);
    let labels = parsed.body.blocks.iter().map(|block| {
        let labels: Vec<&str> = block.labels.iter().map(|label| &*label.name).collect();
        format!("{} {}", block.kind.name, labels.join(" "))
    });
    assert_eq!(
        labels.collect::<Vec<_>>(),
        [
            "resource aws_lb web",
            "resource aws_lb internal",
            "resource aws_lb internal",
            "variable a",
            "variable c",
        ]
    );
    let web = &parsed.body.blocks[0];
    assert_eq!(sources.text(web.header), "\"web\"");
    assert!(sources.text(web.span).ends_with("-1.50 } } }\n      }"));
    assert_eq!(
        names(&web.body.attributes),
        ["count", "subnet_mapping", "depends_on", "provider"]
    );
    assert_eq!(
        kinds(&web.body.blocks),
        ["lifecycle", "provisioner", "provisioner", "dynamic"]
    );
    let mut seen = Vec::new();
    for attribute in &web.body.attributes[1..] {
        attribute.expr.walk(|expr| {
            if let ExprKind::Variable(name) = &expr.kind {
                seen.push(name.to_string());
            }
        });
    }
    assert_eq!(seen, ["var", "aws_vpc", "aws"]);
    let lifecycle = &web.body.blocks[0].body;
    assert_eq!(kinds(&lifecycle.blocks), ["precondition"; 2]);
    let content = &web.body.blocks[3].body.blocks[0];
    assert_eq!(&*content.kind.name, "content");
    let port = &content.body.attributes[0].expr;
    assert!(matches!(port.kind, ExprKind::Unary { .. }));
    let variable = &parsed.body.blocks[3].body;
    assert!(matches!(
        variable.attributes[0].expr.kind,
        ExprKind::Call(_)
    ));
    assert!(
        matches!(&variable.attributes[1].expr.kind, ExprKind::String(text) if &**text == "${x}")
    );
}

#[test]
fn json_templates_know_their_place_behind_escapes() {
    let text = r#"{"locals": {"a": "\u00e9\t${b.c}\n${d}"}}"#;
    let sources = Sources::default();
    let id = sources.add("main.tf.json".into(), text);
    let parsed = parse_json(id, text, JsonFile::Configuration);
    assert_eq!(parsed.errors, []);
    let mut seen = Vec::new();
    let expr = &parsed.body.blocks[0].body.attributes[0].expr;
    expr.walk(|expr| seen.push(sources.text(expr.span)));
    assert_eq!(seen[1..], ["b.c", "b", "d"]);
    let broken = r#"{"locals": {"a": "\n${b c}"}}"#;
    let error = &read_json(broken).errors[0];
    let place = &broken[error.span.start as usize..error.span.end as usize];
    assert_eq!(place, "c");
}

#[test]
fn json_that_is_broken_keeps_what_was_read() {
    let text = "{\"locals\": {\"a\": 1, \"b\": [1, 2,], \"c\": 3 \"d\": 4, \"a\": 5}, \"output\": {\"x\": {\"value\": tru}}}";
    let parsed = read_json(text);
    let shown = parsed.errors.iter().map(|error| {
        let place = &text[error.span.start as usize..error.span.end as usize];
        format!("{} @ {place}", error.message)
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            "comma before a closing bracket @ ,",
            "comma is missing here @ ",
            "`a` is set twice @ \"a\"",
            "expected a value, found a word without quotes @ tru",
        ]
    );
    assert_eq!(kinds(&parsed.body.blocks), ["locals", "output"]);
    assert_eq!(
        names(&parsed.body.blocks[0].body.attributes),
        ["a", "b", "c", "d"]
    );
}

#[test]
fn json_values_are_literal_and_nesting_is_limited() {
    let text = r#"{"a": "${b} %{", "c": {"${d}": null}}"#;
    let parsed = parse_json(source(text), text, JsonFile::Values);
    assert_eq!(parsed.errors, []);
    assert_eq!(names(&parsed.body.attributes), ["a", "c"]);
    assert!(
        matches!(&parsed.body.attributes[0].expr.kind, ExprKind::String(text) if &**text == "${b} %{")
    );
    assert_eq!(
        parse_json(source("[]"), "[]", JsonFile::Values)
            .errors
            .len(),
        1
    );
    let deep = format!("{{\"locals\": {{\"a\": {}}}}}", "[".repeat(20_000));
    assert!(
        read_json(&deep).errors[0]
            .message
            .starts_with("nested more than 500")
    );
}

#[test]
fn a_json_comment_that_is_not_closed_has_a_span() {
    let text = "{\"//\": \"é";
    let parsed = read_json(text);
    assert_eq!(parsed.errors.len(), 1);
    let span = parsed.comments[0].span;
    assert_eq!(&text[span.start as usize..span.end as usize], &text[2..]);
}
