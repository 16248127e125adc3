//! What `tfguard why` answers: which values a name stands for, and what each of them is made from.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::address::{AttributePath, InstanceKey, Part, PathStep, ResourceAddress, parts};
use crate::config::nearest;
use crate::error::Error;
use crate::plan::{self, Origin, Plan, Subject, Trace};
use crate::route::{Model, Request, Walk, ending, walk};
use crate::value::{Data, Number, Value};

/// What is told of one environment.
#[derive(Debug)]
pub struct Told {
    /// The environment.
    pub environment: Arc<str>,
    /// What was read.
    pub inputs: Vec<PathBuf>,
    /// The plan that the answer is about.
    pub plan: Plan,
    /// The answer.
    pub answer: Result<Answer, Error>,
}

/// An answer.
#[derive(Debug)]
pub enum Answer {
    /// The values that are meant, each with what it is made from.
    Values(Vec<Trace>),
    /// The way of a request.
    Way(Box<Way>),
}

/// The way of a request, hop by hop.
#[derive(Debug)]
pub struct Way {
    /// The walk.
    pub walk: Walk,
    /// How it ends.
    pub ending: String,
}

/// Instances beyond these are not told one by one.
const MOST_INSTANCES: usize = 50;

/// Answers a question about a plan: a URL, with a method before it or not, or an address.
///
/// # Errors
/// When it names nothing that is there.
pub fn answer(plan: &Plan, question: &str) -> Result<Answer, Error> {
    if question.contains("://") {
        return way(plan, question).map(|way| Answer::Way(Box::new(way)));
    }
    let asked = parts(question.trim())?;
    let found = Names::of(plan).find(&asked);
    if found.is_empty() {
        return Err(unknown(plan, question.trim(), &asked));
    }
    let mut traces = Vec::new();
    for (subject, path) in found.into_iter().take(MOST_INSTANCES) {
        traces.push(trace(plan, &subject, &path)?);
    }
    Ok(Answer::Values(traces))
}

fn way(plan: &Plan, url: &str) -> Result<Way, Error> {
    let request = Request::parse(url)?;
    let model = Model::of(plan);
    let walk = walk(&request, &model);
    let ending = ending(&walk, &model);
    Ok(Way { walk, ending })
}

/// What a plan has names for.
struct Names {
    all: Vec<(Vec<Part>, Subject)>,
}

impl Names {
    fn of(plan: &Plan) -> Self {
        let mut subjects: BTreeSet<String> = BTreeSet::new();
        let mut all = Vec::new();
        let mut add = |subject: Subject| {
            let text = subject.to_string();
            if let Ok(parts) = parts(&text)
                && subjects.insert(text)
            {
                all.push((parts, subject));
            }
        };
        for resource in plan.resources() {
            add(Subject::Attribute(
                Arc::clone(&resource.address),
                AttributePath::default(),
            ));
        }
        for empty in &plan.empty {
            add(Subject::Expansion(Arc::new(empty.address.clone())));
        }
        plan.provenance.declared().into_iter().for_each(&mut add);
        for (module, name) in plan.variables.keys() {
            add(Subject::Variable(module.clone(), Arc::clone(name)));
        }
        for name in plan.outputs.keys() {
            add(Subject::Output(Arc::clone(name)));
        }
        Self { all }
    }

    /// Whether a call has the instance that is asked for: what is in its instances tells.
    fn may_have(&self, call: &[Part], asked: &[Part]) -> bool {
        let mut within = self
            .all
            .iter()
            .filter(|(name, _)| name.len() > call.len() && beginning(call, name).is_some())
            .peekable();
        let has = |(name, _): &(Vec<Part>, Subject)| {
            name.len() >= asked.len()
                && name
                    .iter()
                    .zip(asked)
                    .all(|(own, asked)| match (own, asked) {
                        (Part::Key(InstanceKey::Any), Part::Key(_))
                        | (Part::Key(_), Part::Key(InstanceKey::Any)) => true,
                        _ => own == asked,
                    })
        };
        within.peek().is_none() || within.any(has)
    }

    /// The subjects that are meant, with the path into each: those whose own name is the longest beginning of what is
    /// asked. Keys that are left out stand for every one.
    fn find(&self, asked: &[Part]) -> Vec<(Subject, AttributePath)> {
        let mut best = 0;
        let mut found: Vec<(Subject, AttributePath)> = Vec::new();
        for (name, subject) in &self.all {
            let Some((length, rest)) = beginning(name, asked) else {
                continue;
            };
            let fits = match (subject, rest) {
                (Subject::Attribute(..), [Part::Key(_), ..]) => false,
                // What there is none of has no attributes, and a call has outputs.
                (Subject::Expansion(_), rest) => is_keys(rest),
                (Subject::Calls(_), rest) => {
                    is_keys(rest) && (rest.is_empty() || self.may_have(name, asked))
                }
                _ => true,
            };
            if !fits || length < best {
                continue;
            }
            if length > best {
                found.clear();
                best = length;
            }
            let (subject, path) = meant(subject, rest);
            if !found.iter().any(|(one, _)| *one == subject) {
                found.push((subject, path));
            }
        }
        found
    }
}

