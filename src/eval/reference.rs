//! References: what a name and the steps after it stand for.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::error::{EvalError, Evaluated};
use super::module::Missing;
use super::{CallExpansion, Keys, Mode, ModuleState, Scope};
use crate::address::{AttributePath, InstanceKey, Resource, ResourceAddress, ResourceMode};
use crate::config::{Child, Repetition};
use crate::problem::{Problem, ProblemKind};
use crate::secret::is_plain_name;
use crate::syntax::{Expr, ExprKind};
use crate::value::{self, Cause, Causes, Data, Entries, Marks, SecretPlaces, Type, Value};

/// A step of a reference.
#[derive(Clone, Copy)]
pub(crate) enum Step<'a> {
    /// `.name`
    Attribute(&'a str),
    /// `[key]`
    Key(&'a Expr),
}

impl<'a> Step<'a> {
    /// That of an attribute.
    fn name(self) -> Option<&'a str> {
        match self {
            Self::Attribute(name) => Some(name),
            Self::Key(_) => None,
        }
    }
}

/// A reference taken apart: what stands at its root, and each step with the expression that ends there.
pub(crate) struct Chain<'a> {
    pub(crate) root: &'a Expr,
    pub(crate) steps: Vec<(Step<'a>, &'a Expr)>,
}

impl<'a> Chain<'a> {
    pub(crate) fn of(expr: &'a Expr) -> Self {
        let mut steps = Vec::new();
        let mut root = expr;
        loop {
            match &root.kind {
                ExprKind::Attr { source, name } => {
                    steps.push((Step::Attribute(&name.name), root));
                    root = source;
                }
                ExprKind::Index { source, key } => {
                    steps.push((Step::Key(key), root));
                    root = source;
                }
                _ => break,
            }
        }
        steps.reverse();
        Chain { root, steps }
    }

    pub(crate) fn name(&self, at: usize) -> Option<&'a str> {
        self.steps.get(at)?.0.name()
    }

    /// Whether the first member that is taken from some step on is no secret by its name.
    fn is_plain_from(&self, from: usize) -> bool {
        let mut names = self
            .steps
            .iter()
            .skip(from)
            .filter_map(|(step, _)| step.name());
        names.next().is_some_and(is_plain_name)
    }
}

/// Evaluates a name, or a chain of steps from anything.
pub(super) fn evaluate(scope: &Scope<'_>, expr: &Expr) -> Evaluated {
    let chain = Chain::of(expr);
    let (mut value, used) = match &chain.root.kind {
        ExprKind::Variable(name) => match scope.lookup(name) {
            Some(bound) => (bound.clone(), 0),
            None => resolve(scope, name, &chain)?,
        },
        _ => (scope.evaluate(chain.root)?, 0),
    };
    for (step, so_far) in &chain.steps[used..] {
        value = scope.step(&value, *step, so_far)?;
    }
    if !value.marks().is_secret() {
        return Ok(value);
    }
    Ok(match plain_member(scope, &chain) {
        Some(variable) => {
            let marks = without_source(value.marks().clone(), &variable);
            value.replace_marks(marks)
        }
        None => value,
    })
}

/// What a splat gives: of the members whose name says that they are no secrets, without the variable that they are of.
pub(super) fn of_splat(scope: &Scope<'_>, source: &Expr, each: &Expr, marks: Marks) -> Marks {
    if !marks.is_secret() {
        return marks;
    }
    match whole_variable(scope, &Chain::of(source)) {
        Some(variable) if Chain::of(each).is_plain_from(0) => without_source(marks, &variable),
        _ => marks,
    }
}

/// The variable of which a member is taken whose name says that it is no secret: `var.database.port`.
fn plain_member(scope: &Scope<'_>, chain: &Chain<'_>) -> Option<String> {
    let variable = whole_variable(scope, chain)?;
    chain.is_plain_from(1).then_some(variable)
}

/// The variable that a chain begins with, as marks name it.
fn whole_variable(scope: &Scope<'_>, chain: &Chain<'_>) -> Option<String> {
    let is_variable = matches!(&chain.root.kind, ExprKind::Variable(name) if &**name == "var");
    if !is_variable || scope.lookup("var").is_some() {
        return None;
    }
    Some(scope.module?.within(&format!("var.{}", chain.name(0)?)))
}

