//! `unvalidated-certificate`: HTTPS listeners bind to a certificate after it was validated, by reference or by order.

use std::sync::Arc;

use crate::address::{AttributePath, PathStep, ResourceAddress, ResourceMode};
use crate::plan::{Evidence, Plan, ResourceInstance, Subject, Waits};
use crate::rule::{Context, Findings, Rule, RuleMeta, Scope};
use crate::rules::classic;
use crate::rules::evidence::{
    Answer, Sources, is_same_block, may_wait_by_condition, sources, subject,
};
use crate::rules::load_balancer::{all, protocol};
use crate::value::{Cause, Causes, Value};

/// The rule.
pub struct UnvalidatedCertificate;

static META: RuleMeta = RuleMeta {
    id: "unvalidated-certificate",
    summary: "each HTTPS or TLS listener binds its certificate only after that was validated",
    scope: Scope::Always,
    parameters: &[],
    page: include_str!("README.md"),
};

const ATTRIBUTE: &str = "certificate_arn";
const LOOKED_UP: &str = "looked up among issued certificates";

impl Rule for UnvalidatedCertificate {
    fn meta(&self) -> &'static RuleMeta {
        &META
    }

    fn check_plan(&self, cx: &Context<'_>, findings: &mut Findings) {
        for listener in all(cx.plan, "aws_lb_listener") {
            let secure = match protocol(cx, listener, None) {
                Ok(protocol) => matches!(protocol.as_str(), "HTTPS" | "TLS"),
                Err(_) => !listener.attribute(ATTRIBUTE).is_null(),
            };
            if secure {
                judge(cx, &Binding::of(listener), findings);
            }
        }
        for further in all(cx.plan, "aws_lb_listener_certificate") {
            judge(cx, &Binding::of(further), findings);
        }
        for load_balancer in classic::all(cx.plan) {
            for (path, value) in classic::certificates(cx.plan, load_balancer) {
                let holder = load_balancer;
                let binding = Binding {
                    holder,
                    path,
                    value,
                };
                judge(cx, &binding, findings);
            }
        }
    }
}

/// Where an object is given a certificate.
struct Binding<'a> {
    holder: &'a ResourceInstance,
    path: AttributePath,
    value: &'a Value,
}

impl<'a> Binding<'a> {
    fn of(holder: &'a ResourceInstance) -> Self {
        Self {
            holder,
            path: AttributePath::attribute(ATTRIBUTE),
            value: holder.attribute(ATTRIBUTE),
        }
    }

    fn place(&self) -> Subject {
        subject(self.holder, self.path.clone())
    }

    /// The argument as it is written.
    fn argument(&self) -> &str {
        let names = self.path.0.iter().rev();
        let mut names = names.filter_map(|step| match step {
            PathStep::Attribute(name) => Some(&**name),
            PathStep::Index(_) => None,
        });
        names.next().unwrap_or(ATTRIBUTE)
    }
}

