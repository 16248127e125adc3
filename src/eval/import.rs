//! `import` blocks: which planned objects exist already.

use std::sync::Arc;

use super::expansion::Keys;
use super::scope::Scope;
use super::{EvalError, Evaluation};
use crate::address::{InstanceKey, ModuleInstance, Resource, ResourceAddress, ResourceMode};
use crate::config::{self, Import};
use crate::plan::{Action, ResourceInstance};
use crate::syntax::{Expr, ExprKind};
use crate::value::{self, Cause, Data, Type, Value};

impl Evaluation {
    /// Marks what `import` blocks of the root take over: it is no creation, and how it differs only the cloud can tell.
    pub(super) fn import(self: &Arc<Self>, resources: &mut [ResourceInstance]) {
        for import in &self.root.config.module.imports {
            for (address, id) in self.imported(import) {
                let Some(found) = resources.iter_mut().find(|one| *one.address == address) else {
                    continue;
                };
                found.change.action = Action::Update;
                found.change.importing = Some(id);
            }
        }
    }

    fn imported(self: &Arc<Self>, import: &Import) -> Vec<(ResourceAddress, String)> {
        let scope = Scope::module(self, &self.root);
        let repetition = match &import.for_each {
            Some(for_each) => config::Repetition::ForEach(for_each.clone()),
            None => config::Repetition::Single,
        };
        let keys = Keys::evaluate(&scope, &repetition, "import");
        if matches!(keys, Keys::Unknown(_)) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (_, repetition) in keys.instances() {
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
    let [(kind, None), (name, key)] = rest else {
        return None;
    };
    let resource = Resource {
        mode: ResourceMode::Managed,
        kind: Arc::clone(kind),
        name: Arc::clone(name),
    };
    Some(ResourceAddress {
        module,
        resource,
        key: key.clone(),
    })
}

fn instance_key(value: &Value) -> Option<InstanceKey> {
    match value.data() {
        Data::String(key) => Some(InstanceKey::Key(Arc::clone(key))),
        Data::Number(number) => Some(InstanceKey::Index(number.as_usize()? as u64)),
        _ => None,
    }
}
