//! `certificate-wait-disabled`: the HTTPS listener is made after the certificate was validated.

use crate::rule::{Context, Findings, Parameter, Rule, RuleMeta, Scope};
use crate::rules::flag::{Flag, State, beside, flags};
use crate::value::Causes;

/// The rule.
pub struct CertificateWaitDisabled;

static META: RuleMeta = RuleMeta {
    id: "certificate-wait-disabled",
    summary: "the flag that makes the listener wait for its certificate is on wherever certificates are",
    scope: Scope::Production,
    parameters: &[
        Parameter {
            name: "variables",
            summary: "names of the variables that make it wait",
        },
        Parameter {
            name: "enabled",
            summary: "names of the variables that switch certificates on; where one is false, nothing waits",
        },
    ],
    page: include_str!("README.md"),
};

impl Rule for CertificateWaitDisabled {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        for flag in flags(cx, &cx.strings("variables")) {
            judge(cx, &flag, findings);
        }
    }
}

fn judge(cx: &Context<'_>, flag: &Flag<'_>, findings: &mut Findings) {
    let (subject, name) = (flag.subject(), &flag.name);
    let place = flag.span(cx);
    let mut open = None;
    let enabled = cx.strings("enabled");
    for state in enabled.iter().filter_map(|name| beside(cx, flag, name)) {
        match state {
            State::Off => return,
            State::On => {}
            State::Null => open = Some(Causes::default()),
            State::Open(causes) => open = Some(causes),
        }
    }
    match (flag.state(), open) {
        (State::On, _) => {
            findings
                .pass(subject, format!("`{name}` is true"))
                .at(place);
        }
        (State::Off, None) => {
            let message =
                format!("`{name}` is false: nothing waits until the certificate is validated");
            findings
                .fail(subject, message)
                .at(place)
                .help(flag.how_to_set(true));
        }
        (State::Off, Some(causes)) => {
            let message =
                format!("`{name}` is false, and nothing tells whether certificates are on");
            findings.undecided(subject, message, causes).at(place);
        }
        (State::Null, _) => {
            let message = format!("`{name}` is null, which is neither on nor off");
            findings
                .undecided(subject, message, Causes::default())
                .at(place)
                .help(flag.how_to_set(true));
        }
        (State::Open(causes), _) => {
            findings
                .undecided(
                    subject,
                    format!("nothing tells whether `{name}` is true"),
                    causes,
                )
                .at(place);
        }
    }
}
