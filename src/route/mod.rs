//! The way of a request: from a load balancer's listener over its rules to a target group and the service behind it.
//!
//! [`Model`] reads a plan's load balancers; [`walk`] sends one [`Request`] through them, as Elastic Load Balancing
//! would. What the evidence does not tell is a [`Doubt`]: it makes an outcome undecided only where it would change it.

mod argument;
mod capacity;
mod certificate;
mod condition;
mod dns;
mod explain;
mod firewall;
mod gate;
mod model;
mod named;
mod network;
mod passed_on;
mod pattern;
mod reach;
mod refused_record;
mod request;
mod rewrite;
mod senders;
mod walk;

pub use argument::{Link, text_or_default};
pub use condition::{Doubt, Family, Holds, hold_always, names_host};
pub use dns::{Gives, Names, Record, View, Zone};
pub use explain::{ending, explain};
pub use gate::lets_in;
pub use model::{
    Action, Does, Listener, ListenerRule, LoadBalancer, Model, Redirect, Registration, Service,
    Target, TargetGroup, canonical,
};
pub use passed_on::PassedOn;
pub use reach::Closed;
pub use request::{Request, RequestError, SOME_HOST};
pub use senders::Senders;
pub use walk::{Hop, Outcome, Walk, walk};
