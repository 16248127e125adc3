//! A plan together with the sources that it was made from: the plan's values where it knows them, what the sources say
//! in part where the plan says unknown, and the sources' answers to where something comes from.

mod conditions;
mod configured;
mod rewritten;
mod said;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use configured::{configuration, otherwise_configured};
pub use rewritten::rewritten;
pub use values::other_values;

use crate::address::{ModuleInstance, Resource, ResourceAddress, ResourceMode};
use crate::config::Module;
use crate::plan::{
    Action, Change, Deferred, Evidence, Existence, NoProvenance, Plan, Problem, ProblemKind,
    Reordered, ResourceInstance,
};
use crate::value::{self, Data, Entries, Shape, Value};

/// How many addresses a difference names.
const MOST_NAMED: usize = 3;

/// Versions of providers by their full names.
pub type Versions = BTreeMap<Arc<str>, Arc<str>>;

/// What a plan has that its sources do not say, or the other way round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Instances that only the plan has.
    pub only_planned: Vec<Arc<ResourceAddress>>,
    /// Instances that only the sources have.
    pub only_written: Vec<Arc<ResourceAddress>>,
    /// Variables of the root module that only the plan has.
    pub planned_variables: Vec<Arc<str>>,
    /// Variables of the root module that need a value, and have none in the plan.
    pub written_variables: Vec<Arc<str>>,
    /// Blocks and arguments that the sources write otherwise, by address.
    pub rewritten: BTreeSet<String>,
    /// Providers of other versions: a fact each.
    pub versions: Vec<String>,
}

impl Difference {
    /// Compares the managed instances that are there once both are applied. What stands in a module that could not be
    /// read, or has a count that is not known, is in doubt the same; what an incomplete plan lacks is no difference.
    pub fn between(planned: &Plan, written: &Plan) -> Self {
        let unread = written
            .problems
            .iter()
            .filter(|problem| problem.kind == ProblemKind::Unread);
        let unread: Vec<&str> = unread
            .filter_map(|problem| problem.address.as_deref())
            .collect();
        let open = written
            .resources()
            .iter()
            .filter(|one| one.existence == Existence::ZeroOrMore);
        let open: BTreeSet<_> = open.map(|one| block_of(&one.address)).collect();
        let in_doubt = |address: &ResourceAddress| {
            let text = address.to_string();
            open.contains(&block_of(address))
                || unread.iter().any(|module| {
                    text.strip_prefix(module)
                        .is_some_and(|rest| rest.starts_with(['.', '[']))
                })
        };
        let lacks =
            |plan: &Plan, address: &ResourceAddress| !plan.resource(address).is_some_and(stays);
        let missing = |from: &Plan, other: &Plan| {
            let instances = from
                .resources()
                .iter()
                .filter(|one| stays(one) && lacks(other, &one.address));
            instances
                .map(|one| Arc::clone(&one.address))
                .filter(|address| !in_doubt(address))
                .collect()
        };
        // Some of it was left out, or Terraform stopped while it was made.
        let is_complete = !planned
            .problems
            .iter()
            .any(|problem| matches!(problem.kind, ProblemKind::Incomplete | ProblemKind::Refused));
        let mut only_written = Vec::new();
        if is_complete {
            only_written = missing(written, planned);
        }
        if destroys(planned) {
            only_written.retain(|address| planned.resource(address).is_none());
        }
        Self {
            only_planned: missing(planned, written),
            only_written,
            ..Self::default()
        }
    }

    /// Compares the variables of the root module. One that needs a value had one when the plan was made.
    #[must_use]
    pub fn with_variables(mut self, planned: &Plan, root: &Module) -> Self {
        let of_plan = planned.variables.keys();
        let of_plan = of_plan.filter(|(module, _)| *module == ModuleInstance::root());
        let undeclared = of_plan.filter(|(_, name)| !root.variables.contains_key(name));
        self.planned_variables = undeclared.map(|(_, name)| Arc::clone(name)).collect();
        let needed = root
            .variables
            .iter()
            .filter(|(_, variable)| variable.default.is_none() && !variable.ephemeral);
        let missing = needed.filter(|(name, _)| planned.variable(name).is_none());
        self.written_variables = missing.map(|(name, _)| Arc::clone(name)).collect();
        self
    }

    /// Adds what is written otherwise.
    #[must_use]
    pub fn with_rewritten(mut self, names: BTreeSet<String>) -> Self {
        self.rewritten.extend(names);
        self
    }

