//! JSON values to bodies, as Terraform's decoders would ask for them.
//!
//! JSON does not say whether an object is a block or a value: HCL leaves it to the schema. What Terraform itself
//! defines is in [`shape`]s here and becomes blocks. Nested blocks that a provider defines stay attributes whose
//! expression is an object, or a tuple of objects; the provider's schema tells them apart.

use std::collections::HashSet;
use std::sync::Arc;

use memchr::memchr2;

use super::json::{self, Json, JsonKind, JsonString, Property};
use super::literal::normalised;
use super::{
    Attribute, Block, Body, Comment, Expr, ExprKind, Ident, MAX_ERRORS, ObjectItem, Parsed,
    SyntaxError, UnaryOperator, parser,
};
use crate::source::{SourceId, Span};

/// What a JSON file is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JsonFile {
    /// `.tf.json`, `.tofu.json`
    Configuration,
    /// `.tfvars.json`: values only; `${` has no meaning in them.
    Values,
}

/// What Terraform expects in a body.
struct Shape {
    /// Blocks by name, with their number of labels and what is in them.
    blocks: &'static [(&'static str, usize, &'static Shape)],
    /// Attributes whose strings are references or types, not templates.
    references: &'static [&'static str],
    /// Attributes whose strings are taken as they are.
    literals: Literals,
    /// Whether the body must be one object, and cannot be spread over an array of them.
    one_object: bool,
}

#[derive(Clone, Copy)]
enum Literals {
    These(&'static [&'static str]),
    All,
}

/// Arguments with templates.
const BASE: Shape = Shape {
    blocks: &[],
    references: &[],
    literals: Literals::These(&[]),
    one_object: false,
};

/// Arguments only.
static PLAIN: Shape = Shape {
    blocks: &[("dynamic", 1, &DYNAMIC)],
    ..BASE
};

static FILE: Shape = Shape {
    blocks: &[
        ("resource", 2, &RESOURCE),
        ("data", 2, &RESOURCE),
        ("ephemeral", 2, &RESOURCE),
        ("action", 2, &ACTION),
        ("module", 1, &MODULE),
        ("variable", 1, &VARIABLE),
        ("output", 1, &OUTPUT),
        ("provider", 1, &PROVIDER),
        ("check", 1, &CHECK),
        ("locals", 0, &LOCALS),
        ("terraform", 0, &TERRAFORM),
        ("moved", 0, &MOVED),
        ("import", 0, &IMPORT),
        ("removed", 0, &REMOVED),
    ],
    ..BASE
};

static VALUES: Shape = Shape {
    literals: Literals::All,
    one_object: true,
    ..BASE
};

static ATTRIBUTES: Shape = BASE;

static LOCALS: Shape = Shape {
    one_object: true,
    ..BASE
};

static RESOURCE: Shape = Shape {
    blocks: &[
        ("lifecycle", 0, &LIFECYCLE),
        ("provisioner", 1, &PROVISIONER),
        ("connection", 0, &PLAIN),
        ("dynamic", 1, &DYNAMIC),
        ("_", 0, &PLAIN),
    ],
    references: &["provider", "depends_on"],
    ..BASE
};

static LIFECYCLE: Shape = Shape {
    blocks: &[
        ("precondition", 0, &ATTRIBUTES),
        ("postcondition", 0, &ATTRIBUTES),
        ("action_trigger", 0, &ACTION_TRIGGER),
    ],
    references: &["ignore_changes", "replace_triggered_by"],
    ..BASE
};

static ACTION_TRIGGER: Shape = Shape {
    references: &["events", "actions"],
    ..BASE
};

static ACTION: Shape = Shape {
    blocks: &[("config", 0, &PLAIN)],
    references: &["provider"],
    ..BASE
};

static PROVISIONER: Shape = Shape {
    blocks: &[("connection", 0, &PLAIN), ("_", 0, &PLAIN)],
    references: &["when", "on_failure"],
    ..BASE
};

static DYNAMIC: Shape = Shape {
    blocks: &[("content", 0, &PLAIN)],
    references: &["iterator"],
    ..BASE
};

