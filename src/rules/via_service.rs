//! The condition `kms:ViaService`: whether a key may be used where one service of one region asks for it.

use super::arn::{Covers, glob};
use crate::value::Value;

/// The service that asks for the key.
pub(super) struct Via {
    /// `secretsmanager` or `ssm`.
    pub(super) service: &'static str,
    /// Where it is, if that is known.
    pub(super) region: Option<String>,
}

/// How the name of a service is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    Equal,
    Like,
}

impl Via {
    /// Whether one entry of a condition holds. Nothing is said of other variables and operators.
    pub(super) fn holds(&self, operator: &str, variable: &str, values: &Value) -> Covers {
        let open = || Covers::Perhaps(values.causes());
        if !variable.eq_ignore_ascii_case("kms:ViaService") {
            return open();
        }
        let operator = operator.strip_prefix("ForAnyValue:").unwrap_or(operator);
        let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
        let (compared, is_negated) = match operator {
            "StringEquals" | "StringEqualsIgnoreCase" => (Compared::Equal, false),
            "StringLike" => (Compared::Like, false),
            "StringNotEquals" | "StringNotEqualsIgnoreCase" => (Compared::Equal, true),
            "StringNotLike" => (Compared::Like, true),
            _ => return open(),
        };
        let one = |value: &Value| self.is_named(value, compared);
        let covers = match values.as_elements() {
            Some(all) => all.iter().map(one).fold(Covers::No, Covers::or),
            None => one(values),
        };
        match covers {
            // Without the region, another one may be meant.
            Covers::Yes if is_negated && (self.region.is_none() || !values.is_known()) => open(),
            covers if is_negated => covers.not(),
            covers => covers,
        }
    }

    /// Of `ssm.${var.region}.amazonaws.com` the beginning will do.
    fn is_named(&self, value: &Value, compared: Compared) -> Covers {
        let own = format!("{}.", self.service);
        if let Some(text) = value.as_str() {
            let text = text.to_ascii_lowercase();
            let Some(region) = &self.region else {
                let named = text.split('.').next().unwrap_or_default();
                let is_own = named == self.service
                    || compared == Compared::Like && glob(named, self.service);
                return if is_own { Covers::Yes } else { Covers::No };
            };
            let ends = ["amazonaws.com", "amazonaws.com.cn"];
            let mut names = ends.iter().map(|end| format!("{own}{region}.{end}"));
            let is_own = names.any(|name| match compared {
                Compared::Equal => name == text,
                Compared::Like => glob(&text, &name),
            });
            return if is_own { Covers::Yes } else { Covers::No };
        }
        let prefix = value.as_unknown().and_then(|one| one.prefix.as_deref());
        match prefix {
            Some(prefix) if prefix.starts_with(&own) => Covers::Yes,
            Some(prefix) if compared == Compared::Equal && !own.starts_with(prefix) => Covers::No,
            _ => Covers::Perhaps(value.causes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Covers, Via};
    use crate::value::Value;

    #[test]
    fn names_are_of_a_service_in_a_region() {
        let via = Via {
            service: "secretsmanager",
            region: Some("eu-west-1".to_owned()),
        };
        for (operator, name, holds) in [
            (
                "StringEquals",
                "secretsmanager.eu-west-1.amazonaws.com",
                true,
            ),
            (
                "StringEquals",
                "secretsmanager.us-east-1.amazonaws.com",
                false,
            ),
            ("StringEquals", "secretsmanager.*.amazonaws.com", false),
            ("StringEquals", "ssm.eu-west-1.amazonaws.com", false),
            ("StringLike", "secretsmanager.*.amazonaws.com", true),
            ("StringLike", "ssm.*.amazonaws.com", false),
            (
                "StringNotEquals",
                "secretsmanager.eu-west-1.amazonaws.com",
                false,
            ),
            ("StringNotLike", "s3.*", true),
            (
                "ForAnyValue:StringEquals",
                "secretsmanager.eu-west-1.amazonaws.com",
                true,
            ),
        ] {
            let found = via.holds(operator, "kms:ViaService", &Value::string(name));
            let wanted = if holds { Covers::Yes } else { Covers::No };
            assert_eq!(found, wanted, "{operator} {name}");
        }
    }
}
