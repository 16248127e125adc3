//! `provider` blocks, and what refers to them.

use std::sync::Arc;

use super::{Decoder, literal, take};
use crate::config::version::is_constraint;
use crate::config::{Provider, ProviderReference};
use crate::source::Span;
use crate::syntax::{Attribute, Block, Expr, ExprKind};

impl Decoder<'_> {
    pub(super) fn provider(&mut self, mut block: Block) {
        let name = block.labels.swap_remove(0);
        self.provider_name(&name.name, name.span);
        let mut body = block.body;
        for reserved in ["count", "depends_on", "for_each", "source"] {
            if let Some(attribute) = take(&mut body, reserved) {
                self.reserved(reserved, attribute.span, "provider");
            }
        }
        for nested in &body.blocks {
            if matches!(&*nested.kind.name, "lifecycle" | "locals") {
                self.reserved(&nested.kind.name, nested.header, "provider");
            }
        }
        let alias = take(&mut body, "alias");
        if let Some(alias) = alias
            .as_ref()
            .filter(|alias| literal(&alias.expr).is_none())
        {
            self.refuse("an alias is a literal name".to_owned(), alias.expr.span);
        }
        let alias = alias.and_then(|attribute| literal(&attribute.expr));
        if let Some(version) = take(&mut body, "version") {
            let text = literal(&version.expr);
            if !text.is_some_and(|text| is_constraint(&text)) {
                self.refuse("not a version constraint".to_owned(), version.expr.span);
            }
        }
        if (self.module.providers.iter())
            .any(|old| old.name.name == name.name && old.alias == alias)
        {
            let message = match &alias {
                Some(alias) => format!("provider `{}.{alias}` is configured twice", name.name),
                None => format!("provider `{}` is configured twice", name.name),
            };
            self.refuse(message, block.header);
        }
        self.module.providers.push(Provider {
            name,
            alias,
            body,
            span: block.header,
        });
    }

    pub(super) fn providers(
        &mut self,
        attribute: &Attribute,
    ) -> Vec<(ProviderReference, ProviderReference)> {
        let ExprKind::Object(items) = &attribute.expr.kind else {
            self.refuse(
                "`providers` is an object of provider references".to_owned(),
                attribute.span,
            );
            return Vec::new();
        };
        let mut providers = Vec::new();
        for item in items {
            let inside = match &item.key.kind {
                ExprKind::Parens(key) => self.provider_reference(key),
                _ => self.provider_reference(&item.key),
            };
            if let (Some(inside), Some(here)) = (inside, self.provider_reference(&item.value)) {
                if providers.iter().any(|(other, _)| *other == inside) {
                    let message = "this provider is handed over twice".to_owned();
                    self.refuse(message, item.value.span);
                }
                providers.push((inside, here));
            }
        }
        providers
    }

    pub(super) fn provider_reference(&mut self, expr: &Expr) -> Option<ProviderReference> {
        // `null` is a provider as well.
        let name = |expr: &Expr| match &expr.kind {
            ExprKind::Variable(name) => Some(Arc::clone(name)),
            ExprKind::Null => Some("null".into()),
            _ => None,
        };
        let reference = match &expr.kind {
            ExprKind::Variable(_) | ExprKind::Null => name(expr).map(|name| (name, None)),
            // `provider = "aws.west"`, as Terraform 0.11 wrote it.
            ExprKind::String(text) => match text.split_once('.') {
                Some((name, alias)) => Some((name.into(), Some(alias.into()))),
                None => Some((Arc::clone(text), None)),
            },
            ExprKind::Attr {
                source,
                name: alias,
            } => name(source).map(|name| (name, Some(Arc::clone(&alias.name)))),
            _ => None,
        };
        match &reference {
            None => self.refuse("not a reference to a provider".to_owned(), expr.span),
            Some((name, _)) => self.provider_name(name, expr.span),
        }
        reference.map(|(name, alias)| ProviderReference { name, alias })
    }

    /// Local names of providers are words of lower-case letters and digits with dashes between them.
    pub(super) fn provider_name(&mut self, name: &str, span: Span) {
        let fits = name.split('-').all(|word| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_alphanumeric() && !c.is_uppercase())
        });
        if !fits {
            self.refuse(format!("`{name}` cannot be the name of a provider"), span);
        }
    }
}