static MODULE: Shape = Shape {
    blocks: &[("_", 0, &PLAIN)],
    references: &["providers", "depends_on"],
    literals: Literals::These(&["source", "version"]),
    ..BASE
};

static VARIABLE: Shape = Shape {
    blocks: &[("validation", 0, &ATTRIBUTES)],
    references: &["type"],
    literals: Literals::These(&["default", "description"]),
    ..BASE
};

static OUTPUT: Shape = Shape {
    blocks: &[
        ("precondition", 0, &ATTRIBUTES),
        ("postcondition", 0, &ATTRIBUTES),
    ],
    references: &["depends_on"],
    literals: Literals::These(&["description"]),
    ..BASE
};

static PROVIDER: Shape = Shape {
    blocks: &[("dynamic", 1, &DYNAMIC), ("_", 0, &PLAIN)],
    literals: Literals::These(&["alias", "version"]),
    ..BASE
};

static CHECK: Shape = Shape {
    blocks: &[("data", 2, &RESOURCE), ("assert", 0, &ATTRIBUTES)],
    ..BASE
};

static TERRAFORM: Shape = Shape {
    blocks: &[
        ("backend", 1, &VALUES),
        ("cloud", 0, &CLOUD),
        ("required_providers", 0, &REQUIRED_PROVIDERS),
        ("provider_meta", 1, &PLAIN),
        ("encryption", 0, &PLAIN),
    ],
    references: &["experiments", "language"],
    literals: Literals::These(&["required_version"]),
    ..BASE
};

static CLOUD: Shape = Shape {
    blocks: &[("workspaces", 0, &VALUES)],
    literals: Literals::All,
    ..BASE
};

/// `configuration_aliases` in it are references: see [`Reader::required_provider`].
static REQUIRED_PROVIDERS: Shape = Shape {
    literals: Literals::All,
    one_object: true,
    ..BASE
};

static MOVED: Shape = Shape {
    references: &["from", "to"],
    ..BASE
};

static IMPORT: Shape = Shape {
    references: &["to", "provider"],
    ..BASE
};

static REMOVED: Shape = Shape {
    blocks: &[
        ("lifecycle", 0, &LIFECYCLE),
        ("provisioner", 1, &PROVISIONER),
        ("connection", 0, &PLAIN),
    ],
    references: &["from"],
    ..BASE
};

/// How strings are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strings {
    Template,
    Reference,
    Literal,
}

/// Reads a file in HCL's JSON syntax. The body is what the same configuration in native syntax would give, but for
/// nested blocks that a provider defines, which stand as attributes. Properties named `//` are comments; those with a
/// string count among [`Parsed::comments`], from the name to the end of the text.
pub fn parse_json(source: SourceId, text: &str, file: JsonFile) -> Parsed {
    let (value, errors) = json::read(source, text);
    let mut reader = Reader {
        errors,
        comments: Vec::new(),
    };
    let shape = match file {
        JsonFile::Configuration => &FILE,
        JsonFile::Values => &VALUES,
    };
    let body = if matches!(value.kind, JsonKind::Null) {
        reader.report(value.span, "expected an object, found `null`".to_owned());
        Body::default()
    } else {
        reader.body(value, shape)
    };
    let mut errors = reader.errors;
    errors.sort_by_key(|error| error.span.start);
    errors.truncate(MAX_ERRORS + 1);
    reader.comments.sort_by_key(|comment| comment.span.start);
    Parsed {
        body,
        comments: reader.comments,
        errors,
    }
}

struct Reader {
    errors: Vec<SyntaxError>,
    comments: Vec<Comment>,
}

impl Reader {
    fn report(&mut self, span: Span, message: String) {
        self.errors.push(SyntaxError {
            message,
            help: None,
            span,
        });
    }

