//! ARNs as far as they are known: what is made during apply is spelled as a mark of its object, so that a policy that
//! names an object and a container that names it spell the same.

use crate::address::{AttributePath, ResourceAddress, ResourceMode};
use crate::plan::ResourceInstance;
use crate::rule::Context;
use crate::value::{Cause, Causes, Shape, Value};

/// Stand around the object of a mark; nobody uses these characters.
const OPEN: char = '\u{F0010}';
const CLOSE: char = '\u{F0011}';
/// A part of which nothing is known.
const ANY: char = '\u{F0012}';

/// An ARN, a name, or a pattern of ARNs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelled {
    text: String,
    /// What would tell the parts that are not known.
    causes: Causes,
}

/// Whether a pattern covers an ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Covers {
    Yes,
    No,
    Perhaps(Causes),
}

impl Covers {
    /// The better of two answers.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Perhaps(left), Self::Perhaps(right)) => Self::Perhaps(left.union(&right)),
            (Self::Perhaps(causes), Self::No) | (Self::No, Self::Perhaps(causes)) => {
                Self::Perhaps(causes)
            }
            (Self::No, Self::No) => Self::No,
        }
    }

    /// What holds where both must.
    pub(super) fn and(self, other: Self) -> Self {
        self.not().or(other.not()).not()
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Perhaps(causes) => Self::Perhaps(causes),
        }
    }
}