    /// Compares versions of providers, by their full names.
    #[must_use]
    pub fn with_versions(mut self, planned: &Versions, written: &Versions) -> Self {
        let facts = planned.iter().filter_map(|(name, version)| {
            let other = written.get(name).filter(|other| *other != version)?;
            let short = name.rsplit('/').next().unwrap_or(name);
            Some(format!(
                "the plan was made with version {version} of the provider `{short}`, and the lock file has {other}"
            ))
        });
        self.versions.extend(facts);
        self
    }

    /// Whether the addresses are the same and nothing is written otherwise, so that the two can be joined.
    pub fn may_join(&self) -> bool {
        self.only_planned.is_empty() && self.only_written.is_empty() && self.rewritten.is_empty()
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shortened = |mut names: Vec<String>| {
            if names.len() > MOST_NAMED {
                let more = names.len() - MOST_NAMED;
                names.truncate(MOST_NAMED);
                names.push(format!("{more} more"));
            }
            names.join(", ")
        };
        let named = |addresses: &[Arc<ResourceAddress>], variables: &[Arc<str>]| {
            let addresses = addresses.iter().map(|one| format!("`{one}`"));
            let variables = variables.iter().map(|name| format!("`var.{name}`"));
            shortened(addresses.chain(variables).collect())
        };
        let planned = named(&self.only_planned, &self.planned_variables);
        let written = named(&self.only_written, &self.written_variables);
        let mut parts = Vec::new();
        if !planned.is_empty() {
            parts.push(format!("only the plan has {planned}"));
        }
        if !written.is_empty() {
            parts.push(format!("only the sources have {written}"));
        }
        if !self.rewritten.is_empty() {
            let rewritten = self.rewritten.iter().map(|name| format!("`{name}`"));
            let rewritten = shortened(rewritten.collect());
            parts.push(format!("the sources do not say the same of {rewritten}"));
        }
        parts.extend(self.versions.iter().cloned());
        f.write_str(&parts.join("; "))
    }
}

/// Whether a plan deletes all that there is: it was made with `-destroy`, whatever the sources have.
fn destroys(planned: &Plan) -> bool {
    let mut managed = planned
        .resources()
        .iter()
        .filter(|one| one.address.resource.mode == ResourceMode::Managed)
        .peekable();
    managed.peek().is_some() && managed.all(|one| one.change.action == Action::Delete)
}

/// Whether the two have a managed instance in common.
pub fn overlap(planned: &Plan, written: &Plan) -> bool {
    let mut instances = planned.resources().iter().filter(|one| stays(one));
    instances.any(|one| written.resource(&one.address).is_some_and(stays))
}

/// Joins a plan with its sources, evaluated with the plan's own variables.
pub fn join(planned: &Plan, mut written: Plan) -> Plan {
    let provenance = std::mem::replace(&mut written.provenance, Box::new(NoProvenance));
    let written = Arc::new(written);
    let resources: Vec<_> = planned
        .resources()
        .iter()
        .map(|one| resource(one, &written))
        .collect();
    let source = Arc::clone(&written);
    let provenance = Reordered::new(provenance, &resources, move |address| {
        Some(source.resource(address)?.change.after().clone())
    });
    let conditions = conditions::joined(planned, &written);
    let unjudged: Vec<Problem> = conditions::unjudged(planned, &written)
        .filter_map(beside_a_plan)
        .collect();
    let mut plan = Plan::new(planned.evidence, resources);
    plan.conditions = conditions;
    plan.terraform_version
        .clone_from(&planned.terraform_version);
    plan.variables = written.variables.clone();
    for (name, variable) in &planned.variables {
        let variables = &mut plan.variables;
        variables
            .entry(name.clone())
            .or_insert_with(|| variable.clone());
    }
    plan.outputs.clone_from(&planned.outputs);
    for (name, output) in &mut plan.outputs {
        if let Some(source) = written.outputs.get(name) {
            output.value = value(&output.value, &source.value);
            output.span = source.span;
            output.sensitive_span = source.sensitive_span;
        }
    }
    plan.deposed.clone_from(&planned.deposed);
    let problems = planned.problems.iter().cloned();
    plan.problems = problems
        .map(|one| conditions::placed(one, &written))
        .chain(unjudged)
        .collect();
    plan.empty.clone_from(&written.empty);
    plan.provenance = Box::new(provenance);
    plan
}

/// What is left of a problem of the sources where there is a plan: Terraform has not refused them, and a module whose
/// sources are elsewhere is in the plan.
fn beside_a_plan(problem: &Problem) -> Option<Problem> {
    let kind = match problem.kind {
        ProblemKind::Refused => return None,
        ProblemKind::Unread => ProblemKind::Partial,
        kind => kind,
    };
    Some(Problem {
        kind,
        ..problem.clone()
    })
}

