//! What one stored value holds: marks of secret sources, credentials, plain values where a secret belongs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::address::{AttributePath, PathStep};
use crate::plan::{Evidence, Subject};
use crate::provider::{Attribute, Block};
use crate::rule::Context;
use crate::rules::secret_source::{self, Known};
use crate::secret::{Gravity, Kind, Reading, assigned, gravest, is_harmless_value, is_placeholder};
use crate::value::{Causes, Marks, Shape, Type, Value, structure};

use super::marked::{Made, Marked, Naming};

/// What was found in an attribute or output, by the parts that it stands in.
pub(super) struct Found<'a> {
    known: &'a Known,
    parts: BTreeMap<AttributePath, Part>,
    is_new: bool,
    /// Where in the attribute the value is that is looked at.
    at: AttributePath,
    /// It is part of a text.
    within_text: bool,
    /// Whether the provider calls sensitive what is looked at.
    provider_says: bool,
    /// What the name says under which a value stands that is looked at.
    naming: Naming,
    /// It lies within something sensitive.
    around: Around,
}

/// What was found in one part.
#[derive(Default)]
pub(super) struct Part {
    marks: Marks,
    /// Of values that are known.
    marks_of_known: Marks,
    marks_of_numbers: Marks,
    /// What a password is taken from, though it is no source of secrets by itself.
    taken: BTreeSet<String>,
    credential: Option<(Gravity, Kind)>,
    /// What is kept where a secret belongs.
    kept: Option<What>,
    open: Option<(String, Causes)>,
    causes: Causes,
    /// There is a text that is sensitive, and neither the provider nor a source of secrets is the reason.
    is_unexplained: bool,
    /// Those texts.
    marked: Marked,
}

/// What a value lies within.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Open,
    Sensitive,
}

/// The gravest of what was found in one part.
#[derive(Clone, Debug, PartialEq, Eq)]
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
            parts: BTreeMap::new(),
            is_new: false,
            at: AttributePath::default(),
            within_text: false,
            provider_says: false,
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
        self.step(PathStep::Attribute(name.into()), |found| {
            found.look(value, nested);
        });
        (self.provider_says, self.naming) = before;
    }

    /// Whether one of the parts derives from a source.
    pub(super) fn has(&self, source: &Arc<str>) -> bool {
        let mut marks = self.parts.values().map(|part| &part.marks);
        marks.any(|marks| marks.secrets.iter().any(|all| all.contains(source)))
    }

    /// What is said of one part.
    pub(super) fn part(&mut self, path: &AttributePath) -> &mut Part {
        self.parts.entry(path.clone()).or_default()
    }

    /// What is in the parts, each with what it is: the same in several of them stands in what is around them.
    pub(super) fn all(
        self,
        cx: &Context<'_>,
        subject: &Subject,
        made: &Made,
    ) -> Vec<(AttributePath, What)> {
        let parts = self.parts.into_iter();
        let each = parts
            .filter_map(|(path, part)| Some((path, part.worst(cx, subject, made)?)))
            .collect();
        grouped(less_what_is_around(each))
    }

    /// The gravest of what is in all of it.
    pub(super) fn worst(self, cx: &Context<'_>, subject: &Subject, made: &Made) -> Option<What> {
        let mut whole = Part::default();
        for part in self.parts.into_values() {
            whole.add(part);
        }
        whole.worst(cx, subject, made)
    }

    fn here(&mut self) -> &mut Part {
        self.parts.entry(self.at.clone()).or_default()
    }

    fn step(&mut self, step: PathStep, look: impl FnOnce(&mut Self)) {
        if self.within_text {
            return look(self);
        }
        self.at.0.push(step);
        look(self);
        self.at.0.pop();
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
            self.take_marks_around(value);
            for (at, element) in elements.iter().enumerate() {
                self.step(PathStep::Index(at), |found| found.look(element, block));
            }
        } else if let Some(entries) = value.as_entries() {
            self.take_marks_around(value);
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
        let shape = value
            .as_unknown()
            .and_then(|unknown| unknown.shape.as_ref());
        let within = match shape {
            Some(Shape::Json(inner) | Shape::Partial(inner) | Shape::Decoded(inner)) => {
                self.look(inner, None);
                inner.marks_deep()
            }
            Some(Shape::Concat(parts)) => match structure(value).filter(is_document) {
                Some(document) => {
                    self.look(&document, None);
                    document.marks_deep()
                }
                None => {
                    // The parts of a text have no place of their own.
                    let before = std::mem::replace(&mut self.within_text, true);
                    parts.iter().for_each(|part| self.look(part, None));
                    self.within_text = before;
                    Marks::of(&**parts)
                }
            },
            Some(Shape::Secrets(places)) if may_hold_text(&value.ty()) => {
                self.take_marks(&value.clone().with_marks(&places.marks_deep()));
                Marks::NONE
            }
            Some(Shape::Secrets(_)) | None => Marks::NONE,
        };
        if let Some(text) = value.as_str() {
            // The provider reads back what was left out as an empty text.
            if text.is_empty() {
                return;
            }
            let worst = gravest(text).filter(|_| !self.known.is_id_of_key(text));
            if worst.is_some() {
                let here = self.here();
                here.credential = here.credential.max(worst);
            }
            let marks = value.marks();
            if self.around == Around::Sensitive && !marks.is_secret() && !self.provider_says {
                self.mark(text, marks.sensitive);
            }
            if let Some(source) = self.known.within(text)
                && (worst.is_some() || !is_placeholder(text))
            {
                self.here().source(source);
            }
        }
        // A number or a flag that derives from a secret text, its length for one, is none.
        if may_hold_text(&value.ty()) {
            self.take_marks_but(value, &within);
        } else if value.ty() == Type::Number {
            let here = self.here();
            here.marks_of_numbers = here.marks_of_numbers.union(value.marks());
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
        let here = self.here();
        here.is_unexplained |= sensitive;
        here.marked.add(text, naming);
    }

    /// Of a collection those sources that none of its parts has.
    fn take_marks_around(&mut self, value: &Value) {
        if !value.marks().is_secret() {
            return;
        }
        let parts = value.children().map(Value::marks_deep);
        let within = parts.fold(Marks::NONE, |all, part| all.union(&part));
        self.take_marks_but(value, &within);
    }

    /// What is within is taken up where it is.
    fn take_marks_but(&mut self, value: &Value, within: &Marks) {
        let marks = value.marks().without(within);
        if marks == *value.marks() {
            self.take_marks(value);
        } else {
            self.take_marks(&value.clone().replace_marks(marks));
        }
    }

    fn take_marks(&mut self, value: &Value) {
        // A comparison of secrets, written as a text, is none.
        let is_flag = matches!(value.as_str(), Some("true" | "false"));
        if value.marks().is_secret() && !is_flag {
            let is_told = self.is_new && value.is_wholly_known();
            let here = self.here();
            here.causes = here.causes.union(&value.causes());
            let marks = if is_told {
                &mut here.marks_of_known
            } else {
                &mut here.marks
            };
            *marks = marks.union(value.marks());
        }
    }
}

