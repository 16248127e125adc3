//! What a listener rule makes of a request's path before its target group sees it.

use super::condition::Doubt;
use super::request::Request;
use crate::plan::ResourceInstance;
use crate::value::Value;

/// The blocks that say so.
pub(super) const TRANSFORM: &str = "transform";

/// What a rule makes of the path before the target group sees it.
pub(super) fn rewritten(rule: &ResourceInstance, request: &Request) -> Option<Doubt> {
    let first = |value: &Value, name: &str| value.attribute(name)?.as_elements()?.first().cloned();
    for transform in rule.attribute(TRANSFORM).as_elements()? {
        let kind = transform.attribute("type").and_then(Value::as_str);
        if kind != Some("url-rewrite") {
            continue;
        }
        let rewrite = first(transform, "url_rewrite_config").and_then(|one| first(&one, "rewrite"));
        let regex = rewrite
            .as_ref()
            .and_then(|one| one.attribute("regex")?.as_str());
        let touches = match regex.map(regex::Regex::new) {
            Some(Ok(regex)) => regex.is_match(&request.path),
            _ => true,
        };
        if touches {
            return Some(Doubt {
                text: format!(
                    "as what path the service sees it: `{}` rewrites it",
                    rule.address
                ),
                causes: transform.causes(),
            });
        }
    }
    None
}
