//! `unprotected-secret`: a secret can be brought back after a destroy, and a database refuses to be destroyed.

use crate::address::AttributePath;
use crate::plan::{Evidence, ResourceInstance};
use crate::rule::{Context, Findings, Rule, RuleMeta, Scope};
use crate::rules::evidence::{Answer, flag_or_default, subject, text_or_default};
use crate::value::Causes;

/// The rule.
pub struct UnprotectedSecret;

static META: RuleMeta = RuleMeta {
    id: "unprotected-secret",
    summary: "secrets have a recovery window or `prevent_destroy`, and databases deletion protection, in production",
    scope: Scope::Production,
    parameters: &[],
    page: include_str!("README.md"),
};

const DATABASES: [&str; 4] = [
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
];

impl Rule for UnprotectedSecret {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let secrets = cx.plan.managed("aws_secretsmanager_secret");
        for one in secrets.filter(|one| one.remains()) {
            secret(cx, one, findings);
        }
        for kind in DATABASES {
            let all = cx.plan.managed(kind).filter(|one| one.remains());
            for one in all.filter(|one| !is_replica(one)) {
                database(cx, one, findings);
            }
        }
    }
}

fn secret(cx: &Context<'_>, secret: &ResourceInstance, findings: &mut Findings) {
    const WINDOW: &str = "recovery_window_in_days";
    const HELP: &str =
        "set `recovery_window_in_days` to 7 or more, or add `lifecycle { prevent_destroy = true }`";
    let path = AttributePath::attribute(WINDOW);
    let place = subject(secret, path.clone());
    let address = &secret.address;
    let window = text_or_default(cx, secret, &path, secret.attribute(WINDOW));
    if let Ok(Some(days)) = &window
        && is_refused(days)
    {
        let message = format!("`{address}` is refused: its recovery window is {days} days");
        findings
            .fail(place, message)
            .help("set `recovery_window_in_days` to a number from 7 to 30");
        return;
    }
    if window
        .as_ref()
        .is_ok_and(|days| days.as_deref() != Some("0"))
    {
        findings.pass(place, "a destroyed secret can be brought back");
        return;
    }
    let prevented = cx.plan.provenance.prevents_destroy(address);
    match (prevented, window) {
        (Some(true), _) => {
            findings.pass(place, "`prevent_destroy` keeps the secret");
        }
        (_, Err(causes)) => {
            let message =
                format!("nothing tells whether `{address}` can be brought back after a destroy");
            findings.undecided(place, message, causes).help(HELP);
        }
        (Some(false), Ok(_)) => {
            let message = format!("`{address}` is gone at once when it is destroyed");
            findings.fail(place, message).help(HELP);
        }
        (None, Ok(_)) => {
            let told = match cx.plan.evidence {
                Evidence::Sources => "`prevent_destroy` is no literal",
                _ => "only the sources tell whether `prevent_destroy` keeps it",
            };
            let message = format!("`{address}` is gone at once when it is destroyed, and {told}");
            findings
                .undecided(place, message, Causes::default())
                .help(HELP);
        }
    }
}

/// Secrets Manager keeps a secret for 7 to 30 days, or not at all.
fn is_refused(days: &str) -> bool {
    match days.parse::<i64>() {
        Ok(days) => days != 0 && !(7..=30).contains(&days),
        // Part of a day.
        Err(_) => days.parse::<f64>().is_ok(),
    }
}

/// A copy of another database: what it holds is not lost with it.
fn is_replica(database: &ResourceInstance) -> bool {
    let source = |name| {
        let value = database.attribute(name);
        !value.is_null() && value.is_known() && value.as_str() != Some("")
    };
    let unknown = |name: &str| {
        database
            .attribute(name)
            .as_unknown()
            .is_some_and(|unknown| unknown.not_null)
    };
    ["replicate_source_db", "replication_source_identifier"]
        .into_iter()
        .any(|name| source(name) || unknown(name))
}

fn database(cx: &Context<'_>, database: &ResourceInstance, findings: &mut Findings) {
    const PROTECTION: &str = "deletion_protection";
    const HELP: &str = "set `deletion_protection = true`";
    let place = subject(database, AttributePath::attribute(PROTECTION));
    let address = &database.address;
    match flag_or_default(cx, database, PROTECTION) {
        Answer::Yes => {
            findings.pass(place, "deletion protection is on");
        }
        Answer::No => {
            let message = format!("`{address}` has no deletion protection");
            findings.fail(place, message).help(HELP);
        }
        Answer::Open(causes) => {
            let message = format!("nothing tells whether `{address}` has deletion protection");
            findings.undecided(place, message, causes).help(HELP);
        }
    }
}
