//! Reads a `tfguard.hcl`. Every name in it is known, every value written out; the first thing that is not so makes the
//! file unusable, but all of them are told.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::environment::EnvironmentBlock;
use super::file::Settings;
use super::rules::{self, NOT_WRITTEN_OUT};
use crate::config::{has_configuration, nearest};
use crate::problem::{Problem, ProblemKind};
use crate::rule::pack;
use crate::rules::ALL;
use crate::secret;
use crate::source::{SourceId, Sources, Span};
use crate::syntax::{self, Block, Body, Expr, ExprKind};
use crate::waiver::{Scope, Target, Waiver, day};

const BLOCKS: [&str; 3] = ["environment", "rule", "waiver"];

/// Reads a file that is among the sources.
pub(super) fn settings(source: SourceId, path: &Path, sources: &Sources) -> Settings {
    let text = sources.file(source).text().clone();
    let parsed = syntax::parse(source, &text);
    let mut settings = Settings {
        path: path.to_path_buf(),
        ..Settings::default()
    };
    let folder = settings.folder().to_path_buf();
    let mut reading = Reading {
        folder: &folder,
        problems: Vec::new(),
    };
    for error in parsed.errors {
        let problem = Problem::new(ProblemKind::Unreadable, error.message, Some(error.span));
        reading.problems.push(Problem {
            help: error.help,
            ..problem
        });
    }
    reading.file(&parsed.body, &mut settings);
    settings.problems = reading.problems;
    settings
}

