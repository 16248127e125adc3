//! Where values come from, and what waits for what, from sources.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tfguard::address::{AttributePath, ResourceAddress};
use tfguard::config::Loader;
use tfguard::eval::{Evaluation, Inputs, Options};
use tfguard::flow;
use tfguard::plan::{Origin, Plan, ProblemKind, Subject};
use tfguard::source::Sources;
use tfguard::value::Cause;

/// A world of files, evaluated.
struct World {
    _folder: TempDir,
    sources: Arc<Sources>,
    plan: Plan,
}

fn world(files: &[(&str, &str)]) -> World {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let sources = Arc::new(Sources::default());
    let config = Arc::new(Loader::new(Arc::clone(&sources)).load(folder.path()));
    let mut inputs = Inputs::default();
    let tfvars = folder.path().join("prod.tfvars");
    if tfvars.exists() {
        inputs
            .add_file(&sources, &tfvars)
            .expect("a variables file");
    }
    let options = Options::new(folder.path().to_path_buf());
    let plan = flow::plan(&Evaluation::new(
        &config,
        Arc::clone(&sources),
        inputs,
        options,
    ));
    World {
        _folder: folder,
        sources,
        plan,
    }
}

impl World {
    fn attribute(&self, address: &str, name: &str) -> Subject {
        let address: ResourceAddress = address.parse().expect("an address");
        assert!(self.plan.resource(&address).is_some(), "{address} exists");
        Subject::Attribute(Arc::new(address), AttributePath::attribute(name))
    }

    fn chain(&self, subject: &Subject) -> Vec<String> {
        let hops = self.plan.provenance.because(subject);
        let place = |hop: &tfguard::plan::Hop| {
            let (path, position) = self.sources.locate(hop.span.expect("a hop has a place"));
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default()
                .to_owned();
            format!("{} ({name}:{})", hop.text, position.line)
        };
        hops.iter().map(place).collect()
    }
}

const CERTIFICATE: &str = r#"
resource "aws_acm_certificate" "cert" {
  domain_name       = "api.example.com"
  validation_method = "DNS"
}

resource "aws_acm_certificate_validation" "this" {
  count           = var.wait ? 1 : 0
  certificate_arn = aws_acm_certificate.cert.arn
}

variable "wait" {
  type    = bool
  default = true
}

output "validated" {
  value = one(aws_acm_certificate_validation.this[*].certificate_arn)
}

output "plain" {
  value = aws_acm_certificate.cert.arn
}

output "ordered" {
  value      = aws_acm_certificate.cert.arn
  depends_on = [aws_acm_certificate_validation.this]
}
"#;

fn listener(certificate: &str) -> String {
    format!(
        r#"
module "acm" {{
  source = "./acm"
}}

locals {{
  validated = try(module.acm.validated, null)
}}

resource "aws_lb_listener" "https" {{
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/b"
  certificate_arn   = {certificate}
}}
"#
    )
}

/// The attributes that would decide the certificate of the listener.
fn causes(certificate: &str) -> Vec<String> {
    let world = world(&[
        ("main.tf", &listener(certificate)),
        ("acm/main.tf", CERTIFICATE),
    ]);
    let listener = world
        .plan
        .managed("aws_lb_listener")
        .next()
        .expect("the listener is there");
    let causes = listener.attribute("certificate_arn").causes();
    let attributes = causes.iter().map(|cause| match cause {
        Cause::Apply { address, path } => format!("{address}.{path}"),
        other => other.to_string(),
    });
    attributes.collect()
}

#[test]
fn an_unknown_value_names_the_attribute_that_it_comes_from() {
    let validation = "module.acm.aws_acm_certificate_validation.this[0].certificate_arn";
    for certificate in [
        "module.acm.validated",
        "local.validated",
        "coalesce(local.validated, \"x\")",
        "var.off ? module.acm.plain : module.acm.validated",
        "one([module.acm.validated])",
        "lookup({ a = module.acm.validated }, \"a\")",
        "[for arn in [module.acm.validated] : arn][0]",
    ] {
        let text = format!("{certificate}\n}}\nvariable \"off\" {{\n  default = false\n");
        assert_eq!(causes(&text), [validation], "{certificate}");
    }
    assert_eq!(
        causes("module.acm.plain"),
        ["module.acm.aws_acm_certificate.cert.arn"]
    );
}

#[test]
fn a_resource_waits_through_modules_outputs_and_depends_on() {
    let waits = |certificate: &str, extra: &str| {
        let text = format!("{}{extra}", listener(certificate));
        let world = world(&[("main.tf", &text), ("acm/main.tf", CERTIFICATE)]);
        let address = "aws_lb_listener.https".parse().expect("an address");
        world
            .plan
            .provenance
            .waits_for(&address)
            .on_kind("aws_acm_certificate_validation")
    };
    let dynamic = "x.value\n  dynamic \"x\" {\n    for_each = [module.acm.validated]\n    content {\n      y = x.value\n    }\n  }";
    assert!(waits(dynamic, ""));
    assert!(waits("module.acm.validated", ""));
    assert!(waits("local.validated", ""));
    assert!(waits("module.acm.ordered", ""));
    assert!(waits("\"x\"\n  depends_on = [module.acm]", ""));
    assert!(
        !waits("module.acm.plain", ""),
        "the validation is not on the path"
    );
    assert!(!waits("\"x\"", ""));
}