/// What stands behind a certificate's ARN.
enum Certificate {
    /// It is handed on once it is issued.
    Issued(&'static str),
    /// As it was requested: its block.
    Requested(ResourceAddress),
    /// A data source that may find one that is not issued.
    MaybeNotIssued(ResourceAddress),
    Open,
}

fn judge(cx: &Context<'_>, binding: &Binding<'_>, findings: &mut Findings) {
    let (value, place) = (binding.value, binding.place());
    if value.is_null() || value.as_str() == Some("") {
        findings
            .fail(place, "this listener has no certificate")
            .help(format!(
                "set `{}` to that of a validation",
                binding.argument()
            ));
        return;
    }
    let found = handed_on(
        cx,
        sources(cx, binding.holder, &binding.path, value),
        DEEPEST,
    );
    if let Some((certificate, region)) = of_another_region(cx, binding, &found) {
        let message = format!(
            "{certificate} is in `{region}`, and a listener takes certificates of its own region only"
        );
        findings.fail(place, message).help(
            "make a certificate in the region of the load balancer: that of another, as CloudFront wants it, is not found",
        );
        return;
    }
    let mut behind = Behind::default();
    for (address, path) in &found.attributes {
        behind.add(certificate(cx.plan, address, path));
    }
    match behind {
        Behind {
            not_issued: Some(address),
            ..
        } => {
            not_issued(place, &address, findings);
        }
        Behind {
            requested: Some(address),
            issued,
            ..
        } => {
            requested(cx, binding, &address, issued.is_some(), findings);
        }
        Behind {
            issued: Some(how),
            open: false,
            ..
        } if !found.open => {
            findings.pass(place, how);
        }
        _ if is_imported(value) => {
            findings.pass(place, "imported: nothing to validate");
        }
        _ => match by_value(cx, binding.holder, value) {
            Some(Existing::Validated) => {
                findings.pass(
                    place,
                    "ordered after the validation of this very certificate",
                );
            }
            Some(Existing::Issued(how)) => {
                findings.pass(place, how);
            }
            Some(Existing::Requested(address)) => {
                requested(cx, binding, &address, false, findings);
            }
            Some(Existing::MaybeNotIssued(address)) => {
                not_issued(place, &address, findings);
            }
            None => open(value, place, &found, findings),
        },
    }
}

/// The certificate, and its region, where that is not the one of who should take it. Left out, nothing is told.
fn of_another_region(
    cx: &Context<'_>,
    binding: &Binding<'_>,
    found: &Sources,
) -> Option<(String, String)> {
    let own = binding.holder.attribute("region").as_str()?;
    if let Some(arn) = binding.value.as_str() {
        let mut parts = arn.split(':').skip(2);
        let (service, region) = (parts.next()?, parts.next()?);
        let differs = service == "acm" && !region.is_empty() && region != own;
        return differs.then(|| (format!("`{arn}`"), region.to_owned()));
    }
    let [(address, _)] = found.attributes.as_slice() else {
        return None;
    };
    if found.open || !address.resource.kind.starts_with("aws_acm_certificate") {
        return None;
    }
    let mut all = cx.plan.of_kind(&address.resource.kind);
    let one = all.find(|one| is_same_block(&one.address, address))?;
    let region = one.attribute("region").as_str()?;
    (region != own).then(|| (format!("`{address}`"), region.to_owned()))
}

/// How many objects may hand on an ARN.
const DEEPEST: usize = 4;

/// The same sources, with what is behind those that only hand a value on: it is the ARN of the same certificate, and who
/// takes it from there waits for what they wait for.
fn handed_on(cx: &Context<'_>, found: Sources, depth: usize) -> Sources {
    let mut all = Sources {
        attributes: Vec::new(),
        ..found
    };
    for (address, path) in found.attributes {
        let given = given_to(&address, &path).filter(|_| depth > 0);
        let of_kind = cx.plan.of_kind(&address.resource.kind);
        let mut instances = of_kind.filter(|one| is_same_block(&one.address, &address));
        let Some((one, given)) = instances.next().zip(given) else {
            all.attributes.push((address, path));
            continue;
        };
        let behind = handed_on(cx, sources(cx, one, &given, at(one, &given)), depth - 1);
        all.open |= behind.open;
        all.fixed |= behind.fixed;
        all.attributes.extend(behind.attributes);
    }
    all
}

/// The argument that an object hands on by an attribute.
fn given_to(address: &ResourceAddress, path: &AttributePath) -> Option<AttributePath> {
    if address.resource.mode != ResourceMode::Managed {
        return None;
    }
    match (&*address.resource.kind, path.root()?) {
        ("terraform_data", "output" | "input") => {
            let behind = path.0.iter().skip(1).cloned();
            let first = AttributePath::attribute("input").0;
            Some(AttributePath(first.into_iter().chain(behind).collect()))
        }
        ("null_resource" | "time_sleep", "triggers") => Some(path.clone()),
        _ => None,
    }
}

fn at<'a>(one: &'a ResourceInstance, path: &AttributePath) -> &'a Value {
    let mut names = path.0.iter();
    let first = match names.next() {
        Some(PathStep::Attribute(name)) => one.attribute(name),
        _ => return &Value::NULL,
    };
    names.fold(first, |value, step| match step {
        PathStep::Attribute(name) => value.attribute(name).unwrap_or(value),
        PathStep::Index(_) => value,
    })
}

fn not_issued(place: Subject, lookup: &ResourceAddress, findings: &mut Findings) {
    let message = format!("`{lookup}` also finds certificates that are not issued");
    findings
        .fail(place, message)
        .help("set `statuses = [\"ISSUED\"]` there");
}

/// IAM keeps only certificates that were imported.
fn is_imported(value: &Value) -> bool {
    let arn = value.as_str().unwrap_or_default();
    arn.contains(":iam:") && arn.contains(":server-certificate/")
}

