//! Waivers: somebody takes responsibility for a finding, for a reason and until a day.
//!
//! A waiver changes a verdict and hides nothing: what it waives is reported with its reason. One that does not hold, or
//! is not needed, is itself a finding, of the rule `invalid-waiver`.

pub mod day;
mod inline;
mod target;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;

pub use inline::{Comments, Cover, Ignore, Malformed, Reach};
pub use target::Target;

use crate::address::AttributePath;
use crate::check::Checked;
use crate::config::{Origin, nearest};
use crate::plan::{Plan, Subject};
use crate::problem::{Problem, ProblemKind};
use crate::rule::{
    Environment, Finding, FindingBuilder, Findings, Level, Responsibility, Rule, RuleMeta,
    RuleSettings, Text, TextKind, Verdict,
};
use crate::source::{SourceId, Sources, Span};

/// The rule that judges waivers themselves.
pub const RULE: &str = "invalid-waiver";

/// A waiver that ends within so many days is announced.
const ANNOUNCED_DAYS: i32 = 7;

/// A waiver, from a block or a comment.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// What a report calls it.
    pub name: Arc<str>,
    /// The rule.
    pub rule: Arc<str>,
    /// What it is for.
    pub scope: Scope,
    /// The environments that it holds in; none for all.
    pub environments: Option<Vec<Arc<str>>>,
    /// Why.
    pub reason: Arc<str>,
    /// Whom to ask.
    pub owner: Option<Arc<str>>,
    /// The last day that it holds.
    pub expires: Date,
    /// Where it is written.
    pub span: Span,
    /// Where its end is written.
    pub expires_span: Span,
    /// Where its target is written.
    pub target_span: Span,
}

/// What a waiver is for.
#[derive(Clone, Debug)]
pub enum Scope {
    /// An address.
    Target(Target),
    /// A place in the sources.
    Place {
        /// The text.
        cover: Cover,
        /// The calls that it reaches into, as paths of names.
        calls: Vec<Vec<Arc<str>>>,
    },
}

/// The files of one module of the evidence.
#[derive(Clone, Debug)]
pub struct ModuleFiles {
    /// The names of the calls that lead to it.
    pub path: Vec<Arc<str>>,
    /// Whose it is.
    pub origin: Origin,
    /// Its files.
    pub files: Vec<SourceId>,
}

/// Why a waiver does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    UnknownRule(Option<&'static str>),
    Refused,
    TooBroad,
    TooLong { most: i32, too_late: i32 },
    Expired { days: i32 },
}

/// What one environment is waived with.
pub struct Judging<'a> {
    /// The evidence.
    pub plan: &'a Plan,
    /// The environment.
    pub environment: &'a Environment,
    /// The rules that ran.
    pub rules: &'a [(&'static dyn Rule, RuleSettings)],
    /// The texts that the evidence was made from.
    pub texts: &'a [Text],
    /// Which module each text belongs to.
    pub modules: &'a [ModuleFiles],
    /// Their text.
    pub sources: &'a Sources,
    /// The day.
    pub today: Date,
}

/// What became of a waiver in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What a report calls it.
    pub name: Arc<str>,
    /// Where it is written.
    pub span: Span,
    /// The file, which environments share although each may have read it for itself.
    pub file: PathBuf,
    /// The environments that it holds in; none for all.
    pub environments: Option<Vec<Arc<str>>>,
    /// What it came to.
    pub fate: Fate,
    /// Whether it stands in a variables file.
    pub in_variables: bool,
    /// Whether it is a block, which says so for every root below its file.
    pub is_block: bool,
    /// What may have been meant by its target.
    pub hint: Option<String>,
}

/// What a waiver came to in one environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stands before a finding.
    Used,
    /// It would, if another did not already.
    Spare,
    /// It stands before none.
    Unused,
    /// It does not hold, which is reported.
    Faulty,
}

