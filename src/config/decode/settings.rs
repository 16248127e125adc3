//! The `terraform` block: which providers, of which versions, and where the state lies.

use std::sync::Arc;

use super::{Decoder, literal, names_self};
use crate::config::version::is_constraint;
use crate::syntax::{Attribute, Block, Body, Expr, ExprKind};

/// Those of Terraform up to 1.14.
const BACKENDS: [&str; 13] = [
    "azurerm",
    "consul",
    "cos",
    "gcs",
    "http",
    "inmem",
    "kubernetes",
    "local",
    "oci",
    "oss",
    "pg",
    "remote",
    "s3",
];

/// The blocks that say where the state lies.
const STORAGE: [&str; 3] = ["backend", "cloud", "state_store"];

impl Decoder<'_> {
    pub(super) fn terraform(&mut self, block: Block) {
        self.only(
            &block.body,
            &["required_version", "experiments", "language"],
            &[
                "backend",
                "cloud",
                "required_providers",
                "provider_meta",
                // Of later versions, and of OpenTofu.
                "state_store",
                "encryption",
            ],
            "terraform",
        );
        if let Some(version) = block.body.attribute("required_version") {
            let fits = match literal(&version.expr) {
                Some(text) if is_constraint(&text) => {
                    let all = match &self.module.required_version {
                        Some(earlier) => format!("{earlier}, {text}").into(),
                        None => text,
                    };
                    self.module.required_version = Some(all);
                    true
                }
                Some(_) => false,
                None => matches!(version.expr.kind, ExprKind::Number(_)),
            };
            if !fits {
                self.refuse("not a version constraint".to_owned(), version.expr.span);
            }
        }
        if let Some(experiments) = block.body.attribute("experiments")
            && !matches!(&experiments.expr.kind, ExprKind::Tuple(elements) if elements.is_empty())
        {
            let message = "experiments are for alpha releases of Terraform".to_owned();
            self.refuse(message, experiments.expr.span);
        }
        for nested in block.body.blocks {
            match &*nested.kind.name {
                "required_providers" => {
                    self.one(&nested);
                    for block in &nested.body.blocks {
                        let message = "a provider is required by an argument, not by a block";
                        self.refuse(message.to_owned(), block.header);
                    }
                    for attribute in nested.body.attributes {
                        self.required_provider(attribute);
                    }
                }
                "provider_meta" => self.constants(&nested),
                kind if STORAGE.contains(&kind) => self.storage(&nested),
                _ => {}
            }
        }
    }

    /// There is one place for the state, and it is known before anything is evaluated.
    fn storage(&mut self, block: &Block) {
        let kind = &block.kind.name;
        let mut others = STORAGE.into_iter().filter(|other| *other != &**kind);
        if let Some((other, span)) = others.find_map(|other| Some((other, *self.seen.get(other)?)))
        {
            let message = format!("`{other}` and `{kind}` exclude each other");
            self.refuse(message, span);
        }
        self.one(block);
        let labels = usize::from(&**kind != "cloud");
        if block.labels.len() != labels {
            let message = format!(
                "a `{kind}` block has {labels} labels, this one has {}",
                block.labels.len()
            );
            self.refuse(message, block.header);
        }
        self.storage_arguments(block);
        self.constants(block);
        for attribute in attributes(&block.body) {
            self.without_calls(&attribute.expr);
            if names_self(&attribute.expr) {
                let message = format!("`{kind}` cannot use what is evaluated");
                self.refuse(message, attribute.expr.span);
            }
        }
    }

    /// Backends and what is certain of their arguments. Only that of the root module is ever looked at.
    fn storage_arguments(&mut self, block: &Block) {
        let kind = &*block.kind.name;
        let backend = block.labels.first().map(|label| &*label.name);
        if kind == "backend"
            && let Some(backend) = backend.filter(|backend| !BACKENDS.contains(backend))
        {
            let message = format!("Terraform has no backend `{backend}`");
            self.refuse_in_root(message, block.header);
            return;
        }
        let (arguments, blocks): (&[&str], &[&str]) = match (kind, backend) {
            ("backend", Some("local")) => (&["path", "workspace_dir"], &[]),
            ("cloud", _) => (&["hostname", "organization", "token"], &["workspaces"]),
            _ => return,
        };
        let strange = block.body.attributes.iter().map(|one| &one.name);
        let strange = strange.filter(|name| !arguments.contains(&&*name.name));
        let strange = strange.map(|name| (&name.name, name.span));
        let nested = block.body.blocks.iter();
        let nested = nested.filter(|one| !blocks.contains(&&*one.kind.name));
        let nested = nested.map(|one| (&one.kind.name, one.header));
        for (name, span) in strange.chain(nested) {
            let message = format!("`{name}` says nothing about `{}`", backend.unwrap_or(kind));
            self.refuse_in_root(message, span);
        }
    }

    /// Refuses a block that a module has already, in whatever file.
    fn one(&mut self, block: &Block) {
        if self.seen.contains_key(&block.kind.name) {
            self.second(block);
        } else {
            self.seen.insert(Arc::clone(&block.kind.name), block.header);
        }
    }

    /// Nothing in such a block refers to anything.
    fn constants(&mut self, block: &Block) {
        for reference in crate::config::references_of_body(&block.body) {
            let message = format!("`{}` cannot use what is evaluated", block.kind.name);
            self.refuse(message, reference.span);
        }
    }

    fn required_provider(&mut self, attribute: Attribute) {
        let member = |name: &str| match &attribute.expr.kind {
            ExprKind::Object(items) => items
                .iter()
                .find(|item| literal(&item.key).as_deref() == Some(name))
                .map(|item| &item.value),
            _ => None,
        };
        let version = match &attribute.expr.kind {
            ExprKind::Object(_) => member("version"),
            _ => Some(&attribute.expr),
        };
        if let Some(expr) = version {
            match literal(expr) {
                Some(version) if is_constraint(&version) => {
                    let name = Arc::clone(&attribute.name.name);
                    self.module.provider_versions.insert(name, version);
                }
                _ if matches!(expr.kind, ExprKind::Number(_)) => {}
                _ => self.refuse("not a version constraint".to_owned(), expr.span),
            }
        }
        let source = match member("source").map(|expr| (expr.span, literal(expr))) {
            None => None,
            Some((_, Some(source))) if is_source(&source) => Some(source),
            Some((span, _)) => {
                let message = "not the source of a provider, such as `hashicorp/aws`".to_owned();
                self.refuse(message, span);
                None
            }
        };
        let name = Arc::clone(&attribute.name.name);
        self.provider_name(&name, attribute.name.span);
        if let Some(aliases) = member("configuration_aliases") {
            self.aliases(&name, aliases);
        }
        if let ExprKind::Object(items) = &attribute.expr.kind {
            for item in items {
                if let Some(name) = literal(&item.key)
                    && !["source", "version", "configuration_aliases"].contains(&&*name)
                {
                    let message = format!("`{name}` says nothing about a provider");
                    self.refuse(message, item.key.span);
                }
            }
        }
        self.module
            .required_providers
            .insert(attribute.name.name, source);
    }

    /// What a module is handed by those who call it: references to this provider, each with an alias.
    fn aliases(&mut self, provider: &str, aliases: &Expr) {
        let ExprKind::Tuple(elements) = &aliases.kind else {
            let message = "`configuration_aliases` is a list of references".to_owned();
            self.refuse(message, aliases.span);
            return;
        };
        for element in elements {
            let fits = match &element.kind {
                ExprKind::Attr { source, .. } => match &source.kind {
                    ExprKind::Variable(name) => &**name == provider,
                    ExprKind::Null => provider == "null",
                    _ => false,
                },
                _ => false,
            };
            if !fits {
                let message = format!("not an alias of `{provider}`");
                self.refuse(message, element.span);
            }
        }
    }
}

