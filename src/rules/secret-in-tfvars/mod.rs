//! `secret-in-tfvars`: no variables file that git takes gives a secret its value.

mod held;
mod holders;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::address::ModuleInstance;
use crate::eval::parse_var_file;
use crate::plan::Subject;
use crate::repository::Standing;
use crate::rule::{Context, Files, Findings, Rule, RuleMeta, Scope, Text, TextKind};
use crate::secret::is_secret_name;
use crate::syntax::Attribute;
use crate::value::Causes;

use held::{Held, calls_any};
use holders::{Holder, Which, holders};

/// The rule.
pub struct SecretInTfvars;

static META: RuleMeta = RuleMeta {
    id: "secret-in-tfvars",
    summary: "no secret has a value in a variables file that git takes",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

impl Rule for SecretInTfvars {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        let texts = cx.texts.iter();
        let mut texts = texts
            .filter(|text| text.kind == TextKind::Variables)
            .peekable();
        let Some(files) = cx.files else {
            return;
        };
        if texts.peek().is_none() {
            return;
        }
        let holders = holders(cx);
        let mut found = 0;
        for text in texts {
            let file = VariablesFile::read(cx, *text);
            for assignment in &file.assignments {
                let name = &assignment.name.name;
                let lost = || lost(cx, assignment);
                let holder = holders.get(name).map(Cow::Borrowed);
                if let Some(holder) = holder.or_else(|| lost().map(Cow::Owned)) {
                    file.judge(assignment, &holder, files, findings);
                    found += 1;
                }
            }
        }
        if found == 0 {
            let place = Subject::Text("variables files".into());
            findings.pass(place, "none gives a value to what holds a secret");
        }
    }
}

/// What is a secret by its name and reaches no variable: it is not declared, its type does not keep the member, or a later
/// file gives another. The file holds it all the same.
fn lost(cx: &Context<'_>, assignment: &Attribute) -> Option<Holder> {
    let name = &assignment.name.name;
    let which = Which::Some(BTreeSet::new());
    let why = match cx.plan.variable(name) {
        None if Held::of(&assignment.expr, name, &which) == Held::Secret => {
            "has the name of a secret, and is not declared"
        }
        Some(_) if !calls_any(&assignment.expr, name) => return None,
        Some(_) if is_secret_name(name) => "has the name of a secret",
        Some(_) => "has a member with the name of a secret",
        None => return None,
    };
    let why = why.to_owned();
    Some(Holder { why, which })
}

/// A file that gives values to variables. What a later file overrides stands in it all the same.
struct VariablesFile {
    path: std::path::PathBuf,
    name: String,
    assignments: Vec<Attribute>,
}

impl VariablesFile {
    fn read(cx: &Context<'_>, text: Text) -> Self {
        let file = cx.sources.file(text.source);
        let path = file.path().to_path_buf();
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let assignments = parse_var_file(text.source, &file).body.attributes;
        Self {
            path,
            name,
            assignments,
        }
    }

    fn judge(
        &self,
        assignment: &Attribute,
        holder: &Holder,
        files: Files<'_>,
        findings: &mut Findings,
    ) {
        let variable = &assignment.name.name;
        let place = Subject::Variable(ModuleInstance::root(), std::sync::Arc::clone(variable));
        let (name, why) = (&self.name, &holder.why);
        let held = Held::of(&assignment.expr, variable, &holder.which);
        if held == Held::Nothing {
            let message = format!("`{name}` gives it no value, or one that stands in for it");
            findings.pass(place, message).at(Some(assignment.span));
            return;
        }
        let fail = |message: String, help: String, findings: &mut Findings| {
            let finding = findings.fail(place.clone(), message);
            finding.at(Some(assignment.span)).help(help);
        };
        match files.repositories.standing(&self.path) {
            Standing::Tracked => fail(
                format!("git tracks `{name}`, which gives it a value, and it {why}"),
                format!(
                    "take it out, and hand the value over out of band or as `TF_VAR_{variable}`; replace the secret: the history keeps it"
                ),
                findings,
            ),
            Standing::Loose => fail(
                format!("git does not ignore `{name}`, which gives it a value, and it {why}"),
                format!(
                    "take it out, and hand the value over out of band or as `TF_VAR_{variable}`; or name the file in `.gitignore`"
                ),
                findings,
            ),
            Standing::Unclear(reason) => {
                let message =
                    format!("`{name}` is ignored, and perhaps tracked all the same: {reason}");
                findings
                    .undecided(place, message, Causes::default())
                    .at(Some(assignment.span));
            }
            Standing::Ignored => {
                let message = format!("git ignores `{name}`");
                findings.pass(place, message).at(Some(assignment.span));
            }
            Standing::Outside => {
                let message = format!("`{name}` lies in no git repository");
                findings.pass(place, message).at(Some(assignment.span));
            }
        }
    }
}