/// What a known ARN names among the objects of the evidence.
enum Existing {
    /// A certificate whose validation the listener waits for.
    Validated,
    /// One that was issued.
    Issued(&'static str),
    /// A certificate of which the listener waits for no validation.
    Requested(ResourceAddress),
    /// One that was looked up, also among those that are not issued.
    MaybeNotIssued(ResourceAddress),
}

/// Objects that exist are found by their ARN, and a state tells what each was made after. In a plan the order may be
/// hidden behind a local, so that there only the good news counts.
fn by_value(cx: &Context<'_>, listener: &ResourceInstance, value: &Value) -> Option<Existing> {
    let arn = value.as_str()?;
    let waits = cx.plan.provenance.waits_for(&listener.address);
    let names_it =
        |one: &&ResourceInstance, attribute: &str| one.attribute(attribute).as_str() == Some(arn);
    let validation = validations(cx.plan).find(|one| names_it(one, ATTRIBUTE));
    if validation.is_some_and(|one| is_among(&waits, one)) {
        return Some(Existing::Validated);
    }
    let is_told = cx.plan.evidence == Evidence::State && !waits.incomplete;
    let mut named = cx.plan.of_kind("aws_acm_certificate");
    let certificate = named.find(|one| names_it(one, "arn"))?;
    let address = || (*certificate.address).clone();
    if certificate.address.resource.mode == ResourceMode::Data {
        if only_issued(certificate.attribute("statuses")) {
            return Some(Existing::Issued(LOOKED_UP));
        }
        let from_it = is_told && is_among(&waits, certificate);
        return from_it.then(|| Existing::MaybeNotIssued(address()));
    }
    match exempt(certificate) {
        Some(why) => Some(Existing::Issued(why)),
        None => is_told.then(|| Existing::Requested(address())),
    }
}

/// Everything behind one value.
#[derive(Default)]
struct Behind {
    issued: Option<&'static str>,
    requested: Option<ResourceAddress>,
    not_issued: Option<ResourceAddress>,
    open: bool,
}

impl Behind {
    fn add(&mut self, certificate: Certificate) {
        match certificate {
            Certificate::Issued(how) => self.issued = Some(how),
            Certificate::Requested(address) => self.requested = Some(address),
            Certificate::MaybeNotIssued(address) => self.not_issued = Some(address),
            Certificate::Open => self.open = true,
        }
    }
}

/// The ARN of a certificate as it was requested: fine only after the validation. Of one that may be either, nobody can
/// say more than that.
fn requested(
    cx: &Context<'_>,
    binding: &Binding<'_>,
    certificate: &ResourceAddress,
    or_issued: bool,
    findings: &mut Findings,
) {
    let (listener, place) = (binding.holder, binding.place());
    match waits_for_validation(cx, listener, certificate) {
        Answer::Yes => {
            findings.pass(place, "ordered after the validation, not bound to it");
            return;
        }
        Answer::Open(causes) => {
            let message = format!(
                "this listener waits for a validation, and nothing tells whether that is of `{certificate}`"
            );
            findings.undecided(place, message, causes);
            return;
        }
        Answer::No => {}
    }
    if or_issued {
        let message = format!(
            "nothing tells whether the certificate is `{certificate}` as requested, or as validated"
        );
        findings.undecided(place, message, binding.value.causes());
        return;
    }
    let message = format!(
        "`{}` comes from `{certificate}.arn`, which is there before the certificate is validated",
        binding.argument()
    );
    let validation = validations(cx.plan).find(|one| validates(cx, one, certificate) != Answer::No);
    let waits = cx.plan.provenance.waits_for(&listener.address);
    if validation.is_some() && may_wait_by_condition(cx, &listener.address, &waits) {
        let message = format!("{message}; nothing tells whether a condition waits for that");
        findings.undecided(place, message, Causes::default());
        return;
    }
    let help = match validation {
        Some(one) if one.address.module == listener.address.module => {
            format!("use `{}.{ATTRIBUTE}`", one.address)
        }
        Some(one) => {
            format!(
                "use `{}.{ATTRIBUTE}`, handed out by an output of its module",
                one.address
            )
        }
        None => "add an `aws_acm_certificate_validation` for it, and use its `certificate_arn`"
            .to_owned(),
    };
    findings.fail(place, message).help(help);
}

fn open(value: &Value, place: Subject, found: &Sources, findings: &mut Findings) {
    let (message, causes) = if value.is_known() && found.fixed {
        let message = "the certificate is named by its ARN: nothing tells whether it is issued";
        (message, Causes::default())
    } else {
        let message =
            "nothing tells whether the certificate is validated before this listener binds it";
        (message, value.causes())
    };
    findings.undecided(place, message, causes).help(
        "use the `certificate_arn` of an `aws_acm_certificate_validation`, or a data source `aws_acm_certificate`, \
         which looks for issued ones",
    );
}

fn certificate(plan: &Plan, address: &ResourceAddress, path: &AttributePath) -> Certificate {
    let instance = plan
        .of_kind(&address.resource.kind)
        .find(|one| is_same_block(&one.address, address));
    let data = address.resource.mode == ResourceMode::Data;
    match (&*address.resource.kind, data, path.root()) {
        // A reference through a splat names no attribute in a plan's configuration.
        ("aws_acm_certificate_validation", false, None | Some(ATTRIBUTE)) => {
            Certificate::Issued("flows from the validation")
        }
        ("aws_acm_certificate", false, None | Some("arn" | "id")) => {
            match instance.and_then(exempt) {
                Some(why) => Certificate::Issued(why),
                None => Certificate::Requested(address.clone()),
            }
        }
        ("aws_acm_certificate", true, _) => match instance.map(|one| one.attribute("statuses")) {
            Some(statuses) if only_issued(statuses) => Certificate::Issued(LOOKED_UP),
            Some(_) => Certificate::MaybeNotIssued(address.clone()),
            None => Certificate::Open,
        },
        ("aws_iam_server_certificate", ..) => Certificate::Issued("imported: nothing to validate"),
        _ => Certificate::Open,
    }
}

/// Why a certificate needs no validation.
fn exempt(certificate: &ResourceInstance) -> Option<&'static str> {
    let is_set = |name: &str| is_given(certificate.attribute(name));
    if is_set("certificate_body") || is_set("private_key") {
        return Some("imported with its private key: nothing to validate");
    }
    is_set("certificate_authority_arn")
        .then_some("issued by a private authority: nothing to validate")
}

