//! `provisioner` and `connection` blocks: what runs beside an object, and how it gets there.

use super::Decoder;
use crate::source::Span;
use crate::syntax::{Attribute, Block, Body, Expr, ExprKind};

/// Arguments of a `connection`, of every type.
const CONNECTION: [&str; 28] = [
    "type",
    "user",
    "password",
    "host",
    "port",
    "timeout",
    "script_path",
    "target_platform",
    "private_key",
    "certificate",
    "host_key",
    "agent",
    "agent_identity",
    "proxy_scheme",
    "proxy_host",
    "proxy_port",
    "proxy_user_name",
    "proxy_user_password",
    "bastion_host",
    "bastion_host_key",
    "bastion_port",
    "bastion_user",
    "bastion_password",
    "bastion_private_key",
    "bastion_certificate",
    "https",
    "insecure",
    "use_ntlm",
];

/// In `connection` as well.
const CERTIFICATE: &str = "cacert";

impl Decoder<'_> {
    /// One of the blocks of a resource that run something, or tell all of them how; with those before it.
    pub(super) fn provisioner(&mut self, block: &Block, earlier: &[Block]) {
        if &*block.kind.name == "connection" {
            if earlier.iter().any(|one| &*one.kind.name == "connection") {
                self.second(block);
            }
            return;
        }
        let [label] = block.labels.as_slice() else {
            let message = "a `provisioner` block has one label".to_owned();
            self.refuse(message, block.header);
            return;
        };
        let known: &[&str] = match &*label.name {
            "local-exec" => &[
                "command",
                "interpreter",
                "working_dir",
                "environment",
                "quiet",
            ],
            "remote-exec" => &["inline", "script", "scripts"],
            "file" => &["source", "content", "destination"],
            removed @ ("chef" | "habitat" | "puppet" | "salt-masterless") => {
                let message = format!("Terraform has no provisioner `{removed}` any more");
                self.refuse(message, block.header);
                return;
            }
            // A plugin that nothing is known of.
            _ => return,
        };
        self.arguments(&block.body, known, &label.name);
        let needed = match &*label.name {
            "local-exec" => Some("command"),
            "file" => Some("destination"),
            _ => None,
        };
        if let Some(name) = needed.filter(|name| given(&block.body, name).is_none()) {
            let message = format!("a `{}` provisioner needs `{name}`", label.name);
            self.refuse(message, block.header);
        }
        let ways: &[&str] = match &*label.name {
            "remote-exec" => &["inline", "script", "scripts"],
            "file" => &["source", "content"],
            _ => &[],
        };
        let chosen = ways
            .iter()
            .filter(|name| given(&block.body, name).is_some());
        if !ways.is_empty() && chosen.count() != 1 {
            let message = format!(
                "a `{}` provisioner has one of: {}",
                label.name,
                ways.join(", ")
            );
            self.refuse(message, block.header);
        }
        self.moment(&block.body);
    }

    /// How provisioners get to their object. Terraform looks at it where there are any.
    pub(super) fn connections(&mut self, blocks: &[Block]) {
        let (shared, provisioners): (Vec<&Block>, Vec<&Block>) =
            (blocks.iter()).partition(|block| &*block.kind.name == "connection");
        let shared = shared.first().copied();
        if let Some(shared) = shared.filter(|_| !provisioners.is_empty()) {
            self.connection(shared);
        }
        for provisioner in provisioners {
            let own = provisioner.body.blocks_of("connection").next();
            let mut parts = own.into_iter().chain(shared).peekable();
            let Some(first) = parts.peek().copied() else {
                continue;
            };
            if !parts.any(|part| part.body.attribute("host").is_some()) {
                let message = "a `connection` needs `host`".to_owned();
                self.refuse(message, first.header);
            }
        }
    }

    /// A provisioner that outlives the block of its object, to run when that is destroyed.
    pub(super) fn last_provisioner(&mut self, block: &Block) {
        self.provisioner(block, &[]);
        let at_destroy = (block.body.attribute("when"))
            .is_some_and(|when| keyword(&when.expr) == Some("destroy"));
        if !at_destroy {
            let message = "of a removed object only `when = destroy` provisioners run".to_owned();
            self.refuse(message, block.header);
        }
    }

    fn arguments(&mut self, body: &Body, known: &[&str], kind: &str) {
        let own = ["when", "on_failure"];
        let strange = body.attributes.iter().map(|one| &one.name);
        for name in strange.filter(|name| !own.contains(&&*name.name)) {
            if !known.contains(&&*name.name) {
                let message = format!("`{}` is not an argument of `{kind}`", name.name);
                self.refuse(message, name.span);
            }
        }
        for block in &body.blocks {
            match &*block.kind.name {
                "connection" => self.connection(block),
                "_" => {}
                other => {
                    let message = format!("`{other}` is not a block of `{kind}`");
                    self.refuse(message, block.header);
                }
            }
        }
    }

    fn connection(&mut self, block: &Block) {
        for attribute in &block.body.attributes {
            let name = &*attribute.name.name;
            if !CONNECTION.contains(&name) && name != CERTIFICATE {
                let message = format!("`{name}` is not an argument of `connection`");
                self.refuse(message, attribute.name.span);
            }
        }
    }

    /// `when` and `on_failure`, and what may be named when the rest of the configuration may be gone.
    fn moment(&mut self, body: &Body) {
        let mut word = |name: &str, known: &[&str]| {
            let attribute = body.attribute(name)?;
            match keyword(&attribute.expr) {
                Some(word) if known.contains(&word) => Some(word),
                _ => {
                    let message = format!("`{name}` is one of: {}", known.join(", "));
                    self.refuse(message, attribute.expr.span);
                    None
                }
            }
        };
        let when = word("when", &["create", "destroy"]);
        word("on_failure", &["continue", "fail"]);
        if when == Some("destroy") {
            for span in beyond_itself(body) {
                let message = "a `when = destroy` provisioner knows its own object only: `self`, \
                               `count.index` and `each.key`";
                self.refuse(message.to_owned(), span);
            }
        }
    }
}

/// An argument, also where `_` holds it.
fn given<'a>(body: &'a Body, name: &str) -> Option<&'a Attribute> {
    let escaped = body.blocks_of("_").map(|block| &block.body);
    std::iter::once(body)
        .chain(escaped)
        .find_map(|body| body.attribute(name))
}

/// A word that stands bare, or in quotes as old configurations have it.
fn keyword(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Variable(word) | ExprKind::String(word) => Some(word),
        _ => None,
    }
}

/// References to anything but the object itself.
fn beyond_itself(body: &Body) -> Vec<Span> {
    let references = crate::config::references_of_body(body);
    let own = |expr: &Expr| match &expr.kind {
        ExprKind::Attr { source, name } => {
            let ExprKind::Variable(root) = &source.kind else {
                return false;
            };
            &**root == "count" || (&**root == "each" && &*name.name == "key")
        }
        _ => false,
    };
    let strange = references.iter().filter(|one| !own(one.expr));
    strange.map(|one| one.span).collect()
}