    fn body(&mut self, value: Json<'_>, shape: &'static Shape) -> Body {
        let mut body = Body {
            span: Some(value.span),
            ..Body::default()
        };
        let mut names: HashSet<Arc<str>> = HashSet::new();
        let properties = match value.kind {
            JsonKind::Object(properties) => properties,
            JsonKind::Invalid => Vec::new(),
            _ if shape.one_object => {
                self.report(value.span, "expected an object with arguments".to_owned());
                Vec::new()
            }
            _ => self.properties(value, "arguments and blocks"),
        };
        for Property { name, value } in properties {
            if name.text == "//" {
                self.comment(&name, &value);
                continue;
            }
            let kind = ident(&name);
            let block = shape.blocks.iter().find(|block| block.0 == name.text);
            if let Some((_, labels, inside)) = block {
                let header = Header {
                    kind,
                    labels: Vec::new(),
                    missing: *labels,
                    shape: inside,
                };
                self.blocks(value, &header, &mut body.blocks);
            } else if !names.insert(Arc::clone(&kind.name)) {
                self.report(kind.span, format!("`{}` is set twice", kind.name));
            } else {
                let expr = self.argument(value, &kind.name, shape);
                let span = kind.span.to(expr.span);
                let name = kind;
                body.attributes.push(Attribute { name, expr, span });
            }
        }
        body
    }