/// Left out, the data source looks for issued ones.
fn only_issued(statuses: &Value) -> bool {
    match statuses.as_elements() {
        Some(elements) => elements.iter().all(|one| one.as_str() == Some("ISSUED")),
        None => true,
    }
}

/// Not null, as far as anybody can tell: an argument that is unknown was written.
fn is_given(value: &Value) -> bool {
    match value.as_unknown() {
        Some(_) => value
            .causes()
            .iter()
            .any(|cause| !matches!(cause, Cause::Plan { .. })),
        None => !value.is_null() && value.as_str() != Some(""),
    }
}

fn validations(plan: &Plan) -> impl Iterator<Item = &ResourceInstance> {
    plan.managed("aws_acm_certificate_validation")
        .filter(|one| one.remains())
}

/// Whether a validation is of that certificate. The ARN of one that is still to be made cannot be written down.
fn validates(
    cx: &Context<'_>,
    validation: &ResourceInstance,
    certificate: &ResourceAddress,
) -> Answer {
    let path = AttributePath::attribute(ATTRIBUTE);
    let value = validation.attribute(ATTRIBUTE);
    let found = sources(cx, validation, &path, value);
    let mut named = found
        .attributes
        .iter()
        .filter(|(address, _)| &*address.resource.kind == "aws_acm_certificate")
        .peekable();
    if named.peek().is_some() {
        let same = named.any(|(address, _)| is_same_block(address, certificate));
        return if same { Answer::Yes } else { Answer::No };
    }
    let Some(arn) = value.as_str() else {
        return Answer::Open(value.causes());
    };
    let of_block = |one: &&ResourceInstance| is_same_block(&one.address, certificate);
    let mut instances = cx.plan.managed("aws_acm_certificate").filter(of_block);
    if instances.any(|one| one.attribute("arn").as_str() == Some(arn)) {
        Answer::Yes
    } else {
        Answer::No
    }
}

/// Whether a listener waits for the validation of that certificate.
fn waits_for_validation(
    cx: &Context<'_>,
    listener: &ResourceInstance,
    certificate: &ResourceAddress,
) -> Answer {
    let waits = cx.plan.provenance.waits_for(&listener.address);
    let mut open: Option<Causes> = None;
    for validation in validations(cx.plan).filter(|one| is_among(&waits, one)) {
        match validates(cx, validation, certificate) {
            Answer::Yes => return Answer::Yes,
            Answer::No => {}
            Answer::Open(causes) => open = Some(open.unwrap_or_default().union(&causes)),
        }
    }
    open.map_or(Answer::No, Answer::Open)
}

fn is_among(waits: &Waits, one: &ResourceInstance) -> bool {
    let path: Vec<Arc<str>> = one.address.module.path().map(Arc::from).collect();
    waits
        .resources
        .contains(&(path, one.address.resource.clone()))
}
