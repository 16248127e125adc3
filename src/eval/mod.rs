//! From a [`Config`] and the values of its variables to a [`Plan`]: what Terraform would plan on an empty state.
//!
//! Evaluation is by demand and remembers what it has computed: a local is evaluated when somebody refers to it, once.
//! What cannot be known is unknown with its cause. A problem costs the value it is about, never the run.

mod body;
mod budget;
mod condition;
mod constraint;
mod error;
mod expansion;
mod expression;
pub mod functions;
mod idle;
mod import;
mod inputs;
mod iteration;
mod locked;
mod module;
mod provider;
mod reading;
mod reference;
mod resource;
mod scope;
mod slot;
mod statements;
mod template;
mod tool;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use constraint::{Constraint, Defaults};
pub use error::EvalError;
pub use expansion::{CallExpansion, Expansion, Keys};
pub use inputs::{
    Assignment, Given, InputError, Inputs, Undeclared, parse_var_file, read_var_file,
};
pub use locked::locked_versions;
pub use module::ModuleState;
pub use reading::Reading;
pub use resource::Instance;
pub use scope::{Bound, Repetition, Scope};

use self::functions::{ConfinedFiles, FileError, FileKind, Files};
use crate::address::{ModuleInstance, Resource, ResourceAddress, ResourceMode};
use crate::config::{self, Config};
use crate::plan::{
    self, Action, Change, EmptyExpansion, Evidence, Existence, Plan, ResourceInstance,
};
use crate::problem::{Problem, ProblemKind};
use crate::provider::{Providers, TypeFacts};
use crate::source::Sources;
use crate::syntax::Attribute;
use crate::value::Value;

/// How values are judged that Terraform leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What `terraform console` and `terraform validate` know: no resource has any instance yet, and a reference to
    /// one is unknown.
    Static,
    /// What `terraform validate` would refuse: no variable is known, no number of instances, and nothing of other resources
    /// and modules. Each block is evaluated once.
    Validating,
    /// Exactly what Terraform would know at plan time: for `show`.
    Terraform,
    /// What will be: attributes that a provider computes are not null, `try` keeps an unknown value, and so a count
    /// that Terraform can only decide after a first apply is decided now.
    Judging,
}

/// What to evaluate, and how.
pub struct Options {
    /// See [`Mode`].
    pub mode: Mode,
    /// `terraform.workspace`
    pub workspace: Arc<str>,
    /// What is to be said of the workspace.
    pub workspace_problem: Option<Problem>,
    /// The folder that relative paths of file functions start from: that of the root module.
    pub base: PathBuf,
    /// What file functions may read.
    pub files: Box<dyn Files + Send + Sync>,
    /// What data sources answered, by address: from a plan or a state of the same configuration.
    pub answers: BTreeMap<String, Value>,
    /// Variables that are secrets although nobody declared them sensitive, by address.
    pub secret_variables: BTreeSet<Arc<str>>,
}

