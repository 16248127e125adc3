//! The walk of a request: through the runbook's world from every kind of evidence, and through small ones.

mod recordings;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tfguard::config::Loader;
use tfguard::eval::{Evaluation, Inputs, Options};
use tfguard::flow;
use tfguard::plan::{self, Plan};
use tfguard::provider::Providers;
use tfguard::route::{Model, Outcome, Request, Walk, explain, walk};
use tfguard::source::{SharedText, Sources};

const WEBHOOK: &str = "POST https://api.example.com/webhooks/stripe";
const HEALTH: &str = "https://api.example.com/health";

fn evaluate(folder: &Path, var_file: Option<&Path>) -> (Plan, Arc<Sources>) {
    let sources = Arc::new(Sources::default());
    let config = Arc::new(Loader::new(Arc::clone(&sources)).load(folder));
    let mut inputs = Inputs::default();
    if let Some(file) = var_file {
        inputs.add_file(&sources, file).expect("readable");
    }
    let options = Options::new(folder.to_path_buf());
    let evaluation = Evaluation::new(&config, Arc::clone(&sources), inputs, options);
    (flow::plan(&evaluation), sources)
}

fn world() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/runbook")
}

fn of_world(environment: &str) -> (Plan, Arc<Sources>) {
    let root = world().join("infra/aws/terraform");
    let file = root.join(format!("env/{environment}.tfvars"));
    evaluate(&root, Some(&file))
}

fn recorded(name: &str) -> Plan {
    let path = recordings::find(&world().join("recorded"), name).expect("recorded");
    let text = recordings::text(&path);
    let text: SharedText = text.into();
    let providers = Arc::new(Providers::packed().clone());
    if name.contains("plan") {
        plan::json::read(&text, &path, &providers).expect("a plan")
    } else {
        plan::state::read(&text, &path, &providers).expect("a state")
    }
}

fn go(plan: &Plan, url: &str) -> Walk {
    walk(&Request::parse(url).expect("a URL"), &Model::of(plan))
}

/// The addresses of the target groups that a request reached, with those of the services behind.
fn reached(plan: &Plan, url: &str) -> Vec<String> {
    let model = Model::of(plan);
    let walk = walk(&Request::parse(url).expect("a URL"), &model);
    let Outcome::Reached(groups) = walk.outcome else {
        panic!("{url}: {walk:#?}")
    };
    let mut found = Vec::new();
    for group in groups {
        found.push(model.target_groups[group].instance.address.to_string());
        for (service, registration) in model.services_of(group) {
            let container = registration.container.clone().unwrap_or_default();
            found.push(format!("{} {container}", service.instance.address));
        }
    }
    found
}

const API: [&str; 2] = ["aws_lb_target_group.api[0]", "aws_ecs_service.api api"];
const WEB: [&str; 2] = ["aws_lb_target_group.web[0]", "aws_ecs_service.web web"];

#[test]
fn the_runbooks_endpoints_reach_the_api_from_every_evidence() {
    let evidence = [
        ("sources", of_world("prod").0),
        ("first plan", recorded("prod/plan.json")),
        ("second plan", recorded("prod/again/plan.json")),
        ("state", recorded("prod/terraform.tfstate")),
    ];
    for (name, plan) in &evidence {
        assert_eq!(reached(plan, WEBHOOK), API, "{name}");
        assert_eq!(reached(plan, HEALTH), API, "{name}");
        assert_eq!(reached(plan, "https://example.com/"), WEB, "{name}");
        let refused = go(plan, "https://api.example.com/internal/jobs");
        let forbidden = Outcome::FixedResponse("403".to_owned());
        assert_eq!(refused.outcome, forbidden, "{name}");
        let other = go(plan, "https://other.example.com/");
        assert_eq!(
            other.outcome,
            Outcome::FixedResponse("404".to_owned()),
            "{name}"
        );
    }
}