/// A variable is sensitive as a whole, whatever is in it: to Terraform the member stays sensitive, too.
fn without_source(mut marks: Marks, variable: &str) -> Marks {
    if let Some(sources) = &mut marks.secrets {
        let others: BTreeSet<Arc<str>> = sources
            .iter()
            .filter(|source| ***source != *variable)
            .cloned()
            .collect();
        marks.secrets = (!others.is_empty()).then(|| Arc::new(others));
    }
    marks
}

/// The value of a name that is not bound, and how many steps belong to it.
fn resolve(
    scope: &Scope<'_>,
    root: &str,
    chain: &Chain<'_>,
) -> Result<(Value, usize), Box<EvalError>> {
    if let Some(variables) = scope.template {
        let known: Vec<&str> = variables.keys().map(AsRef::as_ref).collect();
        let error = EvalError::new(
            format!("the template has no variable `{root}`"),
            chain.root.span,
        );
        return Err(suggest(error, root, &known));
    }
    let Some(module) = scope.module else {
        return Err(EvalError::new(
            "a reference is not allowed here",
            chain.root.span,
        ));
    };
    let name = |at: usize| chain.name(at).ok_or_else(|| incomplete(root, chain));
    match root {
        "var" => Ok((variable(scope, module, name(0)?, chain)?, 1)),
        "local" => Ok((local(scope, module, name(0)?, chain)?, 1)),
        "module" => call(scope, module, name(0)?, chain),
        "data" | "ephemeral" => {
            let mode = if root == "data" {
                ResourceMode::Data
            } else {
                ResourceMode::Ephemeral
            };
            let address = Resource {
                mode,
                kind: name(0)?.into(),
                name: name(1)?.into(),
            };
            resource(scope, module, &address, chain, 2)
        }
        "each" => Ok((each(scope, name(0)?, chain)?, 1)),
        "count" => match (
            name(0)?,
            scope.repetition.and_then(|one| one.count_index.clone()),
        ) {
            ("index", Some(index)) => Ok((index, 1)),
            ("index", None) => Err(EvalError::new(
                "`count.index` needs `count`",
                chain.root.span,
            )),
            (other, _) => Err(EvalError::new(
                format!("there is no `count.{other}`"),
                chain.root.span,
            )),
        },
        "path" => Ok((path(scope, module, name(0)?, chain)?, 1)),
        "terraform" | "tofu" => match name(0)? {
            "workspace" => Ok((
                Value::string(Arc::clone(&scope.evaluation.options.workspace)),
                1,
            )),
            "applying" => Ok((
                Value::FALSE.with_marks(&Marks {
                    ephemeral: true,
                    ..Marks::NONE
                }),
                1,
            )),
            other => Err(EvalError::new(
                format!("there is no `terraform.{other}`"),
                chain.root.span,
            )),
        },
        "self" => match scope.self_value {
            Some(value) => Ok((value.clone(), 0)),
            None => Err(EvalError::new("there is no `self` here", chain.root.span)),
        },
        "resource" => {
            let address = Resource {
                mode: ResourceMode::Managed,
                kind: name(0)?.into(),
                name: name(1)?.into(),
            };
            resource(scope, module, &address, chain, 2)
        }
        kind => {
            let address = Resource {
                mode: ResourceMode::Managed,
                kind: kind.into(),
                name: name(0)?.into(),
            };
            resource(scope, module, &address, chain, 1)
        }
    }
}

fn incomplete(root: &str, chain: &Chain<'_>) -> Box<EvalError> {
    let message = match root {
        "var" | "local" | "module" | "data" | "resource" | "each" | "count" | "path"
        | "terraform" | "ephemeral" => {
            format!("`{root}` must be followed by a name")
        }
        _ => {
            format!("`{root}` alone refers to nothing: a resource is referred to by type and name")
        }
    };
    EvalError::new(message, chain.root.span)
}

fn suggest(error: Box<EvalError>, name: &str, known: &[&str]) -> Box<EvalError> {
    match crate::config::nearest(name, known) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error,
    }
}

