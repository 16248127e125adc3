//! Internal load balancers that a network load balancer of the internet passes connections on to.

use crate::address::AttributePath;
use crate::plan::ResourceInstance;
use crate::route::Model;
use crate::rule::Context;
use crate::rules::evidence::{Answer, refers_to, text_or_default};
use crate::rules::load_balancer::{all, is_internet_facing, of_listener, port};

/// Whether the internet reaches a listener of an internal load balancer: that is the target of a group on the listener's
/// port, to which a load balancer of the internet forwards.
pub(super) fn reaches(
    cx: &Context<'_>,
    listener: &ResourceInstance,
    load_balancer: &ResourceInstance,
) -> bool {
    let Ok(Some(wanted)) = port(cx, listener) else {
        return false;
    };
    let attachments = cx.plan.managed("aws_lb_target_group_attachment");
    let mut attachments = attachments
        .filter(|one| one.remains())
        .filter(|one| refers_to(cx, one, "target_id", load_balancer) == Answer::Yes)
        .peekable();
    if attachments.peek().is_none() {
        return false;
    }
    let model = Model::of(cx.plan);
    attachments.any(|attachment| {
        let mut groups = model.target_groups.iter().enumerate();
        groups.any(|(at, group)| {
            let group = group.instance;
            refers_to(cx, attachment, "target_group_arn", group) == Answer::Yes
                && port_of(cx, attachment, group).as_ref() == Some(&wanted)
                && is_forwarded_to(cx, &model, at)
        })
    })
}

/// The port of a target: its own, or else that of its group.
fn port_of(
    cx: &Context<'_>,
    attachment: &ResourceInstance,
    group: &ResourceInstance,
) -> Option<String> {
    let path = AttributePath::attribute("port");
    let given = |one: &ResourceInstance| text_or_default(cx, one, &path, one.attribute("port"));
    given(attachment).ok()?.or_else(|| given(group).ok()?)
}

fn is_forwarded_to(cx: &Context<'_>, model: &Model<'_>, group: usize) -> bool {
    let listeners = all(cx.plan, "aws_lb_listener");
    let senders = model.senders(group).known;
    let mut senders = senders.into_iter().filter(|sender| {
        listeners
            .iter()
            .any(|listener| listener.address == sender.address)
    });
    senders.any(|sender| {
        let load_balancer = of_listener(cx, sender).ok().flatten();
        load_balancer.is_some_and(|one| is_internet_facing(cx, one) == Answer::Yes)
    })
}
