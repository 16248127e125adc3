//! What the `.tf` files say, unevaluated: a tree of modules made of blocks with spans.

mod cycles;
mod decode;
mod dependencies;
mod load;
mod manifest;
mod overrides;
mod references;
pub mod version;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

pub use cycles::Cycle;
pub(crate) use decode::nearest;
pub use dependencies::Dependencies;
pub use load::{DATA_FOLDER, Loader, has_configuration};
pub use references::{Reference, Target, references, references_of_body};

use crate::address;
use crate::problem::{Problem, ProblemKind};
use crate::source::{SourceId, Span};
use crate::syntax::{Attribute, Body, Expr, Ident};

/// A module with the modules that it calls: the root of a configuration, or a part of it.
#[derive(Debug)]
pub struct Config {
    /// What its folder says.
    pub module: Arc<Module>,
    /// Whose it is.
    pub origin: Origin,
    /// The modules that it calls, by the name of the call.
    pub children: BTreeMap<Arc<str>, Child>,
}

impl Config {
    /// The module that a path of calls leads to, where its sources were read.
    pub(crate) fn descendant(&self, path: &[Arc<str>]) -> Option<&Config> {
        path.iter()
            .try_fold(self, |config, name| match config.children.get(name)? {
                Child::Read(child) => Some(&**child),
                Child::Unread { .. } => None,
            })
    }
}

/// Whose a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It lies beside those who use it.
    Own,
    /// Terraform fetched it, or what calls it from its own folder.
    Fetched,
}

/// A called module.
#[derive(Debug)]
pub enum Child {
    /// Its sources were read.
    Read(Arc<Config>),
    /// They were not.
    Unread {
        /// The `source` argument.
        source: Arc<str>,
        /// Why.
        reason: String,
        /// Refused where no machine could read it; unread where it is merely not there.
        kind: ProblemKind,
    },
}

/// What the files of one folder say. Shared by every call of it.
#[derive(Debug, Default)]
pub struct Module {
    /// The folder, as a user would write it.
    pub folder: PathBuf,
    /// The files it was read from.
    pub files: Vec<SourceId>,
    /// What `terraform test` reads beside them, here and in `tests`. Nothing in it is configuration.
    pub tests: Vec<SourceId>,
    /// `variable` blocks.
    pub variables: IndexMap<Arc<str>, Variable>,
    /// What `locals` blocks define.
    pub locals: IndexMap<Arc<str>, Attribute>,
    /// `output` blocks.
    pub outputs: IndexMap<Arc<str>, Output>,
    /// `resource`, `data` and `ephemeral` blocks.
    pub resources: IndexMap<address::Resource, Resource>,
    /// `module` blocks.
    pub calls: IndexMap<Arc<str>, ModuleCall>,
    /// `provider` blocks.
    pub providers: Vec<Provider>,
    /// `required_providers`: the local name and the source of each.
    pub required_providers: BTreeMap<Arc<str>, Option<Arc<str>>>,
    /// The version constraints there, by local name.
    pub provider_versions: BTreeMap<Arc<str>, Arc<str>>,
    /// `required_version`
    pub required_version: Option<Arc<str>>,
    /// `check` blocks.
    pub checks: Vec<Check>,
    /// `import` blocks.
    pub imports: Vec<Import>,
    /// `moved` blocks.
    pub moved: Vec<Moved>,
    /// `removed` blocks.
    pub removed: Vec<Removed>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// The same of what Terraform looks at in a root module only.
    pub problems_of_root: Vec<Problem>,
}

/// A `variable` block.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: Ident,
    /// The type constraint, not yet understood.
    pub ty: Option<Expr>,
    /// The default.
    pub default: Option<Attribute>,
    /// `sensitive`, `ephemeral` and `nullable`, which must be literals.
    pub sensitive: bool,
    /// Its value never reaches a plan or state.
    pub ephemeral: bool,
    /// Whether null is a value; if not, null means the default.
    pub nullable: bool,
    /// `validation` blocks.
    pub validations: Vec<Condition>,
    /// The block's header.
    pub span: Span,
}

/// An `output` block.
#[derive(Debug)]
pub struct Output {
    /// Its name.
    pub name: Ident,
    /// Its value.
    pub value: Option<Attribute>,
    /// Declared sensitive.
    pub sensitive: bool,
    /// Where it says whether it is.
    pub sensitive_span: Option<Span>,
    /// Declared ephemeral.
    pub ephemeral: bool,
    /// What it waits for besides.
    pub depends_on: Vec<Expr>,
    /// Its preconditions.
    pub preconditions: Vec<Condition>,
    /// The block's header.
    pub span: Span,
}

/// A condition with its message: validation, precondition, postcondition, assertion.
#[derive(Debug)]
pub struct Condition {
    /// What must be true.
    pub condition: Expr,
    /// What is said otherwise.
    pub error_message: Option<Expr>,
    /// The block's header.
    pub span: Span,
}

/// How often a resource or module is instantiated.
#[derive(Debug, Default)]
pub enum Repetition {
    /// Once, without a key.
    #[default]
    Single,
    /// `count`
    Count(Attribute),
    /// `for_each`
    ForEach(Attribute),
}

impl Repetition {
    /// The attribute that says so.
    pub fn attribute(&self) -> Option<&Attribute> {
        match self {
            Self::Single => None,
            Self::Count(attribute) | Self::ForEach(attribute) => Some(attribute),
        }
    }
}

