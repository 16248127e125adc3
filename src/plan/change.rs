//! What happens to one object.

use std::sync::OnceLock;

use super::{Deferred, Excerpt};
use crate::address::AttributePath;
use crate::value::{Type, Value};

/// What Terraform would do with an object, as the plan's `actions` say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// `["no-op"]`
    NoOp,
    /// `["create"]`
    Create,
    /// `["read"]`: a data source that is read during apply.
    Read,
    /// `["update"]`
    Update,
    /// `["delete"]`
    Delete,
    /// `["delete", "create"]`
    DeleteThenCreate,
    /// `["create", "delete"]`
    CreateThenDelete,
    /// `["forget"]`
    Forget,
    /// `["create", "forget"]`
    CreateThenForget,
    /// `["open"]`: an ephemeral resource.
    Open,
}

impl Action {
    /// As the plan JSON writes it.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::NoOp => &["no-op"],
            Self::Create => &["create"],
            Self::Read => &["read"],
            Self::Update => &["update"],
            Self::Delete => &["delete"],
            Self::DeleteThenCreate => &["delete", "create"],
            Self::CreateThenDelete => &["create", "delete"],
            Self::Forget => &["forget"],
            Self::CreateThenForget => &["create", "forget"],
            Self::Open => &["open"],
        }
    }

    /// The action that the names of a plan JSON say.
    pub fn from_names(names: &[&str]) -> Option<Self> {
        const ALL: [Action; 10] = [
            Action::NoOp,
            Action::Create,
            Action::Read,
            Action::Update,
            Action::Delete,
            Action::DeleteThenCreate,
            Action::CreateThenDelete,
            Action::Forget,
            Action::CreateThenForget,
            Action::Open,
        ];
        ALL.into_iter().find(|action| action.names() == names)
    }

    /// The object is destroyed and made anew.
    pub fn is_replacement(self) -> bool {
        matches!(self, Self::DeleteThenCreate | Self::CreateThenDelete)
    }

    /// Nothing is left under this address.
    pub fn is_removal(self) -> bool {
        matches!(self, Self::Delete | Self::Forget)
    }
}

/// An object before and after. Evidence of many objects decodes them when a rule first asks.
#[derive(Clone, Debug)]
pub struct Change {
    /// What happens.
    pub action: Action,
    before: Deferred,
    after: Deferred,
    missing: OnceLock<Value>,
    /// Paths that force the replacement, where the evidence tells.
    pub replace_paths: Vec<AttributePath>,
    /// The id of an existing object that is imported.
    pub importing: Option<String>,
    /// Its address before it was moved.
    pub previous_address: Option<String>,
}

impl Change {
    /// A change of which only the result is known.
    pub fn new(action: Action, after: impl Into<Deferred>) -> Self {
        Self {
            action,
            before: Value::NULL.into(),
            after: after.into(),
            missing: OnceLock::new(),
            replace_paths: Vec::new(),
            importing: None,
            previous_address: None,
        }
    }

    /// The same change of an object that was there before.
    pub fn with_before(mut self, before: impl Into<Deferred>) -> Self {
        self.before = before.into();
        self
    }

    /// As it is; null where it does not exist yet or is not known.
    pub fn before(&self) -> &Value {
        self.before.get()
    }

    /// As it will be; null where it will not exist. Unknown and sensitive parts are in the value itself.
    pub fn after(&self) -> &Value {
        self.after.get()
    }

    /// The JSON text of what is known of the object as it will be, where the evidence tells without decoding that nothing
    /// in it is sensitive or derives from a secret.
    pub fn unmarked_text(&self) -> Option<Excerpt<'_>> {
        self.after.unmarked_text()
    }

    /// An attribute of the object as it will be. One that is not there is null, unless the object is only known in
    /// part: then it is unknown, for the reasons that the object is.
    pub fn attribute(&self, name: &str) -> &Value {
        let after = self.after();
        match after.attribute(name) {
            Some(value) => value,
            None if after.is_known() => &Value::NULL,
            None => self
                .missing
                .get_or_init(|| Value::unknown(Type::Dynamic, after.causes())),
        }
    }
}