impl Spelled {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            causes: Causes::default(),
        }
    }

    /// A string, with what is not known of it.
    pub(super) fn of(cx: &Context<'_>, value: &Value) -> Self {
        let mut text = String::new();
        spell(cx, value, 0, &mut text);
        Self {
            text,
            causes: value.causes(),
        }
    }

    /// The ARN of an object, of which only this is known: region and account are its own.
    pub(super) fn named(service: &str, resource: &str, name: &Self, suffix: &str) -> Self {
        Self {
            text: format!(
                "arn:{ANY}:{service}:{ANY}:{ANY}:{resource}{}{suffix}",
                name.text
            ),
            causes: name.causes.clone(),
        }
    }

    /// The same, of an object in a region.
    pub(super) fn in_region(mut self, region: Option<&str>) -> Self {
        if let Some(region) = region {
            let mut fields = fields(&self.text);
            fields[1] = partition(region);
            fields[3] = region;
            self.text = fields.join(":");
        }
        self
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn causes(&self) -> &Causes {
        &self.causes
    }

    /// The same, of an object whose name is not known.
    pub(super) fn unnamed(service: &str, resource: &str, causes: &Causes) -> Self {
        let name = Self {
            text: ANY.to_string(),
            causes: causes.clone(),
        };
        Self::named(service, resource, &name, "")
    }

    /// All of it is text.
    pub(super) fn is_known(&self) -> bool {
        !self.text.contains([OPEN, ANY])
    }

    /// Nothing tells what it is.
    pub(super) fn is_open(&self) -> bool {
        self.text.starts_with(ANY)
    }

    /// The object that it is, or begins with.
    pub(super) fn object(&self) -> Option<ResourceAddress> {
        let (address, _) = self.text.strip_prefix(OPEN)?.split_once(CLOSE)?;
        address.parse().ok()
    }

    /// Whether it begins with a text, where so much of it is known.
    pub(super) fn begins_with(&self, wanted: &str) -> Option<bool> {
        let mut own = self.text.chars();
        for wanted in wanted.chars() {
            match own.next() {
                Some(OPEN | ANY) => return None,
                found if found != Some(wanted) => return Some(false),
                _ => {}
            }
        }
        Some(true)
    }

    /// Partition, service, region, account and resource of an ARN; a mark is in one of them.
    pub(super) fn arn_fields(&self) -> Option<[Self; 5]> {
        let mut found: [String; 5] = Default::default();
        let (mut at, mut inside) = (0, false);
        for one in self.text.strip_prefix("arn:")?.chars() {
            match one {
                ':' if !inside && at < 4 => at += 1,
                _ => {
                    inside = (inside || one == OPEN) && one != CLOSE;
                    found[at].push(one);
                }
            }
        }
        (at == 4).then(|| {
            found.map(|text| Self {
                text,
                causes: self.causes.clone(),
            })
        })
    }

    /// What a parameter holds, not the parameter.
    pub(super) fn is_value_of_parameter(&self) -> bool {
        let of_parameter = |object: ResourceAddress| &*object.resource.kind == "aws_ssm_parameter";
        let value = format!("{CLOSE}{OPEN}value{CLOSE}");
        self.text.contains(&value) && self.object().is_some_and(of_parameter)
    }

    /// An object's ARN with text right behind it, which makes it another one.
    pub(super) fn is_extended(&self) -> bool {
        let behind = self.text.strip_prefix(OPEN);
        let behind = behind.and_then(|text| text.split_once(CLOSE));
        behind.is_some_and(|(_, rest)| !rest.is_empty() && !rest.starts_with([':', OPEN, ANY]))
    }

    /// Whether what follows the ARN of a secret lacks colons: ECS wants all three of `:KEY:STAGE:ID`.
    pub(super) fn has_part_of_a_key(&self) -> bool {
        let behind = match self.text.strip_prefix(OPEN) {
            Some(text) => text.split_once(CLOSE).map(|(_, rest)| rest),
            None if self.text.starts_with("arn:") => {
                let end = self.text.match_indices(':').nth(6);
                end.map(|(at, _)| &self.text[at..])
            }
            None => None,
        };
        behind.is_some_and(|rest| {
            rest.starts_with(':') && !rest.contains([OPEN, ANY]) && rest.matches(':').count() != 3
        })
    }

    /// Without what follows the ARN: `:KEY::` of one key of a secret.
    pub(super) fn without_key(&self) -> Self {
        let text = if self.text.starts_with(OPEN) {
            match self.text.find(CLOSE) {
                Some(_) if self.is_extended() => &self.text,
                Some(at) => &self.text[..at + CLOSE.len_utf8()],
                None => &self.text,
            }
        } else if self.text.starts_with("arn:") && fields(&self.text)[2] == "secretsmanager" {
            let end = self.text.match_indices(':').nth(6);
            end.map_or(&*self.text, |(at, _)| &self.text[..at])
        } else {
            &self.text
        };
        Self {
            text: text.to_owned(),
            causes: self.causes.clone(),
        }
    }

    /// Whether this, as a pattern, covers an ARN.
    pub(super) fn covers(&self, arn: &Self) -> Covers {
        if glob(&self.text, &arn.text) {
            return Covers::Yes;
        }
        let causes = || match self.causes.is_empty() {
            true => arn.causes.clone(),
            false => self.causes.clone(),
        };
        if self.is_open() || arn.is_open() {
            return Covers::Perhaps(causes());
        }
        if let Some(object) = self.object() {
            // Written out, an ARN may be the one that an object of the plan will have.
            let may_be = arn.is_known() && has_arn_of(&object, arn);
            return if may_be {
                Covers::Perhaps(causes())
            } else {
                Covers::No
            };
        }
        let (pattern, wanted) = (fields(&self.text), fields(&arn.text));
        if pattern[0] != "arn" || wanted[0] != "arn" {
            return Covers::No;
        }
        let own = |at: usize| {
            let open = |text: &str| text.contains([OPEN, ANY]);
            open(pattern[at]) || open(wanted[at]) || glob(pattern[at], wanted[at])
        };
        if !(1..5).all(own) {
            return Covers::No;
        }
        if glob(pattern[5], wanted[5]) {
            return Covers::Yes;
        }
        match pattern[5].contains([OPEN, ANY]) || wanted[5].contains([OPEN, ANY]) {
            true => Covers::Perhaps(causes()),
            false => Covers::No,
        }
    }
}

/// The partition of AWS that a region is in.
pub(super) fn partition(region: &str) -> &'static str {
    const OTHERS: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    let found = OTHERS.iter().find(|(begin, _)| region.starts_with(begin));
    found.map_or("aws", |(_, partition)| partition)
}

/// Whether an object is of the service that an ARN names.
fn has_arn_of(object: &ResourceAddress, arn: &Spelled) -> bool {
    let service = match &*object.resource.kind {
        kind if kind.starts_with("aws_secretsmanager_") => "secretsmanager",
        "aws_ssm_parameter" => "ssm",
        "aws_kms_key" => "kms",
        _ => return false,
    };
    fields(&arn.text)[2] == service
}