#[test]
fn a_chain_leads_from_the_variables_file_to_the_attribute() {
    let main = r#"
variable "key" {
  type      = string
  sensitive = true
}

module "outer" {
  source = "./outer"
  key    = var.key
}

resource "aws_secretsmanager_secret_version" "v" {
  secret_id     = "stripe"
  secret_string = module.outer.encoded
}
"#;
    let outer = r#"
variable "key" {}

locals {
  body = { key = var.key }
}

output "encoded" {
  value = jsonencode(local.body)
}
"#;
    let made_up = "key = \"sk_live_Zq81mPx0Lk27Tr55Vb90Nn31\"\n";
    let world = world(&[
        ("main.tf", main),
        ("outer/main.tf", outer),
        ("prod.tfvars", made_up),
    ]);
    let subject = world.attribute("aws_secretsmanager_secret_version.v", "secret_string");
    let expected = [
        "var.key = (sensitive) (prod.tfvars:1)",
        "module.outer.var.key = (sensitive) (main.tf:9)",
        "module.outer.local.body = (1 entry) (main.tf:5)",
        "module.outer.encoded = (sensitive) (main.tf:9)",
        "aws_secretsmanager_secret_version.v.secret_string = (sensitive) (main.tf:14)",
    ];
    assert_eq!(world.chain(&subject), expected);
    assert_eq!(
        world.plan.provenance.origins(&subject),
        [Origin::Variable("key".into())]
    );
    let value = world
        .plan
        .managed("aws_secretsmanager_secret_version")
        .next()
        .expect("it is there");
    assert!(value.attribute("secret_string").marks_deep().is_secret());
}

#[test]
fn the_number_of_instances_is_explained() {
    let main = r#"
variable "force" {
  type    = bool
  default = false
}

locals {
  forced = var.force
}

resource "aws_lb_listener" "http" {
  count = local.forced ? 1 : 0
}
"#;
    let world = world(&[("main.tf", main), ("prod.tfvars", "force = \"true\"\n")]);
    let address: ResourceAddress = "aws_lb_listener.http[0]".parse().expect("an address");
    let expected = [
        "var.force = true (prod.tfvars:1)",
        "local.forced = true (main.tf:8)",
    ];
    let chain = world.chain(&Subject::Expansion(Arc::new(address)));
    assert_eq!(chain[..2], expected);
    assert!(
        Path::new(&chain[2])
            .to_string_lossy()
            .ends_with("(main.tf:12)"),
        "{chain:?}"
    );
}

#[test]
fn a_module_without_instances_need_not_be_there() {
    let unread = |count: &str| {
        let call =
            format!("module \"m\" {{\n  source = \"example/m/aws\"\n  count  = {count}\n}}\n");
        let world = world(&[("main.tf", &call)]);
        world
            .plan
            .problems
            .iter()
            .any(|one| one.kind == tfguard::problem::ProblemKind::Unread)
    };
    assert!(unread("1"));
    assert!(!unread("0"));
}

/// Nothing is known of this type: its provider may add to what its blocks hold.
#[test]
fn blocks_without_schema_have_more_than_is_written() {
    let world = world(&[(
        "main.tf",
        r#"
resource "google_compute_instance" "vm" {
  network_interface {
    network = "default"
    access_config {}
  }
}
output "written" { value = google_compute_instance.vm.network_interface[0].network }
output "added" { value = google_compute_instance.vm.network_interface[0].access_config[0].nat_ip }
output "splat" { value = google_compute_instance.vm.network_interface.*.network_ip }
output "count" { value = length(google_compute_instance.vm.network_interface) }
"#,
    )]);
    let problems: Vec<_> = world
        .plan
        .problems
        .iter()
        .filter(|one| one.kind != ProblemKind::Note)
        .collect();
    assert!(problems.is_empty(), "{problems:?}");
    let output = |name: &str| &world.plan.outputs[name].value;
    assert_eq!(output("written").as_str(), Some("default"));
    assert!(!output("added").is_known());
    assert!(!output("splat").is_wholly_known());
    assert_eq!(format!("{:?}", output("count")), "1");
}

/// A secret that is written in such a block goes on with the whole of the block.
#[test]
fn secrets_in_blocks_without_schema_stay_marked() {
    let world = world(&[(
        "main.tf",
        r#"
variable "password" {
  type      = string
  sensitive = true
  default   = "made-up-9f2c"
}
resource "google_sql_thing" "db" {
  root_user {
    password = var.password
  }
}
output "all" {
  value     = jsonencode(google_sql_thing.db.root_user)
  sensitive = true
}
"#,
    )]);
    assert!(world.plan.outputs["all"].value.marks().sensitive);
    assert!(world.plan.outputs["all"].value.marks().is_secret());
}