/// A `resource`, `data` or `ephemeral` block.
#[derive(Debug)]
pub struct Resource {
    /// Mode, type and name.
    pub address: address::Resource,
    /// How often.
    pub repetition: Repetition,
    /// `provider`: local name and alias.
    pub provider: Option<ProviderReference>,
    /// What it waits for besides.
    pub depends_on: Vec<Expr>,
    /// `lifecycle`
    pub lifecycle: Lifecycle,
    /// Arguments and nested blocks, less all of the above.
    pub body: Body,
    /// `provisioner` and `connection` blocks.
    pub provisioners: Vec<crate::syntax::Block>,
    /// The block's header.
    pub span: Span,
}

/// What `lifecycle` says.
#[derive(Debug, Default)]
pub struct Lifecycle {
    /// `prevent_destroy`
    pub prevent_destroy: Option<Attribute>,
    /// `create_before_destroy`
    pub create_before_destroy: Option<Attribute>,
    /// `ignore_changes`: the attributes named, or all.
    pub ignore_changes: IgnoreChanges,
    /// `replace_triggered_by`
    pub replace_triggered_by: Vec<Expr>,
    /// `precondition` blocks.
    pub preconditions: Vec<Condition>,
    /// `postcondition` blocks.
    pub postconditions: Vec<Condition>,
}

/// What `ignore_changes` says.
#[derive(Debug, Default)]
pub enum IgnoreChanges {
    /// Nothing is ignored.
    #[default]
    Nothing,
    /// `ignore_changes = all`
    All(Span),
    /// These attributes are.
    Attributes(Vec<Expr>),
}

/// `aws` or `aws.west`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProviderReference {
    /// The local name.
    pub name: Arc<str>,
    /// The alias.
    pub alias: Option<Arc<str>>,
}

/// A `module` block.
#[derive(Debug)]
pub struct ModuleCall {
    /// The call's name.
    pub name: Ident,
    /// `source`, when it is the literal that it must be.
    pub source: Option<Arc<str>>,
    /// Where `source` stands.
    pub source_span: Option<Span>,
    /// `version`: which versions of a registry's module.
    pub version: Option<Arc<str>>,
    /// How often.
    pub repetition: Repetition,
    /// `providers`: the name inside, and what it is here.
    pub providers: Vec<(ProviderReference, ProviderReference)>,
    /// What everything in it waits for.
    pub depends_on: Vec<Expr>,
    /// The arguments.
    pub arguments: Body,
    /// The block's header.
    pub span: Span,
}

/// A `provider` block.
#[derive(Debug)]
pub struct Provider {
    /// The local name.
    pub name: Ident,
    /// `alias`
    pub alias: Option<Arc<str>>,
    /// Its arguments.
    pub body: Body,
    /// The block's header.
    pub span: Span,
}

/// A `check` block.
#[derive(Debug)]
pub struct Check {
    /// Its name.
    pub name: Ident,
    /// Its assertions.
    pub assertions: Vec<Condition>,
    /// The data source inside it, if any.
    pub data: Option<address::Resource>,
}

/// An `import` block.
#[derive(Debug)]
pub struct Import {
    /// Where `provider` is named, which is for what has no block yet.
    pub provider: Option<Span>,
    /// The address of the resource.
    pub to: Expr,
    /// `id`
    pub id: Option<Expr>,
    /// `for_each`
    pub for_each: Option<Attribute>,
    /// The block's header.
    pub span: Span,
}

/// A `moved` block.
#[derive(Debug)]
pub struct Moved {
    /// The old address.
    pub from: Expr,
    /// The new address.
    pub to: Expr,
    /// The block's header.
    pub span: Span,
}

/// A `removed` block.
#[derive(Debug)]
pub struct Removed {
    /// The address.
    pub from: Expr,
    /// The block's header.
    pub span: Span,
}

impl Module {
    /// The full name of the provider that a local name stands for here.
    pub fn provider_source(&self, name: &str) -> String {
        if name == "terraform" {
            return "terraform.io/builtin/terraform".to_owned();
        }
        let source = match self.required_providers.get(name) {
            Some(Some(source)) => source,
            _ => name,
        };
        match source.split('/').count() {
            1 => format!("registry.terraform.io/hashicorp/{source}"),
            2 => format!("registry.terraform.io/{source}"),
            _ => source.to_owned(),
        }
    }
}

impl Resource {
    /// The provider that the block names, or else the default one for its type.
    pub fn provider_reference(&self) -> ProviderReference {
        self.provider.clone().unwrap_or_else(|| {
            let kind = &self.address.kind;
            let name = kind.split_once('_').map_or(&**kind, |(prefix, _)| prefix);
            ProviderReference {
                name: name.into(),
                alias: None,
            }
        })
    }
}

impl Config {
    /// Every module of the tree, this one first, with the names of the calls that lead to it.
    pub fn modules(&self) -> Vec<(Vec<Arc<str>>, &Config)> {
        let mut found = vec![(Vec::new(), self)];
        let mut next = 0;
        while next < found.len() {
            let (path, config) = (found[next].0.clone(), found[next].1);
            for (name, child) in &config.children {
                if let Child::Read(child) = child {
                    let path = path.iter().cloned().chain([Arc::clone(name)]).collect();
                    found.push((path, child));
                }
            }
            next += 1;
        }
        found
    }
}
