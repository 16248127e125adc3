//! `create-would-collide`: what a plan creates under a unique name does not exist already, as an inventory tells.

use std::collections::BTreeMap;

use crate::address::AttributePath;
use crate::inventory::{Existing, Inventory};
use crate::plan::{Evidence, Subject};
use crate::provider::unique::{Clash, Unique};
use crate::rule::{Context, Findings, Level, Rule, RuleMeta, Scope};
use crate::rules::creation::{Creation, Found, Name, creations};
use crate::rules::evidence::subject;
use crate::value::Causes;

/// The rule.
pub struct CreateWouldCollide;

static META: RuleMeta = RuleMeta {
    id: "create-would-collide",
    summary: "what is created under a unique name does not exist yet, where an inventory is given",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

impl Rule for CreateWouldCollide {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let Some(inventory) = cx.inventory else {
            return;
        };
        let mut unlisted: BTreeMap<&str, (&Unique, usize)> = BTreeMap::new();
        for creation in creations(cx) {
            let place = subject(
                creation.resource,
                AttributePath::attribute(creation.unique.name),
            );
            match creation.found(cx, inventory) {
                Found::Exists(existing) => {
                    collision(cx, inventory, &creation, &existing, findings);
                }
                Found::Absent => {
                    findings.pass(place, "nothing of that name exists");
                }
                Found::Generated => {
                    findings.pass(place, "its name is made so that it is free");
                }
                Found::Open(causes) => open(cx, &creation, place, causes, findings),
                Found::NotListed => {
                    let kind = creation.unique.kind;
                    unlisted.entry(kind).or_insert((creation.unique, 0)).1 += 1;
                }
            }
        }
        for (unique, count) in unlisted.into_values() {
            not_listed(unique, count, findings);
        }
    }
}

fn collision(
    cx: &Context<'_>,
    inventory: &Inventory,
    creation: &Creation<'_>,
    existing: &[&Existing],
    findings: &mut Findings,
) {
    let address = &creation.resource.address;
    let place = subject(
        creation.resource,
        AttributePath::attribute(creation.unique.name),
    );
    let what = named(creation);
    let is_leaving = existing.iter().all(|one| one.leaving);
    let help = if is_leaving {
        "restore it and import it, wait until it is gone, or take another name".to_owned()
    } else if creation.unique.kind == "aws_secretsmanager_secret_version" {
        "leave the version out of Terraform: an import would write the secret's value into the state"
            .to_owned()
    } else if let id = creation.id(cx, Some(inventory))
        && id.is_known
    {
        format!(
            "import it first: `terraform import {}`, or the block that `tfguard imports --inventory` prints",
            id.arguments(address)
        )
    } else {
        format!(
            "import the right one of {} as `{address}`, or take another name",
            existing.len()
        )
    };
    // The sources do not tell what Terraform manages already.
    if cx.plan.evidence == Evidence::Sources {
        let message = format!("{what} exists, and only a plan tells whether Terraform manages it");
        findings
            .undecided(place, message, Causes::default())
            .help(format!("check a plan, or {help}"))
            .at_most(Level::Warning);
        return;
    }
    let message = match creation.unique.clash {
        _ if is_leaving => format!("{what} is being deleted and keeps its name: creating it fails"),
        Clash::Refused => format!("{what} exists already: creating it fails"),
        Clash::TakenOver => format!("{what} exists already: creating it changes what is there"),
        Clash::Doubled => format!("{what} exists already: there will be two"),
    };
    let finding = findings.fail(place, message).by_use().help(help);
    if creation.unique.clash == Clash::Doubled {
        finding.at_most(Level::Warning);
    }
}

/// `secret "acme-stripe"`
fn named(creation: &Creation<'_>) -> String {
    let noun = creation.unique.noun;
    match &creation.name {
        Name::Known(name) => format!("the {noun} `{name}`"),
        _ => format!("the {noun}"),
    }
}

fn open(
    cx: &Context<'_>,
    creation: &Creation<'_>,
    place: Subject,
    causes: Causes,
    findings: &mut Findings,
) {
    let why = match &creation.name {
        Name::Withheld => "its name derives from something sensitive",
        Name::Open(_) => "its name is not known",
        _ => "what it belongs to is not known",
    };
    let message = format!("nothing tells whether {} exists: {why}", named(creation));
    let finding = findings.undecided(place, message, causes);
    if cx.plan.evidence == Evidence::Sources {
        finding.at_most(Level::Warning);
    }
}

/// What nobody listed is told once for each type, and fails no run.
fn not_listed(unique: &Unique, count: usize, findings: &mut Findings) {
    let times = if count == 1 {
        "one of these is".to_owned()
    } else {
        format!("{count} of these are")
    };
    let message = format!("the inventory does not list them all, and {times} created");
    findings
        .undecided(
            Subject::Text(unique.kind.into()),
            message,
            Causes::default(),
        )
        .help(format!("add what `{}` prints", unique.listing))
        .at_most(Level::Warning);
}
