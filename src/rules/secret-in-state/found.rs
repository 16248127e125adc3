//! What one stored value holds: marks of secret sources, credentials, plain values where a secret belongs.

use std::collections::BTreeSet;

use crate::plan::{Evidence, Subject};
use crate::provider::{Attribute, Block};
use crate::rule::Context;
use crate::rules::secret_source::{self, Known};
use crate::secret::{Gravity, Kind, Reading, assigned, gravest, is_harmless_value, is_placeholder};
use crate::value::{Causes, Marks, Shape, Type, Value};

use super::marked::{Made, Marked, Naming};

/// What was found in one attribute.
pub(super) struct Found<'a> {
    known: &'a Known,
    marks: Marks,
    /// Of values that are known.
    marks_of_known: Marks,
    marks_of_numbers: Marks,
    is_new: bool,
    /// What a password is taken from, though it is no source of secrets by itself.
    taken: BTreeSet<String>,
    credential: Option<(Gravity, Kind)>,
    /// What is kept where a secret belongs.
    kept: Option<What>,
    open: Option<(String, Causes)>,
    causes: Causes,
    /// Whether the provider calls sensitive what is looked at.
    provider_says: bool,
    /// There is a text that is sensitive, and neither the provider nor a source of secrets is the reason.
    is_unexplained: bool,
    /// Those texts.
    marked: Marked,
    /// What the name says under which a value stands that is looked at.
    naming: Naming,
    /// It lies within something sensitive.
    around: Around,
}

/// What a value lies within.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Open,
    Sensitive,
}

/// The gravest of what was found.
pub(super) enum What {
    /// It derives from these sources.
    From(Vec<String>),
    /// It holds a credential.
    Credential(Kind, Gravity),
    /// A value where a secret belongs.
    Plain(String),
    /// A placeholder, in the place of which the provider reads what was put out of band.
    ReadBack,
    /// An unknown value where a secret belongs.
    Open(String, Causes),
}

impl<'a> Found<'a> {
    /// Nothing yet; `known` finds secrets by their values.
    pub(super) fn new(known: &'a Known) -> Self {
        Self {
            known,
            marks: Marks::NONE,
            marks_of_known: Marks::NONE,
            marks_of_numbers: Marks::NONE,
            is_new: false,
            taken: BTreeSet::new(),
            credential: None,
            kept: None,
            open: None,
            causes: Causes::default(),
            provider_says: false,
            is_unexplained: false,
            marked: Marked::default(),
            naming: Naming::Silent,
            around: Around::Open,
        }
    }

    /// All of the object comes from what is planned now, and nothing from before.
    pub(super) fn of_new_object(self) -> Self {
        Self {
            is_new: true,
            ..self
        }
    }

    /// Takes up a value that stands under a name.
    pub(super) fn look_at(
        &mut self,
        name: &str,
        value: &Value,
        attribute: Option<&Attribute>,
        nested: Option<&Block>,
    ) {
        let before = (self.provider_says, self.naming);
        self.provider_says |= attribute.is_some_and(|attribute| attribute.sensitive);
        self.naming = Naming::of(name);
        self.look(value, nested);
        (self.provider_says, self.naming) = before;
    }

    /// A secret source that stands here itself.
    pub(super) fn source(&mut self, source: String) {
        self.marks = self.marks.union(&Marks::secret(source));
    }

    /// What a value that is a password for certain is taken from, whatever that is.
    pub(super) fn taken(&mut self, from: &Subject) {
        self.taken.insert(format!("`{from}`"));
    }

    pub(super) fn plain(&mut self, what: String) {
        self.kept = Some(What::Plain(what));
    }

    pub(super) fn read_back(&mut self) {
        self.kept.get_or_insert(What::ReadBack);
    }

    pub(super) fn open(&mut self, what: String, causes: Causes) {
        self.open = Some((what, causes));
    }

    /// Takes up marks and credentials of a value and all that is in it, but not of write-only attributes.
    fn look(&mut self, value: &Value, block: Option<&Block>) {
        if value.is_null() || value.marks().ephemeral {
            return;
        }
        let before = self.around;
        if value.marks().sensitive {
            self.around = Around::Sensitive;
        }
        self.look_into(value, block);
        self.around = before;
    }

    fn look_into(&mut self, value: &Value, block: Option<&Block>) {
        if let Some(elements) = value.as_elements() {
            self.take_marks(value);
            for element in elements {
                self.look(element, block);
            }
        } else if let Some(entries) = value.as_entries() {
            self.take_marks(value);
            for (name, entry) in entries {
                let attribute = block.and_then(|block| block.attributes.get(name));
                if attribute.is_none_or(|attribute| !attribute.write_only) {
                    let nested = block.and_then(|block| block.blocks.get(name));
                    self.look_at(name, entry, attribute, nested.map(|nested| &*nested.block));
                }
            }
        } else {
            self.leaf(value);
        }
    }

