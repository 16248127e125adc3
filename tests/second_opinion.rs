//! Another parser's opinion: `hcl-edit` must find the same names, strings and operators in every fixture.
//!
//! It reads some files differently from Terraform; those are named here with the reason.

use std::fs;
use std::path::Path;

use hcl_edit::expr::{BinaryOperator as TheirBinary, Null, Splat, UnaryOperator as TheirUnary};
use hcl_edit::template::ForTemplateExpr;
use hcl_edit::visit::{Visit, visit_for_template_expr};
use hcl_edit::{Decorated, Formatted, Ident, Number, Spanned};
use tfguard::source::{Sources, decode};
use tfguard::syntax::{Body, Expr, ExprKind, Template, TemplatePart, parse};
use walkdir::WalkDir;

/// Files that `hcl-edit` is known to refuse or to read differently: the end of the path, and why.
const KNOWN: &[(&str, &str)] = &[
    (
        "heredocs/main.tf",
        "an empty heredoc with an indented marker swallows what follows",
    ),
    ("unicode/main.tf", "strings are not normalised"),
    ("names-in-two-forms/main.tf", "keys are not normalised"),
    (
        "large-null-label/label/main.tf",
        "line breaks in the operands of `for` are refused",
    ),
    (
        "refuse-tfvars-unquoted-cidr/terraform.tfvars",
        "`0.0.0.0/0` is accepted",
    ),
    ("refuse-provider-blocks/main.tf", "a doubled key is refused"),
    ("refuse-type-members/main.tf", "a doubled key is refused"),
];

/// Every word of a file, sorted: names, labels, plain strings, keywords, `#` for a number, operators.
#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn push(&mut self, word: &(impl ToString + ?Sized)) {
        self.0.push(word.to_string());
    }

    fn sorted(mut self) -> Vec<String> {
        self.0.sort_unstable();
        self.0
    }
}

impl Visit for Words {
    fn visit_ident(&mut self, node: &Decorated<Ident>) {
        self.push(node.as_str());
    }

    /// Theirs passes over the collection.
    fn visit_for_template_expr(&mut self, node: &ForTemplateExpr) {
        visit_for_template_expr(self, node);
        self.visit_expr(&node.collection_expr);
    }

    fn visit_null(&mut self, _: &Decorated<Null>) {
        self.push("null");
    }

    fn visit_bool(&mut self, node: &Decorated<bool>) {
        self.push(node.value());
    }

    fn visit_u64(&mut self, _: &Decorated<u64>) {
        self.push(&'#');
    }

    fn visit_number(&mut self, _: &Formatted<Number>) {
        self.push(&'#');
    }

    fn visit_string(&mut self, node: &Decorated<String>) {
        self.push(node.as_str());
    }

    fn visit_splat(&mut self, _: &Decorated<Splat>) {
        self.push("[*]");
    }

    fn visit_unary_operator(&mut self, node: &Spanned<TheirUnary>) {
        self.push(match node.value() {
            TheirUnary::Neg => "Negate",
            TheirUnary::Not => "Not",
        });
    }

    fn visit_binary_operator(&mut self, node: &Decorated<TheirBinary>) {
        self.push(match node.value() {
            TheirBinary::Eq => "Equal",
            TheirBinary::NotEq => "NotEqual",
            TheirBinary::LessEq => "LessOrEqual",
            TheirBinary::GreaterEq => "GreaterOrEqual",
            TheirBinary::Less => "Less",
            TheirBinary::Greater => "Greater",
            TheirBinary::Plus => "Add",
            TheirBinary::Minus => "Subtract",
            TheirBinary::Mul => "Multiply",
            TheirBinary::Div => "Divide",
            TheirBinary::Mod => "Modulo",
            TheirBinary::And => "And",
            TheirBinary::Or => "Or",
        });
    }
}

