//! `provider` blocks, and what refers to them.

use std::sync::Arc;

use super::{Decoder, literal, take};
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
        let alias = take(&mut body, "alias").and_then(|attribute| literal(&attribute.expr));
        let _ = take(&mut body, "version");
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
    fn provider_name(&mut self, name: &str, span: Span) {
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
