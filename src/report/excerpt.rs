//! A stretch of a user's file, drawn with miette. Credentials in it are blotted out.

use std::fmt;
use std::ops::Range;

use miette::{
    Diagnostic, LabeledSpan, ReportHandler, Severity, SourceCode, SourceSpan, SpanContents,
};

use super::broken;
use super::redact::{self, Redaction};
use super::{is_variables_file, shown};
use crate::source::{SourceFile, SourceId, Span};

/// What is drawn.
pub(super) struct Drawing {
    pub(super) span: Span,
    /// What else lies in the file, is about the same and is marked.
    pub(super) labels: Vec<LabeledSpan>,
    /// Stretches that are not shown whatever they look like.
    pub(super) withheld: Vec<Range<usize>>,
    pub(super) severity: Severity,
}

/// A whole file as it may be shown; a file with many findings is made readable once.
pub(super) struct Readable {
    text: String,
}

impl Readable {
    pub(super) fn new(
        source: SourceId,
        file: &SourceFile,
        withheld: &[Range<usize>],
        redaction: &Redaction,
    ) -> Self {
        let mut withheld = withheld.to_vec();
        withheld.extend(broken::unreadable(source, file));
        if is_variables_file(file.path()) {
            withheld.extend(redact::bare_words(file.text()));
        }
        Self {
            text: redaction.source(file.text(), &withheld),
        }
    }

    /// The lines of a drawing; nothing where one of them is too long to be drawn.
    pub(super) fn draw(
        &self,
        file: &SourceFile,
        drawing: Drawing,
        handler: &dyn ReportHandler,
    ) -> Option<String> {
        let marks = drawing.labels.iter();
        let marks = marks.map(|label| label.offset()..label.offset() + label.len());
        let whole = marks.fold(
            drawing.span.start as usize..drawing.span.end as usize,
            |whole, mark| whole.start.min(mark.start)..whole.end.max(mark.end),
        );
        let (window, lines_before) = file.lines_around(whole, CONTEXT);
        let labels = std::iter::once(labelled(drawing.span, None)).chain(drawing.labels);
        let mut withheld = drawing.withheld;
        let is_of_variables = is_variables_file(file.path());
        if is_of_variables {
            let part = drawing.span.start as usize..drawing.span.end as usize;
            withheld.extend(redact::beside(file.text(), window.clone(), part));
        }
        let stretch = Stretch {
            name: redact::printable(&shown(file.path())).into_owned(),
            text: redact::blotted(
                &self.text[window.clone()],
                withheld.iter().map(|range| {
                    let within = |at: usize| at.clamp(window.start, window.end) - window.start;
                    within(range.start)..within(range.end)
                }),
            ),
            start: window.start,
            lines_before,
            // Around a line of variables stand other variables, which are not what this is about.
            alone: is_of_variables,
        };
        if stretch.text.lines().any(|line| line.len() > LONGEST_LINE) {
            return None;
        }
        let drawn = Drawn {
            severity: drawing.severity,
            labels: labels.map(|label| stretch.first_line(label)).collect(),
            stretch,
        };
        let text = Rendered {
            handler,
            drawn: &drawn,
        }
        .to_string();
        // miette heads its drawing with the message, which stands above already.
        let snippet = text.lines().skip_while(|line| !line.contains('['));
        let lines = snippet.filter(|line| !line.trim().is_empty());
        Some(lines.flat_map(|line| [line, "\n"]).collect())
    }
}

/// Lines that are drawn before and after what is marked.
const CONTEXT: usize = 1;

/// More lines than this are not marked one by one.
const MOST_LINES: usize = 6;

/// Longer lines are named, not drawn: nobody could read them, and the drawing counts columns in 16 bits.
const LONGEST_LINE: usize = 2_000;

pub(super) fn labelled(span: Span, text: Option<String>) -> LabeledSpan {
    LabeledSpan::new(text, span.start as usize, (span.end - span.start) as usize)
}

struct Rendered<'a> {
    handler: &'a dyn ReportHandler,
    drawn: &'a Drawn,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handler.debug(self.drawn, f)
    }
}

/// A place in the shape that miette draws.
#[derive(Debug)]
struct Drawn {
    severity: Severity,
    stretch: Stretch,
    labels: Vec<LabeledSpan>,
}

impl fmt::Display for Drawn {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Drawn {}

impl Diagnostic for Drawn {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.stretch)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// Some lines of a file as miette reads them: it would go through the whole file for each of its questions.
struct Stretch {
    name: String,
    text: String,
    /// Where they begin in the file.
    start: usize,
    lines_before: usize,
    /// Only the lines themselves are shown, none around them.
    alone: bool,
}

impl Stretch {
    /// A label over many lines marks the first.
    fn first_line(&self, label: LabeledSpan) -> LabeledSpan {
        let at = label.offset() - self.start;
        let covered = self.text.get(at..at + label.len()).unwrap_or_default();
        if covered.lines().count() <= MOST_LINES {
            return label;
        }
        let length = covered.lines().next().map_or(0, str::len);
        LabeledSpan::new(label.label().map(str::to_owned), label.offset(), length)
    }
}

impl fmt::Debug for Stretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl SourceCode for Stretch {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        let start = span.offset().saturating_sub(self.start);
        let contents = if self.alone {
            let end = (start + span.len()).min(self.text.len());
            let start = self.text[..start.min(end)]
                .rfind('\n')
                .map_or(0, |at| at + 1);
            let end = self.text[end..]
                .find('\n')
                .map_or(self.text.len(), |at| end + at);
            self.text.read_span(&(start, end - start).into(), 0, 0)?
        } else {
            let span = (start, span.len()).into();
            self.text.read_span(&span, before, after)?
        };
        let read = contents.span();
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            (self.start + read.offset(), read.len()).into(),
            self.lines_before + contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use miette::NarratableReportHandler;

    use super::*;
    use crate::source::Sources;

    #[test]
    fn a_stretch_keeps_its_place_in_the_file() {
        let sources = Sources::default();
        let text = "a = 1\nb = 2\nc = \"sk_live\"\nd = 4\ne = 5\n";
        let file = sources.file(sources.add("x\u{1b}[31m.tf".into(), text));
        let at = |part: &str| text.find(part).expect("it is there");
        let span = Span {
            source: sources.add("y.tf".into(), ""),
            start: u32::try_from(at("c =")).expect("short"),
            end: u32::try_from(at("\nd")).expect("short"),
        };
        let drawing = Drawing {
            span,
            labels: vec![LabeledSpan::new(Some("here".into()), at("e = 5"), 1)],
            withheld: vec![at("sk_live")..at("sk_live") + 7, 0..1],
            severity: Severity::Error,
        };
        let source = sources.add("z.tf".into(), text);
        let drawn = Readable::new(source, &file, &[], &Redaction::default())
            .draw(&file, drawing, &NarratableReportHandler::new())
            .expect("short lines");
        assert!(
            drawn.contains("line 3") && drawn.contains("line 5"),
            "{drawn}"
        );
        assert!(drawn.contains("c = \"*******\""), "{drawn}");
        assert!(
            !drawn.contains('\u{1b}') && !drawn.contains("sk_live"),
            "{drawn}"
        );
    }
}
