//! The role by which ECS starts a task, and the policies that are attached to it.

use super::arn::{Covers, Spelled, instance, partition};
use super::evidence::{
    Answer, Given, given, is_left_out, is_same_block, refers_to, sources, subject,
};
use super::policy::{Policy, Refusal, Request, Ruling};
use crate::address::{AttributePath, ResourceAddress, ResourceMode};
use crate::plan::{ResourceInstance, Subject};
use crate::rule::Context;
use crate::value::{Causes, Shape, Unknown, Value};

/// The attribute with the policy that says who may take a role.
pub(super) const TRUST: &str = "assume_role_policy";

/// A role as a task names it.
pub(super) struct Role<'a> {
    /// Where the plan makes it, or has it.
    instance: Option<&'a ResourceInstance>,
    /// Its name, where that is known.
    name: Option<String>,
    /// For a message.
    pub(super) shown: String,
}

/// What a task gives for a role.
pub(super) enum Named<'a> {
    Role(Role<'a>),
    LeftOut,
    /// Something else than the ARN that is wanted, the name of a role above all.
    NoArn,
    Open(Causes),
}

/// The role that an attribute names by its ARN.
pub(super) fn named<'a>(cx: &Context<'a>, task: &ResourceInstance, attribute: &str) -> Named<'a> {
    let path = AttributePath::attribute(attribute);
    let value = task.attribute(attribute);
    let text = match given(cx, task, &path, value) {
        Given::LeftOut => return Named::LeftOut,
        Given::Value(value) if value.as_str() == Some("") => return Named::LeftOut,
        Given::Value(value) => value.as_str().map(str::to_owned),
        Given::Open(_) => None,
    };
    let spelled = text
        .as_ref()
        .map_or_else(|| Spelled::of(cx, value), Spelled::text);
    if text.is_some()
        && let Some(role) = instance(cx, &spelled, "aws_iam_role")
        && has_arn(role, &spelled)
    {
        return Named::Role(Role::made(cx, role));
    }
    if is_of_role_and_no_arn(value) || is_extended_role(&spelled) {
        return Named::NoArn;
    }
    let own = task.attribute("region").as_str().map(partition);
    match RoleArn::read(&spelled, own) {
        Reads::Role(arn) => arn.named(cx, &spelled),
        Reads::Another => Named::NoArn,
        Reads::Open if is_made_of_parts(value) => Named::Open(value.causes()),
        Reads::Open => referred(cx, task, &path, value),
    }
}

/// Whether it is put together from texts: that a role's ARN is among them tells nothing.
fn is_made_of_parts(value: &Value) -> bool {
    let shape = value
        .as_unknown()
        .and_then(|unknown| unknown.shape.as_ref());
    matches!(shape, Some(Shape::Concat(_)))
}

/// A role that the sources name, where its ARN tells nothing.
fn referred<'a>(
    cx: &Context<'a>,
    task: &ResourceInstance,
    path: &AttributePath,
    value: &Value,
) -> Named<'a> {
    let sources = sources(cx, task, path, value);
    let roles: Vec<&ResourceAddress> = sources
        .attributes
        .iter()
        .map(|(address, _)| address)
        .filter(|address| &*address.resource.kind == "aws_iam_role")
        .collect();
    let one = roles.iter().all(|other| is_same_block(other, roles[0]));
    if let (Some(address), true) = (roles.first(), one) {
        let found = cx.plan.of_kind("aws_iam_role");
        let mut found = found.filter(|one| is_same_block(&one.address, address));
        if let (Some(role), None) = (found.next(), found.next()) {
            return Named::Role(Role::made(cx, role));
        }
    }
    Named::Open(value.causes())
}

fn has_arn(role: &ResourceInstance, text: &Spelled) -> bool {
    role.attribute("arn").as_str() == Some(text.as_str())
}

/// Whether it is something else of a role that will be made: its name, or the id that IAM gives it.
fn is_of_role_and_no_arn(value: &Value) -> bool {
    let of = value.as_unknown().and_then(Unknown::one_attribute);
    of.is_some_and(|(address, path)| {
        &*address.resource.kind == "aws_iam_role"
            && matches!(path.root(), Some("name" | "id" | "unique_id"))
    })
}

/// Whether text stands right behind a role's ARN.
fn is_extended_role(spelled: &Spelled) -> bool {
    let object = spelled.object();
    object.is_some_and(|object| &*object.resource.kind == "aws_iam_role") && spelled.is_extended()
}

/// The parts of a role's ARN that tell which one it is.
struct RoleArn {
    /// From the first slash to the last, where it is known.
    path: Option<String>,
    /// As far as it is known.
    name: Spelled,
}