/// What waiving gave beside changed verdicts.
#[derive(Debug, Default)]
pub struct Waived {
    /// Each waiver that is for this environment.
    pub uses: Vec<Use>,
    /// Waivers that end soon.
    pub announced: Vec<Problem>,
}

/// Applies waivers to what was found: those of comments, and the given blocks. Waivers that do not hold become findings.
pub fn waive(judging: &Judging<'_>, blocks: &[Waiver], checked: &mut Checked) -> Waived {
    let (ignores, malformed) = judging.comments();
    // Most have no waiver, and what stands where is asked of the sources.
    let mut places = match (blocks, ignores.as_slice()) {
        ([], []) => HashMap::new(),
        _ => judging.places(&checked.findings),
    };
    let mut waived = Waived::default();
    let mut findings = judging.findings();
    for one in &malformed {
        let subject = Subject::Text("tfguard:ignore".into());
        let message = format!("this comment waives nothing: {}", one.message);
        findings
            .fail(subject, message)
            .at(Some(one.comment))
            .help("write `# tfguard:ignore[rule-id] until=YYYY-MM-DD reason`");
    }
    let is_block = blocks.iter().map(|one| (one, true));
    for (waiver, is_block) in is_block.chain(ignores.iter().map(|one| (one, false))) {
        if !waiver.is_for(judging.environment) {
            continue;
        }
        let fault = judging.fault(waiver);
        let of_rule = places.get_mut(&*waiver.rule).into_iter().flatten();
        let reached: Vec<(&mut FindingPlace, Vec<usize>)> = of_rule
            .filter_map(|place| {
                let meant = judging.meant(waiver, &checked.findings[place.finding], place);
                (!meant.is_empty()).then_some((place, meant))
            })
            .collect();
        let is_open = |(place, meant): &&(&mut FindingPlace, Vec<usize>)| {
            meant.iter().any(|one| place.open.contains(one))
        };
        let open = reached.iter().filter(is_open).count();
        let fate = match &fault {
            Some(fault) => {
                waiver.report(fault, open, judging, &mut findings);
                Fate::Faulty
            }
            None if open > 0 => Fate::Used,
            None if reached.is_empty() => Fate::Unused,
            // Another waiver stands before the same finding already.
            None => Fate::Spare,
        };
        if fate == Fate::Used {
            for (place, meant) in reached {
                let finding = &mut checked.findings[place.finding];
                place.open.retain(|one| !meant.contains(one));
                if place.open.is_empty() && finding.verdict != Verdict::Waived {
                    let responsibility = waiver.responsibility(finding.verdict);
                    finding.waiver = Some(Arc::new(responsibility));
                    finding.verdict = Verdict::Waived;
                }
            }
            waived.announced.extend(waiver.announcement(judging.today));
            let message = format!("holds until {}", waiver.expires);
            findings
                .pass(Subject::Text(Arc::clone(&waiver.name)), message)
                .at(Some(waiver.span));
        }
        let in_variables = judging
            .texts
            .iter()
            .any(|text| text.source == waiver.span.source && text.kind == TextKind::Variables);
        waived.uses.push(Use {
            name: Arc::clone(&waiver.name),
            span: waiver.span,
            file: judging
                .sources
                .file(waiver.span.source)
                .path()
                .to_path_buf(),
            environments: waiver.environments.clone(),
            fate,
            in_variables,
            is_block,
            hint: waiver.hint(),
        });
    }
    for place in places.values().flatten() {
        place.tell_what_is_open(&mut checked.findings[place.finding]);
    }
    checked.findings.extend(findings.into_vec());
    checked.recount();
    waived
}