    /// The properties of an object, or of all objects of an array.
    fn properties<'a>(&mut self, value: Json<'a>, what: &str) -> Vec<Property<'a>> {
        match value.kind {
            JsonKind::Object(properties) => properties,
            JsonKind::Null | JsonKind::Invalid => Vec::new(),
            JsonKind::Array(items) => {
                let mut all = Vec::new();
                for item in items {
                    match item.kind {
                        JsonKind::Object(properties) => all.extend(properties),
                        JsonKind::Invalid => {}
                        _ => self.report(item.span, format!("expected an object with {what}")),
                    }
                }
                all
            }
            _ => {
                self.report(
                    value.span,
                    format!("expected an object, or an array of objects, with {what}"),
                );
                Vec::new()
            }
        }
    }

    fn comment(&mut self, name: &JsonString<'_>, value: &Json<'_>) {
        if let JsonKind::String(text) = &value.kind {
            let span = name.content.to(text.content);
            self.comments.push(Comment { span });
        }
    }

    /// One block, or many: an object at each level of labels, and an object or an array of objects below.
    fn blocks(&mut self, value: Json<'_>, header: &Header, blocks: &mut Vec<Block>) {
        if header.missing > 0 {
            let kind = Arc::clone(&header.kind.name);
            let span = value.span;
            let is_null = matches!(value.kind, JsonKind::Null);
            let errors = self.errors.len();
            let properties = self.properties(value, &format!("the labels of `{kind}`"));
            if properties.is_empty() && self.errors.len() == errors && !is_null {
                self.report(span, format!("block `{kind}` lacks a label"));
            }
            for Property { name, value } in properties {
                let mut labels = header.labels.clone();
                labels.push(ident(&name));
                let deeper = Header {
                    kind: header.kind.clone(),
                    labels,
                    missing: header.missing - 1,
                    shape: header.shape,
                };
                self.blocks(value, &deeper, blocks);
            }
            return;
        }
        match value.kind {
            JsonKind::Null | JsonKind::Invalid => {}
            JsonKind::Object(_) => blocks.push(self.block(value, header)),
            JsonKind::Array(items) => {
                for item in items {
                    blocks.push(self.block(item, header));
                }
            }
            _ => {
                let kind = &header.kind.name;
                let message = format!("expected the content of `{kind}`: an object, or an array");
                self.report(value.span, message);
            }
        }
    }

    fn block(&mut self, value: Json<'_>, header: &Header) -> Block {
        let body_span = value.span;
        let place = header.labels.last().unwrap_or(&header.kind).span;
        Block {
            kind: header.kind.clone(),
            labels: header.labels.clone(),
            body: self.body(value, header.shape),
            header: place,
            span: place.to(body_span),
        }
    }

    fn argument(&mut self, value: Json<'_>, name: &str, shape: &'static Shape) -> Expr {
        if std::ptr::eq(shape, &raw const REQUIRED_PROVIDERS) {
            return self.required_provider(value);
        }
        let strings = match shape.literals {
            Literals::All => Strings::Literal,
            Literals::These(names) if names.contains(&name) => Strings::Literal,
            Literals::These(_) if shape.references.contains(&name) => Strings::Reference,
            Literals::These(_) => Strings::Template,
        };
        self.expr(value, strings)
    }

    fn required_provider(&mut self, value: Json<'_>) -> Expr {
        let span = value.span;
        let JsonKind::Object(properties) = value.kind else {
            return self.expr(value, Strings::Literal);
        };
        let items = properties.into_iter().map(|Property { name, value }| {
            let strings = match &*name.text {
                "configuration_aliases" => Strings::Reference,
                _ => Strings::Literal,
            };
            let key = Expr {
                kind: ExprKind::String(normalised(&name.text)),
                span: name.span,
            };
            let value = self.expr(value, strings);
            ObjectItem { key, value }
        });
        let kind = ExprKind::Object(items.collect());
        Expr { kind, span }
    }

    fn expr(&mut self, value: Json<'_>, strings: Strings) -> Expr {
        let span = value.span;
        let kind = match value.kind {
            JsonKind::Null => ExprKind::Null,
            JsonKind::Bool(value) => ExprKind::Bool(value),
            JsonKind::Number(text) => number(text, span),
            JsonKind::String(string) => return self.string(&string, strings),
            JsonKind::Array(items) => {
                let items = items.into_iter().map(|item| self.expr(item, strings));
                ExprKind::Tuple(items.collect())
            }
            JsonKind::Object(properties) => self.object(properties, strings),
            JsonKind::Invalid => ExprKind::Invalid,
        };
        Expr { kind, span }
    }

    fn object(&mut self, properties: Vec<Property<'_>>, strings: Strings) -> ExprKind {
        let mut items = Vec::with_capacity(properties.len());
        let mut names: HashSet<Arc<str>> = HashSet::new();
        for Property { name, value } in properties {
            let mut key = self.string(&name, strings);
            // As in native syntax: a bare name is a key by itself, `aws.west` a reference.
            if let ExprKind::Variable(name) = &key.kind {
                key.kind = ExprKind::String(normalised(name));
            }
            if let ExprKind::String(text) = &key.kind
                && !names.insert(Arc::clone(text))
            {
                self.report(
                    key.span,
                    format!("property `{text}` stands twice in this object"),
                );
            }
            let value = self.expr(value, strings);
            items.push(ObjectItem { key, value });
        }
        ExprKind::Object(items)
    }

    fn string(&mut self, string: &JsonString<'_>, strings: Strings) -> Expr {
        let span = string.span;
        let has_sequence = memchr2(b'$', b'%', string.text.as_bytes()).is_some();
        let parsed = match strings {
            Strings::Reference => parser::parse_expression(&string.origin(), &string.text),
            Strings::Template if has_sequence => {
                parser::parse_template(&string.origin(), &string.text)
            }
            _ => {
                let kind = ExprKind::String(normalised(&string.text));
                return Expr { kind, span };
            }
        };
        match parsed {
            Ok(mut expr) => {
                expr.span = span;
                expr
            }
            Err(errors) => {
                self.errors.extend(errors);
                let kind = ExprKind::Invalid;
                Expr { kind, span }
            }
        }
    }
}

/// What is known of a block while its labels are read.
struct Header {
    kind: Ident,
    labels: Vec<Ident>,
    missing: usize,
    shape: &'static Shape,
}

fn ident(name: &JsonString<'_>) -> Ident {
    Ident {
        name: Arc::from(&*name.text),
        span: name.span,
    }
}

/// Numbers have no sign in the tree.
fn number(text: &str, span: Span) -> ExprKind {
    match text.strip_prefix('-') {
        None => ExprKind::Number(text.into()),
        Some(digits) => ExprKind::Unary {
            operator: UnaryOperator::Negate,
            operand: Box::new(Expr {
                kind: ExprKind::Number(digits.into()),
                span: Span {
                    start: span.start + 1,
                    ..span
                },
            }),
        },
    }
}