/// `arn`, partition, service, region, account, resource; empty where there are fewer.
fn fields(text: &str) -> [&str; 6] {
    let mut found = [""; 6];
    for (at, field) in text.splitn(6, ':').enumerate() {
        found[at] = field;
    }
    found
}

/// How deep objects that stand for others are followed.
const DEEPEST: usize = 4;

fn spell(cx: &Context<'_>, value: &Value, depth: usize, text: &mut String) {
    if let Some(known) = value.foreseen().and_then(Value::as_str) {
        text.push_str(known);
        return;
    }
    match value
        .as_unknown()
        .and_then(|unknown| unknown.shape.as_ref())
    {
        Some(Shape::Concat(parts)) => {
            for part in &**parts {
                spell(cx, part, depth, text);
            }
            return;
        }
        Some(Shape::Partial(inner) | Shape::Decoded(inner)) => {
            return spell(cx, inner, depth, text);
        }
        _ => {}
    }
    let causes = value.causes();
    let mut all = causes.iter();
    match (all.next(), all.next()) {
        (Some(Cause::Apply { address, path } | Cause::Data { address, path }), None) => {
            object(cx, address, path, depth, text);
        }
        _ => text.push(ANY),
    }
}

/// What stands for another object is spelled as that.
fn object(
    cx: &Context<'_>,
    address: &ResourceAddress,
    path: &AttributePath,
    depth: usize,
    text: &mut String,
) {
    let name = path.to_string();
    let behind = match (&*address.resource.kind, &*name) {
        ("aws_secretsmanager_secret_version", "arn" | "secret_id" | "secret_arn") => {
            Some("secret_id")
        }
        ("aws_kms_alias", "target_key_arn" | "target_key_id") => Some("target_key_id"),
        _ => None,
    };
    let managed = address.resource.mode == ResourceMode::Managed;
    let instance = cx.plan.resource(address);
    if let (Some(behind), Some(instance), true, true) = (behind, instance, managed, depth < DEEPEST)
    {
        return spell(cx, instance.attribute(behind), depth + 1, text);
    }
    text.push(OPEN);
    text.push_str(&address.to_string());
    text.push(CLOSE);
    let is_itself = match &*address.resource.kind {
        "aws_secretsmanager_secret" => matches!(&*name, "arn" | "id"),
        "aws_kms_key" => matches!(&*name, "arn" | "id" | "key_id"),
        "aws_iam_role" => matches!(&*name, "arn" | "id" | "name"),
        "aws_iam_policy" => matches!(&*name, "arn" | "id"),
        "aws_db_instance" | "aws_rds_cluster" => name.starts_with("master_user_secret"),
        _ => name == "arn",
    };
    if !is_itself {
        text.push_str(&format!("{OPEN}{name}{CLOSE}"));
    }
}

/// The instance that is spelled, or has this ARN.
pub(super) fn instance<'a>(
    cx: &Context<'a>,
    spelled: &Spelled,
    kind: &str,
) -> Option<&'a ResourceInstance> {
    if let Some(address) = spelled.object() {
        let found = cx.plan.resource(&address);
        return found.filter(|one| one.kind() == kind);
    }
    let has = |one: &&ResourceInstance| {
        ["arn", "id"].iter().any(|name| {
            let own = one.attribute(name).as_str();
            own == Some(spelled.as_str())
        })
    };
    cx.plan.managed(kind).find(has)
}

/// `*` stands for anything, `?` for one character.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut of) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while of < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, of));
                at += 1;
            }
            Some(&c) if c == '?' || c == text[of] => {
                at += 1;
                of += 1;
            }
            _ => {
                let Some((from, taken)) = star else {
                    return false;
                };
                star = Some((from, taken + 1));
                at = from + 1;
                of = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_as_iam_says() {
        let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme/stripe-AbCdEf";
        for (pattern, wanted) in [
            ("*", true),
            ("arn:aws:secretsmanager:*:*:secret:acme/*", true),
            (
                "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme/stripe-??????",
                true,
            ),
            (
                "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme/stripe",
                false,
            ),
            (
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*",
                false,
            ),
            ("arn:aws:ssm:*:*:*", false),
        ] {
            let found = Spelled::text(pattern).covers(&Spelled::text(arn));
            let expected = if wanted { Covers::Yes } else { Covers::No };
            assert_eq!(found, expected, "{pattern}");
        }
    }
}