    fn leaf(&mut self, value: &Value) {
        match value
            .as_unknown()
            .and_then(|unknown| unknown.shape.as_ref())
        {
            Some(Shape::Json(inner) | Shape::Partial(inner) | Shape::Decoded(inner)) => {
                self.look(inner, None);
            }
            Some(Shape::Concat(parts)) => parts.iter().for_each(|part| self.look(part, None)),
            Some(Shape::Secrets(places)) if may_hold_text(&value.ty()) => {
                self.take_marks(&value.clone().with_marks(&places.marks_deep()));
            }
            Some(Shape::Secrets(_)) | None => {}
        }
        if let Some(text) = value.as_str() {
            // The provider reads back what was left out as an empty text.
            if text.is_empty() {
                return;
            }
            let worst = gravest(text);
            self.credential = self.credential.max(worst);
            let marks = value.marks();
            if self.around == Around::Sensitive && !marks.is_secret() && !self.provider_says {
                self.mark(text, marks.sensitive);
            }
            if let Some(source) = self.known.within(text)
                && (worst.is_some() || !is_placeholder(text))
            {
                self.marks = self.marks.union(&Marks::secret(source));
            }
        }
        // A number or a flag that derives from a secret text, its length for one, is none.
        if may_hold_text(&value.ty()) {
            self.take_marks(value);
        } else if value.ty() == Type::Number {
            self.marks_of_numbers = self.marks_of_numbers.union(value.marks());
        }
    }

    /// Takes up a text that is sensitive, and nothing says why.
    fn mark(&mut self, text: &str, sensitive: bool) {
        // An address says itself that it has a token in it, whatever it is called.
        let naming = if assigned(text, Reading::Document).is_empty() {
            if is_placeholder(text) || is_harmless_value(text) {
                return;
            }
            self.naming
        } else {
            Naming::Secret
        };
        self.is_unexplained |= sensitive;
        self.marked.add(text, naming);
    }

    fn take_marks(&mut self, value: &Value) {
        if value.marks().is_secret() {
            self.causes = self.causes.union(&value.causes());
            let marks = if self.is_new && value.is_wholly_known() {
                &mut self.marks_of_known
            } else {
                &mut self.marks
            };
            *marks = marks.union(value.marks());
        }
    }

    /// The gravest of what was found in an attribute or output, if anything.
    pub(super) fn worst(self, cx: &Context<'_>, place: &Subject, made: &Made) -> Option<What> {
        // A plan tells what an expression names, and not which arm of it was taken.
        let told = secret_source::told(cx, &self.marks_of_known);
        let numbers = secret_source::numbers(cx, &self.marks_of_numbers);
        let marks = self.marks.union(&told).union(&numbers);
        let mut sources = self.taken;
        sources.extend(secret_source::named(cx, &marks));
        if !sources.is_empty() {
            return Some(What::From(sources.into_iter().collect()));
        }
        // What may be a secret is asked once, where it is read, and not wherever it goes.
        let own = match place {
            Subject::Attribute(object, _) => format!("`{object}."),
            other => format!("`{other}."),
        };
        let perhaps = secret_source::perhaps(cx, &marks);
        let is_open = perhaps.iter().any(|source| source.starts_with(&own));
        if let Some((gravity, kind)) = self.credential {
            return Some(What::Credential(kind, gravity));
        }
        if self.kept.is_some() {
            return self.kept;
        }
        if is_open {
            let what = "a parameter, perhaps of type `SecureString`".to_owned();
            return Some(What::Open(what, self.causes));
        }
        if let Some((what, causes)) = self.open {
            return Some(What::Open(what, causes));
        }
        if cx.plan.evidence == Evidence::State {
            return self.marked.worst(cx, made);
        }
        if !self.is_unexplained {
            return None;
        }
        if let Some(causes) = secret_source::untold(cx, place) {
            return Some(What::Open("the plan calls it sensitive".to_owned(), causes));
        }
        let is_declared = self.marked.may_be_declared() && secret_source::is_declared(cx, place);
        is_declared.then(|| What::Plain("what `sensitive` is given".to_owned()))
    }
}

fn may_hold_text(ty: &Type) -> bool {
    match ty {
        Type::Number | Type::Bool => false,
        Type::Tuple(elements) => elements.iter().any(may_hold_text),
        Type::Object(of) => of.attributes.values().any(may_hold_text),
        ty => ty.element().is_none_or(may_hold_text),
    }
}
