//! `secret-version-imported`: no version of a live secret is tracked and no secret parameter imported, since that copies
//! the value into the state.

use crate::address::AttributePath;
use crate::plan::{Evidence, ResourceInstance};
use crate::rule::{Context, Findings, Rule, RuleMeta, Scope};
use crate::rules::evidence::subject;
use crate::secret::is_placeholder;
use crate::value::Value;

/// The rule.
pub struct SecretVersionImported;

static META: RuleMeta = RuleMeta {
    id: "secret-version-imported",
    summary: "no version of a live secret is imported or tracked, and no secret parameter imported: the value would stand in the state",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

impl Rule for SecretVersionImported {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let versions = cx.plan.managed("aws_secretsmanager_secret_version");
        for version in versions.filter(|one| one.remains()) {
            judge(cx, version, findings);
        }
        let parameters = cx.plan.managed("aws_ssm_parameter");
        for parameter in parameters.filter(|one| one.remains()) {
            judge_parameter(cx, parameter, findings);
        }
    }
}

/// The provider reads a parameter decrypted, also one whose value is handed over write-only from then on. What is tracked
/// is the matter of `secret-in-state`.
fn judge_parameter(cx: &Context<'_>, parameter: &ResourceInstance, findings: &mut Findings) {
    const HELP: &str = "make the parameter anew by `value_wo` and an ephemeral value, or leave it out of Terraform";
    let address = &parameter.address;
    let block = cx.plan.provenance.import(address);
    if parameter.change.importing.is_none() && block.is_none() {
        return;
    }
    let whole = subject(parameter, AttributePath::default());
    let kind = parameter.attribute("type");
    match (stored(cx, parameter, &["value"]), kind.as_str()) {
        (Some(Stored::Placeholder), _) => {
            findings.pass(whole, "what is stored of it is a placeholder");
        }
        (_, Some("SecureString")) => {
            let message =
                format!("importing `{address}` writes its value, decrypted, into the state");
            findings.fail(whole, message).at(block).help(HELP);
        }
        (_, None) if !kind.is_known() => {
            let message = format!(
                "importing `{address}` writes its value into the state, and nothing tells whether it is secret"
            );
            let finding = findings.undecided(whole, message, kind.causes());
            finding.at(block).help(HELP);
        }
        _ => {
            findings.pass(whole, "the parameter is no secret");
        }
    }
}

fn judge(cx: &Context<'_>, version: &ResourceInstance, findings: &mut Findings) {
    const HELP: &str = "leave the version out of Terraform: import the secret alone, and put its value with \
                        `aws secretsmanager put-secret-value`; `terraform state rm` ends the tracking of one that is imported";
    let whole = subject(version, AttributePath::default());
    let address = &version.address;
    let block = cx.plan.provenance.import(address);
    let stored = stored(cx, version, &["secret_string", "secret_binary"]);
    let imports = version.change.importing.is_some() || block.is_some();
    match stored {
        Some(Stored::Placeholder) => {
            findings.pass(whole, "what is stored of it is a placeholder");
        }
        _ if imports => {
            let message = format!("importing `{address}` writes the secret's value into the state");
            findings.fail(whole, message).at(block).help(HELP);
        }
        Some(Stored::Nothing) => {
            findings.pass(whole, "no value of it is stored");
        }
        Some(Stored::Value) => {
            let message = format!("`{address}` is tracked, and the state holds its secret's value");
            findings.fail(whole, message).help(HELP);
        }
        None => {
            findings.pass(whole, "it is not imported");
        }
    }
}

/// What the state holds of it.
enum Stored {
    Nothing,
    Placeholder,
    Value,
}

/// None where it is not in the state yet, or the evidence does not tell.
fn stored(cx: &Context<'_>, one: &ResourceInstance, names: &[&str]) -> Option<Stored> {
    let object = match cx.plan.evidence {
        Evidence::State => one.after(),
        _ => one.before(),
    };
    object.as_entries()?;
    let values = names.iter().filter_map(|name| object.attribute(name));
    let values: Vec<&Value> = values
        .filter(|value| !value.is_null() && value.as_str() != Some(""))
        .collect();
    let known = |value: &&Value| value.as_str().is_some_and(is_placeholder);
    Some(if values.is_empty() {
        Stored::Nothing
    } else if values.iter().all(known) {
        Stored::Placeholder
    } else {
        Stored::Value
    })
}
