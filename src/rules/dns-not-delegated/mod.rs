//! `dns-not-delegated`: what a certificate needs before it can be validated is switched on.

use crate::rule::{Context, Findings, Parameter, Rule, RuleMeta, Scope};
use crate::rules::flag::{State, flags, is_declared};
use crate::value::Causes;

/// The rule.
pub struct DnsNotDelegated;

static META: RuleMeta = RuleMeta {
    id: "dns-not-delegated",
    summary: "certificates, the zone and its delegation are switched on in production",
    scope: Scope::Production,
    parameters: &[
        Parameter {
            name: "variables",
            summary: "names of the variables that must be true",
        },
        Parameter {
            name: "declared",
            summary: "the rule applies where one of these variables is declared",
        },
    ],
    page: include_str!("README.md"),
};

impl Rule for DnsNotDelegated {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        if !is_declared(cx) {
            return;
        }
        for flag in flags(cx, &cx.strings("variables")) {
            let (subject, name) = (flag.subject(), &flag.name);
            let place = flag.span(cx);
            match flag.state() {
                State::On => {
                    findings
                        .pass(subject, format!("`{name}` is true"))
                        .at(place);
                }
                State::Off => {
                    let message = format!("`{name}` is false: no certificate can be validated");
                    findings
                        .fail(subject, message)
                        .at(place)
                        .help(flag.how_to_set(true));
                }
                State::Null => {
                    let message = format!("`{name}` is null, which is neither on nor off");
                    findings
                        .undecided(subject, message, Causes::default())
                        .at(place)
                        .help(flag.how_to_set(true));
                }
                State::Open(causes) => {
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
    }
}