/// The error for a name that is not declared, or that depends on itself.
fn missing(
    why: Missing,
    what: &str,
    name: &str,
    known: &[&str],
    chain: &Chain<'_>,
) -> Box<EvalError> {
    match why {
        Missing::Cycle => {
            EvalError::new(format!("`{what}` depends on itself"), chain.root.span).fixed()
        }
        Missing::Undeclared => suggest(
            EvalError::new(format!("`{what}` is not declared"), chain.root.span).fixed(),
            name,
            known,
        ),
    }
}

fn variable(
    scope: &Scope<'_>,
    module: &Arc<ModuleState>,
    name: &str,
    chain: &Chain<'_>,
) -> Evaluated {
    module.variable_or(scope.evaluation, name).map_err(|why| {
        let known: Vec<&str> = module
            .config
            .module
            .variables
            .keys()
            .map(AsRef::as_ref)
            .collect();
        missing(why, &format!("var.{name}"), name, &known, chain)
    })
}

fn local(scope: &Scope<'_>, module: &Arc<ModuleState>, name: &str, chain: &Chain<'_>) -> Evaluated {
    module.local_or(scope.evaluation, name).map_err(|why| {
        let known: Vec<&str> = module
            .config
            .module
            .locals
            .keys()
            .map(AsRef::as_ref)
            .collect();
        missing(why, &format!("local.{name}"), name, &known, chain)
    })
}

fn resource(
    scope: &Scope<'_>,
    module: &Arc<ModuleState>,
    address: &Resource,
    chain: &Chain<'_>,
    used: usize,
) -> Result<(Value, usize), Box<EvalError>> {
    let mode = scope.evaluation.options.mode;
    let is_static = mode == Mode::Static;
    if mode != Mode::Judging {
        check_key(module, address, chain, used)?;
    }
    let strange = beyond_facts(scope, module, address, chain, used);
    if let Some((name, at)) = strange
        && (is_static || address.kind.starts_with("terraform_"))
    {
        let message = format!("`{}` has no attribute `{name}`", address.kind);
        return Err(EvalError::new(message, chain.steps[at].1.span).fixed());
    }
    let value = match module.resource_or(scope.evaluation, address) {
        Ok(_) if is_static || mode == Mode::Validating => {
            let what = format!("`{address}` before planning").into();
            Ok(Value::unknown(
                Type::Dynamic,
                Causes::one(Cause::Unsupported { what }),
            ))
        }
        Ok(expansion) => Ok(expansion.value.clone()),
        Err(why) => {
            let of_kind = module.config.module.resources.keys();
            let of_kind =
                of_kind.filter(|one| one.mode == address.mode && one.kind == address.kind);
            let known: Vec<&str> = of_kind.map(|one| &*one.name).collect();
            Err(missing(
                why,
                &address.to_string(),
                &address.name,
                &known,
                chain,
            ))
        }
    }?;
    Ok(match strange {
        Some((name, at)) => (
            newer(scope, module, address, name, chain.steps[at].1),
            at + 1,
        ),
        None => (value, used),
    })
}

/// An attribute that the facts do not have: the provider in use may be of another version, so that it is unknown.
fn newer(
    scope: &Scope<'_>,
    module: &ModuleState,
    address: &Resource,
    name: &str,
    expr: &Expr,
) -> Value {
    let message = format!(
        "nothing is known of an attribute `{name}` of `{}`",
        address.kind
    );
    let problem = Problem::new(ProblemKind::Note, message, Some(expr.span));
    scope.evaluation.report(problem.about(address));
    let cause = Cause::NoSchema {
        kind: Arc::clone(&address.kind),
        address: Arc::new(ResourceAddress {
            module: module.instance.clone(),
            resource: address.clone(),
            key: None,
        }),
        path: AttributePath::attribute(name),
    };
    Value::unknown(Type::Dynamic, Causes::one(cause))
}

/// What Terraform finds before it evaluates: an index on what has no instances to choose from, and none on what has.
fn check_key(
    module: &ModuleState,
    address: &Resource,
    chain: &Chain<'_>,
    used: usize,
) -> Result<(), Box<EvalError>> {
    let (Some(block), Some((step, so_far))) = (
        module.config.module.resources.get(address),
        chain.steps.get(used),
    ) else {
        return Ok(());
    };
    let message = match (step, &block.repetition) {
        (Step::Key(_), Repetition::Single) => {
            format!("`{address}` has neither `count` nor `for_each`, and so no instance to choose")
        }
        (Step::Attribute(_), Repetition::Count(one) | Repetition::ForEach(one)) => format!(
            "`{address}` has `{}`: an attribute is that of one instance, as in `{address}[…]`",
            one.name.name
        ),
        _ => return Ok(()),
    };
    Err(EvalError::new(message, so_far.span).fixed())
}