/// Adds the findings that waivers are not needed.
pub fn report_unused(
    unused: &[Use],
    rules: &[(&'static dyn Rule, RuleSettings)],
    checked: &mut Checked,
) {
    let mut findings = collection(rules);
    for one in unused {
        let help = "delete it, or correct its rule and target";
        let help = match &one.hint {
            Some(hint) => format!("{help}: {hint}"),
            None => help.to_owned(),
        };
        findings
            .fail(
                Subject::Text(Arc::clone(&one.name)),
                "this waiver waives nothing: no finding of its rule is where it says",
            )
            .at(Some(one.span))
            .at_most(Level::Warning)
            .help(help);
    }
    checked.findings.extend(findings.into_vec());
    checked.recount();
}

/// Findings about waivers; none are kept where the rule is off.
fn collection(rules: &[(&'static dyn Rule, RuleSettings)]) -> Collection {
    let rule = rules.iter().find(|(rule, _)| rule.meta().id == RULE);
    let (rule, settings) = rule.expect("the rule about waivers is built in");
    Collection {
        findings: Findings::new(rule.meta(), settings.level),
        level: settings.level,
    }
}

struct Collection {
    findings: Findings,
    level: Level,
}

impl Collection {
    fn fail(&mut self, subject: Subject, message: impl Into<String>) -> FindingBuilder<'_> {
        self.findings.fail(subject, message)
    }

    fn pass(&mut self, subject: Subject, message: impl Into<String>) -> FindingBuilder<'_> {
        self.findings.pass(subject, message)
    }

    fn into_vec(self) -> Vec<Finding> {
        match self.level {
            Level::Off => Vec::new(),
            _ => self.findings.into_vec(),
        }
    }
}

impl Judging<'_> {
    fn findings(&self) -> Collection {
        collection(self.rules)
    }

    fn meta(&self, id: &str) -> Option<(&'static RuleMeta, &RuleSettings)> {
        let mut rules = self.rules.iter();
        rules.find_map(|(rule, settings)| (rule.meta().id == id).then(|| (rule.meta(), settings)))
    }

    /// The waivers in comments, and the comments that are meant as such.
    fn comments(&self) -> (Vec<Waiver>, Vec<Malformed>) {
        let mut waivers = Vec::new();
        let mut malformed = Vec::new();
        for text in self
            .texts
            .iter()
            .filter(|text| text.kind != TextKind::Evidence && !self.is_fetched(text.source))
        {
            let comments = inline::read(text.source, self.sources);
            malformed.extend(comments.malformed);
            waivers.extend(comments.ignores.into_iter().map(|one| Waiver {
                name: format!("tfguard:ignore[{}]", one.rule).into(),
                scope: Scope::Place {
                    calls: self.calls(text.source, &one.cover.reach),
                    cover: one.cover,
                },
                environments: None,
                rule: one.rule,
                reason: one.reason,
                owner: one.owner,
                expires: one.until,
                span: one.comment,
                expires_span: one.comment,
                target_span: one.comment,
            }));
        }
        (waivers, malformed)
    }

    /// Who writes a module for others does not take responsibility for those who use it.
    fn is_fetched(&self, source: SourceId) -> bool {
        let has_file = |module: &&ModuleFiles| module.files.contains(&source);
        let mut users = self.modules.iter().filter(has_file).peekable();
        users.peek().is_some() && users.all(|module| module.origin == Origin::Fetched)
    }

    fn calls(&self, source: SourceId, reach: &Reach) -> Vec<Vec<Arc<str>>> {
        let Reach::Call(name) = reach else {
            return Vec::new();
        };
        let callers = self
            .modules
            .iter()
            .filter(|module| module.files.contains(&source));
        callers
            .map(|module| module.path.iter().chain([name]).cloned().collect())
            .collect()
    }

    fn fault(&self, waiver: &Waiver) -> Option<Fault> {
        let Some((_, settings)) = self.meta(&waiver.rule) else {
            let known: Vec<&'static str> =
                self.rules.iter().map(|(rule, _)| rule.meta().id).collect();
            return Some(Fault::UnknownRule(nearest(&waiver.rule, &known)));
        };
        let left = day::between(self.today, waiver.expires);
        if matches!(&waiver.scope, Scope::Target(target) if target.is_too_broad()) {
            return Some(Fault::TooBroad);
        }
        match settings.waiver_days {
            Some(0) => Some(Fault::Refused),
            _ if left < 0 => Some(Fault::Expired { days: -left }),
            Some(most) if left > most => Some(Fault::TooLong {
                most,
                too_late: left - most,
            }),
            _ => None,
        }
    }

    /// Where what can be waived stands, by rule.
    fn places(&self, findings: &[Finding]) -> HashMap<&'static str, Vec<FindingPlace>> {
        let mut places: HashMap<_, Vec<FindingPlace>> = HashMap::new();
        for (at, finding) in findings.iter().enumerate() {
            if finding.verdict == Verdict::Pass {
                continue;
            }
            let of_block = match &finding.subject {
                Subject::Attribute(address, _) => {
                    let block = Subject::Attribute(Arc::clone(address), AttributePath::default());
                    self.plan.provenance.span(&block)
                }
                _ => None,
            };
            let of_subject = self.plan.provenance.span(&finding.subject);
            places
                .entry(finding.rule.id)
                .or_default()
                .push(FindingPlace {
                    finding: at,
                    spans: [finding.span, of_subject, of_block],
                    open: (0..finding.subjects().count()).collect(),
                });
        }
        places
    }

    /// Which subjects of a finding a waiver is for.
    fn meant(&self, waiver: &Waiver, finding: &Finding, place: &FindingPlace) -> Vec<usize> {
        let is_meant = |subject: &Subject| match &waiver.scope {
            Scope::Target(target) => target.matches(subject),
            Scope::Place { cover, calls } => {
                place.is_in(cover.span)
                    || calls
                        .iter()
                        .any(|call| self.comes_from(call, subject, finding.span))
            }
        };
        let subjects = finding.subjects().enumerate();
        subjects
            .filter_map(|(at, subject)| is_meant(subject).then_some(at))
            .collect()
    }

    /// Whether a subject, or else the text of its finding, is something that a call of a module makes.
    fn comes_from(&self, call: &[Arc<str>], subject: &Subject, span: Option<Span>) -> bool {
        let below = |path: &[&str]| {
            path.len() >= call.len() && call.iter().zip(path).all(|(a, b)| **a == **b)
        };
        match subject {
            Subject::Attribute(address, _) | Subject::Expansion(address) => {
                below(&address.module.path().collect::<Vec<_>>())
            }
            Subject::Variable(module, _)
            | Subject::Local(module, _)
            | Subject::ModuleOutput(module, _)
            | Subject::Provider(module, ..)
            | Subject::Calls(module) => below(&module.path().collect::<Vec<_>>()),
            Subject::Output(_) => false,
            Subject::Text(_) => span.is_some_and(|span| {
                let mut users = self
                    .modules
                    .iter()
                    .filter(|module| module.files.contains(&span.source))
                    .peekable();
                users.peek().is_some()
                    && users.all(|module| {
                        below(&module.path.iter().map(AsRef::as_ref).collect::<Vec<_>>())
                    })
            }),
        }
    }
}

