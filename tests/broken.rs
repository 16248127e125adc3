//! Damaged evidence: it is refused, or what was wrong with it is still told. It never gets greener.
//!
//! The base is a plan in which several rules fail, each about a resource that stands alone. What a damaged copy may lose
//! is defined with each test. A run counts as refused where its exit code is 2: what could be read is told all the same.

mod recordings;
mod verdicts;

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tfguard::check;
use tfguard::plan::detect::{Kind, detect_text};
use tfguard::plan::error::PlanError;
use tfguard::plan::{Plan, ProblemKind, binary, json, state};
use tfguard::provider::Providers;
use tfguard::rule::{
    Environment, Level, Rule, RuleSettings, Surroundings, Text, TextKind, Verdict,
};
use tfguard::rules;
use tfguard::run::{ExitCode, exit_code};
use tfguard::source::{Fidelity, SharedText, Sources, decode_telling};

/// What a run says of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// Exit code 2.
    Refused,
    /// `rule object`: what fails or is undecided, and with that the run.
    Red(BTreeSet<String>),
    /// Nothing fails it.
    Green,
}

impl Outcome {
    fn lines(&self) -> BTreeSet<String> {
        match self {
            Self::Red(lines) => lines.clone(),
            _ => BTreeSet::new(),
        }
    }

    /// What of a base is told no longer; nothing where the evidence is refused.
    fn lost(&self, base: &Self) -> BTreeSet<String> {
        if *self == Self::Refused {
            return BTreeSet::new();
        }
        base.lines().difference(&self.lines()).cloned().collect()
    }
}