/// The attribute of an instance that is named and that the facts do not know, and which step that is.
fn beyond_facts<'a>(
    scope: &Scope<'_>,
    module: &ModuleState,
    address: &Resource,
    chain: &Chain<'a>,
    used: usize,
) -> Option<(&'a str, usize)> {
    let block = module.config.module.resources.get(address)?;
    let at = match (chain.steps.get(used)?.0, &block.repetition) {
        (Step::Attribute(_), Repetition::Single) => used,
        (Step::Key(_), Repetition::Count(_) | Repetition::ForEach(_)) => used + 1,
        _ => return None,
    };
    let name = chain.name(at)?;
    let facts = scope
        .evaluation
        .providers
        .schema(address.mode, &address.kind)?;
    let known = facts.block.attributes.contains_key(name)
        || facts.block.blocks.contains_key(name)
        || block.body.attribute(name).is_some();
    (!known).then_some((name, at))
}

fn each(scope: &Scope<'_>, name: &str, chain: &Chain<'_>) -> Evaluated {
    match (scope.repetition.and_then(|one| one.each.as_ref()), name) {
        (Some((key, _)), "key") => Ok(key.clone()),
        (Some((_, value)), "value") => Ok(value.clone()),
        (None, "key" | "value") => Err(EvalError::new(
            format!("`each.{name}` needs `for_each`"),
            chain.root.span,
        )),
        (_, other) => Err(EvalError::new(
            format!("there is no `each.{other}`"),
            chain.root.span,
        )),
    }
}

fn path(scope: &Scope<'_>, module: &Arc<ModuleState>, name: &str, chain: &Chain<'_>) -> Evaluated {
    let root = &scope.evaluation.root.config.module.folder;
    match name {
        "module" => Ok(Value::text(&relative(root, &module.config.module.folder))),
        "root" => Ok(Value::string(".")),
        "cwd" => match root.canonicalize() {
            Ok(path) => Ok(Value::text(&path.to_string_lossy())),
            Err(_) => Ok(Value::unknown(
                Type::String,
                Causes::one(Cause::Unsupported {
                    what: "`path.cwd` of a folder that is not there".into(),
                }),
            )),
        },
        other => Err(EvalError::new(
            format!("there is no `path.{other}`"),
            chain.root.span,
        )),
    }
}

/// A folder as seen from another, as `path.module` is written; both are as the loader normalised them.
fn relative(from: &std::path::Path, to: &std::path::Path) -> String {
    let parts = |path: &std::path::Path| -> Vec<std::ffi::OsString> {
        path.components()
            .filter(|part| !matches!(part, std::path::Component::CurDir))
            .map(|part| part.as_os_str().to_owned())
            .collect()
    };
    let (from, to) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let down = to[shared..]
        .iter()
        .map(|part| part.to_string_lossy().into_owned());
    let joined = up.chain(down).collect::<Vec<_>>().join("/");
    if joined.is_empty() {
        ".".to_owned()
    } else {
        joined
    }
}

/// `module.name`, `module.name[key]` and, where the next step names an output, that output alone: evaluating the
/// others could go round in a circle that Terraform does not see.
fn call(
    scope: &Scope<'_>,
    module: &Arc<ModuleState>,
    name: &str,
    chain: &Chain<'_>,
) -> Result<(Value, usize), Box<EvalError>> {
    let expansion = module.call_or(scope.evaluation, name).map_err(|why| {
        let known: Vec<&str> = module
            .config
            .module
            .calls
            .keys()
            .map(AsRef::as_ref)
            .collect();
        missing(why, &format!("module.{name}"), name, &known, chain)
    })?;
    if let Some(Child::Unread { source, .. }) = module.config.children.get(name) {
        return Ok((unread(module, name, source), chain.steps.len()));
    }
    if let (Keys::Single, [(_, only)], Some(output)) = (
        &expansion.keys,
        expansion.instances.as_slice(),
        chain.name(1),
    ) {
        return Ok((output_of(scope, only, output, name, chain)?, 2));
    }
    if let (Some((Step::Key(key), _)), Some(output)) = (chain.steps.get(1), chain.name(2)) {
        let (key, marks) = scope.evaluate(key)?.unmark();
        if let Some(child) = instance(expansion, &key) {
            return Ok((
                output_of(scope, child, output, name, chain)?.with_marks(&marks),
                3,
            ));
        }
    }
    Ok((whole(scope, expansion), 1))
}

