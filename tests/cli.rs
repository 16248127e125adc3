//! The real binary, end to end: every `fixtures/cli/SCENARIO/*.args` is one case. Adding one touches no Rust.
//!
//! A case holds one argument a line. Lines that begin with `@` set the stage, and `#` begins a comment:
//!
//! | line | what it does |
//! |---|---|
//! | `@stdin FILE` | standard input, from a file of the scenario |
//! | `@env NAME=VALUE` | an environment variable |
//! | `@world FOLDER` | runs in a copy of that folder (relative to `fixtures`) instead of the scenario's own |
//! | `@patch FILE` | applies a unified diff (relative to `fixtures`) to that copy |
//! | `@put FILE NAME` | copies a file of the scenario into that copy, under that name |
//! | `@in FOLDER` | runs in a folder below |
//! | `@folder FOLDER` | makes an empty folder in the copy |
//! | `@git ARGUMENTS` | runs git in the copy |
//!
//! The exit code, standard output and standard error are kept beside the case in `NAME.out`. `INSTA_UPDATE` is not
//! asked: `TFGUARD_BLESS=1 cargo test --test cli` writes them anew, to be read before they are committed.

mod copied;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Made-up secrets that are planted in the scenarios. No case may print one, or a part of one.
const PLANTED: [&str; 27] = [
    // Those of the runbook's mutants.
    "51MadeUp7qK2vX9bT4nL0wZc",
    "Xk29vTq0pLm7",
    "5f0c1d7e9a2b",
    "7hG52KsMzkXEbskuU2aeq8ed",
    "Zq81mPx0Lk27Tr55Vb90Nn31",
    "hunter2-and-a-half",
    "xKbmsYVuoGFNJL8NEOHcQySgjDZ",
    "q7Rk2Vn9Xt4Lm8Pz",
    "tomato-seven-violin",
    "Q7RK2VN9XT4LM8PZ",
    "73190248",
    "lantern+orchid",
    "lantern%2Borchid",
    "harbor-violet",
    "HARBOR-VIOLET",
    "hhcmJvci12aW",
    "willow",
    "tulip",
    "violet-oboe",
    "violetOboe",
    "violet-key",
    "carrot-Cello",
    "Annika88",
    "orchard-Lute",
    "orchard_Lute",
    "robrah-etuL",
    "harbor77",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// What a case says.
#[derive(Default)]
struct Case {
    arguments: Vec<String>,
    stdin: Option<PathBuf>,
    environment: Vec<(String, String)>,
    world: Option<PathBuf>,
    patches: Vec<PathBuf>,
    folders: Vec<String>,
    repository: Vec<String>,
    files: Vec<(PathBuf, String)>,
    inside: PathBuf,
}

impl Case {
    fn read(path: &Path) -> Self {
        let scenario = path.parent().expect("a case lies in a scenario");
        let text = fs::read_to_string(path).expect("a case can be read");
        let mut case = Self::default();
        for line in text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let Some(directive) = line.strip_prefix('@') else {
                case.arguments.push(line.to_owned());
                continue;
            };
            let (name, value) = directive.split_once(' ').unwrap_or((directive, ""));
            match name {
                "stdin" => case.stdin = Some(scenario.join(value)),
                "env" => {
                    let (name, value) = value.split_once('=').expect("`@env NAME=VALUE`");
                    case.environment.push((name.to_owned(), value.to_owned()));
                }
                "world" => case.world = Some(fixtures().join(value)),
                "patch" => case.patches.push(fixtures().join(value)),
                "folder" => case.folders.push(value.to_owned()),
                "git" => case.repository.push(value.to_owned()),
                "put" => {
                    let (file, name) = value.split_once(' ').expect("`@put FILE NAME`");
                    case.files.push((scenario.join(file), name.to_owned()));
                }
                "in" => case.inside = PathBuf::from(value),
                other => panic!("{}: `@{other}` is not known", path.display()),
            }
        }
        case
    }

    fn run(&self, scenario: &Path) -> Output {
        let copy = tempfile::tempdir().expect("a temporary folder");
        let is_changed = !self.folders.is_empty() || !self.repository.is_empty();
        let folder = if self.world.is_some() || is_changed {
            let world = self.world.as_deref().unwrap_or(scenario);
            copied::copy(world, copy.path(), |one| one.file_name() != "mutants");
            for folder in &self.folders {
                fs::create_dir_all(copy.path().join(folder)).expect("a folder can be made");
            }
            for (file, name) in &self.files {
                fs::copy(file, copy.path().join(name)).expect("a file can be copied");
            }
            for patch in &self.patches {
                let patch = patch.to_str().expect("a path in UTF-8");
                git(copy.path(), &["apply", "-p1", patch]);
            }
            for arguments in &self.repository {
                git(copy.path(), &arguments.split(' ').collect::<Vec<_>>());
            }
            copy.path()
        } else {
            scenario
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_tfguard"));
        command
            .args(&self.arguments)
            .current_dir(folder.join(&self.inside))
            .env_clear();
        // The repository that the fixtures lie in is none of theirs.
        command.env("GIT_CEILING_DIRECTORIES", env!("CARGO_MANIFEST_DIR"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if !self.environment.iter().any(|(name, _)| name == "LANG") {
            command.env("LANG", "C.UTF-8");
        }
        let input = match &self.stdin {
            Some(file) => Stdio::from(unpacked(file)),
            None => Stdio::null(),
        };
        command.stdin(input).output().expect("the binary runs")
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(folder);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null");
    assert!(
        git.status().expect("git runs").success(),
        "git {arguments:?}"
    );
}

/// A file to read from; one that ends in `.gz` is unpacked.
fn unpacked(path: &Path) -> fs::File {
    let mut file = fs::File::open(path).expect("the input can be read");
    if path.extension().is_none_or(|ending| ending != "gz") {
        return file;
    }
    let mut out = tempfile::tempfile().expect("a temporary file");
    io::copy(&mut flate2::read::GzDecoder::new(&mut file), &mut out)
        .expect("the input can be unpacked");
    out.rewind().expect("a file can be read again");
    out
}

/// Every case, by path.
fn cases() -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(fixtures().join("cli")).sort_by_file_name();
    let paths = walk
        .into_iter()
        .map(|entry| entry.expect("fixtures can be walked").into_path());
    let cases: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "args"))
        .collect();
    assert!(cases.len() > 20, "the cases are there");
    cases
}

/// What a run came to, without what differs from one run to the next.
fn transcript(output: &Output) -> String {
    let code = output
        .status
        .code()
        .map_or_else(|| "killed".to_owned(), |code| code.to_string());
    let mut text = format!("exit {code}\n");
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let content = String::from_utf8(bytes.clone()).expect("output is UTF-8");
        if !content.is_empty() {
            text.push_str(&format!("--- {name}\n{content}"));
        }
    }
    let times = regex::Regex::new(r#"\d+\.\d+ ms|("elapsed_ms": )\d+\.\d+"#).expect("a pattern");
    let text = times.replace_all(&text, |found: &regex::Captures<'_>| match found.get(1) {
        Some(name) => format!("{}0.0", name.as_str()),
        None => "0.0 ms".to_owned(),
    });
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn every_case_says_what_it_said_before() {
    let bless = std::env::var_os("TFGUARD_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut expected = BTreeSet::new();
    for path in cases() {
        let case = Case::read(&path);
        let found = transcript(&case.run(path.parent().expect("a case lies in a scenario")));
        for secret in PLANTED {
            assert!(
                !found.contains(secret),
                "{} shows a secret:\n{found}",
                path.display()
            );
        }
        assert!(
            !found.contains("has a defect"),
            "{}:\n{found}",
            path.display()
        );
        let kept = path.with_extension("out");
        expected.insert(kept.clone());
        if bless {
            fs::write(&kept, &found).expect("what was found can be kept");
        } else if fs::read_to_string(&kept).unwrap_or_default() != found {
            let known = fs::read_to_string(&kept).unwrap_or_default();
            wrong.push(format!(
                "{}\n--- was\n{known}\n--- is\n{found}",
                path.display()
            ));
        }
    }
    let walk = walkdir::WalkDir::new(fixtures().join("cli")).into_iter();
    let stale = walk
        .map(|entry| entry.expect("fixtures can be walked").into_path())
        .filter(|path| {
            path.extension().is_some_and(|ending| ending == "out") && !expected.contains(path)
        });
    wrong.extend(stale.map(|path| format!("{} belongs to no case", path.display())));
    assert!(
        wrong.is_empty(),
        "{} cases differ:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

/// The same command twice gives the same bytes, whatever the threads do.
#[test]
fn output_is_deterministic() {
    let root = fixtures().join("runbook/infra/aws/terraform");
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tfguard"));
        command
            .args(["check", "-v", "-var", "force_http_forwarding=true"])
            .arg(&root);
        transcript(&command.env_clear().output().expect("the binary runs"))
    };
    let first = run();
    assert!((0..4).all(|_| run() == first));
}

/// A reader that goes away early is no error.
#[test]
fn a_closed_pipe_is_no_error() {
    let root = fixtures().join("runbook/infra/aws/terraform/env/prod.tfvars");
    for format in ["human", "json"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tfguard"));
        command.args(["check", "-v", "--format", format]).arg(&root);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the binary ends");
        assert!(
            output.status.code().is_some_and(|code| code < 2),
            "{output:?}"
        );
        assert!(
            output.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
