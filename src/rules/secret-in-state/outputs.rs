//! Outputs of the root module: the state keeps them.

use std::sync::Arc;

use super::found::{Found, Part};
use super::marked::Made;
use super::{called, report};
use crate::address::AttributePath;
use crate::plan::{Origin, Output, Subject};
use crate::provider::secrets;
use crate::rule::{Context, Findings};
use crate::rules::secret_source::Known;
use crate::secret::{is_plain_name, is_secret_name, may_be_declared, named_value};
use crate::value::Type;

/// Reports those that hold a secret.
pub(super) fn check(cx: &Context<'_>, known: &Known, made: &Made, findings: &mut Findings) {
    for (name, output) in &cx.plan.outputs {
        let mut found = Found::new(known);
        found.look_at(name, &output.value, None, None);
        if let Some(named) = named_value(name, &output.value).first() {
            found.part(&named.path).plain(called(&named.by));
        }
        declared(
            cx,
            name,
            output,
            found.part(&AttributePath::attribute(name)),
        );
        let place = Subject::Output(name.clone());
        if let Some(what) = found.worst(cx, &place, made) {
            report(findings, place, "the state keeps this output", &what);
        }
    }
}

/// What only the declaration or the name of an output tells: a text that is written in it and called sensitive, or what is
/// drawn at random to be a secret.
fn declared(cx: &Context<'_>, name: &Arc<str>, output: &Output, found: &mut Part) {
    let value = &output.value;
    let is_text = value.as_str().is_some_and(may_be_declared);
    let is_declared = output.sensitive && is_text && !is_plain_name(name);
    let may_be_text = matches!(value.ty(), Type::String | Type::Dynamic);
    let is_open = !value.is_known() && may_be_text && is_secret_name(name);
    if !is_declared && !is_open {
        return;
    }
    let origins = cx.plan.provenance.origins(&Subject::Output(name.clone()));
    let is_written = |origin: &Origin| *origin == Origin::Literal;
    if is_declared && !origins.is_empty() && origins.iter().all(is_written) {
        found.plain("what is declared sensitive".to_owned());
    }
    for origin in origins {
        if let (true, Origin::Attribute(address, path)) = (is_open, origin)
            && secrets::is_drawn(&address.resource, path.root())
        {
            found.taken(&Subject::Attribute(Arc::new(address), path));
        }
    }
}
