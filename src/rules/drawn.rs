//! What will be drawn at random, before it is: a text stands in for it, so that it is found wherever one that is written
//! would be, and a plan is judged as the state will be.

use std::sync::Arc;

use crate::address::{AttributePath, PathStep, ResourceAddress};
use crate::plan::ResourceInstance;
use crate::provider::secrets::is_drawn;
use crate::rule::Context;
use crate::rules::evidence::sources;
use crate::value::{Cause, Data, Entries, Shape, Type, Unknown, Value};

/// As random as what is drawn.
const STAND_IN: &str = "Rq7Vn2Xk9Tb4Lw8Zc5Md3Pf6";

/// Whether a text has what stands in for another in it.
pub(super) fn stands_in(text: &str) -> bool {
    text.contains(STAND_IN)
}

/// An attribute of an object, or a part of one, with a text in the place of what will be drawn. None where nothing will.
pub(super) fn drawn(
    cx: &Context<'_>,
    resource: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
) -> Option<Value> {
    let at = path.0.clone();
    Search { cx, resource, at }.value(value)
}

struct Search<'a> {
    cx: &'a Context<'a>,
    resource: &'a ResourceInstance,
    at: Vec<PathStep>,
}

impl Search<'_> {
    fn value(&mut self, value: &Value) -> Option<Value> {
        let found = match value.data() {
            Data::Unknown(unknown) => self.unknown(value, unknown),
            Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all) => {
                let step = PathStep::Index;
                let each = all.iter().enumerate();
                let each = each.map(|(at, one)| self.below(step(at), one));
                let new: Vec<_> = each.collect();
                let any = new.iter().any(Option::is_some);
                let all = new.into_iter().zip(all.iter());
                let all = all.map(|(new, old)| new.unwrap_or_else(|| old.clone()));
                any.then(|| Value::tuple(all.collect::<Vec<_>>()))
            }
            Data::Map(_, all) | Data::Object(all) => {
                let each = all
                    .iter()
                    .map(|(name, one)| self.below(PathStep::Attribute(Arc::clone(name)), one));
                let new: Vec<_> = each.collect();
                let any = new.iter().any(Option::is_some);
                let all = new.into_iter().zip(all.iter());
                let all = all.map(|(new, (name, old))| {
                    (Arc::clone(name), new.unwrap_or_else(|| old.clone()))
                });
                any.then(|| Value::object(all.collect::<Entries>()))
            }
            _ => None,
        };
        found.map(|found| found.with_marks(value.marks()))
    }

    fn below(&mut self, step: PathStep, value: &Value) -> Option<Value> {
        self.at.push(step);
        let found = self.value(value);
        self.at.pop();
        found
    }

    fn unknown(&mut self, value: &Value, unknown: &Unknown) -> Option<Value> {
        let shape = match &unknown.shape {
            Some(Shape::Json(inner)) => Shape::Json(Arc::new(self.value(inner)?)),
            Some(Shape::Partial(inner)) => Shape::Partial(Arc::new(self.value(inner)?)),
            Some(Shape::Decoded(inner)) => Shape::Decoded(Arc::new(self.value(inner)?)),
            Some(Shape::Concat(parts)) => {
                let new: Vec<_> = parts.iter().map(|part| self.value(part)).collect();
                if new.iter().all(Option::is_none) {
                    return None;
                }
                let all = new.into_iter().zip(parts.iter());
                let all = all.map(|(new, old)| new.unwrap_or_else(|| old.clone()));
                Shape::Concat(all.collect())
            }
            Some(Shape::Secrets(_)) | None => {
                return self.is_drawn(value).then(|| Value::string(STAND_IN));
            }
        };
        let shape = Some(shape);
        let unknown = unknown.clone();
        Some(Value::from(Data::Unknown(
            Unknown { shape, ..unknown }.into(),
        )))
    }

    /// Whether a text will be nothing but what is drawn, or made of that.
    fn is_drawn(&self, value: &Value) -> bool {
        let causes = value.causes();
        let may_be_text = matches!(value.ty(), Type::String | Type::Dynamic);
        if !may_be_text || causes.is_empty() {
            return false;
        }
        let is_told = |cause: &Cause| match cause {
            Cause::Apply { address, path } => is_text(address, path),
            _ => false,
        };
        if causes.iter().all(is_told) {
            return true;
        }
        // A plan says what it is made of.
        let of_plan = |cause: &Cause| matches!(cause, Cause::Plan { .. });
        if !causes.iter().all(of_plan) {
            return false;
        }
        let path = AttributePath(self.at.clone());
        let behind = sources(self.cx, self.resource, &path, value);
        let is_alone = !behind.open && !behind.fixed;
        let mut all = behind.attributes.iter();
        is_alone
            && !behind.attributes.is_empty()
            && all.all(|(address, path)| is_text(address, path))
    }
}

/// A number that is drawn is short: no secret looks so.
fn is_text(address: &ResourceAddress, path: &AttributePath) -> bool {
    is_drawn(&address.resource, path.root()) && &*address.resource.kind != "random_integer"
}
