//! Where secrets flow: each block of `fixtures/secret-flow` says what it is, and what is found in it is that.

mod checked;
mod recordings;
mod verdicts;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checked::{Checked, Given, joined, plan_json, root, state};
use serde_json::{Value as Json, json};
use tfguard::address::AttributePath;
use tfguard::plan::Subject;
use tfguard::rule::{Finding, Verdict};
use tfguard::source::Span;

/// By object: words as the comments have them.
type Words = BTreeMap<String, BTreeSet<String>>;

/// What the comments say.
#[derive(Default)]
struct Expected {
    by_sources: Words,
    by_plan: Words,
    /// Places of blocks by word.
    places: BTreeMap<String, BTreeSet<(PathBuf, usize)>>,
    unlabelled: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/secret-flow")
}

fn by_sources() -> Checked {
    let root_folder = folder().join("root");
    let given = Given {
        var_files: vec![root_folder.join("prod.tfvars")],
        ..Given::default()
    };
    root(&root_folder, &given)
}

fn recorded(name: &str) -> String {
    recordings::text(&folder().join(name))
}

impl Expected {
    fn of(checked: &Checked) -> Self {
        let mut expected = Self::default();
        for resource in checked.plan.resources() {
            let whole = Subject::Attribute(Arc::clone(&resource.address), AttributePath::default());
            let span = checked.plan.provenance.span(&whole);
            expected.add(checked, &verdicts::object(&whole), span);
        }
        for (name, output) in &checked.plan.outputs {
            expected.add(checked, &format!("output.{name}"), output.span);
        }
        expected
    }

    fn add(&mut self, checked: &Checked, object: &str, span: Option<Span>) {
        let (path, position) = checked.sources.locate(span.expect("a place"));
        let text = std::fs::read_to_string(&path).expect("a file");
        let line = text.lines().nth(position.line - 1).expect("a line");
        let Some((_, comment)) = line.split_once(" # ") else {
            if path.ends_with("sources.tf") {
                self.by_sources.insert(object.to_owned(), BTreeSet::new());
                self.by_plan.insert(object.to_owned(), BTreeSet::new());
            } else {
                self.unlabelled.push(object.to_owned());
            }
            return;
        };
        let (of_sources, of_plan) = match comment.split_once("; in the plan: ") {
            Some((sources, plan)) => (sources, plan),
            None => (comment, comment),
        };
        let of_sources = words(of_sources, object);
        for word in &of_sources {
            let places = self.places.entry(word.clone()).or_default();
            places.insert((path.clone(), position.line));
        }
        if of_sources.is_empty() {
            let places = self.places.entry("harmless".to_owned()).or_default();
            places.insert((path, position.line));
        }
        self.by_sources.insert(object.to_owned(), of_sources);
        self.by_plan
            .insert(object.to_owned(), words(of_plan, object));
    }
}

fn words(comment: &str, object: &str) -> BTreeSet<String> {
    if let Some((word, address)) = comment.split_once(": ") {
        return (address == object)
            .then(|| word.to_owned())
            .into_iter()
            .collect();
    }
    let words = comment.split(", ").filter(|word| *word != "harmless");
    let known = |word: &&str| ["secret", "kept", "perhaps", "container", "open"].contains(word);
    words
        .inspect(|word| assert!(known(word), "`{word}` at {object}"))
        .map(str::to_owned)
        .collect()
}

fn word(finding: &Finding) -> Option<&'static str> {
    let whole = matches!(&finding.subject, Subject::Attribute(_, path) if path.0.is_empty());
    match (finding.rule.id, finding.verdict) {
        ("secret-in-state", Verdict::Fail) if whole => Some("kept"),
        ("secret-in-state", Verdict::Fail) => Some("secret"),
        ("secret-in-state", Verdict::Undecided) => Some("perhaps"),
        ("plaintext-container-secret", Verdict::Fail) => Some("container"),
        ("plaintext-container-secret", Verdict::Undecided) => Some("open"),
        _ => None,
    }
}

fn found(checked: &Checked) -> Words {
    let mut found = Words::new();
    for finding in &checked.findings {
        if let Some(word) = word(finding) {
            let words = found.entry(verdicts::object(&finding.subject)).or_default();
            words.insert(word.to_owned());
        }
    }
    found
}

