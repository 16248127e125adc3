//! Functions on marks. What derives from a secret stays known as such: only Terraform's own marks can be taken off.

use super::{Call, Outcome};
use crate::provider::secrets::is_drawn;
use crate::secret::{is_plain_name, may_be_declared};
use crate::value::{Cause, DECLARED, Data, Entries, Marks, Type, Value, quote};

pub(super) fn sensitive(call: &Call<'_>) -> Outcome {
    let value = declared(call.arg(0), "");
    Ok(value.with_marks(&Marks::SENSITIVE))
}

/// What somebody declares to be a secret is a source of one, where it has none yet; what a name says to be none is not.
fn declared(value: &Value, name: &str) -> Value {
    if value.marks().is_secret() || is_plain_name(name) {
        return value.clone();
    }
    let data = match value.data() {
        Data::String(text) if may_be_declared(text) => {
            return value.clone().with_marks(&Marks::secret(DECLARED));
        }
        // What is drawn at random is whatever it is declared to be.
        Data::Unknown(_) if is_drawn_text(value) => {
            return value.clone().with_marks(&Marks::secret(DECLARED));
        }
        Data::Tuple(inner) => Data::Tuple(inner.iter().map(|one| declared(one, name)).collect()),
        Data::List(of, inner) => Data::List(
            of.clone(),
            inner.iter().map(|one| declared(one, name)).collect(),
        ),
        Data::Map(of, inner) => Data::Map(of.clone(), members(inner).into()),
        Data::Object(inner) => Data::Object(members(inner).into()),
        other => other.clone(),
    };
    Value::from(data).with_marks(value.marks())
}

fn is_drawn_text(value: &Value) -> bool {
    let is_drawn = |cause: &Cause| match cause {
        Cause::Apply { address, path } => is_drawn(&address.resource, path.root()),
        _ => false,
    };
    let causes = value.causes();
    value.ty() == Type::String && !causes.is_empty() && causes.iter().all(is_drawn)
}

fn members(entries: &Entries) -> Entries {
    let all = entries.iter();
    let all = all.map(|(name, value)| (name.clone(), declared(value, name)));
    all.collect()
}

pub(super) fn nonsensitive(call: &Call<'_>) -> Outcome {
    let value = call.arg(0).clone();
    let marks = Marks {
        sensitive: false,
        ..value.marks().clone()
    };
    Ok(value.replace_marks(marks))
}

pub(super) fn issensitive(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    Ok(match value.marks().sensitive {
        true => Value::TRUE,
        false if value.is_known() => Value::FALSE,
        false => call.unknown_of(Type::Bool),
    })
}

/// Ephemeral values become null, at every depth.
pub(super) fn ephemeralasnull(call: &Call<'_>) -> Outcome {
    Ok(without_ephemeral(call.arg(0)))
}

fn without_ephemeral(value: &Value) -> Value {
    let marks = value.marks();
    if marks.ephemeral {
        let kept = Marks {
            ephemeral: false,
            ..marks.clone()
        };
        return match value.data() {
            Data::Unknown(unknown) => Value::unknown(unknown.ty.clone(), unknown.causes.clone()),
            _ => Value::null(value.ty()),
        }
        .with_marks(&kept);
    }
    let elements = |elements: &[Value]| elements.iter().map(without_ephemeral).collect();
    let entries = |entries: &Entries| -> Entries {
        entries
            .iter()
            .map(|(key, value)| (key.clone(), without_ephemeral(value)))
            .collect()
    };
    let data = match value.data() {
        Data::List(of, inner) => Data::List(of.clone(), elements(inner)),
        Data::Set(of, inner) => Data::Set(of.clone(), elements(inner)),
        Data::Tuple(inner) => Data::Tuple(elements(inner)),
        Data::Map(of, inner) => Data::Map(of.clone(), entries(inner).into()),
        Data::Object(inner) => Data::Object(entries(inner).into()),
        other => other.clone(),
    };
    Value::from(data).with_marks(marks)
}

/// A text in a message, quoted; not when it is sensitive or secret.
pub(super) fn shown(text: &str, marks: &Marks) -> String {
    if marks.sensitive || marks.is_secret() {
        "(sensitive value)".to_owned()
    } else {
        quote(text)
    }
}