/// The arguments of a body and of all blocks in it.
fn attributes(body: &Body) -> Vec<&Attribute> {
    let nested = body.blocks.iter().flat_map(|block| attributes(&block.body));
    body.attributes.iter().chain(nested).collect()
}

/// `hashicorp/aws`, with a host before it or none, or the name alone.
fn is_source(text: &str) -> bool {
    text.split('/').count() <= 3 && text.split('/').all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use crate::config::Loader;
    use crate::source::Sources;

    fn refused_in_root(block: &str) -> Vec<String> {
        let text = format!("terraform {{\n{block}\n}}\n");
        let files = BTreeMap::from([(PathBuf::from("main.tf"), text.into_bytes())]);
        let sources = Arc::new(Sources::default());
        let loader = Loader::in_memory(sources, files, PathBuf::from("shown"));
        let module = loader.load(Path::new(".")).module;
        assert_eq!(module.problems, []);
        let problems = module.problems_of_root.iter();
        problems.map(|one| one.message.clone()).collect()
    }

    /// As `terraform init` of Terraform 1.11.4 says.
    #[test]
    fn the_state_lies_in_a_backend_that_there_is() {
        let fine = [
            r#"backend "s3" { bucket = "state" }"#,
            r#"backend "local" { path = "state" }"#,
            r#"cloud {
                 organization = "acme"
                 workspaces { name = "x" }
               }"#,
        ];
        for block in fine {
            assert!(refused_in_root(block).is_empty(), "{block}");
        }
        let refused = [
            (r#"backend "nope" {}"#, "Terraform has no backend `nope`"),
            (
                r#"backend "etcdv3" {}"#,
                "Terraform has no backend `etcdv3`",
            ),
            (
                r#"backend "local" { bucket = "x" }"#,
                "`bucket` says nothing about `local`",
            ),
            (
                r#"cloud { organisation = "acme" }"#,
                "`organisation` says nothing about `cloud`",
            ),
        ];
        for (block, message) in refused {
            assert_eq!(refused_in_root(block), [message]);
        }
    }
}
