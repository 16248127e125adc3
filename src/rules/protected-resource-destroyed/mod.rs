//! `protected-resource-destroyed`: no plan deletes, replaces or forgets what production cannot do without.

use std::sync::Arc;

use crate::address::{AttributePath, ResourceMode};
use crate::plan::{Action, Evidence, Plan, ResourceInstance, Subject};
use crate::rule::{Context, Findings, Level, Parameter, Rule, RuleMeta, Scope};
use crate::rules::evidence::{canonical, subject};
use crate::secret::Names;
use crate::value::{Causes, Value};

/// The rule.
pub struct ProtectedResourceDestroyed;

static META: RuleMeta = RuleMeta {
    id: "protected-resource-destroyed",
    summary: "no plan deletes, replaces or forgets a load balancer, certificate or key in use, secret, database or zone",
    scope: Scope::Production,
    parameters: &[Parameter {
        name: "types",
        summary: "types of resources that are protected; `*` stands for any characters",
    }],
    page: include_str!("README.md"),
};

const HELP: &str = "plan it without that change, or keep the object with `moved` or `import`; \
                    `lifecycle { prevent_destroy = true }` makes Terraform refuse such a plan";

impl Rule for ProtectedResourceDestroyed {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        // Sources and states say what there should be and what there is: nothing that happens.
        if !matches!(cx.plan.evidence, Evidence::PlanJson | Evidence::BinaryPlan) {
            return;
        }
        let types = Names::new(cx.strings("types"));
        let is_meant =
            |one: &ResourceInstance| is_managed(one) && types.matches(canonical(one.kind()));
        for one in cx.plan.resources().iter().filter(|one| is_meant(one)) {
            judge(cx, one, findings);
        }
        let deposed = cx.plan.deposed.iter().map(|one| &one.instance);
        for one in deposed.filter(|one| is_meant(one)) {
            let is_lost = Loss::of(one.change.action) == Some(Loss::Deleted);
            if is_lost && !matches!(Use::of(cx.plan, one), Use::Not(_)) {
                let address = &one.address;
                let message = format!(
                    "the plan destroys the object that an earlier replacement of `{address}` left behind"
                );
                findings
                    .fail(subject(one, AttributePath::default()), message)
                    .help("see first that nothing uses it any more");
            }
        }
    }
}

/// What becomes of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    Deleted,
    Replaced,
    /// Another takes its place, and nobody manages it.
    Abandoned,
    /// It stays, and nobody manages it.
    Forgotten,
}

impl Loss {
    fn of(action: Action) -> Option<Self> {
        match action {
            Action::Delete => Some(Self::Deleted),
            Action::DeleteThenCreate | Action::CreateThenDelete => Some(Self::Replaced),
            Action::CreateThenForget => Some(Self::Abandoned),
            Action::Forget => Some(Self::Forgotten),
            Action::NoOp | Action::Create | Action::Read | Action::Update | Action::Open => None,
        }
    }
}

fn judge(cx: &Context<'_>, one: &ResourceInstance, findings: &mut Findings) {
    let address = &one.address;
    let whole = subject(one, AttributePath::default());
    let Some(loss) = Loss::of(one.change.action) else {
        if one.change.action != Action::Create {
            findings.pass(whole, "it stays");
        }
        return;
    };
    let in_use = Use::of(cx.plan, one);
    if let Use::Not(why) = in_use {
        findings.pass(whole, why);
        return;
    }
    if let Use::Open(what) = in_use {
        let message = format!("the plan {} `{address}`, and {what}", verb(loss));
        findings
            .undecided(whole, message, Causes::default())
            .help(HELP);
        return;
    }
    let (place, message) = match loss {
        Loss::Deleted => (
            Subject::Expansion(Arc::clone(address)),
            format!("the plan deletes `{address}`"),
        ),
        Loss::Replaced | Loss::Abandoned => replacement(one, loss),
        Loss::Forgotten => (
            whole,
            format!("the plan forgets `{address}`: it stays, and no plan sees it any more"),
        ),
    };
    let finding = findings.fail(place, message);
    match loss {
        Loss::Forgotten => {
            finding
                .at_most(Level::Warning)
                .help("import it where it is managed from now on");
        }
        Loss::Deleted | Loss::Replaced | Loss::Abandoned => {
            finding.help(HELP);
        }
    }
}