/// Whether evidence can have been made from sources as they are read here.
pub fn is_possible(plan: &Plan) -> bool {
    matches!(plan.evidence, Evidence::PlanJson | Evidence::BinaryPlan)
}

fn resource(planned: &ResourceInstance, written: &Arc<Plan>) -> ResourceInstance {
    if !planned.remains() || written.resource(&planned.address).is_none() {
        return planned.clone();
    }
    let (own, address, written) = (
        planned.change.clone(),
        Arc::clone(&planned.address),
        Arc::clone(written),
    );
    let after = Deferred::new(move || match written.resource(&address) {
        Some(source) => value(own.after(), source.after()),
        None => own.after().clone(),
    });
    let own = planned.change.clone();
    let before = Deferred::new(move || own.before().clone());
    let mut change = Change::new(planned.change.action, after).with_before(before);
    change
        .replace_paths
        .clone_from(&planned.change.replace_paths);
    change.importing.clone_from(&planned.change.importing);
    change
        .previous_address
        .clone_from(&planned.change.previous_address);
    ResourceInstance {
        change,
        ..planned.clone()
    }
}

/// The plan's value where it is known, with the marks of both; the source's where the plan's is unknown.
fn value(planned: &Value, written: &Value) -> Value {
    if !planned.is_known() {
        // A null there is only what is not written: the provider fills it in.
        return if written.is_null() {
            planned.clone()
        } else {
            written.clone().with_marks(planned.marks())
        };
    }
    let joined = match (planned.data(), told(written).data()) {
        (Data::Object(entries), Data::Object(other) | Data::Map(_, other)) => {
            Value::object(each(entries, other))
        }
        (Data::Map(of, entries), Data::Object(other) | Data::Map(_, other)) => {
            Value::map(of.clone(), each(entries, other))
        }
        (Data::List(of, elements), Data::List(_, other) | Data::Tuple(other))
            if elements.len() == other.len() =>
        {
            Value::list(
                of.clone(),
                elements
                    .iter()
                    .zip(&**other)
                    .map(|(planned, written)| value(planned, written)),
            )
        }
        (Data::Tuple(elements), Data::List(_, other) | Data::Tuple(other))
            if elements.len() == other.len() =>
        {
            Value::tuple(
                elements
                    .iter()
                    .zip(&**other)
                    .map(|(planned, written)| value(planned, written)),
            )
        }
        (Data::Set(of, elements), Data::Set(_, other)) => {
            value::set_from(of, each_of_set(elements, other))
        }
        (Data::List(of, elements), Data::Set(_, other)) => {
            Value::list(of.clone(), each_of_set(elements, other))
        }
        (Data::Tuple(elements), Data::Set(_, other)) => Value::tuple(each_of_set(elements, other)),
        (own, other) if own == other => planned.clone().unmark().0,
        _ => return planned.clone().with_marks(written.marks()),
    };
    // The configuration of a plan only names what its expressions refer to: the length of a secret, and what one decides,
    // is none. What is known of the sources tells.
    let marks = match written.is_known() {
        true => planned.marks().without_secrets(),
        false => planned.marks().clone(),
    };
    joined.with_marks(&marks).with_marks(written.marks())
}

/// What is written of an object that is only known in part, as those are whose provider has no schema here.
fn told(written: &Value) -> &Value {
    let shape = written
        .as_unknown()
        .and_then(|unknown| unknown.shape.as_ref());
    match shape {
        Some(Shape::Partial(partial)) => partial,
        _ => written,
    }
}

fn each(entries: &Entries, other: &Entries) -> Entries {
    let joined = entries.iter().map(|(name, planned)| {
        let written = other.get(name);
        (
            Arc::clone(name),
            written.map_or_else(|| planned.clone(), |written| value(planned, written)),
        )
    });
    joined.collect::<BTreeMap<_, _>>().into_iter().collect()
}

/// The elements of a set, which have no order: each with that of the sources that it is, where what they hold tells.
fn each_of_set(elements: &[Value], other: &[Value]) -> Vec<Value> {
    let same = value::same_elements(elements, other);
    let joined = elements.iter().zip(same).map(|(planned, same)| match same {
        Some(at) => value(planned, &other[at]),
        None => planned.clone(),
    });
    joined.collect()
}

fn stays(instance: &ResourceInstance) -> bool {
    instance.address.resource.mode == ResourceMode::Managed
        && instance.remains()
        && instance.existence == Existence::Certain
}