impl Options {
    /// Judging in the default workspace, with file functions confined to the repository that holds `root`.
    pub fn new(root: PathBuf) -> Self {
        let files = ConfinedFiles::below(&repository(&root));
        Self {
            mode: Mode::Judging,
            workspace: "default".into(),
            workspace_problem: None,
            base: root,
            files: match files {
                Ok(files) => Box::new(files),
                Err(_) => Box::new(NoFiles),
            },
            answers: BTreeMap::new(),
            secret_variables: BTreeSet::new(),
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("mode", &self.mode)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// The nearest folder upwards that version control knows, or else the folder itself.
fn repository(root: &Path) -> PathBuf {
    let whole = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let markers = [".git", ".hg", ".jj", ".svn"];
    let known = whole
        .ancestors()
        .find(|folder| markers.iter().any(|marker| folder.join(marker).exists()));
    known.unwrap_or(&whole).to_path_buf()
}

/// Nothing can be read: the root is not a folder.
struct NoFiles;

impl Files for NoFiles {
    fn kind(&self, _: &Path) -> Result<FileKind, FileError> {
        Err(FileError::Missing)
    }

    fn read(&self, _: &Path) -> Result<Arc<[u8]>, FileError> {
        Err(FileError::Missing)
    }

    fn list(&self, _: &Path) -> Result<Vec<String>, FileError> {
        Err(FileError::Missing)
    }
}

/// A configuration under evaluation, with everything that was computed so far. It stays alive behind the plan, to
/// answer where a value came from.
#[derive(Debug)]
pub struct Evaluation {
    pub(crate) sources: Arc<Sources>,
    pub(crate) providers: &'static Providers,
    pub(crate) options: Options,
    pub(crate) inputs: Inputs,
    pub(crate) root: Arc<ModuleState>,
    pub(crate) budget: budget::Budget,
    locked: locked::Locked,
    problems: Mutex<Vec<Problem>>,
    conditions: Mutex<Vec<plan::Condition>>,
}

impl Evaluation {
    /// The versions of providers that the lock file names.
    pub fn locked_versions(&self) -> &BTreeMap<Arc<str>, Arc<str>> {
        &self.locked.0
    }
}

/// The stack of the thread that evaluates: expressions, locals and modules nest, and each nesting is a few frames.
const STACK_BYTES: usize = 1 << 30;

impl Evaluation {
    /// Prepares an evaluation; nothing is computed yet.
    pub fn new(
        config: &Arc<Config>,
        sources: Arc<Sources>,
        inputs: Inputs,
        options: Options,
    ) -> Arc<Self> {
        let root = ModuleState::root(config);
        let providers = Providers::packed();
        let locked = locked::Locked::read(&options.base, &sources);
        Arc::new(Self {
            sources,
            providers,
            options,
            inputs,
            root,
            budget: budget::Budget::default(),
            locked,
            problems: Mutex::default(),
            conditions: Mutex::default(),
        })
    }

    /// Whether the facts about a type leave nothing out that the provider in use has: they are Terraform's own, or of the
    /// locked version, or of a later one in which nothing was taken away.
    pub(crate) fn knows_all_of(&self, module: &config::Module, facts: &TypeFacts) -> bool {
        let name = facts.provider();
        let newest = (self.providers.provider(name)).map(|provider| Arc::clone(&provider.version));
        name == "terraform"
            || newest.is_some_and(|newest| {
                let source = module.provider_source(name);
                self.locked.is_within(&source, &newest)
            })
    }

    /// Evaluates everything.
    ///
    /// Runs on a thread of its own, since deep configurations need a deep stack.
    pub fn plan(self: &Arc<Self>) -> Plan {
        let evaluation = Arc::clone(self);
        std::thread::Builder::new()
            .name("evaluate".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || evaluation.run())
            .expect("a thread can be started")
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// The values that the root's variables are given.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The texts that were read.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// `terraform.workspace`
    pub fn workspace(&self) -> &str {
        &self.options.workspace
    }

    /// The root module.
    pub fn root(&self) -> &Arc<ModuleState> {
        &self.root
    }

    pub(crate) fn report(&self, problem: Problem) {
        let mut problems = self
            .problems
            .lock()
            .expect("no panic while a problem is added");
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// Whether Terraform would not get as far as a plan.
    fn has_refused(&self) -> bool {
        let problems = self
            .problems
            .lock()
            .expect("no panic while a problem is added");
        let refusals = [ProblemKind::Refused, ProblemKind::Unreadable];
        problems.iter().any(|one| refusals.contains(&one.kind))
    }

    pub(crate) fn add_condition(&self, condition: plan::Condition) {
        let mut conditions = self
            .conditions
            .lock()
            .expect("no panic while a condition is added");
        conditions.push(condition);
    }

    fn run(self: &Arc<Self>) -> Plan {
        let mut collected = Collected::default();
        if let Some(problem) = &self.options.workspace_problem {
            self.report(problem.clone());
        }
        self.inputs.check(self);
        self.walk(&self.root, &mut collected);
        self.validate_idle(&collected);
        self.import(&mut collected.resources);
        let mut plan = Plan::new(Evidence::Sources, collected.resources);
        plan.variables = collected.variables;
        plan.empty = collected.empty;
        for (name, output) in &self.root.config.module.outputs {
            let value = self.root.output(self, name).unwrap_or(Value::NULL);
            let written = output
                .value
                .as_ref()
                .map_or(output.span, |value| value.expr.span);
            self.check_finite(&value, &format!("output.{name}"), written);
            let output = plan::Output {
                value,
                sensitive: output.sensitive,
                span: Some(output.span),
                sensitive_span: output.sensitive_span,
            };
            plan.outputs.insert(Arc::clone(name), output);
        }
        self.report_cycles();
        plan.conditions =
            std::mem::take(&mut *self.conditions.lock().expect("evaluation has ended"));
        plan.problems = std::mem::take(&mut *self.problems.lock().expect("evaluation has ended"));
        plan.problems
            .sort_by(|a, b| (a.kind, a.span, &a.message).cmp(&(b.kind, b.span, &b.message)));
        plan
    }

    fn walk(self: &Arc<Self>, module: &Arc<ModuleState>, out: &mut Collected) {
        out.modules.push(module.instance.clone());
        for problem in &module.config.module.problems {
            self.report(problem.clone());
        }
        for (name, declared) in &module.config.module.variables {
            let value = module.variable(self, name).unwrap_or(Value::NULL);
            let (span, set_by) = module.variable_origin(self, declared);
            let variable = plan::Variable {
                value,
                sensitive: declared.sensitive,
                span: Some(span),
                set_by,
            };
            out.variables
                .insert((module.instance.clone(), Arc::clone(name)), variable);
        }
        for name in module.config.module.locals.keys() {
            module.local(self, name);
        }
        for address in module.config.module.resources.keys() {
            let Some(expansion) = module.resource(self, address) else {
                continue;
            };
            let existence = match expansion.keys {
                Keys::Unknown(_) => Existence::ZeroOrMore,
                _ => Existence::Certain,
            };
            let span = module.config.module.resources[address].span;
            for instance in &expansion.instances {
                self.check_finite(&instance.value, &instance.address, span);
                out.resources.push(planned(instance, existence));
            }
            if expansion.instances.is_empty() {
                out.empty.extend(self.empty(module, address));
            }
        }
        for name in module.config.module.outputs.keys() {
            module.output(self, name);
        }
        for name in module.config.module.calls.keys() {
            let Some(expansion) = module.call(self, name) else {
                continue;
            };
            for (_, child) in &expansion.instances {
                self.walk(child, out);
            }
        }
        self.check_conditions(module);
        self.check_statements(module);
        self.check_triggers(module);
    }

    /// A block without instances, with what its arguments say that need none.
    fn empty(
        self: &Arc<Self>,
        module: &Arc<ModuleState>,
        address: &Resource,
    ) -> Option<EmptyExpansion> {
        let block = module.config.module.resources.get(address)?;
        let scope = Scope::module(self, module);
        let argument = |attribute: &Attribute| {
            let value = scope.evaluate(&attribute.expr).ok();
            let plain = value.filter(|value| {
                value.is_known() && value.marks().is_empty() && value.ty().is_primitive()
            });
            (
                Arc::clone(&attribute.name.name),
                plain.unwrap_or(Value::NULL),
            )
        };
        Some(EmptyExpansion {
            address: ResourceAddress {
                module: module.instance.clone(),
                resource: address.clone(),
                key: None,
            },
            arguments: block.body.attributes.iter().map(argument).collect(),
            span: block.repetition.attribute().map(|attribute| attribute.span),
        })
    }
}

#[derive(Default)]
struct Collected {
    modules: Vec<ModuleInstance>,
    resources: Vec<ResourceInstance>,
    variables: BTreeMap<(ModuleInstance, Arc<str>), plan::Variable>,
    empty: Vec<EmptyExpansion>,
}

fn planned(instance: &Instance, existence: Existence) -> ResourceInstance {
    let action = match instance.address.resource.mode {
        ResourceMode::Managed => Action::Create,
        ResourceMode::Data if instance.reading == Reading::Now => Action::NoOp,
        ResourceMode::Data => Action::Read,
        ResourceMode::Ephemeral => Action::Open,
    };
    ResourceInstance {
        address: Arc::clone(&instance.address),
        provider: Arc::clone(&instance.provider),
        change: Change::new(action, instance.value.clone()),
        existence,
    }
}

/// A problem for a value that could not be evaluated.
pub(crate) fn refused(error: &EvalError, about: &impl ToString) -> Problem {
    let problem =
        Problem::new(ProblemKind::Refused, error.message.clone(), error.span).about(about);
    match &error.help {
        Some(help) => problem.with_help(help.clone()),
        None => problem,
    }
}
