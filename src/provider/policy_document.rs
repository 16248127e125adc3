//! `data.aws_iam_policy_document`: the JSON that the AWS provider prints.
//!
//! After `internal/service/iam/policy_document_data_source.go` and `policy_model.go` of the provider: the statements of
//! `source_policy_documents`, then the own ones, then those of `override_policy_documents`; a later statement replaces one with
//! the same `sid`; one name alone is a string, several are sorted downwards; `&{` becomes `${`; keys of principals and
//! conditions are sorted; two spaces of indentation; `<`, `>` and `&` escaped.
//!
//! A document with something unknown is unknown to Terraform. Its structure is kept as [`Shape::Json`] for rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::{Cause, Causes, Data, Entries, Number, Shape, Type, Unknown, Value};

/// The document in both forms.
pub(super) struct Printed {
    pub indented: Value,
    pub minified: Value,
}

/// A part of the document, in the order in which it is printed.
#[derive(Clone)]
enum Node {
    /// A string, bool, number or null, or something unknown.
    Leaf(Value),
    List(Vec<Node>),
    Object(Vec<(Arc<str>, Node)>),
}

/// Members by name, in the order of [`MEMBERS`].
#[derive(Clone, Default)]
struct Statement(Vec<(&'static str, Node)>);

/// The members of a statement in the order in which the provider prints them, and where the configuration has them.
const MEMBERS: [(&str, Source); 9] = [
    ("Sid", Source::Text("sid")),
    ("Effect", Source::Text("effect")),
    ("Action", Source::Names("actions", Variables::Kept)),
    ("NotAction", Source::Names("not_actions", Variables::Kept)),
    ("Resource", Source::Names("resources", Variables::Replaced)),
    (
        "NotResource",
        Source::Names("not_resources", Variables::Replaced),
    ),
    ("Principal", Source::Principals("principals")),
    ("NotPrincipal", Source::Principals("not_principals")),
    ("Condition", Source::Conditions("condition")),
];

#[derive(Clone, Copy)]
enum Source {
    Text(&'static str),
    Names(&'static str, Variables),
    Principals(&'static str),
    Conditions(&'static str),
}

/// Whether `&{` is written for `${`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Variables {
    Replaced,
    Kept,
}

/// A document as it is put together.
#[derive(Default)]
struct Document {
    version: String,
    id: Option<Value>,
    statements: Vec<Statement>,
    /// Why statements are missing that nothing is known of.
    missing: Causes,
}

/// Prints the document of a configuration.
pub(super) fn print(config: &Value) -> Printed {
    let mut document = Document::default();
    for text in elements_of(config, "source_policy_documents", &mut Causes::default()) {
        document.merge(&text);
    }
    document.missing = document
        .missing
        .union(&unknown_lists(config, "source_policy_documents"));
    document.merge_own(config);
    for text in elements_of(config, "override_policy_documents", &mut Causes::default()) {
        document.merge(&text);
    }
    document.missing = document
        .missing
        .union(&unknown_lists(config, "override_policy_documents"));
    let marks = config.marks_deep();
    let missing = document.missing.clone();
    let root = document.into_node();
    let print = |indent: Option<usize>| {
        let value = if !missing.is_empty() {
            Value::unknown(Type::String, missing.union(&causes_of(&root)))
        } else if root.is_known() {
            let mut text = String::new();
            root.print(indent, &mut text);
            Value::text(&text)
        } else {
            let mut unknown = Unknown::new(Type::String, causes_of(&root));
            unknown.not_null = true;
            unknown.prefix = Some("{".into());
            unknown.shape = Some(Shape::Json(Arc::new(root.value())));
            Value::refined(unknown)
        };
        value.with_marks(&marks)
    };
    Printed {
        indented: print(Some(0)),
        minified: print(None),
    }
}

/// The elements of a list or set attribute, also of one that is unknown but for its elements.
fn elements_of(config: &Value, name: &str, causes: &mut Causes) -> Vec<Value> {
    let Some(list) = config.attribute(name) else {
        return Vec::new();
    };
    let known = match list.as_unknown().map(|unknown| &unknown.shape) {
        Some(Some(Shape::Partial(partial) | Shape::Decoded(partial))) => partial.as_elements(),
        Some(_) => {
            *causes = causes.union(&list.causes());
            None
        }
        None => list.as_elements(),
    };
    known.unwrap_or_default().to_vec()
}

fn unknown_lists(config: &Value, name: &str) -> Causes {
    let mut causes = Causes::default();
    elements_of(config, name, &mut causes);
    causes
}

fn causes_of(node: &Node) -> Causes {
    match node {
        Node::Leaf(value) => value.causes(),
        Node::List(nodes) => nodes
            .iter()
            .fold(Causes::default(), |all, node| all.union(&causes_of(node))),
        Node::Object(members) => members.iter().fold(Causes::default(), |all, (_, node)| {
            all.union(&causes_of(node))
        }),
    }
}

impl Document {
    /// A document given as JSON text.
    fn merge(&mut self, text: &Value) {
        let node = match text.data() {
            Data::Null(_) => return,
            Data::String(text) => serde_json::from_str(text).ok().map(Node::of_json),
            Data::Unknown(unknown) => match &unknown.shape {
                Some(Shape::Json(value)) => Some(Node::of_value(value)),
                _ => None,
            },
            _ => None,
        };
        let merged = node.is_some_and(|node| self.merge_node(&node));
        if !merged {
            let why = if text.is_known() {
                Causes::one(Cause::Error {
                    message: "`data.aws_iam_policy_document` merges something that is no policy"
                        .into(),
                })
            } else {
                text.causes()
            };
            self.missing = self.missing.union(&why);
        }
    }

    fn merge_node(&mut self, node: &Node) -> bool {
        let Node::Object(members) = node else {
            return false;
        };
        let member = |name: &str| {
            let found = members
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, node)| node)
        };
        if let Some(Node::Leaf(version)) = member("Version") {
            self.adopt_version(version.as_str().unwrap_or_default());
        }
        if let Some(Node::Leaf(id)) = member("Id")
            && id.as_str() != Some("")
        {
            self.id = Some(id.clone());
        }
        match member("Statement") {
            None => true,
            Some(Node::List(statements)) => {
                for statement in statements {
                    self.add(Statement::of_node(statement));
                }
                true
            }
            Some(_) => false,
        }
    }

    /// The document that the configuration itself describes.
    fn merge_own(&mut self, config: &Value) {
        let text = |name: &str| config.attribute(name).filter(|value| !value.is_null());
        let version = text("version").map_or("2012-10-17", |version| {
            version.as_str().unwrap_or("2012-10-17")
        });
        self.adopt_version(version);
        if let Some(id) = text("policy_id").filter(|id| id.as_str() != Some("")) {
            self.id = Some(id.clone());
        }
        let mut causes = Causes::default();
        for statement in elements_of(config, "statement", &mut causes) {
            self.add(Statement::of_block(&statement));
        }
        self.missing = self.missing.union(&causes);
    }

    /// The newest version of all documents counts.
    fn adopt_version(&mut self, version: &str) {
        if *version > *self.version {
            version.clone_into(&mut self.version);
        }
    }

    fn add(&mut self, statement: Statement) {
        let same = statement.sid().and_then(|sid| {
            let statements = &mut self.statements;
            statements.iter().position(|other| other.sid() == Some(sid))
        });
        match same {
            Some(at) => self.statements[at] = statement,
            None => self.statements.push(statement),
        }
    }

    fn into_node(self) -> Node {
        let mut members = Vec::new();
        if !self.version.is_empty() {
            members.push(("Version".into(), Node::Leaf(Value::text(&self.version))));
        }
        members.extend(self.id.map(|id| ("Id".into(), Node::Leaf(id))));
        let statements = self.statements.into_iter().map(|Statement(members)| {
            let members = members.into_iter();
            Node::Object(members.map(|(name, node)| (name.into(), node)).collect())
        });
        let statements: Vec<Node> = statements.collect();
        if !statements.is_empty() {
            members.push(("Statement".into(), Node::List(statements)));
        }
        Node::Object(members)
    }
}

impl Statement {
    /// Its `sid`, where it has a known one.
    fn sid(&self) -> Option<&str> {
        let (_, node) = self.0.iter().find(|(name, _)| *name == "Sid")?;
        match node {
            Node::Leaf(sid) => sid.as_str(),
            _ => None,
        }
    }

    /// A `statement` block.
    fn of_block(block: &Value) -> Self {
        let member = |source: Source| match source {
            Source::Text(name) => {
                let text = block.attribute(name).filter(|value| !value.is_null());
                match text {
                    None if name == "effect" => Some(Node::Leaf(Value::string("Allow"))),
                    Some(text) if text.as_str() != Some("") => Some(Node::Leaf(text.clone())),
                    _ => None,
                }
            }
            Source::Names(name, variables) => names(block.attribute(name)?, variables),
            Source::Principals(name) => principals(block.attribute(name)?),
            Source::Conditions(name) => conditions(block.attribute(name)?),
        };
        let members = MEMBERS.into_iter();
        Self(
            members
                .filter_map(|(name, source)| Some((name, member(source)?)))
                .collect(),
        )
    }

    /// A statement of another document.
    fn of_node(node: &Node) -> Self {
        let Node::Object(given) = node else {
            return Self::default();
        };
        let member = |name: &str, source: Source| {
            let (_, node) = given
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
            match (source, node) {
                (Source::Text(_), Node::Leaf(text)) if text.as_str() == Some("") => None,
                (_, Node::Leaf(null)) if null.is_null() => None,
                (Source::Principals(_), node) => Some(principals_again(node)),
                (Source::Conditions(_), node) => Some(conditions_again(node)),
                (_, node) => Some(node.clone()),
            }
        };
        let members = MEMBERS.into_iter();
        Self(
            members
                .filter_map(|(name, source)| Some((name, member(name, source)?)))
                .collect(),
        )
    }
}

/// A set of names: nothing, the one, or all sorted downwards. Unknown ones come last.
fn names(set: &Value, variables: Variables) -> Option<Node> {
    if set.is_null() {
        return None;
    }
    let Some(elements) = set.as_elements() else {
        return Some(Node::Leaf(set.clone()));
    };
    let mut names: Vec<Value> = elements
        .iter()
        .map(|name| replaced(name, variables))
        .collect();
    names.sort_by(|left, right| right.as_str().cmp(&left.as_str()));
    single_or_list(names)
}

fn single_or_list(mut names: Vec<Value>) -> Option<Node> {
    match names.len() {
        0 => None,
        1 => names.pop().map(Node::Leaf),
        _ => Some(Node::List(names.into_iter().map(Node::Leaf).collect())),
    }
}

/// `&{aws:username}` is how a policy variable is written where `${` would be an interpolation.
fn replaced(name: &Value, variables: Variables) -> Value {
    match name.as_str() {
        Some(text) if variables == Variables::Replaced && text.contains("&{") => {
            Value::text(&text.replace("&{", "${")).with_marks(name.marks())
        }
        _ => name.clone(),
    }
}

/// `principals` blocks: by type. A type that several blocks name has all their identifiers.
fn principals(blocks: &Value) -> Option<Node> {
    if blocks.is_null() {
        return None;
    }
    let Some(blocks) = blocks.as_elements() else {
        return Some(Node::Leaf(blocks.clone()));
    };
    let mut by_type: BTreeMap<Arc<str>, Node> = BTreeMap::new();
    for block in blocks {
        let kind = block.attribute("type").unwrap_or(&Value::NULL);
        let identifiers = block.attribute("identifiers").unwrap_or(&Value::NULL);
        let Some(text) = kind.as_str() else {
            return Some(Node::Leaf(unknown_of(block)));
        };
        let Some(node) = names(identifiers, Variables::Replaced) else {
            by_type.entry(text.into()).or_insert(Node::List(Vec::new()));
            continue;
        };
        if blocks.len() == 1 && text == "*" && node.is_text("*") {
            return Some(node);
        }
        match by_type.remove(text) {
            None => by_type.insert(text.into(), node),
            Some(others) => {
                let all = others.into_list().into_iter().chain(node.into_list());
                by_type.insert(text.into(), Node::List(all.collect()))
            }
        };
    }
    let members: Vec<_> = by_type.into_iter().collect();
    (!members.is_empty()).then_some(Node::Object(members))
}

/// Principals of another document: `"*"` stays, identifiers are sorted downwards.
fn principals_again(node: &Node) -> Node {
    let Node::Object(members) = node else {
        return node.clone();
    };
    if let [(kind, who)] = &members[..]
        && **kind == *"*"
        && (who.is_text("*")
            || matches!(who, Node::List(all) if all.len() == 1 && all[0].is_text("*")))
    {
        return Node::Leaf(Value::string("*"));
    }
    let mut members = members.clone();
    members.sort_by(|(left, _), (right, _)| left.cmp(right));
    for (_, who) in &mut members {
        if let Node::List(identifiers) = who {
            identifiers.sort_by(|left, right| right.text().cmp(&left.text()));
        }
    }
    Node::Object(members)
}

/// `condition` blocks: by test and variable, the values in their order.
fn conditions(blocks: &Value) -> Option<Node> {
    if blocks.is_null() {
        return None;
    }
    let Some(blocks) = blocks.as_elements() else {
        return Some(Node::Leaf(blocks.clone()));
    };
    let mut tests: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Vec<Node>>> = BTreeMap::new();
    for block in blocks {
        let known = |name: &str| block.attribute(name).and_then(Value::as_str);
        let (Some(test), Some(variable)) = (known("test"), known("variable")) else {
            return Some(Node::Leaf(unknown_of(block)));
        };
        let values = block.attribute("values").unwrap_or(&Value::NULL);
        let all = tests.entry(test.into()).or_default();
        let all = all.entry(variable.into()).or_default();
        match values.as_elements() {
            Some(values) => all.extend(
                values
                    .iter()
                    .map(|value| Node::Leaf(replaced(value, Variables::Replaced))),
            ),
            None if values.is_null() => {}
            None => all.push(Node::Leaf(values.clone())),
        }
    }
    let tests: Vec<_> = tests
        .into_iter()
        .map(|(test, variables)| {
            let variables = variables
                .into_iter()
                .map(|(variable, values)| (variable, flattened(values)));
            (test, Node::Object(variables.collect()))
        })
        .collect();
    (!tests.is_empty()).then_some(Node::Object(tests))
}

/// Conditions of another document: sorted, a single value without its list, a bool as its text.
fn conditions_again(node: &Node) -> Node {
    let Node::Object(tests) = node else {
        return node.clone();
    };
    let mut tests = tests.clone();
    tests.sort_by(|(left, _), (right, _)| left.cmp(right));
    for (_, variables) in &mut tests {
        let Node::Object(variables) = variables else {
            continue;
        };
        variables.sort_by(|(left, _), (right, _)| left.cmp(right));
        for (_, values) in variables {
            let all = std::mem::replace(values, Node::List(Vec::new())).into_list();
            let strings = all.into_iter().map(|value| match value {
                Node::Leaf(value) => match value.as_bool() {
                    Some(bool) => Node::Leaf(Value::string(bool.to_string())),
                    None => Node::Leaf(value),
                },
                other => other,
            });
            *values = flattened(strings.collect());
        }
    }
    Node::Object(tests)
}

fn flattened(mut values: Vec<Node>) -> Node {
    match values.len() {
        1 => values.swap_remove(0),
        _ => Node::List(values),
    }
}

/// Stands for something whose key is not known.
fn unknown_of(block: &Value) -> Value {
    Value::unknown(Type::Dynamic, block.causes())
}

impl Node {
    fn of_json(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Leaf(Value::NULL),
            Json::Bool(value) => Self::Leaf(Value::bool(value)),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Self::Leaf(Value::number(Number::from(number))),
                None => Self::Leaf(Value::text(&number.to_string())),
            },
            Json::String(text) => Self::Leaf(Value::text(&text)),
            Json::Array(elements) => Self::List(elements.into_iter().map(Self::of_json).collect()),
            Json::Object(members) => Self::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name.into(), Self::of_json(value)))
                    .collect(),
            ),
        }
    }

    fn of_value(value: &Value) -> Self {
        if let Some(elements) = value.as_elements() {
            return Self::List(elements.iter().map(Self::of_value).collect());
        }
        match value.as_entries() {
            Some(entries) => Self::Object(
                entries
                    .iter()
                    .map(|(name, value)| (Arc::clone(name), Self::of_value(value)))
                    .collect(),
            ),
            None => Self::Leaf(value.clone()),
        }
    }

    /// As a value, where the order of members is lost.
    fn value(&self) -> Value {
        match self {
            Self::Leaf(value) => value.clone(),
            Self::List(nodes) => Value::tuple(nodes.iter().map(Self::value)),
            Self::Object(members) => Value::object(
                members
                    .iter()
                    .map(|(name, node)| (Arc::clone(name), node.value()))
                    .collect::<Entries>(),
            ),
        }
    }

    fn into_list(self) -> Vec<Node> {
        match self {
            Self::List(nodes) => nodes,
            other => vec![other],
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Leaf(value) => value.as_str(),
            _ => None,
        }
    }

    fn is_text(&self, text: &str) -> bool {
        self.text() == Some(text)
    }

    fn is_known(&self) -> bool {
        match self {
            Self::Leaf(value) => value.is_wholly_known(),
            Self::List(nodes) => nodes.iter().all(Self::is_known),
            Self::Object(members) => members.iter().all(|(_, node)| node.is_known()),
        }
    }

    /// With this indentation, or without any space.
    fn print(&self, indent: Option<usize>, out: &mut String) {
        match self {
            Self::Leaf(value) => out.push_str(&leaf(value)),
            Self::List(nodes) => print_all(('[', ']'), nodes, indent, out, |node, indent, out| {
                node.print(indent, out);
            }),
            Self::Object(members) => {
                print_all(
                    ('{', '}'),
                    members,
                    indent,
                    out,
                    |(name, node), indent, out| {
                        out.push_str(&quoted(name));
                        out.push_str(if indent.is_some() { ": " } else { ":" });
                        node.print(indent, out);
                    },
                );
            }
        }
    }
}

fn print_all<T>(
    (open, close): (char, char),
    items: &[T],
    indent: Option<usize>,
    out: &mut String,
    print: impl Fn(&T, Option<usize>, &mut String),
) {
    let line = |indent: Option<usize>, out: &mut String| {
        if let Some(indent) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", indent));
        }
    };
    let inner = indent.map(|indent| indent + 1);
    out.push(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        line(inner, out);
        print(item, inner, out);
    }
    if !items.is_empty() {
        line(indent, out);
    }
    out.push(close);
}

fn leaf(value: &Value) -> String {
    match value.data() {
        Data::String(text) => quoted(text),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        _ => "null".to_owned(),
    }
}

/// As Go prints a string: `<`, `>`, `&` and two line separators are escaped as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
