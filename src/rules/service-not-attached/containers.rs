//! What ECS refuses of a task's containers: more than the whole task has, ports that are none, and what they lack.

use super::fargate::size;
use super::registered::Refusal;
use crate::address::AttributePath;
use crate::plan::ResourceInstance;
use crate::rules::container::{Container, Definitions, whole};
use crate::rules::evidence::{display, subject};
use crate::value::Value;

/// Why ECS does not take the containers of a task, if it does not.
pub(super) fn refused(task: &ResourceInstance) -> Option<Refusal> {
    let definitions = Definitions::of(task);
    let containers = &definitions.containers;
    let of_one = |one: &Container| {
        without_image(task, one)
            .or_else(|| larger(task, one))
            .or_else(|| no_port(task, one))
    };
    let refused = containers.iter().find_map(of_one);
    refused.or_else(|| {
        let is_all = definitions.open.is_none() && !containers.is_empty();
        (is_all && containers.iter().all(is_dispensable)).then(|| {
            let message = format!("`{}` has no essential container", task.address);
            let help = "leave out `essential` of the container that the task is for";
            Refusal::at(whole(task), message, help)
        })
    })
}

fn without_image(task: &ResourceInstance, container: &Container) -> Option<Refusal> {
    const NAME: &str = "image";
    let has_one = |value: &Value| !value.is_null() && value.as_str() != Some("");
    if container
        .member(NAME)
        .is_some_and(|(_, value)| has_one(value))
    {
        return None;
    }
    let path = container.place_of(NAME);
    let message = format!("{} of `{}` has no image", container.shown(), task.address);
    Some(Refusal::at(subject(task, path), message, "set its `image`"))
}

/// What a container may take at most, and what of the whole task it is part of. Of CPU only Fargate's tasks have a bound.
fn larger(task: &ResourceInstance, container: &Container) -> Option<Refusal> {
    const PARTS: [(&str, &str, &str); 3] = [
        ("memory", "memory", "gb"),
        ("memoryReservation", "memory", "gb"),
        ("cpu", "cpu", "vcpu"),
    ];
    let compatible = task.attribute("requires_compatibilities").as_elements();
    let is_of_fargate = compatible
        .unwrap_or_default()
        .iter()
        .any(|one| one.as_str() == Some("FARGATE"));
    PARTS.iter().find_map(|(part, total, unit)| {
        if *total == "cpu" && !is_of_fargate {
            return None;
        }
        let given = task.attribute(total).foreseen().and_then(display)?;
        let most = size(&given, unit)?;
        let (path, value) = container.member(part)?;
        let own: u64 = number(value)?;
        (own > most).then(|| {
            let message = format!(
                "{} of `{}` has `{part}` {own}, and the whole task `{total}` {given}",
                container.shown(),
                task.address
            );
            let help = "give the task more, or the container less";
            Refusal::at(subject(task, path), message, help)
        })
    })
}

fn no_port(task: &ResourceInstance, container: &Container) -> Option<Refusal> {
    let ports = container.ports().ok()?;
    let has_addresses = task.attribute("network_mode").as_str() == Some("awsvpc");
    let is_none = |number: &str| match number.parse::<i64>() {
        Ok(0) => has_addresses,
        Ok(number) => u16::try_from(number).is_err(),
        Err(_) => false,
    };
    let port = ports.iter().find(|port| is_none(&port.number))?;
    let message = format!(
        "{} of `{}` maps port {}, which is none",
        container.shown(),
        task.address,
        port.number
    );
    let place: AttributePath = container.place_of("portMappings").with_index(port.at);
    let place = subject(task, place.with_attribute("containerPort"));
    Some(Refusal::at(place, message, "map a port from 1 to 65535"))
}

/// Without it, the task goes on: left out, a container is essential.
fn is_dispensable(container: &Container) -> bool {
    let given = container
        .member("essential")
        .and_then(|(_, value)| display(value));
    given.as_deref() == Some("false")
}

fn number(value: &Value) -> Option<u64> {
    display(value)?.parse().ok()
}