fn verb(loss: Loss) -> &'static str {
    match loss {
        Loss::Deleted => "deletes",
        Loss::Replaced | Loss::Abandoned => "replaces",
        Loss::Forgotten => "forgets",
    }
}

/// The attribute that asks for it is the one to change.
fn replacement(one: &ResourceInstance, loss: Loss) -> (Subject, String) {
    let address = &one.address;
    let reason = one.change.replace_paths.first();
    let place = subject(one, reason.cloned().unwrap_or_default());
    let because = reason.map_or(String::new(), |path| {
        format!(", because `{path}` cannot change in place")
    });
    let order = match one.change.action {
        Action::DeleteThenCreate => ": it is gone until the new one is there",
        _ if loss == Loss::Abandoned => ": nobody manages the old one any more",
        _ => ": the old one is destroyed once the new one is there",
    };
    (
        place,
        format!("the plan replaces `{address}`{because}{order}"),
    )
}

/// Whether losing an object does harm. Most types are always in use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Yes,
    Not(&'static str),
    Open(&'static str),
}

impl Use {
    fn of(plan: &Plan, one: &ResourceInstance) -> Self {
        match one.kind() {
            "aws_acm_certificate" => Self::of_certificate(plan, one),
            "aws_kms_key" | "aws_kms_external_key" | "aws_kms_replica_key" => {
                Self::of_key(plan, one)
            }
            "aws_ssm_parameter" => match text(one.before(), "type") {
                Some("SecureString") => Self::Yes,
                Some(_) => Self::Not("it is no secret"),
                None => Self::Open("nothing tells whether it is a secret"),
            },
            _ => Self::Yes,
        }
    }

    /// A certificate is in use where another object holds its ARN as things are before the apply.
    fn of_certificate(plan: &Plan, certificate: &ResourceInstance) -> Self {
        let Some(arn) = text(certificate.before(), "arn") else {
            return Self::Open(UNTOLD);
        };
        let others = all_but(plan, certificate, &["aws_acm_certificate_validation"]);
        if others.iter().any(|other| holds(other.before(), &[arn])) {
            Self::Yes
        } else {
            Self::Not("nothing in the plan uses the certificate")
        }
    }

    /// A key is in use where another object holds its ARN or id, or has it by an alias. What it encrypted is lost with it.
    fn of_key(plan: &Plan, key: &ResourceInstance) -> Self {
        const OF_KEYS: [&str; 3] = ["aws_kms_alias", "aws_kms_grant", "aws_kms_key_policy"];
        let names = |one: &'_ ResourceInstance, attributes: [&str; 2]| -> Vec<String> {
            let named = attributes
                .iter()
                .filter_map(|name| text(one.before(), name));
            named.map(str::to_owned).collect()
        };
        let mut own = names(key, ["arn", "key_id"]);
        if own.is_empty() {
            return Self::Open(UNTOLD);
        }
        for alias in plan.managed("aws_kms_alias") {
            let meant = names(alias, ["target_key_arn", "target_key_id"]);
            if meant.iter().any(|name| own.contains(name)) {
                own.extend(names(alias, ["arn", "name"]));
            }
        }
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let others = all_but(plan, key, &OF_KEYS);
        if others.iter().any(|other| holds(other.before(), &own)) {
            Self::Yes
        } else {
            Self::Not("nothing in the plan uses the key")
        }
    }
}

const UNTOLD: &str = "nothing tells whether anything uses it";

/// The managed objects besides one, but those of some types.
fn all_but<'a>(
    plan: &'a Plan,
    one: &ResourceInstance,
    types: &[&str],
) -> Vec<&'a ResourceInstance> {
    let others = plan.resources().iter().filter(|other| is_managed(other));
    others
        .filter(|other| other.address != one.address && !types.contains(&other.kind()))
        .collect()
}

fn is_managed(one: &ResourceInstance) -> bool {
    one.address.resource.mode == ResourceMode::Managed
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.attribute(name).and_then(Value::as_str)
}

/// Whether one of some strings is a value somewhere in an object.
fn holds(value: &Value, wanted: &[&str]) -> bool {
    value.as_str().is_some_and(|text| wanted.contains(&text))
        || value.children().any(|child| holds(child, wanted))
}