fn ours(text: &str, body: &Body, words: &mut Words) {
    for attribute in &body.attributes {
        words.push(&attribute.name.name);
        attribute.expr.walk(|expr| word(text, expr, words));
    }
    for block in &body.blocks {
        words.push(&block.kind.name);
        for label in &block.labels {
            words.push(&label.name);
        }
        ours(text, &block.body, words);
    }
}

fn word(text: &str, expr: &Expr, words: &mut Words) {
    match &expr.kind {
        ExprKind::Null => words.push("null"),
        ExprKind::Bool(value) => words.push(value),
        ExprKind::Number(_) => words.push(&'#'),
        ExprKind::String(_) if text[expr.span.start as usize..].starts_with("<<") => {}
        ExprKind::String(name) | ExprKind::Variable(name) => words.push(name),
        ExprKind::Template(template) => template_words(template, words),
        ExprKind::Attr { name, .. } => words.push(&name.name),
        ExprKind::Splat { .. } => words.push("[*]"),
        ExprKind::Call(call) => call.name.name.split("::").for_each(|part| words.push(part)),
        ExprKind::For(parts) => {
            let names = parts.key_name.iter().chain([&parts.value_name]);
            names.for_each(|name| words.push(&name.name));
        }
        // `hcl-edit` takes the sign into the number.
        ExprKind::Unary { operand, .. } if matches!(operand.kind, ExprKind::Number(_)) => {}
        ExprKind::Unary { operator, .. } => words.push(&format!("{operator:?}")),
        ExprKind::Binary(binary) => words.push(&format!("{:?}", binary.operator)),
        _ => {}
    }
}

fn template_words(template: &Template, words: &mut Words) {
    for part in &template.parts {
        match part {
            TemplatePart::Literal(_) | TemplatePart::Interpolation(_) => {}
            TemplatePart::If { yes, no, .. } => {
                template_words(yes, words);
                template_words(no, words);
            }
            TemplatePart::For {
                key_name,
                value_name,
                body,
                ..
            } => {
                let names = key_name.iter().chain([value_name]);
                names.for_each(|name| words.push(&name.name));
                template_words(body, words);
            }
        }
    }
}

/// How the two disagree about a file, if they do.
fn disagreement(text: &str) -> Option<String> {
    let id = Sources::default().add("main.tf".into(), text);
    let parsed = parse(id, text);
    let other = hcl_edit::parser::parse_body(text);
    match (parsed.errors.first(), other) {
        (Some(_), Err(_)) => None,
        (Some(error), Ok(_)) => Some(format!("only we refuse it: {error:?}")),
        (None, Err(error)) => Some(format!("only hcl-edit refuses it: {error}")),
        (None, Ok(other)) => {
            let (mut mine, mut theirs) = (Words::default(), Words::default());
            ours(text, &parsed.body, &mut mine);
            theirs.visit_body(&other);
            let (mine, theirs) = (mine.sorted(), theirs.sorted());
            let differs = mine
                .iter()
                .zip(&theirs)
                .find(|(mine, theirs)| mine != theirs);
            (mine != theirs).then(|| format!("{differs:?}"))
        }
    }
}

#[test]
fn both_parsers_read_every_fixture_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut compared = 0;
    let mut wrong = Vec::new();
    let mut known: Vec<&str> = KNOWN.iter().map(|(path, _)| *path).collect();
    for entry in WalkDir::new(&folder) {
        let path = entry.expect("fixtures can be read").into_path();
        if path
            .extension()
            .is_none_or(|extension| extension != "tf" && extension != "tfvars")
        {
            continue;
        }
        let text = decode(fs::read(&path).expect("fixtures can be read"));
        compared += 1;
        if let Some(disagreement) = disagreement(&text) {
            let before = known.len();
            known.retain(|known| !path.ends_with(known));
            if known.len() == before {
                wrong.push(format!("{}: {disagreement}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(known.is_empty(), "they agree now about {known:?}");
    assert!(compared > 200, "only {compared} files compared");
}