/// A file on its way to be understood.
pub(super) struct Reading<'a> {
    folder: &'a Path,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn file(&mut self, body: &Body, settings: &mut Settings) {
        for attribute in &body.attributes {
            let name = &attribute.name;
            if &*name.name == "policies" {
                self.wrong(
                    name.span,
                    "`policies` is not supported by this version: it reads no policy files",
                );
            } else {
                self.unknown(name.span, "attribute", &name.name, &BLOCKS, "");
            }
        }
        let packs = pack::embedded();
        let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
        for block in &body.blocks {
            let kind = &*block.kind.name;
            if !BLOCKS.contains(&kind) {
                self.unknown(block.kind.span, "block", kind, &BLOCKS, "");
                continue;
            }
            let [label] = block.labels.as_slice() else {
                self.wrong(
                    block.header,
                    format!("a block `{kind}` has one name: `{kind} \"name\" {{`"),
                );
                continue;
            };
            if label.name.trim().is_empty() {
                self.wrong(
                    label.span,
                    format!("the name of a block `{kind}` is not empty"),
                );
                continue;
            }
            if secret::has_credential(&label.name) {
                self.wrong(
                    label.span,
                    format!("the name of this {kind} holds a credential"),
                );
                continue;
            }
            if !seen.insert((kind, &label.name)) {
                self.wrong(
                    label.span,
                    format!("there is another {kind} `{}`", label.name),
                );
                continue;
            }
            match kind {
                "environment" => {
                    let environment = self.environment(block, &label.name);
                    settings.environments.push(Arc::new(environment));
                }
                "rule" => {
                    let rule = ALL
                        .iter()
                        .map(|rule| rule.meta())
                        .find(|meta| *meta.id == *label.name);
                    match (rule, packs.get(&label.name)) {
                        (Some(meta), Some(pack)) => {
                            let block = rules::read(block, meta, pack, self);
                            settings.rules.insert(meta.id, block);
                        }
                        _ => self.unknown_rule(label.span, &label.name),
                    }
                }
                _ => settings.waivers.extend(self.waiver(block, &label.name)),
            }
        }
        self.check_environments(body, settings);
    }

    fn environment(&mut self, block: &Block, name: &Arc<str>) -> EnvironmentBlock {
        let body = &block.body;
        self.only(
            body,
            &["root", "var_files", "production", "workspace"],
            "environment",
        );
        let mut root = self.folder.to_path_buf();
        if let Some(attribute) = body.attribute("root")
            && let Some(text) = self.string(&attribute.expr, "root")
        {
            root = below(self.folder, &text);
            if !has_configuration(&root) {
                let message = format!("`{}` holds no Terraform configuration", root.display());
                self.wrong(attribute.expr.span, message);
            }
        } else if !has_configuration(&root) {
            let message =
                "this folder holds no Terraform configuration: name the `root` of the environment";
            self.wrong(block.header, message);
        }
        let mut var_files = Vec::new();
        if let Some(attribute) = body.attribute("var_files") {
            for (text, span) in self.strings(&attribute.expr, "var_files") {
                let file = below(&root, &text);
                if !file.is_file() {
                    self.wrong(span, format!("`{}` is no file", file.display()));
                }
                var_files.push(file);
            }
        }
        let mut production = None;
        if let Some(attribute) = body.attribute("production") {
            match &attribute.expr.kind {
                ExprKind::Bool(value) => production = Some(*value),
                _ => self.wrong(attribute.expr.span, "`production` is `true` or `false`"),
            }
        }
        let workspace = body.attribute("workspace");
        let workspace = workspace.and_then(|attribute| self.string(&attribute.expr, "workspace"));
        EnvironmentBlock {
            name: Arc::clone(name),
            root,
            var_files,
            production,
            workspace,
            span: block.header,
        }
    }

    fn waiver(&mut self, block: &Block, name: &Arc<str>) -> Option<Waiver> {
        const NEEDED: [&str; 5] = ["rule", "target", "reason", "owner", "expires"];
        let body = &block.body;
        self.only(
            body,
            &[
                "rule",
                "target",
                "reason",
                "owner",
                "expires",
                "environments",
            ],
            "waiver",
        );
        for needed in NEEDED {
            if body.attribute(needed).is_none() {
                self.wrong(block.header, format!("a waiver needs `{needed}`"));
            }
        }
        let [rule, target, reason, owner, expires] = NEEDED.map(|name| {
            let attribute = body.attribute(name)?;
            let text = self.string(&attribute.expr, name)?;
            Some((text, attribute.expr.span))
        });
        let environments = body.attribute("environments").map(|attribute| {
            let names = self.strings(&attribute.expr, "environments");
            if names.is_empty() {
                self.wrong(
                    attribute.expr.span,
                    "`environments` names no environment: leave it out for all of them",
                );
            }
            names.into_iter().map(|(name, _)| name).collect()
        });
        if let Some((rule, span)) = &rule
            && !ALL.iter().any(|one| *one.meta().id == **rule)
        {
            self.unknown_rule(*span, rule);
        }
        let target = target.and_then(|(text, span)| match Target::parse(&text) {
            Ok(target) => Some((target, span)),
            Err(message) => {
                self.wrong(span, message);
                None
            }
        });
        let expires = expires.and_then(|(text, span)| self.day(&text, span));
        let ((rule, _), (target, target_span)) = (rule?, target?);
        let ((reason, _), (owner, _), (expires, expires_span)) = (reason?, owner?, expires?);
        Some(Waiver {
            name: format!("waiver.{name}").into(),
            rule,
            scope: Scope::Target(target),
            environments,
            reason,
            owner: Some(owner),
            expires,
            span: block.header,
            expires_span,
            target_span,
        })
    }

    fn day(&mut self, text: &str, span: Span) -> Option<(Date, Span)> {
        let day = day::parse(text);
        if day.is_none() {
            self.wrong(span, format!("`{text}` is no day: write `YYYY-MM-DD`"));
        }
        Some((day?, span))
    }

    /// Where the file says which environments there are, a waiver names one of them.
    fn check_environments(&mut self, body: &Body, settings: &Settings) {
        if settings.environments.is_empty() {
            return;
        }
        let known: Vec<&str> = settings.environments.iter().map(|one| &*one.name).collect();
        for block in body.blocks_of("waiver") {
            let Some(attribute) = block.body.attribute("environments") else {
                continue;
            };
            let ExprKind::Tuple(elements) = &attribute.expr.kind else {
                continue;
            };
            for element in elements {
                if let ExprKind::String(name) = &element.kind
                    && !known.contains(&&**name)
                {
                    self.unknown(element.span, "environment", name, &known, "");
                }
            }
        }
    }

    /// Text that is written out and not empty.
    pub(super) fn string(&mut self, expr: &Expr, name: &str) -> Option<Arc<str>> {
        self.text(expr, &format!("`{name}`"))
    }

    fn text(&mut self, expr: &Expr, what: &str) -> Option<Arc<str>> {
        match &expr.kind {
            ExprKind::String(text) if text.trim().is_empty() => {
                self.wrong(expr.span, format!("{what} is empty"));
                None
            }
            ExprKind::String(text) => Some(Arc::clone(text)),
            ExprKind::Invalid => None,
            ExprKind::Template(_)
            | ExprKind::Call(_)
            | ExprKind::Variable(_)
            | ExprKind::Attr { .. } => {
                self.wrong(expr.span, NOT_WRITTEN_OUT);
                None
            }
            _ => {
                self.wrong(expr.span, format!("{what} is a string"));
                None
            }
        }
    }

    fn strings(&mut self, expr: &Expr, name: &str) -> Vec<(Arc<str>, Span)> {
        let ExprKind::Tuple(elements) = &expr.kind else {
            if !matches!(expr.kind, ExprKind::Invalid) {
                self.wrong(expr.span, format!("`{name}` is a list of strings"));
            }
            return Vec::new();
        };
        let element = format!("an element of `{name}`");
        let read = elements
            .iter()
            .filter_map(|one| Some((self.text(one, &element)?, one.span)));
        read.collect()
    }

    /// Nothing else than these attributes, and no block.
    pub(super) fn only(&mut self, body: &Body, known: &[&str], kind: &str) {
        let about = format!("of `{kind}`");
        for attribute in &body.attributes {
            let name = &attribute.name;
            if !known.contains(&&*name.name) {
                self.unknown(name.span, "attribute", &name.name, known, &about);
            }
        }
        for block in &body.blocks {
            self.unknown(block.kind.span, "block", &block.kind.name, known, &about);
        }
    }

    pub(super) fn unknown(
        &mut self,
        span: Span,
        what: &str,
        name: &str,
        known: &[&str],
        about: &str,
    ) {
        let place = if about.is_empty() {
            String::new()
        } else {
            format!(" {about}")
        };
        let article = if what.starts_with(['a', 'e']) {
            "an"
        } else {
            "a"
        };
        let message = format!("`{name}` is not {article} {what}{place}");
        let help = match (nearest(name, known), known) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => "there is none".to_owned(),
            (None, known) => format!("known: `{}`", known.join("`, `")),
        };
        let problem = Problem::new(ProblemKind::Unreadable, message, Some(span));
        self.problems.push(problem.with_help(help));
    }

    fn unknown_rule(&mut self, span: Span, name: &str) {
        let known: Vec<&str> = ALL.iter().map(|rule| rule.meta().id).collect();
        let help = nearest(name, &known).map_or_else(
            || "`tfguard rules` lists the rules".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let problem = Problem::new(
            ProblemKind::Unreadable,
            format!("there is no rule `{name}`"),
            Some(span),
        );
        self.problems.push(problem.with_help(help));
    }

    pub(super) fn wrong(&mut self, span: Span, message: impl Into<String>) {
        let problem = Problem::new(ProblemKind::Unreadable, message, Some(span));
        self.problems.push(problem);
    }
}

/// A path as it is written in the file, without steps that lead nowhere.
fn below(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join(text);
    let plain: PathBuf = path
        .components()
        .filter(|part| !matches!(part, std::path::Component::CurDir))
        .collect();
    if plain.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        plain
    }
}
