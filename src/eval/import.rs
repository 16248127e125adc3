//! `import` blocks: which planned objects exist already.

use std::sync::Arc;

use super::expansion::report_unknown;
use super::scope::{Repetition, Scope};
use super::{EvalError, Evaluation};
use crate::address::{InstanceKey, ModuleInstance, Resource, ResourceAddress, ResourceMode};
use crate::config::{self, Import};
use crate::plan::{Action, Existence, ResourceInstance};
use crate::problem::{Problem, ProblemKind};
use crate::syntax::{Attribute, Expr, ExprKind};
use crate::value::{self, Cause, Data, Number, Type, Value};

impl Evaluation {
    /// Marks what `import` blocks of the root take over: it is no creation, and how it differs only the cloud can tell.
    pub(super) fn import(self: &Arc<Self>, resources: &mut [ResourceInstance]) {
        for import in &self.root.config.module.imports {
            for (address, id) in self.imported(import) {
                let Some(found) = resources.iter_mut().find(|one| *one.address == address) else {
                    self.report_no_instance(import, &address, resources);
                    continue;
                };
                found.change.action = Action::Update;
                found.change.importing = Some(id);
            }
        }
    }

    /// Whether a block takes an object over, as far as its keys are known.
    pub(crate) fn may_import(self: &Arc<Self>, import: &Import, object: &ResourceAddress) -> bool {
        let scope = Scope::module(self, &self.root);
        let each = match &import.for_each {
            None => vec![Repetition::default()],
            Some(for_each) => match scope.evaluate(&for_each.expr) {
                Ok(value) if value.is_wholly_known() => repeated(&value).unwrap_or_default(),
                _ => return true,
            },
        };
        each.iter().any(|repetition| {
            let scope = Scope {
                repetition: Some(repetition),
                ..scope
            };
            address(&scope, &import.to).is_none_or(|address| address == *object)
        })
    }

    /// Every instance of the resource is known, and this is none of them.
    fn report_no_instance(
        &self,
        import: &Import,
        address: &ResourceAddress,
        resources: &[ResourceInstance],
    ) {
        let others: Vec<&ResourceInstance> = resources
            .iter()
            .filter(|one| {
                one.address.module == address.module && one.address.resource == address.resource
            })
            .collect();
        if others.is_empty() || others.iter().any(|one| one.existence != Existence::Certain) {
            return;
        }
        let message = format!("`{address}`, which this imports into, is no instance");
        let problem = Problem::new(ProblemKind::Refused, message, Some(import.to.span));
        self.report(problem.about(address));
    }

    fn imported(self: &Arc<Self>, import: &Import) -> Vec<(ResourceAddress, String)> {
        let scope = Scope::module(self, &self.root);
        let repetitions = match &import.for_each {
            Some(for_each) => self.repetitions(&scope, for_each),
            None => vec![Repetition::default()],
        };
        let mut found = Vec::new();
        for repetition in repetitions {
            let scope = Scope {
                repetition: Some(&repetition),
                ..scope
            };
            let address = address(&scope, &import.to);
            let id = import.id.as_ref().map(|id| import_id(&scope, id));
            match (address, id) {
                (Some(address), Some(Ok(Some(id)))) => found.push((address, id)),
                (_, Some(Err(error))) => self.report(super::refused(&error, &"import")),
                _ => {}
            }
        }
        found
    }

    /// What `each` is, once for each element. Terraform takes every collection here, and null for none.
    fn repetitions(self: &Arc<Self>, scope: &Scope<'_>, for_each: &Attribute) -> Vec<Repetition> {
        let entries = scope.evaluate(&for_each.expr).and_then(|value| {
            if !value.is_wholly_known() {
                let repetition = config::Repetition::ForEach(for_each.clone());
                report_unknown(self, &repetition, &value.causes(), "import");
                return Ok(Vec::new());
            }
            repeated(&value).ok_or_else(|| {
                let message = format!(
                    "`for_each` of an import is a collection, not a value of type {}",
                    value.ty()
                );
                EvalError::new(message, for_each.expr.span)
            })
        });
        entries.unwrap_or_else(|error| {
            self.report(super::refused(&error, &"import"));
            Vec::new()
        })
    }
}

