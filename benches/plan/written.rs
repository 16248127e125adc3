//! A plan, byte for byte as `terraform show -json` of Terraform 1.11.4 prints it for `main.tf`, less the time.

use std::fmt::Write as _;

/// The time at which it was made, in all of them.
pub const TIME: &str = "2026-01-01T00:00:00Z";

/// The plan of so many resources.
pub fn plan(count: usize) -> String {
    // Planned values are in the order of their addresses as text, changes in that of their indices.
    let mut by_text: Vec<usize> = (0..count).collect();
    by_text.sort_by_key(|at| format!("{at}]"));
    let mut out = String::with_capacity(count * 2500);
    let _ = write!(
        out,
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","variables":{{"number":{{"value":"{count}"}}}},"planned_values":{{"root_module":{{"resources":["#
    );
    put(&mut out, by_text, planned);
    out.push_str(r#"]}},"resource_changes":["#);
    put(&mut out, 0..count, changed);
    out.push_str(r#"],"configuration":"#);
    out.push_str(CONFIGURATION);
    let _ = write!(
        out,
        r#","timestamp":"{TIME}","applyable":true,"complete":true,"errored":false}}"#
    );
    out.push('\n');
    out
}

/// A plan that was made at another time.
pub fn with_its_time(plan: &str) -> String {
    const KEY: &str = r#""timestamp":""#;
    let at = plan.rfind(KEY).expect("a plan has one") + KEY.len();
    format!("{}{TIME}{}", &plan[..at], &plan[at + TIME.len()..])
}

fn put(out: &mut String, all: impl IntoIterator<Item = usize>, one: fn(usize) -> String) {
    for (place, at) in all.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&one(at));
    }
}

const CONFIGURATION: &str = concat!(
    r#"{"provider_config":{"terraform":{"name":"terraform","full_name":"terraform.io/builtin/terraform"}},"#,
    r#""root_module":{"resources":[{"address":"terraform_data.service","mode":"managed","type":"terraform_data","#,
    r#""name":"service","provider_config_key":"terraform","expressions":{"input":{"references":["#,
    r#""count.index","count.index","local.regions","count.index","count.index","count.index","count.index","#,
    r#""count.index","count.index"]},"triggers_replace":{"references":["count.index"]}},"schema_version":0,"#,
    r#""count_expression":{"references":["var.number"]}}],"variables":{"number":{"default":5000}}}}"#,
);

fn identity(at: usize) -> String {
    format!(
        r#""address":"terraform_data.service[{at}]","mode":"managed","type":"terraform_data","name":"service","index":{at},"provider_name":"terraform.io/builtin/terraform""#
    )
}

/// The arguments.
fn values(at: usize) -> String {
    const REGIONS: [&str; 3] = ["eu-central-1", "us-east-1", "ap-south-1"];
    let team = at % 40;
    let setting = |setting: usize| {
        format!(
            r#"{{"name":"SETTING_{setting}","value":"https://host-{at}-{setting}.internal.example.com/path"}}"#
        )
    };
    let settings: Vec<String> = (0..6).map(setting).collect();
    format!(
        r#"{{"input":{{"description":"Serves what the team number {team} needs, and is restarted every night at three","enabled":{},"environment":[{}],"name":"service-{at}","ports":[{},9000,9090],"region":"{}","tags":{{"CostCentre":"cc-{}","Environment":"prod","ManagedBy":"terraform","Team":"team-{team}"}}}},"triggers_replace":["v1",{}]}}"#,
        !at.is_multiple_of(7),
        settings.join(","),
        8000 + at % 100,
        REGIONS[at % 3],
        at % 12,
        at % 5,
    )
}

/// Which of the input is sensitive, or unknown: nothing.
const INPUT: &str =
    r#""input":{"environment":[{},{},{},{},{},{}],"ports":[false,false,false],"tags":{}}"#;

fn planned(at: usize) -> String {
    format!(
        r#"{{{},"schema_version":0,"values":{},"sensitive_values":{{{INPUT},"output":{{}},"triggers_replace":[false,false]}}}}"#,
        identity(at),
        values(at)
    )
}

fn changed(at: usize) -> String {
    format!(
        r#"{{{},"change":{{"actions":["create"],"before":null,"after":{},"after_unknown":{{"id":true,{INPUT},"output":true,"triggers_replace":[false,false]}},"before_sensitive":false,"after_sensitive":{{{INPUT},"output":{{}},"triggers_replace":[false,false]}}}}}}"#,
        identity(at),
        values(at)
    )
}
