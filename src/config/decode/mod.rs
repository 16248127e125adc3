//! From a syntax tree to the blocks that Terraform knows. What it refuses before it evaluates anything is refused here.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::load::is_local;
use super::{
    Check, Condition, Import, Lifecycle, Module, ModuleCall, Moved, Output, Removed, Repetition,
    Resource, Variable,
};
use crate::address::{self, ResourceMode};
use crate::config::{Target, references};
use crate::problem::{Problem, ProblemKind};
use crate::source::Span;
use crate::syntax::{self, Attribute, Block, Body, Expr, ExprKind, Ident, UnaryOperator};

mod lifecycle;
mod provider;
mod provisioner;
mod settings;
mod statements;
mod traversal;

const TOP_LEVEL: [&str; 14] = [
    "terraform",
    "variable",
    "locals",
    "output",
    "resource",
    "data",
    "ephemeral",
    "module",
    "provider",
    "check",
    "import",
    "moved",
    "removed",
    "action",
];

/// Adds what a body says to a module.
pub(super) fn decode(body: Body, module: &mut Module) {
    for attribute in body.attributes {
        let message = format!(
            "`{}` is not expected here: a file holds blocks only",
            attribute.name.name
        );
        module.problems.push(refused(message, attribute.span));
    }
    let mut decoder = Decoder {
        module,
        seen: BTreeMap::new(),
    };
    for block in body.blocks {
        decoder.block(block);
    }
    decoder.import_providers();
    decoder.statements();
}

/// Names of variables that would be arguments of a module call itself.
const RESERVED_VARIABLES: [&str; 8] = [
    "source",
    "version",
    "providers",
    "count",
    "for_each",
    "lifecycle",
    "depends_on",
    "locals",
];

struct Decoder<'a> {
    module: &'a mut Module,
    /// The first of each kind of block in `terraform` of which a module has one.
    seen: BTreeMap<Arc<str>, Span>,
}