#[test]
fn plain_http_is_redirected_and_followed() {
    let plan = of_world("prod").0;
    let url = "http://api.example.com/webhooks/stripe?a=b";
    let walk = go(&plan, url);
    assert!(walk.redirected, "{walk:#?}");
    assert_eq!(reached(&plan, url), API);
    let to = "redirected to https://api.example.com/webhooks/stripe?a=b";
    assert!(walk.hops.iter().any(|hop| hop.text == to), "{walk:#?}");
}

#[test]
fn development_serves_plain_http_only() {
    let plan = of_world("dev").0;
    assert_eq!(reached(&plan, "http://api.dev.example.com/health"), API);
    let walk = go(&plan, "https://api.dev.example.com/health");
    assert_eq!(walk.outcome, Outcome::NoListener);
}

#[test]
fn a_walk_is_told_with_its_places() {
    let (plan, sources) = of_world("prod");
    let told = explain(&plan, &sources, WEBHOOK).expect("a URL");
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(told[0], "POST https://api.example.com/webhooks/stripe");
    assert_eq!(told.last(), Some(&"reached"));
    let line = |needle: &str| {
        let found = told.iter().find(|line| line.contains(needle));
        found.unwrap_or_else(|| panic!("{needle} in {told:#?}"))
    };
    assert!(line("passes over rule 5").contains("it is for path /internal"));
    assert!(line("rule 10").contains("(api.example.com, /webhooks/*)"));
    assert!(line("rule 10").contains("alb.tf:"));
    assert!(line("service `aws_ecs_service.api`").contains("container `api` on port 8000"));
}

/// A load balancer with an HTTPS listener that answers 404, two target groups, a redirecting HTTP listener.
const SMALL: &str = r#"
resource "aws_lb" "main" {
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]
}
resource "aws_lb_target_group" "api" {
  port   = 8000
  vpc_id = "vpc-1"
}
resource "aws_lb_target_group" "web" {
  port   = 3000
  vpc_id = "vpc-1"
}
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}
resource "aws_alb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-west-1:123456789012:certificate/one"
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}
"#;

fn rule(name: &str, head: &str, action: &str, conditions: &str) -> String {
    format!(
        "resource \"aws_lb_listener_rule\" \"{name}\" {{\n{head}\naction {{\n{action}\n}}\n{conditions}\n}}\n"
    )
}

fn on_https(priority: &str) -> String {
    format!("listener_arn = aws_alb_listener.https.arn\n{priority}")
}

const TO_API: &str = "type = \"forward\"\ntarget_group_arn = aws_lb_target_group.api.arn";
const TO_WEB: &str = "type = \"forward\"\ntarget_group_arn = aws_lb_target_group.web.arn";
const FOR_WEBHOOKS: &str = "condition {\npath_pattern {\nvalues = [\"/webhooks/*\"]\n}\n}";
const FOR_ALL: &str = "condition {\npath_pattern {\nvalues = [\"/*\"]\n}\n}";

fn small(parts: &[String]) -> Plan {
    let folder = tempfile::TempDir::new().expect("a folder");
    let text = format!("{SMALL}{}", parts.concat());
    std::fs::write(folder.path().join("main.tf"), text).expect("a file");
    evaluate(folder.path(), None).0
}

fn is_undecided_by(walk: &Walk, needle: &str) {
    let Outcome::Undecided(doubts) = &walk.outcome else {
        panic!("{walk:#?}")
    };
    assert!(
        doubts.iter().any(|doubt| doubt.text.contains(needle)),
        "{doubts:#?}"
    );
}

#[test]
fn the_lower_number_comes_first() {
    let webhook = rule("api", &on_https("priority = 10"), TO_API, FOR_WEBHOOKS);
    let broad = |number: &str| rule("web", &on_https(number), TO_WEB, FOR_ALL);
    let after = small(&[webhook.clone(), broad("priority = 20")]);
    assert_eq!(reached(&after, WEBHOOK), ["aws_lb_target_group.api"]);
    let before = small(&[webhook, broad("priority = 9")]);
    assert_eq!(reached(&before, WEBHOOK), ["aws_lb_target_group.web"]);
}