/// What a text is, as far as it is known.
enum Reads {
    Role(RoleArn),
    /// No role has it for its ARN.
    Another,
    Open,
}

impl RoleArn {
    /// `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`, of the partition that the task is in.
    fn read(spelled: &Spelled, own_partition: Option<&str>) -> Reads {
        const DIGITS: usize = 12;
        let Some(fields) = spelled.arn_fields() else {
            let is_another = spelled.is_known() || spelled.begins_with("arn:") == Some(false);
            return if is_another {
                Reads::Another
            } else {
                Reads::Open
            };
        };
        let [partition, service, region, account, resource] =
            fields.each_ref().map(Spelled::as_str);
        let is_number =
            |text: &str| text.len() == DIGITS && text.chars().all(|digit| digit.is_ascii_digit());
        let known = |at: usize| fields[at].is_known();
        let is_of_partition = match own_partition {
            Some(own) => partition == own,
            None => partition.starts_with("aws"),
        };
        let is_wrong = known(0) && !is_of_partition
            || known(1) && service != "iam"
            || known(2) && !region.is_empty()
            || known(3) && !is_number(account);
        if is_wrong {
            return Reads::Another;
        }
        let Some(behind) = resource.strip_prefix("role/") else {
            return match fields[4].begins_with("role/") {
                Some(_) => Reads::Another,
                None => Reads::Open,
            };
        };
        let (path, name) = behind.rsplit_once('/').unwrap_or(("", behind));
        let path = Spelled::text(match path {
            "" if !behind.starts_with('/') => "/".to_owned(),
            path => format!("/{path}/"),
        });
        Reads::Role(Self {
            path: path.is_known().then(|| path.as_str().to_owned()),
            name: Spelled::text(name),
        })
    }

    /// The role of the plan with that path and name, or else one that is made elsewhere. Names are unique in an account,
    /// whatever the path.
    fn named<'a>(&self, cx: &Context<'a>, arn: &Spelled) -> Named<'a> {
        let role = match self.name.object() {
            Some(object) if !self.name.is_extended() => {
                let found = cx.plan.resource(&object);
                found.filter(|one| one.kind() == "aws_iam_role")
            }
            _ if self.name.is_known() => {
                return self.by_name(cx, self.name.as_str());
            }
            _ => None,
        };
        match role {
            Some(role) if self.has_path_of(cx, role) => Named::Role(Role::made(cx, role)),
            Some(_) => Named::NoArn,
            None => Named::Open(arn.causes().clone()),
        }
    }

    fn by_name<'a>(&self, cx: &Context<'a>, name: &str) -> Named<'a> {
        let role = of_name(cx, name.to_owned());
        match role.instance {
            Some(made) if !self.has_path_of(cx, made) => Named::NoArn,
            _ => Named::Role(role),
        }
    }

    /// Left out, a path is `/`.
    fn has_path_of(&self, cx: &Context<'_>, role: &ResourceInstance) -> bool {
        const NAME: &str = "path";
        let path = AttributePath::attribute(NAME);
        let own = match given(cx, role, &path, role.attribute(NAME)) {
            Given::LeftOut => "/".to_owned(),
            Given::Value(value) => match value.as_str() {
                Some(own) => own.to_owned(),
                None => return true,
            },
            Given::Open(_) => return true,
        };
        self.path.as_ref().is_none_or(|path| *path == own)
    }
}

/// A role by its name: that of this plan, or one that is made elsewhere.
fn of_name<'a>(cx: &Context<'a>, name: String) -> Role<'a> {
    let roles = cx.plan.managed("aws_iam_role");
    let mut roles = roles.filter(|one| one.attribute("name").as_str() == Some(&name));
    match (roles.next(), roles.next()) {
        (Some(role), None) => Role::made(cx, role),
        _ => Role::elsewhere(name),
    }
}

impl<'a> Role<'a> {
    /// A data source only says its name: that of a role that is made here, or another.
    fn made(cx: &Context<'a>, role: &'a ResourceInstance) -> Self {
        let managed = role.address.resource.mode == ResourceMode::Managed;
        let name = role.attribute("name").as_str();
        if let (false, Some(name)) = (managed, name) {
            let found = of_name(cx, name.to_owned());
            if found.is_made_here() {
                return found;
            }
        }
        Self {
            instance: managed.then_some(role),
            name: name.map(str::to_owned),
            shown: role.address.to_string(),
        }
    }