impl Part {
    /// A secret source that stands here itself.
    pub(super) fn source(&mut self, source: impl Into<Arc<str>>) {
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

    fn add(&mut self, other: Self) {
        self.marks = self.marks.union(&other.marks);
        self.marks_of_known = self.marks_of_known.union(&other.marks_of_known);
        self.marks_of_numbers = self.marks_of_numbers.union(&other.marks_of_numbers);
        self.taken.extend(other.taken);
        self.credential = self.credential.max(other.credential);
        self.kept = other.kept.or(self.kept.take());
        self.open = other.open.or(self.open.take());
        self.causes = self.causes.union(&other.causes);
        self.is_unexplained |= other.is_unexplained;
        self.marked.extend(other.marked);
    }

    /// The gravest of what was found, if anything.
    fn worst(self, cx: &Context<'_>, place: &Subject, made: &Made) -> Option<What> {
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

/// Whether it has parts.
fn is_document(value: &Value) -> bool {
    value.as_entries().is_some() || value.as_elements().is_some()
}

/// Of what fails around something, that is part; of what is open, nothing is left where it fails as well.
fn less_what_is_around(each: Vec<(AttributePath, What)>) -> Vec<(AttributePath, What)> {
    let is_open = |what: &What| matches!(what, What::Open(..));
    let is_within = |inner: &AttributePath, outer: &AttributePath| {
        inner.0.len() > outer.0.len() && inner.0.starts_with(&outer.0)
    };
    let (mut failed, mut open) = (Vec::new(), Vec::new());
    for (path, what) in &each {
        let paths = if is_open(what) {
            &mut open
        } else {
            &mut failed
        };
        paths.push(path.clone());
    }
    let counts = |(path, what): &(AttributePath, What)| {
        let around = |other: &AttributePath| is_within(path, other);
        let within = |other: &AttributePath| is_within(other, path);
        if is_open(what) {
            !failed.iter().any(|one| around(one) || within(one)) && !open.iter().any(around)
        } else {
            !failed.iter().any(around)
        }
    };
    each.into_iter().filter(counts).collect()
}

/// The same in several parts is one thing, where all of them are.
fn grouped(each: Vec<(AttributePath, What)>) -> Vec<(AttributePath, What)> {
    let mut groups: Vec<(AttributePath, What)> = Vec::new();
    for (path, what) in each {
        match groups.iter_mut().find(|(_, other)| *other == what) {
            Some((around, _)) => {
                let steps = around.0.iter().zip(&path.0);
                let shared = steps.take_while(|(one, other)| one == other).count();
                around.0.truncate(shared);
            }
            None => groups.push((path, what)),
        }
    }
    groups
}

fn may_hold_text(ty: &Type) -> bool {
    match ty {
        Type::Number | Type::Bool => false,
        Type::Tuple(elements) => elements.iter().any(may_hold_text),
        Type::Object(of) => of.attributes.values().any(may_hold_text),
        ty => ty.element().is_none_or(may_hold_text),
    }
}
