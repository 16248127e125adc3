//! Questions about where something comes from. Asked only for what is shown, and by rules about order.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::address::{AttributePath, ModuleInstance, Resource, ResourceAddress};
use crate::source::Span;
use crate::value::Value;

/// What is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An attribute of a resource instance; an empty path is the whole block.
    Attribute(Arc<ResourceAddress>, AttributePath),
    /// A variable of a module instance.
    Variable(ModuleInstance, Arc<str>),
    /// An output of the root module.
    Output(Arc<str>),
    /// An output of a module instance.
    ModuleOutput(ModuleInstance, Arc<str>),
    /// A local of a module instance.
    Local(ModuleInstance, Arc<str>),
    /// Why a resource has the instances that it has: the address's key does not matter.
    Expansion(Arc<ResourceAddress>),
    /// Why a module call has the instances that it has: the last key does not matter.
    Calls(ModuleInstance),
    /// An argument of a `provider` block, by its local name and alias.
    Provider(ModuleInstance, Arc<str>, AttributePath),
    /// Something that is no value: a file, a module that was not read, a place in a plan. Named as reports show it.
    Text(Arc<str>),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(address, path) if path.0.is_empty() => address.fmt(f),
            Self::Attribute(address, path) => write!(f, "{address}.{path}"),
            Self::Variable(module, name) if module.is_root() => write!(f, "var.{name}"),
            Self::Variable(module, name) => write!(f, "{module}.var.{name}"),
            Self::Output(name) => write!(f, "output.{name}"),
            Self::ModuleOutput(module, name) => write!(f, "{module}.{name}"),
            Self::Local(module, name) if module.is_root() => write!(f, "local.{name}"),
            Self::Local(module, name) => write!(f, "{module}.local.{name}"),
            Self::Calls(module) => module.fmt(f),
            Self::Expansion(address) => address.fmt(f),
            Self::Provider(module, label, path) if module.is_root() => {
                write!(f, "provider.{label}.{path}")
            }
            Self::Provider(module, label, path) => write!(f, "{module}.provider.{label}.{path}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// One step of a because chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// What stands there: `var.force_http_forwarding = true`. Never the value of anything sensitive.
    pub text: String,
    /// Where.
    pub span: Option<Span>,
}

/// A value, where it is written, and everything that it is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// `local.port`, `aws_lb.main.name`.
    pub name: String,
    /// Its value, where the evidence tells one.
    pub value: Option<Value>,
    /// What is known of it beside its value: `default`, `2 instances`.
    pub note: Option<String>,
    /// Where it is written.
    pub span: Option<Span>,
    /// What part it has in the value that it stands below.
    pub part: Part,
    /// What it is made from, in the order in which it is written there.
    pub from: Vec<Trace>,
}

/// An argument of a `provider` block.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderArgument {
    /// The type of the provider: the last part of its full name.
    pub kind: Arc<str>,
    /// Where it is.
    pub subject: Subject,
    /// Where in the block.
    pub path: AttributePath,
    /// Its value.
    pub value: Value,
}

/// A variable or local that a provisioner or a connection is handed as a secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Handed {
    /// `connection`, or `provisioner`.
    pub block: Arc<str>,
    /// What it is called there: `password`, `PGPASSWORD`.
    pub name: Arc<str>,
    /// The variable or local.
    pub subject: Subject,
}

/// What part something has in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The value, or part of it.
    Gives,
    /// Chooses between values, or says how many there are.
    Decides,
}

/// What is wrong where something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// The value: it must be another one, where it is written.
    #[default]
    Value,
    /// That it is given there, wherever it comes from.
    Use,
}

/// Where a value derives from, at the far end of the reference graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// An attribute of a resource or data source. Keys are dropped where the evidence has none.
    Attribute(ResourceAddress, AttributePath),
    /// A variable of the root module.
    Variable(Arc<str>),
    /// Written in the configuration.
    Literal,
    /// The path ends here: the evidence does not say what stands behind it (a `local` in a plan without sources).
    Lost(Arc<str>),
}

/// What a resource waits for before it is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// Resources, by module path without keys.
    pub resources: BTreeSet<(Vec<Arc<str>>, Resource)>,
    /// Whether there may be more than that: part of the graph could not be followed.
    pub incomplete: bool,
    /// Whether what conditions refer to is left out: a plan's own configuration does not tell it.
    pub without_conditions: bool,
}

impl Waits {
    /// Whether a resource of that type is among them.
    pub fn on_kind(&self, kind: &str) -> bool {
        self.resources
            .iter()
            .any(|(_, resource)| &*resource.kind == kind)
    }
}

/// Answers where something comes from. Every answer may be empty: evidence differs in what it can tell.
pub trait Provenance: fmt::Debug + Send + Sync {
    /// The text that says a subject: the attribute, or what comes closest (its block).
    fn span(&self, subject: &Subject) -> Option<Span>;

    /// The text to change for a subject: what its value is handed on from as it is, or else its own text.
    fn written(&self, subject: &Subject, fault: Fault) -> Option<Span> {
        let _ = fault;
        self.span(subject)
    }

    /// The address of the call by which the text to change comes from a module that Terraform fetched: nobody changes it
    /// there.
    fn fetched_by(&self, subject: &Subject, fault: Fault) -> Option<Arc<str>> {
        let _ = (subject, fault);
        None
    }