/// An address without keys: the block that an instance is made from.
fn block_of(address: &ResourceAddress) -> (Vec<Arc<str>>, Resource) {
    (
        address
            .module
            .0
            .iter()
            .map(|step| Arc::clone(&step.name))
            .collect(),
        address.resource.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Causes, Marks, Type, Unknown};

    fn object(entries: &[(&str, Value)]) -> Value {
        Value::object(
            entries
                .iter()
                .map(|(name, value)| ((*name).into(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn the_plan_wins_where_it_knows_and_the_source_fills_in_the_rest() {
        let unknown = || Value::unknown(Type::Dynamic, Causes::default());
        let planned = object(&[
            ("known", Value::string("planned")),
            ("open", unknown()),
            ("id", unknown()),
        ]);
        let secret = Value::string("planned").with_marks(&Marks::secret("var.key"));
        let written = object(&[
            ("known", secret),
            ("open", Value::TRUE),
            ("id", Value::NULL),
        ]);
        let joined = value(&planned, &written);
        assert_eq!(
            joined.attribute("known").and_then(Value::as_str),
            Some("planned")
        );
        assert!(
            joined
                .attribute("known")
                .expect("it is there")
                .marks()
                .is_secret()
        );
        assert_eq!(joined.attribute("open"), Some(&Value::TRUE));
        assert!(!joined.attribute("id").expect("it is there").is_known());
    }

    #[test]
    fn what_is_written_without_a_schema_is_joined_as_well() {
        let of_part = |text: &str| {
            let secret = Value::string(text).with_marks(&Marks::secret("var.key"));
            Arc::new(object(&[("key", secret)]))
        };
        let written = Value::refined(Unknown {
            shape: Some(Shape::Partial(of_part("planned"))),
            ..Unknown::new(Type::Dynamic, Causes::default())
        });
        let planned = object(&[("key", Value::string("planned"))]);
        let joined = value(&planned, &written);
        let key = joined.attribute("key").expect("it is there");
        assert!(joined.is_known() && key.marks().is_secret());
    }

    fn instance(address: &str, existence: Existence) -> ResourceInstance {
        let change = Change::new(crate::plan::Action::Create, Value::NULL);
        let address = Arc::new(address.parse().expect("an address"));
        ResourceInstance {
            address,
            provider: "aws".into(),
            change,
            existence,
        }
    }

    #[test]
    fn a_plan_tells_what_is_in_a_module_that_was_not_read() {
        let of_kind = |kind| Problem::new(kind, "a fact", None);
        let left = |kind| beside_a_plan(&of_kind(kind)).map(|problem| problem.kind);
        assert_eq!(left(ProblemKind::Unread), Some(ProblemKind::Partial));
        assert_eq!(left(ProblemKind::Refused), None);
        assert_eq!(left(ProblemKind::Unreadable), Some(ProblemKind::Unreadable));
    }

    #[test]
    fn plans_and_sources_are_told_apart_by_their_addresses() {
        let certain = |address| instance(address, Existence::Certain);
        let planned = Plan::new(
            Evidence::PlanJson,
            vec![certain("aws_lb.a"), certain("aws_lb.b[0]")],
        );
        let open = instance("aws_lb.b", Existence::ZeroOrMore);
        let written = Plan::new(Evidence::Sources, vec![certain("aws_lb.a"), open]);
        assert!(Difference::between(&planned, &written).may_join());
        assert!(overlap(&planned, &written));
        let other = Plan::new(
            Evidence::Sources,
            vec![certain("aws_lb.a"), certain("aws_lb.c")],
        );
        let text = Difference::between(&planned, &other).to_string();
        assert_eq!(
            text,
            "only the plan has `aws_lb.b[0]`; only the sources have `aws_lb.c`"
        );
    }

    #[test]
    fn providers_are_told_apart_by_their_versions() {
        let versions = |version: &str| -> Versions {
            [
                ("registry.terraform.io/hashicorp/aws", version),
                ("a/b/c", "1.0.0"),
            ]
            .into_iter()
            .map(|(name, version)| (name.into(), version.into()))
            .collect()
        };
        let same = Difference::default().with_versions(&versions("6.47.0"), &versions("6.47.0"));
        assert_eq!(same.to_string(), "");
        let other = Difference::default().with_versions(&versions("6.47.0"), &versions("5.9.0"));
        assert_eq!(
            other.to_string(),
            "the plan was made with version 6.47.0 of the provider `aws`, and the lock file has 5.9.0"
        );
    }
}
