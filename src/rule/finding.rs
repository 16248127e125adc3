//! What rules report.

use std::sync::Arc;

use super::{Level, RuleMeta};
use crate::plan::{Fault, Hop, Subject};
use crate::source::Span;
use crate::value::Causes;

/// What a rule says of one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The promise holds.
    Pass,
    /// It does not.
    Fail,
    /// An input that would decide is not known.
    Undecided,
    /// It does not hold, and somebody took responsibility for a time.
    Waived,
}

impl Verdict {
    /// As the reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Undecided => "undecided",
            Self::Waived => "waived",
        }
    }
}

/// Who took responsibility for a finding, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responsibility {
    /// What a report calls the waiver.
    pub name: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
    /// Whom to ask; a waiver in a comment need not say.
    pub owner: Option<Arc<str>>,
    /// The last day, as `YYYY-MM-DD`.
    pub until: String,
    /// Where it is written.
    pub span: Span,
    /// The verdict that it stands before.
    pub verdict: Verdict,
}

/// A further place that a finding points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What is there.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// A verdict with everything a reader needs. Passes are findings too: they are shown with `-v`.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static RuleMeta,
    /// How grave, after configuration.
    pub level: Level,
    /// Pass, fail, undecided, waived.
    pub verdict: Verdict,
    /// What it is about.
    pub subject: Subject,
    /// What of it is wrong, where that is a part: the text to change and the chain are those of it.
    pub part: Option<Subject>,
    /// What else the same text makes, such as other instances: a waiver is for the finding if it is for all of them.
    pub also: Vec<Subject>,
    /// A fact, lower case, without a full stop.
    pub message: String,
    /// The text to change.
    pub span: Option<Span>,
    /// What is wrong there: tells which text that is.
    pub fault: Fault,
    /// Further places.
    pub labels: Vec<Label>,
    /// From the input to the subject.
    pub because: Vec<Hop>,
    /// The secret source that the finding is about, named as marks name it: where the chain begins.
    pub source: Option<Arc<str>>,
    /// What to do.
    pub help: Option<String>,
    /// For undecided: what would decide.
    pub causes: Causes,
    /// For waived: by whom and until when.
    pub waiver: Option<Arc<Responsibility>>,
}

impl Finding {
    /// Everything that it is about.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        std::iter::once(&self.subject).chain(&self.also)
    }
}

/// Collects what one rule reports.
#[derive(Debug)]
pub struct Findings {
    rule: &'static RuleMeta,
    level: Level,
    found: Vec<Finding>,
}

impl Findings {
    /// An empty collection for a rule at a level.
    pub fn new(rule: &'static RuleMeta, level: Level) -> Self {
        Self {
            rule,
            level,
            found: Vec::new(),
        }
    }

    /// The promise holds for this subject.
    pub fn pass(&mut self, subject: Subject, message: impl Into<String>) -> FindingBuilder<'_> {
        self.report(Verdict::Pass, subject, message.into())
    }

    /// The promise does not hold for this subject.
    pub fn fail(&mut self, subject: Subject, message: impl Into<String>) -> FindingBuilder<'_> {
        self.report(Verdict::Fail, subject, message.into())
    }

    /// What would decide is unknown, for these causes.
    pub fn undecided(
        &mut self,
        subject: Subject,
        message: impl Into<String>,
        causes: Causes,
    ) -> FindingBuilder<'_> {
        let mut builder = self.report(Verdict::Undecided, subject, message.into());
        builder.finding().causes = causes;
        builder
    }

    /// What was reported, in order.
    pub fn into_vec(self) -> Vec<Finding> {
        self.found
    }

    fn report(
        &mut self,
        verdict: Verdict,
        subject: Subject,
        message: String,
    ) -> FindingBuilder<'_> {
        self.found.push(Finding {
            rule: self.rule,
            level: self.level,
            verdict,
            subject,
            part: None,
            also: Vec::new(),
            message,
            span: None,
            fault: Fault::Value,
            labels: Vec::new(),
            because: Vec::new(),
            source: None,
            help: None,
            causes: Causes::default(),
            waiver: None,
        });
        FindingBuilder { findings: self }
    }
}

/// Adds to the finding just reported. What it leaves out, the span and the because chain, is asked of the plan's
/// provenance for the finding's subject when it is shown.
pub struct FindingBuilder<'a> {
    findings: &'a mut Findings,
}

impl FindingBuilder<'_> {
    /// The text to change, where it is another than the subject's own.
    pub fn at(mut self, span: Option<Span>) -> Self {
        self.finding().span = span;
        self
    }

    /// What of the subject is wrong.
    pub fn part(mut self, part: Subject) -> Self {
        self.finding().part = Some(part);
        self
    }

    /// What is wrong is that the subject is given its value, and not the value.
    pub fn by_use(mut self) -> Self {
        self.finding().fault = Fault::Use;
        self
    }

    /// What else the same text makes.
    pub fn also(mut self, subjects: Vec<Subject>) -> Self {
        self.finding().also = subjects;
        self
    }

    /// A further place.
    pub fn label(mut self, span: Option<Span>, text: impl Into<String>) -> Self {
        if let Some(span) = span {
            self.finding().labels.push(Label {
                text: text.into(),
                span,
            });
        }
        self
    }

    /// From the input to the subject.
    pub fn because(mut self, hops: Vec<Hop>) -> Self {
        self.finding().because = hops;
        self
    }

    /// From the first of these secret sources to the subject.
    pub fn from_sources(mut self, sources: &[String]) -> Self {
        let first = sources.first().map(|one| one.trim_matches('`'));
        self.finding().source = first.map(Arc::from);
        self
    }

    /// What to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.finding().help = Some(help.into());
        self
    }

    /// Weaker than the rule's own level: for what is worth a look only.
    pub fn at_most(mut self, level: Level) -> Self {
        let finding = self.finding();
        finding.level = finding.level.min(level);
        self
    }

    fn finding(&mut self) -> &mut Finding {
        self.findings
            .found
            .last_mut()
            .expect("a builder is made after a finding was pushed")
    }
}
