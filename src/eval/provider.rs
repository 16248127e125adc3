//! Which provider configuration a resource uses, and what of it shows in plans.

use std::sync::Arc;

use super::{Evaluation, ModuleState, Scope};
use crate::config::{self, ProviderReference};
use crate::problem::{Problem, ProblemKind};
use crate::provider::ProviderConfig;

/// The provider of a resource.
pub(super) struct Used {
    /// Its full name.
    pub(super) name: Arc<str>,
    /// Its configuration.
    pub(super) config: Arc<ProviderConfig>,
}

/// The provider that a resource names, or the default one for its type.
pub(super) fn of_resource(
    evaluation: &Arc<Evaluation>,
    module: &Arc<ModuleState>,
    block: &config::Resource,
) -> Used {
    let reference = block.provider_reference();
    Used {
        config: configuration(evaluation, module, &reference),
        name: module.config.module.provider_source(&reference.name).into(),
    }
}

/// The configuration behind a reference: a block of this module, or what the calling module hands down.
fn configuration(
    evaluation: &Arc<Evaluation>,
    module: &Arc<ModuleState>,
    reference: &ProviderReference,
) -> Arc<ProviderConfig> {
    let cached = || {
        module
            .provider_configs
            .lock()
            .expect("no panic while configuring")
            .get(reference)
            .cloned()
    };
    if let Some(config) = cached() {
        return config;
    }
    let config = resolve(evaluation, module, reference);
    let mut all = module
        .provider_configs
        .lock()
        .expect("no panic while configuring");
    Arc::clone(all.entry(reference.clone()).or_insert(config))
}

fn resolve(
    evaluation: &Arc<Evaluation>,
    module: &Arc<ModuleState>,
    reference: &ProviderReference,
) -> Arc<ProviderConfig> {
    let major = evaluation
        .locked
        .major(&module.config.module, &reference.name);
    let unconfigured = Arc::new(ProviderConfig {
        major,
        ..ProviderConfig::default()
    });
    let own = module
        .config
        .module
        .providers
        .iter()
        .find(|one| one.name.name == reference.name && one.alias == reference.alias);
    if let Some(block) = own {
        let about = module.within(&format!("provider.{}", reference.name));
        let scope = Scope::module(evaluation, module);
        let object = match evaluation.providers.provider(&reference.name) {
            Some(facts) => scope.body(&block.body, &facts.block, &about),
            None => crate::value::Value::object(scope.body_without_schema(&block.body, &about)),
        };
        return Arc::new(ProviderConfig::of_block(&object, major));
    }
    let Some((parent, ..)) = module.caller() else {
        if let Some(alias) = &reference.alias {
            refuse_missing(evaluation, module, reference, alias);
        }
        return unconfigured;
    };
    let call = module
        .call_block(&parent)
        .expect("a module instance has a call");
    let handed = call
        .providers
        .iter()
        .find(|(inside, _)| inside == reference)
        .map(|(_, here)| here);
    match (handed, &reference.alias) {
        (Some(here), _) => configuration(evaluation, &parent, here),
        // Default configurations are inherited, aliased ones are not.
        (None, None) => configuration(evaluation, &parent, reference),
        (None, Some(alias)) => {
            refuse_missing(evaluation, module, reference, alias);
            unconfigured
        }
    }
}

fn refuse_missing(
    evaluation: &Evaluation,
    module: &ModuleState,
    reference: &ProviderReference,
    alias: &str,
) {
    let about = module.within(&format!("provider.{}.{alias}", reference.name));
    let message = format!("`{about}` is not configured");
    evaluation.report(Problem::new(ProblemKind::Refused, message, None).about(&about));
}
