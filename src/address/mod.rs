//! Terraform addresses: parsed once at the edge, displayed as Terraform writes them; no I/O, no evaluation.

mod parse;

use std::fmt;
use std::sync::Arc;

pub use parse::{AddressError, Part, parts};

/// The key of one instance: `[0]` or `["a"]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InstanceKey {
    /// From `count`.
    Index(u64),
    /// From `for_each`.
    Key(Arc<str>),
    /// Of an expansion whose keys are not known before apply: stands for zero or more instances, shown as `[*]`.
    Any,
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(key) => {
                f.write_str("[\"")?;
                let mut chars = key.chars().peekable();
                while let Some(c) = chars.next() {
                    match c {
                        // What would begin a template is written twice.
                        '$' | '%' if chars.peek() == Some(&'{') => write!(f, "{c}{c}")?,
                        '"' => f.write_str("\\\"")?,
                        '\\' => f.write_str("\\\\")?,
                        '\n' => f.write_str("\\n")?,
                        '\r' => f.write_str("\\r")?,
                        '\t' => f.write_str("\\t")?,
                        c => fmt::Write::write_char(f, c)?,
                    }
                }
                f.write_str("\"]")
            }
            Self::Any => f.write_str("[*]"),
        }
    }
}

/// One step into an expanded module: `module.name[key]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleStep {
    /// The call's name.
    pub name: Arc<str>,
    /// Which instance of the call.
    pub key: Option<InstanceKey>,
}

/// An expanded module: the root has no steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleInstance(pub Arc<[ModuleStep]>);

impl ModuleInstance {
    /// The root module.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether this is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The instance of a call inside this one.
    pub fn child(&self, name: &Arc<str>, key: Option<InstanceKey>) -> Self {
        let step = ModuleStep {
            name: Arc::clone(name),
            key,
        };
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The module that calls this one.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.into()))
    }

    /// The names of the calls, without keys: which block of the configuration this is an instance of.
    pub fn path(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|step| &*step.name)
    }
}

impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            let dot = if at == 0 { "" } else { "." };
            write!(f, "{dot}module.{}", step.name)?;
            if let Some(key) = &step.key {
                key.fmt(f)?;
            }
        }
        Ok(())
    }
}

/// What kind of block a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceMode {
    /// `resource`
    Managed,
    /// `data`
    Data,
    /// `ephemeral`
    Ephemeral,
}

impl ResourceMode {
    /// The type of block that declares it.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Managed => "resource",
            Self::Data => "data",
            Self::Ephemeral => "ephemeral",
        }
    }
}

/// A resource block within its module: `aws_lb.main`, `data.aws_region.current`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Resource {
    /// Managed, data or ephemeral.
    pub mode: ResourceMode,
    /// The type, such as `aws_lb`.
    pub kind: Arc<str>,
    /// The name.
    pub name: Arc<str>,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            ResourceMode::Managed => "",
            ResourceMode::Data => "data.",
            ResourceMode::Ephemeral => "ephemeral.",
        };
        write!(f, "{mode}{}.{}", self.kind, self.name)
    }
}

/// One instance of a resource: `module.alb["eu"].aws_lb_listener.https[0]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceAddress {
    /// The expanded module that holds it.
    pub module: ModuleInstance,
    /// The resource.
    pub resource: Resource,
    /// Which instance of it.
    pub key: Option<InstanceKey>,
}

impl fmt::Display for ResourceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        self.resource.fmt(f)?;
        match &self.key {
            Some(key) => key.fmt(f),
            None => Ok(()),
        }
    }
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathStep {
    /// `.name`, and `["name"]` of a map.
    Attribute(Arc<str>),
    /// `[0]`
    Index(usize),
}

/// A path into a value: `default_action[0].target_group_arn`. Empty means the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributePath(pub Vec<PathStep>);

impl AttributePath {
    /// The path of one attribute.
    pub fn attribute(name: &str) -> Self {
        Self(vec![PathStep::Attribute(name.into())])
    }

    /// This path and one attribute more.
    pub fn with_attribute(&self, name: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(PathStep::Attribute(name.into()));
        Self(steps)
    }

    /// This path and one index more.
    pub fn with_index(&self, index: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(PathStep::Index(index));
        Self(steps)
    }

    /// The first step's name.
    pub fn root(&self) -> Option<&str> {
        match self.0.first() {
            Some(PathStep::Attribute(name)) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Attribute(name) if at == 0 => f.write_str(name)?,
                PathStep::Attribute(name) => write!(f, ".{name}")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