impl Decoder<'_> {
    fn block(&mut self, block: Block) {
        let labels = match &*block.kind.name {
            "resource" | "data" | "ephemeral" | "action" => 2,
            "variable" | "output" | "module" | "provider" | "check" => 1,
            _ => 0,
        };
        if TOP_LEVEL.contains(&&*block.kind.name) && block.labels.len() != labels {
            let message = format!(
                "a `{}` block has {labels} labels, this one has {}",
                block.kind.name,
                block.labels.len()
            );
            self.refuse(message, block.header);
            return;
        }
        if let Some(label) = block
            .labels
            .iter()
            .find(|one| !syntax::is_identifier(&one.name))
        {
            self.refuse(format!("`{}` is not a name", label.name), label.span);
            return;
        }
        match &*block.kind.name {
            "terraform" => self.terraform(block),
            "variable" => self.variable(block),
            "locals" => self.locals(block),
            "output" => self.output(block),
            "resource" => self.resource(block, ResourceMode::Managed),
            "data" => self.resource(block, ResourceMode::Data),
            "ephemeral" => self.resource(block, ResourceMode::Ephemeral),
            "module" => self.call(block),
            "provider" => self.provider(block),
            "check" => self.check(block),
            "import" => self.import(block),
            "moved" => self.moved(block),
            "removed" => self.removed(block),
            // Actions are invoked by lifecycle events; they hold no state and nothing refers to them.
            "action" => {}
            other => {
                let near = nearest(other, &TOP_LEVEL);
                let problem = Problem::new(
                    ProblemKind::Refused,
                    format!("a block of type `{other}` is not expected here"),
                    Some(block.header),
                );
                self.module.problems.push(match near {
                    Some(near) => problem.with_help(format!("did you mean `{near}`?")),
                    None => problem,
                });
            }
        }
    }

    fn variable(&mut self, mut block: Block) {
        let name = block.labels.swap_remove(0);
        if RESERVED_VARIABLES.contains(&&*name.name) {
            let message = format!(
                "Terraform reserves the name `{}` for module calls",
                name.name
            );
            self.refuse(message, name.span);
        }
        let mut body = block.body;
        self.description(&body);
        let variable = Variable {
            ty: take(&mut body, "type").map(|attribute| attribute.expr),
            default: take(&mut body, "default"),
            sensitive: self.flag(&mut body, "sensitive", false),
            ephemeral: self.flag(&mut body, "ephemeral", false),
            nullable: self.flag(&mut body, "nullable", true),
            validations: self.conditions(&mut body, "validation"),
            span: block.header,
            name,
        };
        self.only(
            &body,
            &["description", "deprecated", "const"],
            &[],
            "variable",
        );
        self.declaration(&variable);
        if let Some(old) = self.module.variables.get(&variable.name.name) {
            let message = format!("variable `{}` is declared twice", old.name.name);
            self.refuse(message, variable.span);
            return;
        }
        self.module
            .variables
            .insert(Arc::clone(&variable.name.name), variable);
    }

    /// What can be said against a variable before it has a value.
    fn declaration(&mut self, variable: &Variable) {
        if let Some(default) = &variable.default {
            self.without_calls(&default.expr);
        }
        if let Some(default) = &variable.default
            && !variable.nullable
            && matches!(default.expr.kind, ExprKind::Null)
        {
            let message = "`nullable` is false, so that null can be no default".to_owned();
            self.refuse(message, default.expr.span);
        }
        for validation in &variable.validations {
            let own = Target::Variable(Arc::clone(&variable.name.name));
            let named = references(&validation.condition, &|_| None);
            if !named.iter().any(|one| one.target == own) {
                let message = format!("this condition does not test `var.{}`", variable.name.name);
                self.refuse(message, validation.condition.span);
            }
        }
    }

    fn locals(&mut self, block: Block) {
        for nested in &block.body.blocks {
            self.refuse(
                format!("a block `{}` is not expected in `locals`", nested.kind.name),
                nested.header,
            );
        }
        for attribute in block.body.attributes {
            if !syntax::is_identifier(&attribute.name.name) {
                let message = format!("`{}` is not a name", attribute.name.name);
                self.refuse(message, attribute.name.span);
                continue;
            }
            if self.module.locals.contains_key(&attribute.name.name) {
                self.refuse(
                    format!("`local.{}` is defined twice", attribute.name.name),
                    attribute.name.span,
                );
                continue;
            }
            self.module
                .locals
                .insert(Arc::clone(&attribute.name.name), attribute);
        }
    }

    fn output(&mut self, mut block: Block) {
        let name = block.labels.swap_remove(0);
        let mut body = block.body;
        self.description(&body);
        let output = Output {
            value: take(&mut body, "value"),
            sensitive_span: body.attribute("sensitive").map(|attribute| attribute.span),
            sensitive: self.flag(&mut body, "sensitive", false),
            ephemeral: self.flag(&mut body, "ephemeral", false),
            depends_on: self.dependencies(&mut body),
            preconditions: self.conditions(&mut body, "precondition"),
            span: block.header,
            name,
        };
        self.only(&body, &["description", "deprecated", "type"], &[], "output");
        if output.value.is_none() {
            self.refuse(
                format!("output `{}` has no `value`", output.name.name),
                output.span,
            );
        }
        if self.module.outputs.contains_key(&output.name.name) {
            self.refuse(
                format!("output `{}` is declared twice", output.name.name),
                output.span,
            );
            return;
        }
        self.module
            .outputs
            .insert(Arc::clone(&output.name.name), output);
    }

    fn resource(&mut self, mut block: Block, mode: ResourceMode) {
        let name = block.labels.swap_remove(1);
        let kind = block.labels.swap_remove(0);
        let address = address::Resource {
            mode,
            kind: kind.name,
            name: name.name,
        };
        let mut body = block.body;
        let repetition = self.repetition(&mut body);
        let provider = take(&mut body, "provider")
            .and_then(|attribute| self.provider_reference(&attribute.expr));
        let depends_on = self.dependencies(&mut body);
        let mut lifecycle = Lifecycle::default();
        let mut provisioners = Vec::new();
        let mut arguments = Vec::with_capacity(body.blocks.len());
        let mut has_lifecycle = false;
        for nested in std::mem::take(&mut body.blocks) {
            match &*nested.kind.name {
                "lifecycle" => {
                    if std::mem::replace(&mut has_lifecycle, true) {
                        self.second(&nested);
                    }
                    self.lifecycle(nested, &address, &mut lifecycle);
                }
                "locals" => self.reserved(&nested.kind.name, nested.header, mode.keyword()),
                "provisioner" | "connection" if mode == ResourceMode::Managed => {
                    self.provisioner(&nested, &provisioners);
                    provisioners.push(nested);
                }
                // `_ { … }` holds arguments whose names are Terraform's own.
                "_" => {
                    body.attributes.extend(nested.body.attributes);
                    arguments.extend(nested.body.blocks);
                }
                _ => arguments.push(nested),
            }
        }
        self.connections(&provisioners);
        body.blocks = arguments;
        let resource = Resource {
            address: address.clone(),
            repetition,
            provider,
            depends_on,
            lifecycle,
            body,
            provisioners,
            span: block.header,
        };
        if self.module.resources.contains_key(&address) {
            self.refuse(format!("`{address}` is declared twice"), resource.span);
            return;
        }
        self.module.resources.insert(address, resource);
    }

    fn call(&mut self, mut block: Block) {
        let name = block.labels.swap_remove(0);
        let mut body = block.body;
        let source = take(&mut body, "source");
        let version = take(&mut body, "version");
        let repetition = self.repetition(&mut body);
        let depends_on = self.dependencies(&mut body);
        let providers = take(&mut body, "providers")
            .map(|attribute| self.providers(&attribute))
            .unwrap_or_default();
        for nested in &body.blocks {
            if !matches!(&*nested.kind.name, "providers" | "_") {
                self.refuse(
                    format!(
                        "a block `{}` is not expected in a module call",
                        nested.kind.name
                    ),
                    nested.header,
                );
            }
        }
        let literal_source = source
            .as_ref()
            .and_then(|attribute| literal(&attribute.expr));
        match &source {
            None => self.refuse(
                format!("module `{}` has no `source`", name.name),
                block.header,
            ),
            Some(attribute) if literal_source.is_none() => {
                self.refuse(
                    "a module's `source` is a literal string".to_owned(),
                    attribute.span,
                );
            }
            Some(attribute) => {
                if version.is_some() && literal_source.as_deref().is_some_and(is_local) {
                    let message = "a module in a local folder has no `version`".to_owned();
                    self.refuse(message, attribute.span);
                }
            }
        }
        let call = ModuleCall {
            source: literal_source,
            source_span: source.map(|attribute| attribute.expr.span),
            version: version.and_then(|attribute| literal(&attribute.expr)),
            repetition,
            providers,
            depends_on,
            arguments: body,
            span: block.header,
            name,
        };
        if self.module.calls.contains_key(&call.name.name) {
            self.refuse(
                format!("module `{}` is called twice", call.name.name),
                call.span,
            );
            return;
        }
        self.module.calls.insert(Arc::clone(&call.name.name), call);
    }

    fn check(&mut self, mut block: Block) {
        let name = block.labels.swap_remove(0);
        let assertions = self.conditions(&mut block.body, "assert");
        if assertions.is_empty() {
            self.refuse("a `check` needs an `assert`".to_owned(), block.header);
        }
        if let Some(old) = (self.module.checks.iter()).find(|old| old.name.name == name.name) {
            let message = format!("check `{}` is declared twice", old.name.name);
            self.refuse(message, block.header);
        }
        self.only(&block.body, &[], &["data"], "check");
        let mut data = None;
        for nested in block.body.blocks {
            if &*nested.kind.name == "data" && nested.labels.len() == 2 {
                if data.is_some() {
                    self.second(&nested);
                }
                data = Some(address::Resource {
                    mode: ResourceMode::Data,
                    kind: Arc::clone(&nested.labels[0].name),
                    name: Arc::clone(&nested.labels[1].name),
                });
                for name in ["count", "for_each"] {
                    if let Some(attribute) = nested.body.attribute(name) {
                        let message = format!("`{name}` is not for the data source of a `check`");
                        self.refuse(message, attribute.span);
                    }
                }
                for inner in &nested.body.blocks {
                    if &*inner.kind.name == "lifecycle" {
                        let message = "a data source in a `check` has no `lifecycle`".to_owned();
                        self.refuse(message, inner.header);
                    }
                }
                self.resource(nested, ResourceMode::Data);
            }
        }
        self.module.checks.push(Check {
            name,
            assertions,
            data,
        });
    }

    fn import(&mut self, block: Block) {
        let mut body = block.body;
        let Some(to) = take(&mut body, "to") else {
            self.refuse("an `import` block needs `to`".to_owned(), block.header);
            return;
        };
        let import = Import {
            provider: take(&mut body, "provider").map(|attribute| attribute.span),
            to: to.expr,
            id: take(&mut body, "id").map(|attribute| attribute.expr),
            for_each: take(&mut body, "for_each"),
            span: block.header,
        };
        // Terraform 1.12 and later take an identity in place of the id.
        if import.id.is_none() && body.attribute("identity").is_none() {
            self.refuse("an `import` block needs `id`".to_owned(), import.span);
        }
        self.only(&body, &["identity"], &[], "import");
        self.module.imports.push(import);
    }

    /// What exists in the configuration has its provider there.
    fn import_providers(&mut self) {
        let refused: Vec<Span> = (self.module.imports.iter())
            .filter_map(|import| {
                let span = import.provider?;
                let target = references(&import.to, &|_| None).into_iter().next()?.target;
                let Target::Resource(resource, _) = target else {
                    return None;
                };
                self.module
                    .resources
                    .contains_key(&resource)
                    .then_some(span)
            })
            .collect();
        for span in refused {
            let message = "the provider of an imported resource is named in its block".to_owned();
            self.refuse(message, span);
        }
    }

    fn moved(&mut self, block: Block) {
        let mut body = block.body;
        match (take(&mut body, "from"), take(&mut body, "to")) {
            (Some(from), Some(to)) => self.module.moved.push(Moved {
                from: from.expr,
                to: to.expr,
                span: block.header,
            }),
            _ => self.refuse(
                "a `moved` block needs `from` and `to`".to_owned(),
                block.header,
            ),
        }
        self.only(&body, &[], &[], "moved");
    }

    fn removed(&mut self, block: Block) {
        let mut body = block.body;
        match take(&mut body, "from") {
            Some(from) => self.module.removed.push(Removed {
                from: from.expr,
                span: block.header,
            }),
            None => self.refuse("a `removed` block needs `from`".to_owned(), block.header),
        }
        let known = ["lifecycle", "provisioner", "connection"];
        self.only(&body, &[], &known, "removed");
        for nested in body.blocks {
            match &*nested.kind.name {
                "lifecycle" => self.removal(nested),
                "provisioner" => self.last_provisioner(&nested),
                _ => {}
            }
        }
    }

    fn repetition(&mut self, body: &mut Body) -> Repetition {
        match (take(body, "count"), take(body, "for_each")) {
            (Some(_), Some(for_each)) => {
                self.refuse(
                    "`count` and `for_each` exclude each other".to_owned(),
                    for_each.span,
                );
                Repetition::ForEach(for_each)
            }
            (Some(count), None) => Repetition::Count(count),
            (None, Some(for_each)) => Repetition::ForEach(for_each),
            (None, None) => Repetition::Single,
        }
    }

    fn conditions(&mut self, body: &mut Body, kind: &str) -> Vec<Condition> {
        let (wanted, rest): (Vec<Block>, _) = std::mem::take(&mut body.blocks)
            .into_iter()
            .partition(|b: &Block| &*b.kind.name == kind);
        body.blocks = rest;
        let mut conditions = Vec::new();
        for mut block in wanted {
            match take(&mut block.body, "condition") {
                // A condition over nothing checks nothing.
                Some(condition)
                    if references(&condition.expr, &|_| None).is_empty()
                        && !names_self(&condition.expr) =>
                {
                    let message = format!("the condition of this `{kind}` refers to nothing");
                    self.refuse(message, condition.expr.span);
                }
                Some(condition) => {
                    let message = take(&mut block.body, "error_message");
                    if message.is_none() {
                        let text = format!("a `{kind}` block needs `error_message`");
                        self.refuse(text, block.header);
                    }
                    self.only(&block.body, &[], &[], kind);
                    conditions.push(Condition {
                        condition: condition.expr,
                        error_message: message.map(|attribute| attribute.expr),
                        span: block.header,
                    });
                }
                None => self.refuse(format!("a `{kind}` block needs `condition`"), block.header),
            }
        }
        conditions
    }

    /// What `depends_on` names. Old configurations quote it.
    fn dependencies(&mut self, body: &mut Body) -> Vec<Expr> {
        let given = self.expressions(body, "depends_on");
        let mut named = Vec::with_capacity(given.len());
        for expr in given {
            let expr = unquoted(expr);
            match traversal::steps(&expr) {
                Some(steps) if traversal::is_dependency(&steps) => named.push(expr),
                _ if matches!(expr.kind, ExprKind::Invalid) => {}
                _ => {
                    let message = "not a whole resource, module or output to wait for".to_owned();
                    self.refuse(message, expr.span);
                }
            }
        }
        named
    }

    /// A list of references.
    fn expressions(&mut self, body: &mut Body, name: &str) -> Vec<Expr> {
        let Some(mut attribute) = take(body, name) else {
            return Vec::new();
        };
        if let ExprKind::Tuple(elements) = &mut attribute.expr.kind {
            return std::mem::take(elements);
        }
        self.refuse(format!("`{name}` is a list of references"), attribute.span);
        Vec::new()
    }

    fn flag(&mut self, body: &mut Body, name: &str, default: bool) -> bool {
        match take(body, name) {
            None => default,
            Some(attribute) => constant_bool(&attribute.expr).unwrap_or_else(|| {
                self.refuse(format!("`{name}` is `true` or `false`"), attribute.span);
                default
            }),
        }
    }

    /// A description is there before anything is evaluated.
    fn description(&mut self, body: &Body) {
        let Some(attribute) = body.attribute("description") else {
            return;
        };
        let expr = &attribute.expr;
        let is_text = !matches!(
            expr.kind,
            ExprKind::Null | ExprKind::Tuple(_) | ExprKind::Object(_) | ExprKind::For(_)
        );
        if !is_text || !is_constant(expr) {
            self.refuse("a description is a constant text".to_owned(), expr.span);
        }
    }

    /// Refuses calls in what is a constant.
    fn without_calls(&mut self, expr: &Expr) {
        let mut call = None;
        expr.walk(|inner| {
            if let ExprKind::Call(found) = &inner.kind {
                call = call.or(Some(found.name.span));
            }
        });
        if let Some(span) = call {
            self.refuse("a function cannot be called here".to_owned(), span);
        }
    }

    /// Refuses a block of which there was one already.
    fn second(&mut self, block: &Block) {
        self.refuse(
            format!("there is a `{}` block already", block.kind.name),
            block.header,
        );
    }

    /// Refuses a name that Terraform keeps for itself.
    fn reserved(&mut self, name: &str, span: Span, kind: &str) {
        self.refuse(format!("Terraform reserves `{name}` in `{kind}`"), span);
    }

    /// Refuses every argument and block that is not in the lists.
    fn only(&mut self, body: &Body, attributes: &[&str], blocks: &[&str], kind: &str) {
        let strange =
            |name: &Ident, known: &[&str]| (!known.contains(&&*name.name)).then_some(name.span);
        for attribute in &body.attributes {
            if let Some(span) = strange(&attribute.name, attributes) {
                self.refuse(
                    format!("`{}` is not an argument of `{kind}`", attribute.name.name),
                    span,
                );
            }
        }
        for block in &body.blocks {
            if let Some(span) = strange(&block.kind, blocks) {
                self.refuse(
                    format!("`{}` is not a block of `{kind}`", block.kind.name),
                    span,
                );
            }
        }
    }

    fn refuse(&mut self, message: String, span: Span) {
        self.module.problems.push(refused(message, span));
    }

    fn refuse_in_root(&mut self, message: String, span: Span) {
        let problem = refused(message, span);
        self.module.problems_of_root.push(problem);
    }
}