/// Once for each element of a collection.
fn repeated(value: &Value) -> Option<Vec<Repetition>> {
    let repetition = |each| Repetition {
        count_index: None,
        each: Some(each),
    };
    Some(elements(value)?.into_iter().map(repetition).collect())
}

/// The elements of a collection with their keys: names, positions, or in a set the elements themselves.
fn elements(value: &Value) -> Option<Vec<(Value, Value)>> {
    let marks = value.marks();
    let marked = |(key, element): (Value, &Value)| {
        (key.with_marks(marks), element.clone().with_marks(marks))
    };
    Some(match value.data() {
        Data::Null(_) => Vec::new(),
        Data::Map(_, entries) | Data::Object(entries) => entries
            .iter()
            .map(|(key, element)| marked((Value::string(Arc::clone(key)), element)))
            .collect(),
        Data::Set(_, elements) => elements
            .iter()
            .map(|element| marked((element.clone(), element)))
            .collect(),
        Data::List(_, elements) | Data::Tuple(elements) => elements
            .iter()
            .enumerate()
            .map(|(index, element)| marked((Value::number(Number::from(index)), element)))
            .collect(),
        _ => return None,
    })
}

/// The id; none where it is unknown for a reason that Terraform would not have.
fn import_id(scope: &Scope<'_>, expr: &Expr) -> Result<Option<String>, Box<EvalError>> {
    let value = scope.evaluate(expr)?;
    let text = value::convert(&value, &Type::String)
        .map_err(|_| EvalError::new("the id of an import is not a string", expr.span))?;
    match text.data() {
        Data::String(text) if text.is_empty() => {
            Err(EvalError::new("the id of an import is empty", expr.span))
        }
        Data::String(text) => Ok(Some(text.to_string())),
        Data::Null(_) => Err(EvalError::new("the id of an import is null", expr.span)),
        _ if text
            .causes()
            .iter()
            .any(|cause| matches!(cause, Cause::Apply { .. })) =>
        {
            Err(EvalError::new(
                "the id of an import is known after apply only",
                expr.span,
            ))
        }
        _ => Ok(None),
    }
}

/// The address that an expression like `module.m["k"].aws_lb.main[0]` spells, keys evaluated.
fn address(scope: &Scope<'_>, expr: &Expr) -> Option<ResourceAddress> {
    let (module, resource) = object(scope, expr)?;
    let (resource, key) = resource?;
    Some(ResourceAddress {
        module,
        resource,
        key,
    })
}

/// What an address spells: a module, or a managed resource in one.
type Object = (ModuleInstance, Option<(Resource, Option<InstanceKey>)>);

pub(super) fn object(scope: &Scope<'_>, expr: &Expr) -> Option<Object> {
    let mut chain: Vec<&Expr> = expr.spine().collect();
    chain.reverse();
    let mut names: Vec<(Arc<str>, Option<InstanceKey>)> = Vec::new();
    for link in chain {
        match &link.kind {
            ExprKind::Variable(name) => names.push((Arc::clone(name), None)),
            ExprKind::Attr { name, .. } => names.push((Arc::clone(&name.name), None)),
            ExprKind::Index { key, .. } => {
                let key = instance_key(&scope.evaluate(key).ok()?)?;
                names.last_mut()?.1 = Some(key);
            }
            _ => return None,
        }
    }
    let mut module = ModuleInstance::root();
    let mut rest = &names[..];
    while let [(word, None), (name, key), after @ ..] = rest {
        if &**word != "module" {
            break;
        }
        module = module.child(name, key.clone());
        rest = after;
    }
    if let [(word, None), _, _] = rest
        && &**word == "resource"
    {
        rest = &rest[1..];
    }
    let resource = match rest {
        [] => None,
        [(kind, None), (name, key)] => {
            let resource = Resource {
                mode: ResourceMode::Managed,
                kind: Arc::clone(kind),
                name: Arc::clone(name),
            };
            Some((resource, key.clone()))
        }
        _ => return None,
    };
    Some((module, resource))
}

fn instance_key(value: &Value) -> Option<InstanceKey> {
    match value.data() {
        Data::String(key) => Some(InstanceKey::Key(Arc::clone(key))),
        Data::Number(number) => Some(InstanceKey::Index(number.as_usize()? as u64)),
        _ => None,
    }
}