fn differences(expected: &Words, found: &Words) -> String {
    let mut text = String::new();
    let objects: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let none = BTreeSet::new();
    for object in objects {
        let (wanted, got) = (
            expected.get(object).unwrap_or(&none),
            found.get(object).unwrap_or(&none),
        );
        if wanted != got {
            writeln!(text, "{object}: expected {wanted:?}, found {got:?}").expect("a string");
        }
    }
    text
}

#[test]
fn every_block_says_what_it_is() {
    let expected = Expected::of(&by_sources());
    assert_eq!(expected.unlabelled, Vec::<String>::new());
    let count = |word: &str| expected.places.get(word).map_or(0, BTreeSet::len);
    assert!(count("secret") >= 40, "{} secrets", count("secret"));
    assert!(count("harmless") >= 25, "{} harmless", count("harmless"));
}

#[test]
fn sources_tell_where_secrets_flow() {
    let checked = by_sources();
    let differences = differences(&Expected::of(&checked).by_sources, &found(&checked));
    assert!(differences.is_empty(), "\n{differences}");
}

#[test]
fn a_plan_tells_where_secrets_flow() {
    let expected = Expected::of(&by_sources()).by_plan;
    let differences = differences(
        &expected,
        &found(&plan_json(&recorded("plan.json.gz"), None)),
    );
    assert!(differences.is_empty(), "\n{differences}");
}

#[test]
fn a_plan_with_its_sources_tells_as_much_as_the_sources() {
    let written = by_sources();
    let expected = Expected::of(&written).by_sources;
    let differences = differences(
        &expected,
        &found(&joined(&recorded("plan.json.gz"), written, None)),
    );
    assert!(differences.is_empty(), "\n{differences}");
}

/// A state has the values, and not where they come from: what it calls sensitive may be undecided.
#[test]
fn a_state_tells_which_secrets_it_keeps() {
    // Marked by nobody, or not what a real provider answers.
    const UNTOLD: [&str; 4] = [
        "data.aws_kms_secrets.this",
        "data.aws_ssm_parameter.this",
        "terraform_data.nonsensitive",
        "terraform_data.through_another",
    ];
    let expected = Expected::of(&by_sources()).by_sources;
    let stored = state(&recorded("terraform.tfstate.gz"), Some("prod"));
    let found = found(&stored);
    let objects = stored.plan.resources().iter().map(|one| {
        let whole = Subject::Attribute(Arc::clone(&one.address), AttributePath::default());
        verdicts::object(&whole)
    });
    let objects: BTreeSet<String> = objects.collect();
    assert!(objects.len() > 100, "{} objects", objects.len());
    let is_kept = |words: &Words, object: &String| {
        let of_state = ["secret", "kept", "perhaps"];
        let mut words = words.get(object).into_iter().flatten();
        words.any(|word| of_state.contains(&word.as_str()))
    };
    let differs = |object: &&String| is_kept(&expected, object) != is_kept(&found, object);
    let wrong: Vec<&String> = objects.iter().filter(differs).collect();
    assert_eq!(wrong, UNTOLD);
}

/// What the mirror makes up is not what AWS answers: the id of an access key whose secret is encrypted, and the secret of a
/// client that was imported, which does not say whether it asked for one.
#[test]
fn ids_of_keys_are_none_and_secrets_of_clients_are() {
    let resource = |kind: &str, attributes: Json| {
        json!({"mode": "managed", "type": kind, "name": "this",
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{"schema_version": 0, "attributes": attributes}]})
    };
    let id = concat!("AKIA", "Q7MZ2XK3VT4NL5WY");
    let key = json!({"id": id, "user": "app", "pgp_key": "keybase:app", "secret": null,
        "encrypted_secret": "wcFMA"});
    let client = json!({"id": "a", "name": "server", "generate_secret": null,
        "client_secret": "1f6k0bq2v7s9d3h5j8l4m6n0p2r4t6w8y1a3c5e7g9i1k3m5o7q9"});
    let text = json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a",
    "outputs": {"key_id": {"value": id, "type": "string"}},
    "resources": [
        resource("aws_iam_access_key", key),
        resource("aws_cognito_user_pool_client", client),
    ]});
    let stored = state(&text.to_string(), None);
    let literal = |one: &Finding| one.rule.id == "secret-literal" && one.verdict == Verdict::Fail;
    assert!(!stored.findings.iter().any(literal));
    let found = found(&stored);
    let objects: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(objects, ["aws_cognito_user_pool_client.this"]);
}