fn refused(message: String, span: Span) -> Problem {
    Problem::new(ProblemKind::Refused, message, Some(span))
}

/// A reference without the quotes that old configurations put around it.
fn unquoted(expr: Expr) -> Expr {
    let ExprKind::String(text) = &expr.kind else {
        return expr;
    };
    let at = expr.span;
    match syntax::parse_expression(at.source, text, at.start + 1) {
        Ok(inner) => inner,
        Err(_) => expr,
    }
}

/// Whether an expression needs nothing but itself: no reference and no function.
fn is_constant(expr: &Expr) -> bool {
    let mut constant = true;
    expr.walk(|inner| {
        constant &= !matches!(inner.kind, ExprKind::Variable(_) | ExprKind::Call(_));
    });
    constant
}

/// The value of a constant that is true or false.
fn constant_bool(expr: &Expr) -> Option<bool> {
    match &expr.kind {
        ExprKind::Bool(value) => Some(*value),
        ExprKind::String(text) => match &**text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        ExprKind::Parens(inner) => constant_bool(inner),
        ExprKind::Template(template) => constant_bool(template.sole_interpolation()?),
        ExprKind::Unary {
            operator: UnaryOperator::Not,
            operand,
        } => constant_bool(operand).map(|value| !value),
        _ => None,
    }
}

/// Whether an expression mentions `self`, `path` or `terraform`, which are no references to other objects.
fn names_self(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(|inner| {
        if let ExprKind::Variable(name) = &inner.kind {
            found |= matches!(&**name, "self" | "path" | "terraform" | "tofu");
        }
    });
    found
}

/// Takes an attribute out of a body.
fn take(body: &mut Body, name: &str) -> Option<Attribute> {
    let at = body
        .attributes
        .iter()
        .position(|attribute| &*attribute.name.name == name)?;
    Some(body.attributes.remove(at))
}

/// The text of a literal string.
fn literal(expr: &Expr) -> Option<Arc<str>> {
    match &expr.kind {
        ExprKind::String(text) => Some(Arc::clone(text)),
        ExprKind::Parens(inner) => literal(inner),
        ExprKind::Template(template) => literal(template.sole_interpolation()?),
        _ => None,
    }
}

/// The known name that is closest to a mistyped one.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let scored = known
        .iter()
        .map(|one| (strsim::jaro_winkler(name, one), *one));
    scored
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, one)| one)
}
