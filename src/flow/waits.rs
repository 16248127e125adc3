//! What a resource waits for.

use std::sync::Arc;

use crate::address::ResourceAddress;
use crate::eval::ModuleState;
use crate::plan::Waits;

pub(super) fn of(root: &ModuleState, address: &ResourceAddress) -> Waits {
    let path: Vec<Arc<str>> = address.module.path().map(Into::into).collect();
    let all = root.config.dependencies(&path, &address.resource);
    Waits {
        resources: all.resources,
        incomplete: all.incomplete,
        without_conditions: false,
    }
}