    fn elsewhere(name: String) -> Self {
        Self {
            instance: None,
            shown: name.clone(),
            name: Some(name),
        }
    }

    /// Whether all of its policies are in the plan.
    pub(super) fn is_made_here(&self) -> bool {
        self.instance.is_some()
    }

    /// Whether a service may take it, and the role that says so. Of a role that is made elsewhere nothing is known, and
    /// with a document that has no statement AWS makes none.
    pub(super) fn is_taken_by(
        &self,
        cx: &Context<'_>,
        service: &str,
    ) -> Option<(&'a ResourceInstance, Covers)> {
        let role = self.instance?;
        let policy = Policy::of(cx, role, TRUST);
        let says_something = !policy.statements.is_empty() || policy.open.is_some();
        says_something.then(|| (role, policy.trusts(service)))
    }

    /// What its policies say of a request.
    pub(super) fn rules(&self, cx: &Context<'_>, request: &Request<'_>) -> Ruling {
        let mut ruling = self.own(cx, request).or(self.attached(cx, request));
        for one in cx
            .plan
            .managed("aws_iam_role_policy")
            .filter(|one| one.remains())
        {
            let belongs = self.is(cx, one, "role");
            let belongs = belongs.and(self.takes_away(cx, one).not());
            if belongs != Covers::No {
                let found = Policy::of(cx, one, "policy").rules(cx, request);
                ruling = ruling.or(limited(found, &belongs));
            }
        }
        ruling
    }

    /// Whether a list of all inline policies that the role may have leaves one out: it is taken away.
    fn takes_away(&self, cx: &Context<'_>, policy: &ResourceInstance) -> Covers {
        let lists = cx.plan.managed("aws_iam_role_policies_exclusive");
        let name = policy.attribute("name").as_str();
        let leaves_out = |list: &&ResourceInstance| {
            let all = list.attribute("policy_names").as_elements();
            let named =
                |one: &Value| one.as_str().is_none() || name.is_none() || one.as_str() == name;
            all.is_some_and(|all| !all.iter().any(named))
        };
        lists
            .filter(|list| list.remains())
            .filter(leaves_out)
            .map(|list| self.is(cx, list, "role_name"))
            .fold(Covers::No, Covers::or)
    }

    /// Whether a principal, as the policy of a key names it, may stand for the role: by its account, by its name, or in a way
    /// that is not known.
    pub(super) fn may_be(&self, principal: &str) -> bool {
        if let Some(object) = Spelled::text(principal).object() {
            let is_role = &*object.resource.kind == "aws_iam_role";
            return match self.instance {
                Some(role) if is_role => is_same_block(&object, &role.address),
                _ => true,
            };
        }
        match (principal.split_once(":role/"), &self.name) {
            (Some((_, path)), Some(name)) => {
                let named = path.rsplit('/').next().unwrap_or(path);
                !Spelled::text(named).is_known() || named == name
            }
            _ => !principal.contains(":user/"),
        }
    }

    /// What is written in the role itself.
    fn own(&self, cx: &Context<'_>, request: &Request<'_>) -> Ruling {
        let mut ruling = Ruling::NOTHING;
        let Some(role) = self.instance else {
            return ruling;
        };
        for (at, block) in role.blocks("inline_policy").iter().enumerate() {
            let path = AttributePath::attribute("inline_policy").with_index(at);
            if let Some(value) = block.attribute("policy") {
                let path = path.with_attribute("policy");
                ruling = ruling.or(Policy::of_value(cx, role, &path, value).rules(cx, request));
            }
        }
        let path = AttributePath::attribute("managed_policy_arns");
        let arns = role.attribute("managed_policy_arns");
        match (arns.foreseen_elements(), given(cx, role, &path, arns)) {
            (Some(arns), _) => {
                for (at, arn) in arns.iter().enumerate() {
                    let path = path.with_index(at);
                    ruling = ruling.or(managed_policy(cx, role, &path, arn, request));
                }
            }
            (None, Given::LeftOut | Given::Value(_)) => {}
            (None, Given::Open(causes)) => ruling = ruling.or(Ruling::perhaps(causes)),
        }
        ruling
    }