#[test]
fn a_rule_of_another_listener_does_not_count() {
    let head = "listener_arn = aws_lb_listener.http.arn\npriority = 10";
    let plan = small(&[rule("api", head, TO_API, FOR_WEBHOOKS)]);
    assert_eq!(
        go(&plan, WEBHOOK).outcome,
        Outcome::FixedResponse("404".to_owned())
    );
}

#[test]
fn an_unknown_priority_is_open_only_where_it_matters() {
    let unset = rule("api", &on_https(""), TO_API, FOR_WEBHOOKS);
    let alone = small(std::slice::from_ref(&unset));
    assert_eq!(reached(&alone, WEBHOOK), ["aws_lb_target_group.api"]);
    let other = rule("web", &on_https("priority = 5"), TO_WEB, FOR_ALL);
    is_undecided_by(
        &go(&small(&[unset.clone(), other]), WEBHOOK),
        "the priority",
    );
    let same = rule("all", &on_https("priority = 5"), TO_API, FOR_ALL);
    assert_eq!(
        reached(&small(&[unset.clone(), same]), WEBHOOK),
        ["aws_lb_target_group.api"]
    );
    let second = rule("second", &on_https(""), TO_WEB, FOR_ALL);
    is_undecided_by(&go(&small(&[unset, second]), WEBHOOK), "the priority");
}

#[test]
fn a_host_without_a_value_is_open() {
    let host = "condition {\nhost_header {\nvalues = [var.host]\n}\n}";
    let variable = "variable \"host\" {}\n".to_owned();
    let plan = small(&[
        variable,
        rule("api", &on_https("priority = 1"), TO_API, host),
    ]);
    let walk = go(&plan, WEBHOOK);
    is_undecided_by(&walk, "which host");
    let causes: Vec<String> = walk
        .outcome
        .causes()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(causes, ["`var.host` has no value"]);
}

#[test]
fn weights_choose_who_may_be_reached() {
    let forward = |weight: u8| {
        format!(
            "type = \"forward\"\nforward {{\ntarget_group {{\narn = aws_lb_target_group.api.arn\nweight = 1\n}}\ntarget_group {{\narn = aws_lb_target_group.web.arn\nweight = {weight}\n}}\n}}"
        )
    };
    let plan = |weight| {
        let head = on_https("priority = 1");
        small(&[rule("both", &head, &forward(weight), FOR_ALL)])
    };
    assert_eq!(reached(&plan(0), WEBHOOK), ["aws_lb_target_group.api"]);
    let both = ["aws_lb_target_group.api", "aws_lb_target_group.web"];
    assert_eq!(reached(&plan(3), WEBHOOK), both);
}

#[test]
fn redirects_end_in_a_circle_or_elsewhere() {
    let redirect = |arguments: &str| {
        let action = format!(
            "type = \"redirect\"\nredirect {{\nstatus_code = \"HTTP_302\"\n{arguments}\n}}"
        );
        small(&[rule("away", &on_https("priority = 1"), &action, FOR_ALL)])
    };
    let circle = go(&redirect(""), WEBHOOK);
    let back = "https://api.example.com/webhooks/stripe".to_owned();
    assert_eq!(circle.outcome, Outcome::RedirectLoop(back));
    let away = go(
        &redirect("host = \"www.#{host}\"\npath = \"/x/#{path}\""),
        WEBHOOK,
    );
    let url = "https://www.api.example.com/x/webhooks/stripe".to_owned();
    assert_eq!(away.outcome, Outcome::Leaves(url));
    let by_http = go(&redirect("protocol = \"HTTP\"\nport = \"80\""), WEBHOOK);
    assert!(matches!(by_http.outcome, Outcome::RedirectLoop(_)));
}