/// Where a finding stands.
struct FindingPlace {
    /// Which one it is.
    finding: usize,
    /// Its own text, that of what it is about, and that of the block around this.
    spans: [Option<Span>; 3],
    /// The subjects that nobody took responsibility for yet.
    open: BTreeSet<usize>,
}

impl FindingPlace {
    /// Whether one of them begins in a stretch.
    fn is_in(&self, cover: Span) -> bool {
        self.spans.iter().flatten().any(|span| {
            span.source == cover.source && cover.start <= span.start && span.start < cover.end
        })
    }

    /// Where waivers are for some of the subjects only, the finding stays, and says what is left.
    fn tell_what_is_open(&self, finding: &mut Finding) {
        let mut open = finding
            .subjects()
            .enumerate()
            .filter(|(at, _)| self.open.contains(at))
            .map(|(_, subject)| subject);
        let is_partly_waived = self.open.len() < finding.subjects().count();
        let (true, Some(first)) = (is_partly_waived, open.next()) else {
            return;
        };
        let left = match open.count() {
            0 => format!("no waiver is for `{first}`"),
            more => format!("no waiver is for `{first}` and {more} more"),
        };
        finding.help = Some(match &finding.help {
            Some(help) => format!("{help}; {left}"),
            None => left,
        });
    }
}