fn is_keys(rest: &[Part]) -> bool {
    rest.iter().all(|part| matches!(part, Part::Key(_)))
}

/// How many names a subject's own name takes of what is asked, and what is left; none where it is not its beginning.
fn beginning<'p>(name: &[Part], asked: &'p [Part]) -> Option<(usize, &'p [Part])> {
    let mut rest = asked;
    let mut length = 0;
    for part in name {
        match (part, rest.split_first()) {
            (Part::Name(own), Some((Part::Name(given), after))) if own == given => {
                rest = after;
                length += 1;
            }
            (Part::Key(own), Some((Part::Key(given), after))) => {
                if own != given && *own != InstanceKey::Any && *given != InstanceKey::Any {
                    return None;
                }
                rest = after;
            }
            (Part::Key(_), _) => {}
            _ => return None,
        }
    }
    Some((length, rest))
}

/// The address of a resource alone asks why there are so many of it.
fn meant(subject: &Subject, rest: &[Part]) -> (Subject, AttributePath) {
    let path = AttributePath(rest.iter().filter_map(step).collect());
    match subject {
        Subject::Attribute(address, _) if rest.is_empty() => {
            let block = ResourceAddress {
                key: None,
                ..ResourceAddress::clone(address)
            };
            (Subject::Expansion(Arc::new(block)), path)
        }
        Subject::Attribute(address, _) => (
            Subject::Attribute(Arc::clone(address), path),
            AttributePath::default(),
        ),
        other => (other.clone(), path),
    }
}

fn step(part: &Part) -> Option<PathStep> {
    match part {
        Part::Name(name) | Part::Key(InstanceKey::Key(name)) => {
            Some(PathStep::Attribute(Arc::clone(name)))
        }
        Part::Key(InstanceKey::Index(index)) => usize::try_from(*index).ok().map(PathStep::Index),
        Part::Key(InstanceKey::Any) => None,
    }
}

fn trace(plan: &Plan, subject: &Subject, path: &AttributePath) -> Result<Trace, Error> {
    let planned = planned(plan, subject);
    let into = match subject {
        Subject::Attribute(_, path) => path,
        _ => path,
    };
    if let Some(value) = &planned {
        check_path(&name_of(subject), value, into)?;
    }
    let mut trace = plan
        .provenance
        .trace(subject, path)
        .unwrap_or_else(|| by_names(plan, subject));
    // What the evidence itself says counts: a plan knows what its sources leave open.
    if let Some(value) = planned.and_then(|value| at(&value, &into.0)) {
        trace.value = Some(value);
    }
    Ok(trace)
}

/// The whole value behind a subject, as the evidence has it.
fn planned(plan: &Plan, subject: &Subject) -> Option<Value> {
    match subject {
        Subject::Attribute(address, _) => {
            let resource = plan.resource(address)?;
            let after = resource.after();
            Some(
                if after.is_null() {
                    resource.before()
                } else {
                    after
                }
                .clone(),
            )
        }
        Subject::Variable(module, name) => {
            let variable = plan.variables.get(&(module.clone(), Arc::clone(name)));
            variable.map(|variable| variable.value.clone())
        }
        Subject::Output(name) => plan.outputs.get(name).map(|output| output.value.clone()),
        _ => None,
    }
}

fn name_of(subject: &Subject) -> String {
    match subject {
        Subject::Attribute(address, _) => address.to_string(),
        other => other.to_string(),
    }
}

/// Refuses a path that leads nowhere.
fn check_path(of: &str, value: &Value, path: &AttributePath) -> Result<(), Error> {
    let mut value = value.clone();
    let mut so_far = of.to_owned();
    for step in &path.0 {
        let Some(inner) = at(&value, std::slice::from_ref(step)) else {
            return Err(no_part(&so_far, &value, step));
        };
        if !inner.is_known() {
            return Ok(());
        }
        match step {
            PathStep::Attribute(name) => so_far = format!("{so_far}.{name}"),
            PathStep::Index(index) => so_far = format!("{so_far}[{index}]"),
        }
        value = inner;
    }
    Ok(())
}