#[test]
fn who_must_sign_in_does_not_arrive() {
    let sign_in = |strangers: &str| {
        let oidc = format!(
            "type = \"authenticate-oidc\"\norder = 1\nauthenticate_oidc {{\nauthorization_endpoint = \"https://id.example.com/a\"\nclient_id = \"one\"\nclient_secret = \"two\"\nissuer = \"https://id.example.com\"\ntoken_endpoint = \"https://id.example.com/t\"\nuser_info_endpoint = \"https://id.example.com/u\"\n{strangers}\n}}\n}}\naction {{\norder = 2\n{TO_API}"
        );
        small(&[rule("api", &on_https("priority = 1"), &oidc, FOR_ALL)])
    };
    assert_eq!(go(&sign_in(""), WEBHOOK).outcome, Outcome::Authenticates);
    let open = sign_in("on_unauthenticated_request = \"allow\"");
    assert_eq!(reached(&open, WEBHOOK), ["aws_lb_target_group.api"]);
}

#[test]
fn a_source_address_is_open_where_it_changes_the_way() {
    let office = "condition {\nsource_ip {\nvalues = [\"198.51.100.0/24\"]\n}\n}";
    let rules = |action: &str| {
        small(&[
            rule("office", &on_https("priority = 1"), action, office),
            rule("api", &on_https("priority = 2"), TO_API, FOR_ALL),
        ])
    };
    is_undecided_by(&go(&rules(TO_WEB), WEBHOOK), "198.51.100.0/24");
    assert_eq!(
        reached(&rules(TO_API), WEBHOOK),
        ["aws_lb_target_group.api"]
    );
}

const SECOND: &str = r#"
resource "aws_lb" "network" {
  name               = "network"
  load_balancer_type = "network"
  subnets            = ["subnet-1", "subnet-2"]
}
resource "aws_lb_listener" "tcp" {
  load_balancer_arn = aws_lb.network.arn
  port              = 443
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
resource "aws_route53_record" "api" {
  zone_id = "Z1"
  name    = "api.example.com"
  type    = "A"
  alias {
    name                   = aws_lb.network.dns_name
    zone_id                = aws_lb.network.zone_id
    evaluate_target_health = true
  }
}
"#;

#[test]
fn a_record_chooses_among_load_balancers() {
    let api = rule("api", &on_https("priority = 1"), TO_API, FOR_ALL);
    let plan = small(&[api.clone(), SECOND.to_owned()]);
    assert_eq!(reached(&plan, WEBHOOK), ["aws_lb_target_group.web"]);
    let unnamed = go(&plan, "https://shop.example.com/webhooks/stripe");
    is_undecided_by(&unnamed, "which load balancer");
    let internal = SECOND.replace("name               =", "internal = true\nname =");
    let plan = small(&[api.clone(), internal]);
    assert_eq!(go(&plan, WEBHOOK).outcome, Outcome::Internal);
    assert_eq!(
        reached(&plan, "https://shop.example.com/webhooks/stripe"),
        ["aws_lb_target_group.api"]
    );
    let elsewhere = SECOND.replace(
        "aws_lb.network.dns_name",
        "aws_cloudfront_distribution.cdn.domain_name",
    ) + "resource \"aws_cloudfront_distribution\" \"cdn\" {\nenabled = true\n}\n";
    is_undecided_by(&go(&small(&[api, elsewhere]), WEBHOOK), "cloudfront");
}

#[test]
fn a_shared_listener_is_not_known_whole() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let shared = r#"
data "aws_lb_listener" "shared" {
  arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shared/1/2"
}
resource "aws_lb_target_group" "api" {
  port = 8000
}
"#;
    let head = "listener_arn = data.aws_lb_listener.shared.arn\npriority = 10";
    let text = format!("{shared}{}", rule("api", head, TO_API, FOR_WEBHOOKS));
    std::fs::write(folder.path().join("main.tf"), text).expect("a file");
    let plan = evaluate(folder.path(), None).0;
    is_undecided_by(&go(&plan, WEBHOOK), "data.aws_lb_listener.shared");
}

fn zone(further: &str) -> String {
    format!("resource \"aws_route53_zone\" \"main\" {{\nname = \"example.com\"\n{further}\n}}\n")
}

const PRIVATE: &str = "vpc {\nvpc_id = \"vpc-1\"\n}";

