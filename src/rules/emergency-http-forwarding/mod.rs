//! `emergency-http-forwarding`: the emergency mode stays off in production.

use crate::rule::{Context, Findings, Parameter, Rule, RuleMeta, Scope};
use crate::rules::flag::{State, flags};

/// The rule.
pub struct EmergencyHttpForwarding;

static META: RuleMeta = RuleMeta {
    id: "emergency-http-forwarding",
    summary: "the emergency mode that serves plain HTTP is off in production",
    scope: Scope::Production,
    parameters: &[Parameter {
        name: "variables",
        summary: "names of the variables that switch the mode on",
    }],
    page: include_str!("README.md"),
};

impl Rule for EmergencyHttpForwarding {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        for flag in flags(cx, &cx.strings("variables")) {
            let (subject, name) = (flag.subject(), &flag.name);
            let place = flag.span(cx);
            match flag.state() {
                State::On => {
                    let message = format!(
                        "`{name}` is true in production: requests are served over plain HTTP"
                    );
                    findings
                        .fail(subject, message)
                        .at(place)
                        .help(flag.how_to_set(false));
                }
                State::Off => {
                    findings
                        .pass(subject, format!("`{name}` is false"))
                        .at(place);
                }
                State::Null => {
                    let message = format!("`{name}` is null, which is neither on nor off");
                    findings
                        .undecided(subject, message, crate::value::Causes::default())
                        .at(place)
                        .help(flag.how_to_set(false));
                }
                State::Open(causes) => {
                    let message = format!("nothing tells whether `{name}` is false");
                    findings.undecided(subject, message, causes).at(place);
                }
            }
        }
    }
}