type RuleSet = Vec<(&'static dyn Rule, RuleSettings)>;

static RULES: LazyLock<RuleSet> = LazyLock::new(rules::with_settings);
static PROVIDERS: LazyLock<Arc<Providers>> =
    LazyLock::new(|| Arc::new(Providers::packed().clone()));

/// As the command judges it, less the files around it: thousands of copies are judged here.
fn judge(bytes: &[u8]) -> Outcome {
    if bytes.starts_with(b"PK") {
        let read = binary::read(bytes, Path::new("tf.plan"), &PROVIDERS);
        return judge_plan(read.map(|saved| saved.plan), "");
    }
    let (text, fidelity) = decode_telling(bytes.to_vec());
    if fidelity == Fidelity::Damaged {
        return Outcome::Refused;
    }
    let text: SharedText = text.into();
    let path = Path::new("evidence");
    let plan = match detect_text(&text) {
        Kind::State | Kind::StateJson => state::read(&text, path, &PROVIDERS),
        _ => json::read(&text, path, &PROVIDERS),
    };
    judge_plan(plan, &text)
}

fn judge_plan(plan: Result<Plan, PlanError>, text: &str) -> Outcome {
    let Ok(plan) = plan else {
        return Outcome::Refused;
    };
    let sources = Sources::default();
    let source = sources.add(PathBuf::from("evidence"), text);
    let kind = TextKind::Evidence;
    let environment = Environment {
        name: "prod".into(),
        production: true,
    };
    let texts = [Text { source, kind }];
    let around = Surroundings::of_texts(&texts, &sources);
    let checked = check::check(&plan, &environment, &RULES, &around);
    let refused = |kind| matches!(kind, ProblemKind::Unreadable | ProblemKind::Refused);
    if plan.problems.iter().any(|problem| refused(problem.kind)) {
        return Outcome::Refused;
    }
    let red = checked
        .findings
        .iter()
        .filter(|one| one.verdict != Verdict::Pass && one.level == Level::Error);
    let lines: BTreeSet<String> = red
        .map(|one| format!("{} {}", one.rule.id, verdicts::object(&one.subject)))
        .collect();
    if lines.is_empty() {
        Outcome::Green
    } else {
        Outcome::Red(lines)
    }
}

/// As [`judge`], by the command itself.
fn judge_file(bytes: &[u8]) -> ExitCode {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("evidence");
    std::fs::write(&path, bytes).expect("a file");
    let report = verdicts::check([path.as_os_str()]);
    let (fail_on, undecided) = (tfguard::cli::FailOn::Error, tfguard::cli::Undecided::Fail);
    exit_code(&report, fail_on, undecided)
}

fn fixture(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(path);
    recordings::bytes(&path)
}

fn text(path: &str) -> String {
    String::from_utf8(fixture(path)).expect("text")
}

const PLAN: &str = "broken/plan.json";
const STORED: &str = "broken/terraform.tfstate";
const SHOWN: &str = "broken/state.json";
const SAVED: &str = "broken/tf.plan";
const EVERY_FORM: [&str; 4] = [PLAN, STORED, SHOWN, SAVED];

/// The base tests nothing unless it is red in many ways, and each in its own place.
#[test]
fn the_base_is_red_in_every_form() {
    for name in EVERY_FORM {
        let lines = judge(&fixture(name)).lines();
        let objects: BTreeSet<&str> = lines
            .iter()
            .filter_map(|line| line.split(' ').nth(1))
            .collect();
        assert!(lines.len() >= 4 && objects.len() >= 3, "{name}: {lines:#?}");
        assert_eq!(judge_file(&fixture(name)), ExitCode::Findings, "{name}");
    }
}

#[test]
fn whatever_is_cut_off_is_refused() {
    let long = [
        "runbook/mutants/plaintext-stripe-key/update.json.gz",
        "runbook/recorded/prod/terraform.tfstate",
        "runbook/recorded/prod/state.json",
        "runbook/recorded/prod/tf.plan",
    ];
    let long = long.map(|name| (1_000, name));
    let small = [(1, PLAN), (1, SAVED), (7, STORED), (7, SHOWN)];
    for steps in [long, small] {
        for (step, name) in steps {
            let bytes = fixture(name);
            let whole = bytes.trim_ascii_end().len();
            let cuts: Vec<usize> = (0..whole).step_by(step).collect();
            let accepted: Vec<&usize> = cuts
                .par_iter()
                .filter(|cut| judge(&bytes[..**cut]) != Outcome::Refused)
                .collect();
            assert_eq!(accepted, Vec::<&usize>::new(), "{name}");
        }
    }
}

/// A byte that changes may make another document that is as good as the first: a rule about a resource of type
/// `aws_mb` says nothing. So what stands within the entries about a resource may change what is said of it and of those
/// that stand with it, and nothing else; a byte outside of them changes nothing that is said. In no case is the run
/// green. Each byte of the structure is changed once, and every third of those within strings.
#[test]
fn a_changed_byte_is_refused_or_stays_in_its_place() {
    let bytes = fixture(PLAN);
    let text = std::str::from_utf8(&bytes).expect("text");
    let base = judge(&bytes);
    let entries = entries(text);
    assert!(entries.len() >= 15, "{} entries", entries.len());
    let in_string = in_string(text);
    let looked_at: Vec<usize> = (0..text.trim_end().len())
        .filter(|at| !in_string[*at] || at % 3 == 0)
        .collect();
    let wrong: Vec<String> = looked_at
        .into_par_iter()
        .filter_map(|at| {
            let mask = 1 << (at % 8);
            let mut changed = bytes.clone();
            changed[at] ^= mask;
            let outcome = judge(&changed);
            let own = |line: &&String| {
                let mut about = entries.iter().filter(|(range, _)| range.contains(&at));
                about.any(|(_, name)| line.ends_with(name.as_str()))
            };
            let lost = outcome.lost(&base);
            let elsewhere: Vec<&String> = lost.iter().filter(|line| !own(line)).collect();
            (outcome == Outcome::Green || !elsewhere.is_empty()).then(|| {
                let around = &text[at.saturating_sub(40)..(at + 20).min(text.len())];
                format!("byte {at} with {mask:#04x} loses {elsewhere:?}: …{around}…")
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// Which bytes stand within a string.
fn in_string(text: &str) -> Vec<bool> {
    let mut inside = false;
    let mut escaped = false;
    let tell = |byte: u8| {
        let before = inside;
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            _ => {}
        }
        before && inside
    };
    text.bytes().map(tell).collect()
}

/// Objects with an address of their own, and the name in it: things of one name stand together.
fn entries(text: &str) -> Vec<(Range<usize>, String)> {
    let mut open = Vec::new();
    let mut entries = Vec::new();
    let in_string = in_string(text);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if !in_string[at] => open.push(at),
            b'}' if !in_string[at] => {
                let start: usize = open.pop().expect("balanced");
                let inside = text[start..=at].strip_prefix("{\"address\":\"");
                if let Some(address) = inside.and_then(|inside| inside.split('"').next()) {
                    let name = address.rsplit('.').next().unwrap_or(address);
                    entries.push((start..at + 1, format!(".{name}")));
                }
            }
            _ => {}
        }
    }
    entries
}

/// The archive has checksums: what they do not cover is names, times and lengths.
#[test]
fn a_changed_byte_of_a_saved_plan_or_a_state_is_never_green() {
    for (name, step) in [(SAVED, 1), (STORED, 11), (SHOWN, 11)] {
        let bytes = fixture(name);
        let base = judge(&bytes);
        let at: Vec<usize> = (0..bytes.len()).step_by(step).collect();
        let wrong: Vec<String> = at
            .par_iter()
            .filter_map(|at| {
                let mut changed = bytes.clone();
                changed[*at] ^= 1 << (at % 8);
                let outcome = judge(&changed);
                let loses = name == SAVED && !outcome.lost(&base).is_empty();
                (outcome == Outcome::Green || loses)
                    .then(|| format!("byte {at}: {:?}", outcome.lost(&base)))
            })
            .collect();
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    }
}

/// Places where a value stands, each with the text that begins it in the small plan and the states of it.
const PLACES: [(&str, &str); 9] = [
    (PLAN, "\"protocol\":"),
    (PLAN, "\"after\":"),
    (PLAN, "\"after_unknown\":"),
    (PLAN, "\"resource_changes\":"),
    (PLAN, "\"planned_values\":"),
    (PLAN, "\"configuration\":"),
    (PLAN, "\"constant_value\":"),
    (STORED, "\"attributes\": "),
    (SHOWN, "\"values\":"),
];

#[test]
fn what_is_nested_without_end_is_refused() {
    const DEPTH: usize = 1_000_000;
    let nests = [
        ("[".repeat(DEPTH), "]".repeat(DEPTH)),
        ("{\"a\":".repeat(DEPTH) + "1", "}".repeat(DEPTH)),
        ("[{\"a\":".repeat(DEPTH) + "1", "}]".repeat(DEPTH)),
    ];
    for (open, close) in &nests {
        for (name, place) in PLACES {
            let base = text(name);
            assert!(base.contains(place), "{name}: {place}");
            for close in [close.as_str(), ""] {
                let nested = base.replacen(place, &format!("{place}{open}{close},\"x\":"), 1);
                let start = Instant::now();
                assert_eq!(judge(nested.as_bytes()), Outcome::Refused, "{place}");
                assert!(start.elapsed() < Duration::from_secs(10), "{place}");
            }
        }
        for around in [format!("{open}{close}"), open.clone()] {
            assert_eq!(judge(around.as_bytes()), Outcome::Refused);
            let behind = text(PLAN) + &around;
            assert_eq!(judge(behind.as_bytes()), Outcome::Refused);
        }
    }
}

/// JSON within a string has limits of its own: its reader says that it cannot tell.
#[test]
fn what_is_nested_within_a_string_is_not_taken_for_harmless() {
    let base = text(PLAN);
    let start = base.find("\"container_definitions\":\"").expect("there");
    let start = start + "\"container_definitions\":\"".len();
    let end = start + base[start..].find("]\"").expect("its end") + 1;
    let definitions = &base[start..end];
    for nest in ["[".repeat(1_000_000), r#"{\"a\":"#.repeat(1_000_000)] {
        let outcome = judge(base.replace(definitions, &nest).as_bytes());
        let told = outcome.lines();
        let about = |line: &String| {
            line.starts_with("plaintext-container-secret")
                && line.ends_with("aws_ecs_task_definition.api")
        };
        assert!(
            outcome == Outcome::Refused || told.iter().any(about),
            "{told:?}"
        );
    }
}

/// Of two members with one name, readers disagree on which counts. Before and behind the true one, in every place.
#[test]
fn what_stands_twice_is_refused_or_undecided() {
    let listener = "\"address\":\"aws_lb_listener.web\",\"mode\"";
    let doubles: [(&str, &str, &str, &str); 16] = [
        (
            PLAN,
            "{\"format_version\"",
            "{\"resource_changes\":[],\"format_version\"",
            "first",
        ),
        (
            PLAN,
            "\"errored\":false",
            "\"errored\":false,\"resource_changes\":[]",
            "last",
        ),
        (
            PLAN,
            "\"errored\":false",
            "\"errored\":false,\"errored\":false",
            "flag",
        ),
        (
            PLAN,
            "\"errored\":false",
            "\"errored\":false,\"configuration\":{}",
            "configuration",
        ),
        (
            PLAN,
            listener,
            "\"type\":\"aws_mb\",\"address\":\"aws_lb_listener.web\",\"mode\"",
            "type",
        ),
        (
            PLAN,
            listener,
            "\"change\":{\"actions\":[\"no-op\"],\"before\":null,\"after\":null},\"address\":\"aws_lb_listener.web\",\"mode\"",
            "change",
        ),
        (
            PLAN,
            "\"change\":{\"actions\":[\"create\"]",
            "\"change\":{\"actions\":[\"delete\"],\"actions\":[\"create\"]",
            "actions",
        ),
        (
            PLAN,
            "\"change\":{\"actions\":[\"create\"]",
            "\"change\":{\"after\":{\"port\":443},\"actions\":[\"create\"]",
            "after, first",
        ),
        (
            PLAN,
            ",\"after_unknown\":",
            ",\"after\":{\"port\":443},\"after_unknown\":",
            "after, last",
        ),
        (
            PLAN,
            "\"port\":80,",
            "\"port\":443,\"port\":80,",
            "a value, first",
        ),
        (
            PLAN,
            "\"port\":80,",
            "\"port\":80,\"port\":443,",
            "a value, last",
        ),
        (
            PLAN,
            "\"recovery_window_in_days\":0",
            "\"recovery_window_in_days\":0,\"recovery_window_in_days\":30",
            "a number",
        ),
        (
            STORED,
            "\"resources\": [",
            "\"resources\": [], \"resources\": [",
            "first",
        ),
        (
            STORED,
            "\"check_results\": null",
            "\"check_results\": null, \"resources\": []",
            "last",
        ),
        (
            STORED,
            "\"port\": 80,",
            "\"port\": 80, \"port\": 443,",
            "a value of a state",
        ),
        (
            SHOWN,
            "\"port\":80,",
            "\"port\":80,\"port\":443,",
            "a value of a printed state",
        ),
    ];
    for (name, from, to, what) in doubles {
        let whole = text(name);
        assert!(whole.contains(from), "{name}: {from}");
        let base = judge(whole.as_bytes());
        let outcome = judge(whole.replace(from, to).as_bytes());
        let lost = outcome.lost(&base);
        assert!(
            outcome != Outcome::Green && lost.is_empty(),
            "{what}: {lost:?}"
        );
    }
}

#[test]
fn numbers_beyond_all_use_and_half_characters_decide_nothing() {
    let base = text(PLAN);
    let red = judge(base.as_bytes());
    let numbers = [
        "1e999",
        "-1e999",
        "1e-999",
        "1E+999999999999",
        "-0e99999999999999999999",
        "0.1e400",
    ];
    for number in numbers {
        for from in ["\"port\":80,", "\"recovery_window_in_days\":0,"] {
            assert!(base.contains(from), "{from}");
            let (name, _) = from.split_once(':').expect("a member");
            let start = Instant::now();
            let outcome = judge(base.replace(from, &format!("{name}:{number},")).as_bytes());
            assert!(start.elapsed() < Duration::from_secs(5), "{number}");
            // What the number is about may be decided by it; what is not may not.
            let lost = outcome.lost(&red);
            let about = |line: &String| {
                let rule = line.split(' ').next();
                matches!(rule, Some("http-listener-forwards" | "unprotected-secret"))
            };
            assert!(
                outcome != Outcome::Green && lost.iter().all(about),
                "{number}: {lost:?}"
            );
        }
    }
    for half in [r"\ud800", r"\udfff", r"\ud800\ud800", r"\udc00\ud800"] {
        for from in ["\"port\":80,", "{\"format_version\""] {
            let name = format!("\"{half}\":\"{half}\",");
            let to = match from.strip_prefix('{') {
                Some(rest) => format!("{{{name}{rest}"),
                None => format!("{name}{from}"),
            };
            let lost = judge(base.replace(from, &to).as_bytes()).lost(&red);
            assert!(lost.is_empty(), "{half}: {lost:?}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let plan = fixture(PLAN);
    let at = text(PLAN).find("aws_lb_listener").expect("there") + 5;
    let with = |byte: &[u8]| [&plan[..at], byte, &plan[at..]].concat();
    let wide: Vec<u8> = text(PLAN)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let odd = [b"\xFF\xFE".as_slice(), &wide[..wide.len() - 1]].concat();
    let mut half = [b"\xFF\xFE".as_slice(), &wide].concat();
    // One half of a pair, where a letter of a name was.
    half[2 * at + 2..2 * at + 4].copy_from_slice(&0xD800_u16.to_le_bytes());
    for (bytes, what) in [
        (Vec::new(), "nothing"),
        (b" \n\t".to_vec(), "white space"),
        (vec![0; 5_000], "zeros"),
        (b"\xEF\xBB\xBF".to_vec(), "a mark alone"),
        (b"\xFF\xFE".to_vec(), "a wide mark alone"),
        (with(b"\0"), "a zero within a string"),
        (with(b"\xff"), "a byte that UTF-8 has not"),
        (with(b"\xc3"), "half a character"),
        (with(b"\xed\xa0\x80"), "a surrogate"),
        (odd, "an odd length"),
        (half, "half a pair"),
    ] {
        assert_eq!(judge_file(&bytes), ExitCode::Unreadable, "{what}");
    }
}

/// Here the base is a plan, or a state, in which everything holds: whatever is wrong with the document itself refuses it.
#[test]
fn a_good_document_with_a_fault_is_refused() {
    let plan = text("runbook/recorded/prod/again/plan.json");
    let stored = text("runbook/recorded/prod/terraform.tfstate");
    let shown = text("runbook/recorded/prod/state.json");
    for good in [&plan, &stored, &shown] {
        assert_eq!(judge_file(good.as_bytes()), ExitCode::Holds);
        let noise = format!("Downloading…\n{good}\n::debug::done\n");
        assert_eq!(judge_file(noise.as_bytes()), ExitCode::Holds);
        for behind in ["{}", good, "]", "}", ",", "\n{\"a\": 1}", "[1]"] {
            let more = format!("{}\n{behind}", good.trim_end());
            assert_eq!(
                judge_file(more.as_bytes()),
                ExitCode::Unreadable,
                "{behind:.20}"
            );
        }
    }
    let change = "\"change\":{\"actions\":[\"no-op\"]";
    for (good, from, to) in [
        (&plan, "\"errored\":false", "\"errored\":true"),
        (
            &plan,
            "\"format_version\":\"1.2\"",
            "\"format_version\":\"2.0\"",
        ),
        (&plan, "\"format_version\":\"1.2\"", "\"format_version\":{}"),
        (&plan, "\"resource_changes\":[", "\"resource_changes\":[{},"),
        (
            &plan,
            "\"resource_changes\":[",
            "\"resource_changes\":[null,",
        ),
        (
            &plan,
            "\"resource_changes\":[",
            "\"resource_changes\":[{\"address\":\"!\",\"change\":{\"actions\":[\"create\"]}},",
        ),
        (&plan, change, "\"change\":{\"actions\":[\"crate\"]"),
        (&plan, change, "\"change\":{\"actions\":[]"),
        (&plan, change, "\"change\":{\"actions\":\"no-op\""),
        (
            &plan,
            "\"mode\":\"managed\",\"type\":\"aws_lb\",",
            "\"mode\":\"managed\",\"type\":\"\",",
        ),
        (&stored, "\"version\": 4", "\"version\": 5"),
        (&stored, "\"type\": \"aws_lb\",", "\"type\": \"\","),
        (&stored, "\"mode\": \"managed\"", "\"mode\": \"manged\""),
        (&stored, "\"instances\": [", "\"instance\": ["),
        (&stored, "\"attributes\": {", "\"attributs\": {"),
        (&stored, "\"resources\": [", "\"resource\": ["),
        (&shown, "\"type\":\"aws_lb\",", "\"type\":\"\","),
    ] {
        assert!(good.contains(from), "{from}");
        // The values that are planned are only read where there are no changes.
        let at = good.find("\"resource_changes\":").unwrap_or_default();
        let at = if good[at..].contains(from) { at } else { 0 };
        let broken = format!("{}{}", &good[..at], good[at..].replacen(from, to, 1));
        assert_eq!(
            judge_file(broken.as_bytes()),
            ExitCode::Unreadable,
            "{to:.60}"
        );
    }
}

#[test]
fn without_its_changes_a_plan_is_told_by_its_values() {
    let base = text(PLAN);
    let red = judge(base.as_bytes());
    let start = base.find("\"resource_changes\":").expect("there");
    let end = base.find(",\"configuration\":").expect("there");
    let changes = &base[start..end];
    for instead in [
        "\"x\":1",
        "\"resource_changes\":null",
        "\"resource_changes\":[]",
    ] {
        let outcome = judge(base.replace(changes, instead).as_bytes());
        let lost = outcome.lost(&red);
        assert!(
            matches!(outcome, Outcome::Red(_)) && lost.is_empty(),
            "{instead}: {lost:?}"
        );
    }
    for instead in ["{}", "\"\"", "0", "true", "[[]]", "[\"a\"]"] {
        let outcome = judge(
            base.replace(changes, &format!("\"resource_changes\":{instead}"))
                .as_bytes(),
        );
        assert_eq!(outcome, Outcome::Refused, "{instead}");
    }
    for (from, to) in [
        ("\"applyable\":true", "\"applyable\":false"),
        ("\"complete\":true", "\"complete\":false"),
    ] {
        assert!(base.contains(from), "{from}");
        let lost = judge(base.replace(from, to).as_bytes()).lost(&red);
        assert!(lost.is_empty(), "{to}: {lost:?}");
    }
}

/// A zip of these files, one after the other.
fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer
            .start_file(name.as_str(), options)
            .expect("in memory");
        writer.write_all(content).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}

fn files(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).expect("a file");
            let mut content = Vec::new();
            file.read_to_end(&mut content).expect("readable");
            (file.name().expect("text").into_owned(), content)
        })
        .collect()
}

#[test]
fn a_saved_plan_that_lacks_or_doubles_a_file_is_refused() {
    let bytes = fixture(SAVED);
    let red = judge(&bytes);
    let all = files(&bytes);
    assert_eq!(judge(&archive(&all)), red, "packed again it is the same");
    for missing in ["tfplan", "tfstate"] {
        let rest: Vec<_> = all
            .iter()
            .filter(|(name, _)| name != missing)
            .cloned()
            .collect();
        assert_eq!(
            judge_file(&archive(&rest)),
            ExitCode::Unreadable,
            "{missing}"
        );
    }
    for missing in [
        "tfstate-prev",
        "tfconfig/modules.json",
        "tfconfig/m-/main.tf",
    ] {
        assert!(all.iter().any(|(name, _)| name == missing), "{missing}");
        let rest: Vec<_> = all
            .iter()
            .filter(|(name, _)| name != missing)
            .cloned()
            .collect();
        let outcome = judge(&archive(&rest));
        assert!(outcome.lost(&red).is_empty(), "{missing}");
        assert_ne!(judge_file(&archive(&rest)), ExitCode::Holds, "{missing}");
    }
    for doubled in ["tfplan", "tfstate"] {
        // The writer refuses a second file of the same name: it gets one of the same length.
        let other = doubled.replace('t', "T");
        let mut more = all.clone();
        more.push((other.clone(), Vec::new()));
        let mut packed = archive(&more);
        while let Some(at) = packed
            .windows(other.len())
            .position(|name| name == other.as_bytes())
        {
            packed[at..at + other.len()].copy_from_slice(doubled.as_bytes());
        }
        assert_eq!(judge_file(&packed), ExitCode::Unreadable, "{doubled}");
    }
    let within = archive(&[("tf.plan".to_owned(), bytes.clone())]);
    assert_eq!(judge_file(&within), ExitCode::Unreadable);
    let as_plan = archive(&[("tfplan".to_owned(), bytes.clone())]);
    assert_eq!(judge_file(&as_plan), ExitCode::Unreadable);
    let mut outside = all.clone();
    outside.push((
        "tfconfig/m-/../../../../tmp/evil.tf".to_owned(),
        b"variable \"x\" {}".to_vec(),
    ));
    assert_eq!(judge_file(&archive(&outside)), ExitCode::Findings);
    let behind = [bytes.as_slice(), b"PK\x05\x06", &[0; 18]].concat();
    assert_eq!(
        judge_file(&behind),
        ExitCode::Unreadable,
        "an empty directory behind"
    );
}