/// A record that leads to the load balancer.
fn alias(label: &str, kind: &str, name: &str) -> String {
    format!(
        "resource \"aws_route53_record\" \"{label}\" {{\nzone_id = aws_route53_zone.main.zone_id\nname = {name}\ntype = \"{kind}\"\nalias {{\nname = aws_lb.main.dns_name\nzone_id = aws_lb.main.zone_id\nevaluate_target_health = true\n}}\n}}\n"
    )
}

#[test]
fn a_zone_made_here_has_the_record_or_nobody_finds_the_name() {
    let with = |parts: &[String]| {
        let api = rule("api", &on_https("priority = 1"), TO_API, FOR_ALL);
        go(&small(&[&[api], parts].concat()), WEBHOOK)
    };
    let is_reached = |parts: &[String]| {
        let walk = with(parts);
        assert!(matches!(walk.outcome, Outcome::Reached(_)), "{walk:#?}");
    };
    is_reached(&[zone(""), alias("api", "A", "\"api\"")]);
    is_reached(&[zone(""), alias("all", "A", "\"*.example.com\"")]);
    is_undecided_by(&with(&[zone("")]), "has no record for it");
    let other = alias("www", "A", "\"www\"");
    is_undecided_by(&with(&[zone(""), other.clone()]), "has no record for it");
    // Its name may be the host's, or somebody else has it.
    let variable = "variable \"name\" {}\n".to_owned();
    is_reached(&[zone(""), variable, alias("some", "A", "var.name")]);
    let delegation = "resource \"aws_route53_record\" \"api\" {\nzone_id = aws_route53_zone.main.zone_id\nname = \"api\"\ntype = \"NS\"\nttl = 300\nrecords = [\"ns.example.net\"]\n}\n";
    is_reached(&[zone(""), other, delegation.to_owned()]);
    is_undecided_by(
        &with(&[zone(PRIVATE), alias("api", "A", "\"api\"")]),
        "private zone",
    );
    is_reached(&[zone(PRIVATE), alias("www", "A", "\"www\"")]);
    let looked_up = |argument: &str| {
        let data = format!(
            "data \"aws_route53_zone\" \"main\" {{\nname = \"example.com\"\n{argument}\n}}\n"
        );
        let record = alias("api", "A", "\"api.example.com\"");
        [
            data,
            record.replace("aws_route53_zone.main", "data.aws_route53_zone.main"),
        ]
    };
    is_reached(&looked_up(""));
    is_undecided_by(&with(&looked_up("private_zone = true")), "private zone");
}

#[test]
fn a_name_has_addresses_for_its_callers() {
    let with = |address_type: &str, kinds: &[&str]| {
        let records = kinds
            .iter()
            .map(|kind| alias(&kind.to_lowercase(), kind, "\"api\""));
        let text = [SMALL, &zone(""), &records.collect::<String>()].concat();
        let text = text.replace(
            "name    = \"main\"",
            &format!("name = \"main\"\nip_address_type = \"{address_type}\""),
        );
        let folder = tempfile::TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("main.tf"), text).expect("a file");
        go(&evaluate(folder.path(), None).0, WEBHOOK)
    };
    let answered = Outcome::FixedResponse("404".to_owned());
    assert_eq!(with("ipv4", &["A"]).outcome, answered);
    assert_eq!(with("ipv4", &["A", "AAAA"]).outcome, answered);
    assert_eq!(with("dualstack", &["A", "AAAA"]).outcome, answered);
    let none = Outcome::NoAddress("aws_route53_record.aaaa".to_owned());
    assert_eq!(with("ipv4", &["AAAA"]).outcome, none);
    let without = "without IPv6";
    is_undecided_by(&with("dualstack", &["AAAA"]), without);
    is_undecided_by(&with("dualstack-without-public-ipv4", &["AAAA"]), without);
    let lost = with("dualstack-without-public-ipv4", &["A"]);
    assert!(matches!(lost.outcome, Outcome::NoAddress(_)), "{lost:#?}");
}