fn unread(module: &ModuleState, name: &str, source: &Arc<str>) -> Value {
    let at = if module.instance.is_root() {
        String::new()
    } else {
        format!("{}.", module.instance)
    };
    let cause = Cause::ModuleNotRead {
        module: format!("{at}module.{name}").into(),
        source: Arc::clone(source),
    };
    Value::unknown(Type::Dynamic, Causes::one(cause))
}

/// An output is taken as an attribute of a value: its name in another Unicode form will do.
fn output_of(
    scope: &Scope<'_>,
    child: &Arc<ModuleState>,
    output: &str,
    name: &str,
    chain: &Chain<'_>,
) -> Evaluated {
    let outputs = &child.config.module.outputs;
    let output = if outputs.contains_key(output) {
        output
    } else {
        let wanted = value::normalised(output);
        let same = |name: &&Arc<str>| value::normalised(name) == wanted;
        outputs.keys().find(same).map_or(output, |name| name)
    };
    child.output_or(scope.evaluation, output).map_err(|why| {
        let known: Vec<&str> = child
            .config
            .module
            .outputs
            .keys()
            .map(AsRef::as_ref)
            .collect();
        let what = format!("module.{name}.{output}");
        let mut error = missing(why, &what, output, &known, chain);
        // Terraform finds this while it evaluates, so that `try` gets past it.
        error.fixed = why == Missing::Cycle;
        error
    })
}

fn instance<'a>(expansion: &'a CallExpansion, key: &Value) -> Option<&'a Arc<ModuleState>> {
    let wanted = match &expansion.keys {
        Keys::Count(_) => {
            let number = value::convert(key, &Type::Number).ok()?;
            InstanceKey::Index(number.as_number()?.as_usize()? as u64)
        }
        Keys::ForEach(_) => match value::convert(key, &Type::String).ok()?.data() {
            Data::String(text) => InstanceKey::Key(Arc::clone(text)),
            _ => return None,
        },
        Keys::Single | Keys::Unknown(_) => return None,
    };
    expansion
        .instances
        .iter()
        .find(|(key, _)| key.as_ref() == Some(&wanted))
        .map(|(_, child)| child)
}

/// Every instance with every output, as an expression like `module.name[*].id` sees it.
fn whole(scope: &Scope<'_>, expansion: &CallExpansion) -> Value {
    let object = |child: &Arc<ModuleState>| {
        let names = child.config.module.outputs.keys();
        let entries: Entries = names
            .map(|output| {
                let value = child
                    .output_or(scope.evaluation, output)
                    .unwrap_or_else(|_| {
                        let what = format!("{}.{output}", child.instance);
                        let message = format!("`{what}` depends on itself");
                        Value::unknown(
                            Type::Dynamic,
                            Causes::one(Cause::Error {
                                message: message.into(),
                            }),
                        )
                    });
                (Arc::from(value::normalised(output)), value)
            })
            .collect();
        Value::object(entries)
    };
    match &expansion.keys {
        Keys::Single => expansion
            .instances
            .first()
            .map_or(Value::NULL, |(_, child)| object(child)),
        Keys::Count(_) => Value::tuple(expansion.instances.iter().map(|(_, child)| object(child))),
        Keys::ForEach(_) => {
            let named = expansion
                .instances
                .iter()
                .filter_map(|(key, child)| match key {
                    Some(InstanceKey::Key(key)) => Some((Arc::clone(key), object(child))),
                    _ => None,
                });
            Value::object(named.collect())
        }
        Keys::Unknown(open) => {
            let one = expansion.instances.first();
            let places = one.map(|(_, child)| SecretPlaces::of(&object(child)).of_each());
            let value = Value::unknown(Type::Dynamic, open.causes.clone());
            places.unwrap_or_default().put_on(value)
        }
    }
}