    /// Policies that other objects attach.
    fn attached(&self, cx: &Context<'_>, request: &Request<'_>) -> Ruling {
        const ATTACHING: [(&str, &str, &str); 3] = [
            ("aws_iam_role_policy_attachment", "role", "policy_arn"),
            ("aws_iam_policy_attachment", "roles", "policy_arn"),
            (
                "aws_iam_role_policy_attachments_exclusive",
                "role_name",
                "policy_arns",
            ),
        ];
        let mut ruling = Ruling::NOTHING;
        for (kind, role, policy) in ATTACHING {
            for one in cx.plan.managed(kind).filter(|one| one.remains()) {
                let belongs = self.is(cx, one, role);
                if belongs == Covers::No {
                    continue;
                }
                let path = AttributePath::attribute(policy);
                let value = one.attribute(policy);
                let found = match value.foreseen_elements() {
                    Some(arns) => arns
                        .iter()
                        .map(|arn| managed_policy(cx, one, &path, arn, request))
                        .fold(Ruling::NOTHING, Ruling::or),
                    None => managed_policy(cx, one, &path, value, request),
                };
                ruling = ruling.or(limited(found, &belongs));
            }
        }
        ruling
    }

    /// The object that names the role by its ARN where a policy is given to it. IAM takes a name there, and refuses the
    /// ARN; a name may be cut out of it all the same.
    pub(super) fn given_by_arn<'c>(&self, cx: &Context<'c>) -> Option<&'c ResourceAddress> {
        const NAMING: [(&str, &str); 2] = [
            ("aws_iam_role_policy", "role"),
            ("aws_iam_role_policy_attachment", "role"),
        ];
        let own = self.instance?;
        let is_meant = |one: &&ResourceInstance, name: &str| {
            let value = one.attribute(name);
            let known = value
                .as_str()
                .map(|text| own.attribute("arn").as_str() == Some(text));
            known.unwrap_or_else(|| {
                let found = sources(cx, one, &AttributePath::attribute(name), value);
                let mut all = found.attributes.iter();
                all.any(|(address, path)| is_same_block(address, &own.address) && is_arn(path))
            })
        };
        NAMING.iter().find_map(|(kind, name)| {
            let all = cx.plan.managed(kind).filter(|one| one.remains());
            let mut all = all.filter(|one| is_meant(one, name));
            all.next().map(|one| &*one.address)
        })
    }

    /// A policy of the plan that IAM does not take, where the role has one or names one.
    pub(super) fn refused_policy(&self, cx: &Context<'_>) -> Option<(Refusal, Subject)> {
        let inline = cx.plan.managed("aws_iam_role_policy");
        let inline = inline.filter(|one| self.is(cx, one, "role") == Covers::Yes);
        let is_attached = |policy: &&ResourceInstance| {
            let mut all = cx.plan.managed("aws_iam_role_policy_attachment");
            all.any(|one| {
                self.is(cx, one, "role") == Covers::Yes
                    && refers_to(cx, one, "policy_arn", policy) == Answer::Yes
            })
        };
        let attached = cx.plan.managed("aws_iam_policy").filter(is_attached);
        let mut all = inline.chain(attached).filter(|one| one.remains());
        all.find_map(|one| {
            let (refusal, path) = Policy::of(cx, one, "policy").refusal()?;
            Some((refusal, subject(one, path)))
        })
    }

    /// Whether an attribute names this role, or a list has it.
    fn is(&self, cx: &Context<'_>, one: &ResourceInstance, attribute: &str) -> Covers {
        let value = one.attribute(attribute);
        let each = |value: &Value| self.is_named(cx, one, attribute, value);
        match value.foreseen_elements() {
            Some(all) => all.iter().map(each).fold(Covers::No, Covers::or),
            None => each(value),
        }
    }

    fn is_named(
        &self,
        cx: &Context<'_>,
        one: &ResourceInstance,
        attribute: &str,
        value: &Value,
    ) -> Covers {
        let spelled = Spelled::of(cx, value);
        if let (true, Some(name)) = (spelled.is_known(), &self.name) {
            return if spelled.as_str() == name {
                Covers::Yes
            } else {
                Covers::No
            };
        }
        let found = sources(cx, one, &AttributePath::attribute(attribute), value);
        let roles = || {
            let all = found.attributes.iter();
            all.filter(|(address, _)| &*address.resource.kind == "aws_iam_role")
        };
        let is_own = |address: &ResourceAddress| match self.instance {
            Some(role) => is_same_block(address, &role.address),
            None => address.to_string() == self.shown,
        };
        let own: Vec<&AttributePath> = roles()
            .filter(|(address, _)| is_own(address))
            .map(|(_, path)| path)
            .collect();
        if own.iter().any(|path| !is_arn(path)) {
            Covers::Yes
        } else if !own.is_empty() {
            Covers::Perhaps(value.causes())
        } else if roles().next().is_some() && !found.open {
            Covers::No
        } else {
            Covers::Perhaps(value.causes())
        }
    }

    /// What else limits it, where that is so.
    pub(super) fn is_bounded(&self) -> bool {
        let boundary =
            |role: &ResourceInstance| !is_left_out(role.attribute("permissions_boundary"));
        self.instance.is_some_and(boundary)
    }
}

