//! Whether the parts of a plan tell the same. Terraform writes each planned object twice: what it will be in
//! `planned_values`, and how it changes in `resource_changes`. Whoever edits one of them makes another plan.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value as Json;

use super::cursor::Slice;
use super::document::Document;
use super::resources::{ChangeSlices, Entry};
use crate::address::{ResourceAddress, ResourceMode};
use crate::plan::{Action, Problem, ProblemKind};

/// How many addresses a problem names.
const MOST_NAMED: usize = 3;

/// What the parts of a plan contradict each other in, or leave out.
pub fn problems(text: &str, document: &Document) -> Vec<Problem> {
    let Some(changes) = &document.changes else {
        return Vec::new();
    };
    let current = changes.iter().filter(|entry| entry.deposed.is_none());
    let mut told = Told::new(current.collect());
    let deferred: HashSet<&ResourceAddress> = document
        .deferred
        .iter()
        .map(|entry| &entry.address)
        .collect();
    let (mut silent, mut different) = (BTreeSet::new(), BTreeSet::new());
    for entry in document.planned.iter().filter(|entry| is_managed(entry)) {
        let change = told.of(&entry.address);
        match change {
            // What is forgotten stays among the planned values.
            Some(change) if change.action == Some(Action::Forget) => {}
            Some(change) if change.action.is_some_and(Action::is_removal) => {
                different.insert(&entry.address);
            }
            Some(change) if !agree(text, change.after, entry.values) => {
                different.insert(&entry.address);
            }
            None if !deferred.contains(&entry.address) => {
                silent.insert(&entry.address);
            }
            _ => {}
        }
    }
    let found = [
        problem(
            ProblemKind::Unread,
            &silent,
            "`planned_values` has % and `resource_changes` has not: nothing tells what happens to them",
        ),
        problem(
            ProblemKind::Unreadable,
            &different,
            "`planned_values` and `resource_changes` do not say the same of %",
        ),
        problem(
            ProblemKind::Unread,
            &left_out(document, changes),
            "`prior_state` has % and `resource_changes` has not: nothing tells what happens to them",
        ),
    ];
    found.into_iter().flatten().collect()
}

/// The changes by their addresses. Both parts are mostly in one order, so the next one is looked at first.
struct Told<'a> {
    entries: Vec<&'a Entry>,
    next: usize,
    by_address: OnceCell<HashMap<&'a ResourceAddress, usize>>,
}

impl<'a> Told<'a> {
    fn new(entries: Vec<&'a Entry>) -> Self {
        Self {
            entries,
            next: 0,
            by_address: OnceCell::new(),
        }
    }

    fn of(&mut self, address: &ResourceAddress) -> Option<&'a ChangeSlices> {
        let is_next = |entry: &&Entry| entry.address == *address;
        let at = match self.entries.get(self.next).is_some_and(is_next) {
            true => self.next,
            false => *self.by_address().get(address)?,
        };
        self.next = at + 1;
        self.entries[at].change.as_ref()
    }

    fn by_address(&self) -> &HashMap<&'a ResourceAddress, usize> {
        self.by_address.get_or_init(|| {
            let entries = self.entries.iter().enumerate();
            entries.map(|(at, entry)| (&entry.address, at)).collect()
        })
    }
}

/// What is there and has no change, not even `no-op`, in a plan that says that it is complete.
fn left_out<'a>(document: &'a Document, changes: &[Entry]) -> BTreeSet<&'a ResourceAddress> {
    let tells = document.complete == Some(true) && !document.errored && !changes.is_empty();
    // A first plan has nothing before it, and its many addresses need not be written out.
    if !tells || document.prior.is_empty() {
        return BTreeSet::new();
    }
    let named = changes.iter().flat_map(|entry| {
        [
            Some(entry.address.to_string()),
            entry.previous_address.clone(),
        ]
    });
    let named: HashSet<String> = named.flatten().collect();
    let prior = document.prior.iter();
    prior
        .filter(|entry| entry.deposed.is_none() && is_managed(entry))
        .map(|entry| &entry.address)
        .filter(|address| !named.contains(&address.to_string()))
        .collect()
}

fn is_managed(entry: &Entry) -> bool {
    entry.address.resource.mode == ResourceMode::Managed
}

fn problem(
    kind: ProblemKind,
    addresses: &BTreeSet<&ResourceAddress>,
    message: &str,
) -> Option<Problem> {
    let first = addresses.first()?;
    let names = addresses.iter().take(MOST_NAMED);
    let mut names: Vec<String> = names.map(|one| format!("`{one}`")).collect();
    if addresses.len() > MOST_NAMED {
        names.push(format!("{} more", addresses.len() - MOST_NAMED));
    }
    let problem = Problem::new(kind, message.replace('%', &names.join(", ")), None);
    let problem = problem.with_help("give the plan as `terraform show -json` prints it");
    Some(match addresses.len() {
        1 if kind == ProblemKind::Unreadable => problem.about(*first),
        _ => problem,
    })
}

/// Whether two values of one object are the same, as far as both are there.
fn agree(text: &str, after: Option<Slice>, planned: Option<Slice>) -> bool {
    let (Some(after), Some(planned)) = (after, planned) else {
        return true;
    };
    let (after, planned) = (
        &text[after.start..after.end],
        &text[planned.start..planned.end],
    );
    if after == planned {
        return true;
    }
    let read = |text| serde_json::from_str::<Json>(text).ok();
    match (read(after), read(planned)) {
        (Some(after), Some(planned)) => alike(&after, &planned),
        _ => true,
    }
}

/// What is not known is left out, or null.
fn alike(own: &Json, other: &Json) -> bool {
    match (own, other) {
        (Json::Null, _) | (_, Json::Null) => true,
        (Json::Object(own), Json::Object(other)) => own
            .iter()
            .filter_map(|(name, own)| Some((own, other.get(name)?)))
            .all(|(own, other)| alike(own, other)),
        (Json::Array(own), Json::Array(other)) => {
            own.len() == other.len() && own.iter().zip(other).all(|(own, other)| alike(own, other))
        }
        _ => own == other,
    }
}