fn no_part(of: &str, value: &Value, step: &PathStep) -> Error {
    let (name, near) = match step {
        PathStep::Attribute(name) => {
            let known: Vec<&str> = value
                .as_entries()
                .into_iter()
                .flat_map(|entries| entries.keys().map(AsRef::as_ref))
                .collect();
            let near = nearest(name, &known).map(|near| format!("did you mean `{near}`?"));
            (name.to_string(), near)
        }
        PathStep::Index(index) => {
            let there = match value.as_elements().map(<[Value]>::len) {
                Some(0) => Some("it is empty".to_owned()),
                Some(1) => Some("it has 1 element, `[0]`".to_owned()),
                Some(count) => Some(format!("it has {count} elements, from `[0]`")),
                None => None,
            };
            (format!("[{index}]"), there)
        }
    };
    Error::UnknownPart {
        of: of.to_owned(),
        name,
        near,
    }
}

/// The value at a path; elements of sets count in the order in which Terraform shows them.
fn at(value: &Value, path: &[PathStep]) -> Option<Value> {
    path.iter().try_fold(value.clone(), |value, step| {
        let marks = value.marks().clone();
        let inner = match (step, value.data()) {
            (PathStep::Index(index), Data::Set(_, elements)) => elements.get(*index).cloned(),
            (PathStep::Index(index), _) => {
                crate::value::index(&value, &Value::number(Number::from(*index))).ok()
            }
            (PathStep::Attribute(_), Data::Null(_)) => None,
            (PathStep::Attribute(name), _) => crate::value::attribute(&value, name).ok(),
        };
        inner.map(|inner| inner.with_marks(&marks))
    })
}

/// All that a plan without sources tells: names.
fn by_names(plan: &Plan, subject: &Subject) -> Trace {
    let behind = |origin: Origin| {
        let (name, value) = match &origin {
            Origin::Attribute(address, path) => {
                let subject = Subject::Attribute(Arc::new(address.clone()), path.clone());
                let value = plan.resource(address);
                let value = value.and_then(|resource| at(resource.after(), &path.0));
                (subject.to_string(), value)
            }
            Origin::Variable(name) => {
                let value = plan.variable(name).map(|variable| variable.value.clone());
                (format!("var.{name}"), value)
            }
            Origin::Literal | Origin::Lost(_) => return None,
        };
        Some(Trace {
            name,
            value,
            note: None,
            span: None,
            part: plan::Part::Gives,
            from: Vec::new(),
        })
    };
    let origins = plan.provenance.origins(subject);
    let lost = origins.iter().any(|one| matches!(one, Origin::Lost(_)));
    let own = subject.to_string();
    let from = origins
        .into_iter()
        .filter_map(behind)
        .filter(|one| one.name != own)
        .collect();
    let note = match subject {
        Subject::Expansion(address) => Some(instances(plan, address)),
        _ if lost => Some("more than this the evidence does not tell: give the sources".to_owned()),
        _ => None,
    };
    Trace {
        name: own,
        value: None,
        note,
        span: plan.provenance.span(subject),
        part: plan::Part::Gives,
        from,
    }
}

fn instances(plan: &Plan, address: &ResourceAddress) -> String {
    let same = |one: &&plan::ResourceInstance| {
        one.address.module == address.module
            && one.address.resource == address.resource
            && one.remains()
    };
    match plan.resources().iter().filter(same).count() {
        0 => "no instance remains".to_owned(),
        1 => "1 instance".to_owned(),
        count => format!("{count} instances"),
    }
}

/// The error for a name that nothing has, with the name that is nearest to it.
fn unknown(plan: &Plan, question: &str, asked: &[Part]) -> Error {
    let names = Names::of(plan);
    let bare = |parts: &[Part]| {
        let names = parts.iter().filter_map(|part| match part {
            Part::Name(name) => Some(&**name),
            Part::Key(_) => None,
        });
        names.collect::<Vec<_>>().join(".")
    };
    let own: BTreeSet<String> = names.all.iter().map(|(parts, _)| bare(parts)).collect();
    let asked = bare(asked);
    // Of what is asked only as much is compared as a name has.
    let score = |name: &String| {
        let length = name.split('.').count();
        let start: Vec<&str> = asked.split('.').take(length).collect();
        strsim::normalized_levenshtein(&start.join("."), name)
    };
    let best = own
        .iter()
        .map(|name| (score(name), name))
        .filter(|(score, _)| *score > 0.6)
        .max_by(|one, other| one.0.total_cmp(&other.0).then_with(|| other.1.cmp(one.1)));
    Error::UnknownName {
        name: question.to_owned(),
        near: best.map(|(_, name)| format!("did you mean `{name}`?")),
    }
}