fn is_arn(path: &AttributePath) -> bool {
    path.root() == Some("arn")
}

/// What a policy says that may not be the role's.
fn limited(ruling: Ruling, belongs: &Covers) -> Ruling {
    Ruling {
        allowed: ruling.allowed.and(belongs.clone()),
        denied: ruling.denied.and(belongs.clone()),
    }
}

/// What a policy with an ARN says: one of AWS, of this plan, or of somewhere else.
fn managed_policy(
    cx: &Context<'_>,
    holder: &ResourceInstance,
    path: &AttributePath,
    arn: &Value,
    request: &Request<'_>,
) -> Ruling {
    let spelled = Spelled::of(cx, arn);
    if let Some((_, name)) = spelled.as_str().split_once(":aws:policy/") {
        return of_aws(name, request);
    }
    if let Some(policy) = instance(cx, &spelled, "aws_iam_policy") {
        return of_policy(cx, policy, request);
    }
    let found = sources(cx, holder, path, arn);
    for (address, _) in &found.attributes {
        if &*address.resource.kind != "aws_iam_policy" {
            continue;
        }
        let all = cx.plan.of_kind("aws_iam_policy");
        let mut all = all.filter(|one| is_same_block(&one.address, address));
        if let (Some(policy), None) = (all.next(), all.next()) {
            return of_policy(cx, policy, request);
        }
    }
    Ruling::perhaps(arn.causes())
}

fn of_policy(cx: &Context<'_>, policy: &ResourceInstance, request: &Request<'_>) -> Ruling {
    if policy.address.resource.mode == ResourceMode::Managed {
        return Policy::of(cx, policy, "policy").rules(cx, request);
    }
    let text = |name: &str| policy.attribute(name).as_str();
    let by_arn = text("arn").and_then(|arn| arn.split_once(":aws:policy/"));
    match by_arn.map(|(_, name)| name).or_else(|| text("name")) {
        Some(name) => of_aws(name, request),
        None => Ruling::perhaps(policy.attribute("policy").causes()),
    }
}

/// Actions that policies of AWS allow on everything.
const ALLOWING: &[(&str, &[&str])] = &[
    ("AdministratorAccess", &["*"]),
    ("PowerUserAccess", &["*"]),
    ("SecretsManagerReadWrite", &["secretsmanager:*"]),
    (
        "AWSSecretsManagerClientReadOnlyAccess",
        &["secretsmanager:getsecretvalue"],
    ),
    ("AmazonSSMFullAccess", &["ssm:*"]),
    ("AmazonSSMReadOnlyAccess", &["ssm:get*"]),
    (
        "AmazonSSMManagedInstanceCore",
        &["ssm:getparameters", "ssm:getparameter"],
    ),
    ("ReadOnlyAccess", &["ssm:get*"]),
];

/// Policies of AWS about other services, by how their names begin.
const UNRELATED: &[&str] = &[
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonECS_FullAccess",
    "AmazonEC2Container",
    "AmazonElasticContainerRegistry",
    "AmazonS3",
    "AmazonSQS",
    "AmazonSNS",
    "AmazonSES",
    "AmazonRDSFullAccess",
    "AmazonRDSReadOnlyAccess",
    "AmazonDynamoDB",
    "AmazonElasticFileSystem",
    "AmazonBedrock",
    "AmazonCognito",
    "CloudWatch",
    "AWSXRay",
    "AWSXray",
    "AWSAppMesh",
    "AWSCloudMap",
    "AWSLambdaBasicExecutionRole",
];

/// What AWS's own policies say, as far as they are known here.
fn of_aws(name: &str, request: &Request<'_>) -> Ruling {
    let name = name.rsplit_once('/').map_or(name, |(_, name)| name);
    let action = request.action.to_ascii_lowercase();
    let found = ALLOWING.iter().find(|(known, _)| *known == name);
    let allows = |(_, actions): &(&str, &[&str])| {
        actions
            .iter()
            .any(|pattern| super::arn::glob(pattern, &action))
    };
    if found.is_some_and(allows) {
        return Ruling {
            allowed: Covers::Yes,
            denied: Covers::No,
        };
    }
    let unrelated = UNRELATED.iter().any(|prefix| name.starts_with(prefix));
    if found.is_some() || unrelated {
        Ruling::NOTHING
    } else {
        Ruling::perhaps(Causes::default())
    }
}
