//! Internal load balancers that a network load balancer of the internet passes connections on to.

use crate::plan::ResourceInstance;
use crate::route::{Link, Model};
use crate::rule::Context;
use crate::rules::evidence::Answer;
use crate::rules::load_balancer::{all, is_internet_facing, of_listener, port};

/// Whether the internet reaches a listener of an internal load balancer: that is the target of a group on the listener's
/// port, to which a load balancer of the internet forwards.
pub(super) fn reaches(
    cx: &Context<'_>,
    listener: &ResourceInstance,
    load_balancer: &ResourceInstance,
) -> bool {
    let wanted = port(cx, listener).ok().flatten();
    let Some(wanted) = wanted.and_then(|port| port.parse::<u16>().ok()) else {
        return false;
    };
    if cx
        .plan
        .managed("aws_lb_target_group_attachment")
        .next()
        .is_none()
    {
        return false;
    }
    let model = Model::of(cx.plan);
    let mut balancers = model.load_balancers.iter();
    let at = balancers.position(|one| one.instance.address == load_balancer.address);
    let Some(at) = at else { return false };
    let mut groups = model.target_groups.iter().enumerate();
    groups.any(|(group, one)| {
        let mut targets = one.passed_on.iter();
        let is_meant = targets
            .any(|target| target.load_balancer == Link::To(at) && target.port == Ok(Some(wanted)));
        is_meant && is_forwarded_to(cx, &model, group)
    })
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
