//! What no plan evaluates: blocks that have no instance, and provisioners. Terraform validates them all the same: each is
//! evaluated once, with no variable known and no number of instances, and what is wrong whatever the values are is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::functions::{FileError, FileKind, Files};
use super::scope::Scope;
use super::{Collected, Evaluation, Inputs, Mode, ModuleState, Options};
use crate::address;
use crate::config::{Condition, Config};
use crate::problem::ProblemKind;
use crate::source::{SourceId, Span};
use crate::syntax::Body;

/// A block of the configuration, by the calls that lead to its module.
type Place<T> = (Vec<Arc<str>>, T);

/// What has no instance.
#[derive(Default)]
struct Idle {
    resources: BTreeSet<Place<address::Resource>>,
    /// Calls; what is in them counts with them.
    calls: BTreeSet<Place<Arc<str>>>,
    /// Resources that have instances, and provisioners.
    provisioned: BTreeSet<Place<address::Resource>>,
    /// Where the blocks stand.
    spans: Vec<Span>,
    /// The files of modules that have no instance at all.
    files: BTreeSet<SourceId>,
}

impl Evaluation {
    /// Reports what is wrong with what has no instance.
    pub(super) fn validate_idle(self: &Arc<Self>, live: &Collected) {
        let idle = self.idle(live);
        if idle.resources.is_empty() && idle.calls.is_empty() && idle.provisioned.is_empty() {
            return;
        }
        let options = Options {
            mode: Mode::Validating,
            workspace: Arc::clone(&self.options.workspace),
            workspace_problem: None,
            base: self.options.base.clone(),
            files: Box::new(SharedFiles(Arc::clone(self))),
            answers: BTreeMap::new(),
            secret_variables: BTreeSet::new(),
        };
        let sources = Arc::clone(&self.sources);
        let shadow = Self::new(&self.root.config, sources, Inputs::default(), options);
        for (path, resource) in idle.resources.iter().chain(&idle.provisioned) {
            if let Some(module) = shadow.instance_of(path) {
                shadow.validate_resource(&module, resource);
            }
        }
        for (path, call) in &idle.calls {
            let module = shadow.instance_of(path);
            let expansion = module
                .as_ref()
                .and_then(|module| module.call(&shadow, call));
            for (_, child) in expansion.iter().flat_map(|one| &one.instances) {
                shadow.walk(child, &mut Collected::default());
            }
        }
        let mut problems = shadow.problems.lock().expect("evaluation has ended");
        for problem in problems.drain(..) {
            let refused = problem.kind == ProblemKind::Refused;
            if refused && problem.span.is_some_and(|span| idle.holds(span)) {
                self.report(problem);
            }
        }
    }

    fn idle(&self, live: &Collected) -> Idle {
        let resources = live.resources.iter().map(|one| {
            let path = one.address.module.path().map(Arc::from).collect();
            (path, one.address.resource.clone())
        });
        let resources: BTreeSet<Place<address::Resource>> = resources.collect();
        let modules: BTreeSet<Vec<Arc<str>>> = (live.modules.iter())
            .map(|instance| instance.path().map(Arc::from).collect())
            .collect();
        let mut idle = Idle::default();
        let mut files = BTreeSet::new();
        for (path, config) in self.root.config.modules() {
            if !modules.contains(&path) {
                idle.files.extend(&config.module.files);
                continue;
            }
            files.extend(config.module.files.iter().copied());
            idle.resources_of(&path, config, &resources);
            for (name, call) in &config.module.calls {
                let inside: Vec<Arc<str>> =
                    path.iter().cloned().chain([Arc::clone(name)]).collect();
                if !modules.contains(&inside) {
                    idle.spans.push(call.span);
                    idle.spans.extend(call.arguments.span);
                    idle.calls.insert((path.clone(), Arc::clone(name)));
                }
            }
        }
        // A folder may hold a module that is called from elsewhere as well, and has instances there.
        idle.files.retain(|file| !files.contains(file));
        idle
    }

    /// The one instance of a module that there is while nothing is known.
    fn instance_of(self: &Arc<Self>, path: &[Arc<str>]) -> Option<Arc<ModuleState>> {
        path.iter()
            .try_fold(Arc::clone(&self.root), |module, name| {
                let (_, child) = module.call(self, name)?.instances.first()?;
                Some(Arc::clone(child))
            })
    }

    fn validate_resource(self: &Arc<Self>, module: &Arc<ModuleState>, address: &address::Resource) {
        let block = &module.config.module.resources[address];
        let Some(expansion) = module.resource(self, address) else {
            return;
        };
        for instance in &expansion.instances {
            let before = Scope {
                repetition: Some(&instance.repetition),
                ..Scope::module(self, module)
            };
            let after = Scope {
                self_value: Some(&instance.value),
                ..before
            };
            before.try_conditions(&block.lifecycle.preconditions, &instance.address);
            after.try_conditions(&block.lifecycle.postconditions, &instance.address);
            for provisioner in &block.provisioners {
                after.try_body(&provisioner.body, &instance.address);
            }
        }
    }
}

impl Idle {
    fn resources_of(
        &mut self,
        path: &[Arc<str>],
        config: &Config,
        live: &BTreeSet<Place<address::Resource>>,
    ) {
        for (address, block) in &config.module.resources {
            let place = (path.to_vec(), address.clone());
            if !live.contains(&place) {
                self.spans.push(block.span);
                self.spans.extend(block.body.span);
                self.resources.insert(place);
            } else if !block.provisioners.is_empty() {
                self.spans
                    .extend(block.provisioners.iter().map(|one| one.span));
                self.provisioned.insert(place);
            }
        }
    }

    fn holds(&self, span: Span) -> bool {
        let within = |outer: &Span| {
            outer.source == span.source && outer.start <= span.start && span.end <= outer.end
        };
        self.files.contains(&span.source) || self.spans.iter().any(within)
    }
}

impl Scope<'_> {
    fn try_conditions(&self, conditions: &[Condition], about: &impl ToString) {
        for condition in conditions {
            for expr in [Some(&condition.condition), condition.error_message.as_ref()] {
                if let Some(Err(error)) = expr.map(|expr| self.evaluate(expr)) {
                    self.evaluation.report(super::refused(&error, about));
                }
            }
        }
    }

    fn try_body(&self, body: &Body, about: &impl ToString) {
        // Words, not values.
        let words = ["when", "on_failure"];
        for attribute in body
            .attributes
            .iter()
            .filter(|one| !words.contains(&&*one.name.name))
        {
            if let Err(error) = self.evaluate(&attribute.expr) {
                self.evaluation.report(super::refused(&error, about));
            }
        }
        for block in &body.blocks {
            self.try_body(&block.body, about);
        }
    }
}

/// What another evaluation may read.
struct SharedFiles(Arc<Evaluation>);

impl Files for SharedFiles {
    fn kind(&self, path: &Path) -> Result<FileKind, FileError> {
        self.0.options.files.kind(path)
    }

    fn read(&self, path: &Path) -> Result<Arc<[u8]>, FileError> {
        self.0.options.files.read(path)
    }

    fn list(&self, path: &Path) -> Result<Vec<String>, FileError> {
        self.0.options.files.list(path)
    }
}