    /// From the input (a tfvars line, a literal) to the subject, in that order.
    fn because(&self, subject: &Subject) -> Vec<Hop>;

    /// The same, by the way that leads from a secret source, named as marks name it.
    fn because_of(&self, subject: &Subject, source: &str) -> Vec<Hop> {
        let _ = source;
        self.because(subject)
    }

    /// What an attribute derives from, with only the arms of conditionals that are taken.
    fn origins(&self, subject: &Subject) -> Vec<Origin>;

    /// What a resource waits for: by references and by `depends_on`, through modules and outputs.
    fn waits_for(&self, address: &ResourceAddress) -> Waits;

    /// Whether `prevent_destroy` is on for a resource. None where the evidence does not tell: only the sources do.
    fn prevents_destroy(&self, address: &ResourceAddress) -> Option<bool> {
        let _ = address;
        None
    }

    /// Whether `ignore_changes` names an attribute of a resource, or all of them. None as above.
    fn ignores(&self, address: &ResourceAddress, attribute: &str) -> Option<bool> {
        let _ = (address, attribute);
        None
    }

    /// What `replace_triggered_by` of a resource names, without keys. Empty where the evidence does not tell.
    fn replaced_with(&self, address: &ResourceAddress) -> Vec<String> {
        let _ = address;
        Vec::new()
    }

    /// The `import` block that names a resource.
    fn import(&self, address: &ResourceAddress) -> Option<Span> {
        let _ = address;
        None
    }

    /// Everything that a value is made from, as a tree; the path leads into the value of a variable, local or output.
    /// None where the evidence does not tell.
    fn trace(&self, _: &Subject, _: &AttributePath) -> Option<Trace> {
        None
    }

    /// The locals of every module instance, with their names.
    fn locals(&self) -> Vec<(Arc<str>, Value)> {
        Vec::new()
    }

    /// What is written in `provider` blocks.
    fn provider_arguments(&self) -> Vec<ProviderArgument> {
        Vec::new()
    }

    /// Defaults of variables that are declared sensitive, where no text of the sources tells them.
    fn sensitive_defaults(&self) -> Vec<(Subject, Value)> {
        Vec::new()
    }

    /// What provisioners and connections are handed as secrets.
    fn handed(&self) -> Vec<Handed> {
        Vec::new()
    }

    /// The variables, locals, outputs and module calls of every module instance.
    fn declared(&self) -> Vec<Subject> {
        Vec::new()
    }
}

/// Evidence that tells nothing of where values come from.
#[derive(Debug)]
pub struct NoProvenance;

impl Provenance for NoProvenance {
    fn span(&self, _: &Subject) -> Option<Span> {
        None
    }

    fn because(&self, _: &Subject) -> Vec<Hop> {
        Vec::new()
    }

    fn origins(&self, subject: &Subject) -> Vec<Origin> {
        vec![Origin::Lost(subject.to_string().into())]
    }

    fn waits_for(&self, _: &ResourceAddress) -> Waits {
        Waits {
            incomplete: true,
            without_conditions: true,
            ..Waits::default()
        }
    }
}

/// Shared evidence answers as the evidence does.
impl<P: Provenance> Provenance for Arc<P> {
    fn span(&self, subject: &Subject) -> Option<Span> {
        (**self).span(subject)
    }

    fn written(&self, subject: &Subject, fault: Fault) -> Option<Span> {
        (**self).written(subject, fault)
    }

    fn fetched_by(&self, subject: &Subject, fault: Fault) -> Option<Arc<str>> {
        (**self).fetched_by(subject, fault)
    }

    fn because(&self, subject: &Subject) -> Vec<Hop> {
        (**self).because(subject)
    }

    fn because_of(&self, subject: &Subject, source: &str) -> Vec<Hop> {
        (**self).because_of(subject, source)
    }

    fn origins(&self, subject: &Subject) -> Vec<Origin> {
        (**self).origins(subject)
    }

    fn waits_for(&self, address: &ResourceAddress) -> Waits {
        (**self).waits_for(address)
    }

    fn prevents_destroy(&self, address: &ResourceAddress) -> Option<bool> {
        (**self).prevents_destroy(address)
    }

    fn ignores(&self, address: &ResourceAddress, attribute: &str) -> Option<bool> {
        (**self).ignores(address, attribute)
    }

    fn replaced_with(&self, address: &ResourceAddress) -> Vec<String> {
        (**self).replaced_with(address)
    }

    fn import(&self, address: &ResourceAddress) -> Option<Span> {
        (**self).import(address)
    }

    fn trace(&self, subject: &Subject, path: &AttributePath) -> Option<Trace> {
        (**self).trace(subject, path)
    }

    fn provider_arguments(&self) -> Vec<ProviderArgument> {
        (**self).provider_arguments()
    }

    fn locals(&self) -> Vec<(Arc<str>, Value)> {
        (**self).locals()
    }

    fn sensitive_defaults(&self) -> Vec<(Subject, Value)> {
        (**self).sensitive_defaults()
    }

    fn handed(&self) -> Vec<Handed> {
        (**self).handed()
    }

    fn declared(&self) -> Vec<Subject> {
        (**self).declared()
    }
}