impl Waiver {
    fn hint(&self) -> Option<String> {
        match &self.scope {
            Scope::Target(target) => target.hint(),
            Scope::Place { .. } => None,
        }
    }

    fn is_for(&self, environment: &Environment) -> bool {
        let named = |names: &Vec<Arc<str>>| names.contains(&environment.name);
        self.environments.as_ref().is_none_or(named)
    }

    fn responsibility(&self, verdict: Verdict) -> Responsibility {
        Responsibility {
            name: Arc::clone(&self.name),
            reason: Arc::clone(&self.reason),
            owner: self.owner.clone(),
            until: self.expires.to_string(),
            span: self.span,
            verdict,
        }
    }

    fn announcement(&self, today: Date) -> Option<Problem> {
        let when = match day::between(today, self.expires) {
            0 => "today is its last day".to_owned(),
            1 => "it holds until tomorrow".to_owned(),
            days if days <= ANNOUNCED_DAYS => format!("it holds for {days} more days"),
            _ => return None,
        };
        let message = format!("`{}` ends on {}: {when}", self.name, self.expires);
        Some(Problem::new(ProblemKind::Note, message, Some(self.span)))
    }

    fn report(
        &self,
        fault: &Fault,
        matched: usize,
        judging: &Judging<'_>,
        findings: &mut Collection,
    ) {
        let subject = Subject::Text(Arc::clone(&self.name));
        let (rule, until) = (&self.rule, self.expires);
        let (message, span, help, level) = match fault {
            Fault::UnknownRule(near) => {
                let help = near.map_or_else(
                    || "`tfguard rules` lists the rules".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("this waiver holds for nothing: there is no rule `{rule}`");
                (message, self.span, help, Level::Error)
            }
            Fault::Refused => {
                let message = format!("`{rule}` cannot be waived");
                let help = "delete the waiver, and mend what the rule finds".to_owned();
                (message, self.span, help, Level::Error)
            }
            Fault::TooBroad => {
                let message = "this waiver does not hold: its target names nothing, so that it would hide what nobody \
                               looked at"
                    .to_owned();
                let help = "name the resource, the variable or the module: `aws_lb_listener.http`, `var.NAME`, \
                            `module.NAME`"
                    .to_owned();
                (message, self.target_span, help, Level::Error)
            }
            Fault::TooLong { most, too_late } => {
                let message = format!(
                    "this waiver does not hold: `{rule}` can be waived for {most} days at most, and {until} is {} too late",
                    days(*too_late)
                );
                let last = judging.today.saturating_add(jiff::Span::new().days(*most));
                (
                    message,
                    self.expires_span,
                    format!("let it end on {last} or before"),
                    Level::Error,
                )
            }
            Fault::Expired { days: ago } => {
                let message = format!("this waiver ended on {until}, {} ago", days(*ago));
                match matched {
                    0 => {
                        let help = "delete it: it waives nothing any more".to_owned();
                        (message, self.expires_span, help, Level::Warning)
                    }
                    _ => {
                        let help = "mend what it stood before, or agree on another day".to_owned();
                        (message, self.expires_span, help, Level::Error)
                    }
                }
            }
        };
        findings
            .fail(subject, message)
            .at(Some(span))
            .at_most(level)
            .help(help);
    }
}

fn days(count: i32) -> String {
    format!("{count} day{}", if count == 1 { "" } else { "s" })
}
