//! Text of a user's file, or about it, as it may be shown: what could be a credential is blotted out, every byte of it.
//!
//! What is declared sensitive is known by its place and by its text; everything else is judged by its looks, and in doubt
//! it is blotted out. Offsets stay as they are, so that spans still fit.

use std::borrow::Cow;
use std::ops::Range;

use super::quoted;
use crate::plan::{Plan, Subject};
use crate::secret::{self, Reading, Withheld};
use crate::value::{Value, display};

/// What every text goes through before it is shown.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    secrets: Withheld,
}

/// Words in the name of something whose value is not shown.
const SECRET_WORDS: [&str; 11] = [
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "private",
    "api_key",
    "apikey",
    "access_key",
    "signing_key",
    "_dsn",
];

/// Shorter words are never judged by their looks.
const SHORTEST: usize = 16;

/// Functions whose names have the looks of a token.
const FUNCTIONS: [&str; 4] = [
    "filebase64sha256",
    "filebase64sha512",
    "textdecodebase64",
    "textencodebase64",
];

impl Redaction {
    /// Withholds the secrets of a plan from now on.
    pub(super) fn withhold(&mut self, plan: &Plan) {
        self.secrets.add(plan.secret_texts());
    }

    /// A file's text for drawing. `withheld` are stretches that are not shown whatever they look like.
    pub(super) fn source(&self, text: &str, withheld: &[Range<usize>]) -> String {
        let secrets = self.secrets.ranges(text);
        source(text, &[withheld, &secrets].concat())
    }

    /// A sentence of ours: it quotes names and addresses, and may quote what a user typed.
    pub(super) fn message(&self, text: &str) -> String {
        message(&self.secrets.without(text))
    }

    /// The subject of a finding: an address may have a key that is a credential.
    pub(super) fn subject(&self, subject: &Subject) -> String {
        self.name(&subject.to_string())
    }

    /// An address, as far as it is no credential.
    pub(super) fn name(&self, name: &str) -> String {
        let name = self.secrets.without(name);
        secret::withhold(&printable(&name)).into_owned()
    }

    /// Whether a value is a secret, although it may not be marked as one, or holds one.
    pub(super) fn hides(&self, value: &Value) -> bool {
        let text = secret::telling(value);
        text.is_some_and(|text| self.secrets.is_in(&text) || secret::mark_named(value).is_some())
    }
}

fn source(text: &str, withheld: &[Range<usize>]) -> String {
    let known = secret::detect(text).into_iter().map(|hit| hit.range);
    let named = secret::assigned(text, Reading::Sentence).into_iter();
    let text = blotted(text, known.chain(named).chain(withheld.iter().cloned()));
    let mut out = String::with_capacity(text.len());
    let (mut heredoc, mut named, mut comment) = (None, false, false);
    for line in text.split_inclusive('\n') {
        let line_in = Line {
            heredoc: &mut heredoc,
            named: &mut named,
            comment: &mut comment,
        };
        line_in.redact(line, &mut out);
    }
    still(out)
}

/// Text in which nothing steers a terminal or turns the order of letters round.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The same without moving what follows.
fn still(text: String) -> String {
    if !text.contains(steers) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if !steers(c) || (c == '\r' && chars.peek() == Some(&'\n')) {
            out.push(c);
        } else {
            out.extend(std::iter::repeat_n('?', c.len_utf8()));
        }
    }
    out
}

fn steers(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn message(text: &str) -> String {
    let text = printable(text);
    let text = &*secret::withhold(&text);
    let named = secret::assigned(text, Reading::Sentence);
    let text = &*secret::replaced(text, &named);
    let mut out = String::with_capacity(text.len());
    let ends = |c: char| c.is_whitespace() || "'`\"".contains(c);
    for token in text.split_inclusive(ends) {
        // What names a thing to AWS is needed to import it, and opens nothing.
        if token.starts_with("arn:aws") && secret::detect(token).is_empty() {
            out.push_str(token);
        } else {
            blot_words(token, &mut out);
        }
    }
    out
}

fn blot_words(text: &str, out: &mut String) {
    for piece in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let (word, end) = piece.split_at(word.len());
        if is_readable(word) {
            out.push_str(word);
        } else {
            blot(word, out);
        }
        out.push_str(end);
    }
}

fn is_readable(word: &str) -> bool {
    word.len() < SHORTEST || FUNCTIONS.contains(&word) || display::is_harmless(word)
}

/// A hop of a because chain: `name = value`. Text is withheld where the name says that it is a secret, or where the
/// finding is about secrets.
pub(super) fn hop(text: &str, about_secrets: bool) -> String {
    match text.split_once(" = ") {
        Some((name, value))
            if value.starts_with('"')
                && (about_secrets || (is_secret_name(name) && !is_of_name(name))) =>
        {
            format!("{name} = (withheld)")
        }
        _ => text.to_owned(),
    }
}

/// Whether it is what an object is called: `aws_secretsmanager_secret.stripe.name` opens nothing.
fn is_of_name(address: &str) -> bool {
    let mut steps = address.rsplit('.');
    let is_name = steps.next() == Some("name");
    // A variable or a local may be anything.
    let of_resource = !address
        .split('.')
        .any(|step| matches!(step, "var" | "local"));
    is_name && of_resource && steps.count() >= 2
}

/// The contents of quoted strings in a stretch of text, without names and what refers to something else.
pub(super) fn strings(text: &str, span: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = span.start;
    while let Some(quote) = text.get(at..span.end).and_then(|rest| rest.find('"')) {
        let start = at + quote + 1;
        let end = start + quoted::content(&text[start..]);
        let content = &text[start..end];
        let is_key = text[end..]
            .trim_start_matches('"')
            .trim_start()
            .starts_with(['=', ':']);
        let before = text[..start - 1]
            .trim_end()
            .trim_end_matches(['=', ':'])
            .trim_end();
        let is_name = before.trim_end_matches('"').ends_with("name");
        let is_named = is_key || is_name || is_label(text, start - 1);
        if content.contains("${") {
            let inner = quoted::within(content).into_iter();
            let inner = inner.filter(|one| !names_secret(&content[one.clone()]));
            found.extend(inner.map(|one| start + one.start..start + one.end));
        } else if !names_secret(content) && !is_named {
            found.push(start..end);
        }
        at = end + 1;
    }
    found
}

/// Whether a quote opens a label of a block: `resource "aws_lb" "main" {`
fn is_label(text: &str, quote: usize) -> bool {
    let line = text[..quote].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line..].lines().next().unwrap_or_default();
    let Some(header) = line.trim_end().strip_suffix('{') else {
        return false;
    };
    let mut words = header.split_whitespace();
    let is_part = |c: char| c.is_ascii_lowercase() || c == '_';
    let is_kind = words.next().is_some_and(|kind| kind.chars().all(is_part));
    let is_quoted = |word: &str| word.len() > 2 && word.starts_with('"') && word.ends_with('"');
    is_kind && words.all(is_quoted)
}

/// What is not shown of a file of variables around a part of it: other variables and members are not what this is about.
/// Names stay, and of the part itself all but the strings of an object.
pub(super) fn beside(text: &str, window: Range<usize>, part: Range<usize>) -> Vec<Range<usize>> {
    let value = value_of(text, part.clone());
    let is_object = text
        .get(value)
        .is_some_and(|value| value.trim_start().starts_with('{'));
    let meant = if is_object { 0..0 } else { part };
    let is_beside = |one: &Range<usize>| one.end <= meant.start || meant.end <= one.start;
    let mut found = Vec::new();
    let mut heredoc: Option<String> = None;
    let mut at = window.start;
    for line in text.get(window).unwrap_or_default().split_inclusive('\n') {
        let whole = at..at + line.len();
        at = whole.end;
        if let Some(marker) = &heredoc {
            if line.trim() == marker {
                heredoc = None;
            } else {
                found.push(whole);
            }
            continue;
        }
        let strings: Vec<Range<usize>> = strings(text, whole.clone())
            .into_iter()
            // One that is not closed goes on.
            .map(|one| one.start..one.end.min(whole.end))
            .collect();
        let mut outside = line.to_owned();
        for one in &strings {
            let blank = " ".repeat(one.len());
            outside.replace_range(one.start - whole.start..one.end - whole.start, &blank);
        }
        found.extend(strings);
        let comment = ["#", "//", "/*"]
            .iter()
            .filter_map(|sign| outside.find(sign));
        if let Some(comment) = comment.min() {
            found.push(whole.start + comment..whole.end);
        }
        heredoc = marker_of(&outside);
    }
    found.retain(is_beside);
    found
}

/// The marker of a heredoc that begins on a line.
fn marker_of(line: &str) -> Option<String> {
    let at = line.find("<<")?;
    let marker = line[at + 2..].trim_start_matches('-').trim();
    let is_one = !marker.is_empty() && marker.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_one.then(|| marker.to_owned())
}

/// What stands unquoted in a file of variables and is no value there: a quote was forgotten, perhaps.
pub(super) fn bare_words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let value = line.find('=').map_or(line.len(), |equals| equals + 1);
        let end = line[value..]
            .find(['"', '#'])
            .map_or(line.len(), |end| value + end);
        let ends = |c: char| c.is_whitespace() || "[]{}(),".contains(c);
        let mut from = value;
        for word in line[value..end].split_inclusive(ends) {
            let bare = word.trim_end_matches(ends);
            let set = bare.find('=').map_or(0, |equals| equals + 1);
            let (start, bare) = (from + set, &bare[set..]);
            let is_key = line[start + bare.len()..]
                .trim_start()
                .starts_with(['=', ':']);
            let is_value = matches!(bare, "" | "true" | "false" | "null" | "=" | ":")
                || bare.starts_with("<<")
                || bare.parse::<f64>().is_ok();
            if !is_value && !is_key {
                found.push(at + start..at + start + bare.len());
            }
            from += word.len();
        }
        at += line.len();
    }
    found
}

/// What turns something on or off, or is too short to be a secret.
pub(super) fn is_switch(value: &str) -> bool {
    matches!(value, "true" | "false" | "null") || value.len() <= 2
}

/// The part of an assignment that is its value: what follows the first `=` or `:`, or all of what follows one already.
/// Empty where there is none.
pub(super) fn value_of(text: &str, span: Range<usize>) -> Range<usize> {
    let before = text.get(..span.start).unwrap_or_default();
    if before.trim_end_matches([' ', '\t']).ends_with(['=', ':']) {
        return span;
    }
    let assignment = text.get(span.clone()).unwrap_or_default();
    let Some(behind) = assignment.find(['=', ':']).map(|at| at + 1) else {
        return span.end..span.end;
    };
    let blank = assignment[behind..].len() - assignment[behind..].trim_start().len();
    span.start + behind + blank..span.end
}

struct Line<'a> {
    /// The marker of the heredoc that the line stands in.
    heredoc: &'a mut Option<String>,
    /// Whether a `name` on a line before is that of a secret: a `value` that follows is the secret.
    named: &'a mut bool,
    /// Whether it begins within a comment.
    comment: &'a mut bool,
}

impl Line<'_> {
    fn redact(mut self, line: &str, out: &mut String) {
        if *self.comment {
            return self.remark(line, out);
        }
        if let Some(marker) = self.heredoc {
            if line.trim() == marker {
                *self.heredoc = None;
                out.push_str(line);
            } else {
                // Two lines, so that it reads as a document.
                let parts = secret::assigned(&format!("{line}\n"), Reading::Document);
                words(&blotted(line, parts.into_iter()), out);
            }
            return;
        }
        let first = line.trim_start().split([' ', '\t', '=', ':']).next();
        let first = first.unwrap_or_default().trim_matches('"');
        let is_value = *self.named && first == "value";
        if first == "name" {
            *self.named = line.rsplit('"').nth(1).is_some_and(secret::is_secret_name);
        } else if is_value || line.trim_start().starts_with('}') {
            *self.named = false;
        }
        let secret = is_value || (is_secret_name(line) && line.contains(['=', ':']));
        let called = if secret { secret_words(line) } else { 0 };
        let mut rest = line;
        while let Some(start) = rest.find('"') {
            let (before, quoted) = rest.split_at(start + 1);
            if let Some(at) = comment_in(before) {
                words(&rest[..at], out);
                return self.remark(&rest[at..], out);
            }
            words(before, out);
            let (content, after) = quoted.split_at(quoted::content(quoted));
            // What a string itself says it holds is blotted out in it already.
            let is_called = is_value || secret_words(content) < called;
            let is_key = after
                .trim_start_matches('"')
                .trim_start()
                .starts_with(['=', ':']);
            if secret && is_called && !is_key && !content.contains("${") && !names_secret(content) {
                blot(content, out);
            } else if secret {
                let inner = quoted::within(content).into_iter();
                let inner = inner.filter(|one| {
                    let string = &content[one.clone()];
                    !is_switch(string) && !names_secret(string)
                });
                words(&blotted(content, inner), out);
            } else {
                words(content, out);
            }
            rest = match after.strip_prefix('"') {
                Some(after) => {
                    out.push('"');
                    after
                }
                None => after,
            };
        }
        let code = comment_in(rest).unwrap_or(rest.len());
        let (code, comment) = rest.split_at(code);
        *self.heredoc = marker_of(code.trim_end());
        words(code, out);
        if !comment.is_empty() {
            self.remark(comment, out);
        }
    }

    /// A comment: nothing says what a word in it is, so that all is blotted out that looks like a secret.
    fn remark(&mut self, text: &str, out: &mut String) {
        let goes_on = *self.comment || text.starts_with("/*");
        *self.comment = goes_on && !text.contains("*/");
        for piece in text.split_inclusive(char::is_whitespace) {
            let word = piece.trim_end();
            // `until=2026-12-31` has a name.
            let word = word.rsplit('=').next().unwrap_or(word);
            let has = |of: fn(char) -> bool| word.contains(of);
            let is_mixed = has(|c| c.is_ascii_digit()) && has(|c| c.is_ascii_alphabetic());
            if is_mixed && secret::tells(word) {
                let before = piece.trim_end().len() - word.len();
                out.push_str(&piece[..before]);
                blot(word, out);
                out.push_str(&piece[before + word.len()..]);
            } else {
                words(piece, out);
            }
        }
    }
}

/// Where a comment begins in what stands in no quotes.
fn comment_in(text: &str) -> Option<usize> {
    let starts = ["#", "//", "/*"].iter();
    starts.filter_map(|sign| text.find(sign)).min()
}

/// `DB_PASSWORD` is a name, `DB_PASSWORD=…` more than that.
fn names_secret(content: &str) -> bool {
    is_secret_name(content) && !content.contains(['=', ' ', ':', '@'])
}

/// How many words there are in a text that the names of secrets have.
fn secret_words(text: &str) -> usize {
    let text = text.to_ascii_lowercase();
    let count = |word: &&str| text.matches(*word).count();
    SECRET_WORDS.iter().map(count).sum()
}

/// Whether a name sounds like that of a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// Words one by one: white space and what holds words together in a URL or a list stays.
fn words(text: &str, out: &mut String) {
    let separates = |c: char| c.is_whitespace() || "\"'=,;:@&?()[]{}<>|/".contains(c);
    for piece in text.split_inclusive(separates) {
        let word = piece.trim_end_matches(separates);
        if is_readable(word.trim_start_matches('!')) {
            out.push_str(piece);
        } else {
            blot(word, out);
            out.push_str(&piece[word.len()..]);
        }
    }
}

/// A text without stretches of it.
pub(super) fn blotted(text: &str, parts: impl Iterator<Item = Range<usize>>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for part in parts {
        let end = part.end.min(bytes.len());
        for byte in &mut bytes[part.start.min(end)..end] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b'*';
            }
        }
    }
    // Parts begin and end between characters; if one did not, what is left of its character is blotted out as well.
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(text.len()))
}

fn blot(text: &str, out: &mut String) {
    out.extend(text.bytes().map(|byte| match byte {
        b'\n' => '\n',
        b'\r' => '\r',
        _ => '*',
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_blotted_out_in_place() {
        let text = concat!(
            "a = \"prod\"\ndb_password = \"hunter2\"\nkey = \"sk_",
            "live_Zq81mPx0Lk27Tr55Vb90Nn31\"\n",
            "hash = textencodebase64(\"x\", \"UTF-16LE\")\nurl = \"postgres://app:Zq81mPx0Lk27Tr55Vb90@db/x\"\nbroken = sk_",
            "live_Zq81mPx0Lk27Tr55Vb90Nn31\n"
        );
        let redacted = source(text, &[]);
        assert_eq!(redacted.len(), text.len());
        assert!(redacted.contains("a = \"prod\"") && redacted.contains("= textencodebase64("));
        assert!(
            !redacted.contains("hunter2") && !redacted.contains("Zq81"),
            "{redacted}"
        );
    }

    #[test]
    fn what_looks_like_a_secret_is_not_shown_in_a_comment() {
        let text = "a = \"prod\" # was violin-tomato-91, see main.tf\nb = 1 /* lilac-tulip-77\n  orchid-rose-5 */\nc = \"x2-of-the-others\"\n";
        let redacted = source(text, &[]);
        for secret in ["violin", "lilac", "orchid"] {
            assert!(!redacted.contains(secret), "{redacted}");
        }
        assert!(redacted.contains("see main.tf") && redacted.contains("x2-of-the-others"));
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let text = "a\u{1b}[31m = \"x\u{202e}y\u{9b}\"\r\nb\rc\t";
        assert_eq!(source(text, &[]), "a?[31m = \"x???y??\"\r\nb?c\t");
        assert_eq!(message("a\u{1b}[31m\u{202e}"), "a\\u{1b}[31m\\u{202e}");
    }

    #[test]
    fn what_is_withheld_shows_nothing() {
        let text = "plain = \"prod\"\nadmin = \"short\" # ü\n";
        let at = text.find("admin").expect("it is there");
        let redacted = source(text, &[value_of(text, at..at + "admin = \"short\"".len())]);
        assert_eq!(redacted, "plain = \"prod\"\nadmin = ******* # ü\n");
    }

    #[test]
    fn what_a_finding_about_secrets_points_at_is_blotted_out() {
        let text = "{ name = \"STRIPE_SECRET_KEY\", value = \"violin\", \"x\" = \"${local.x}\" }";
        let found: Vec<&str> = strings(text, 0..text.len())
            .into_iter()
            .map(|range| &text[range])
            .collect();
        assert_eq!(found, ["violin"]);
        assert!(!source(text, &[]).contains("violin"));
    }

    #[test]
    fn words_without_quotes_are_no_values() {
        let text =
            "a = true\nb = hunter2-x # note\nc = [1, 2.5, null, seven, { d = 1 }]\nd = \"text\"\n";
        let found: Vec<&str> = bare_words(text)
            .into_iter()
            .map(|range| &text[range])
            .collect();
        assert_eq!(found, ["hunter2-x", "seven"]);
    }

    #[test]
    fn labels_of_blocks_and_negations_stay_readable() {
        let text = "resource \"aws_db_instance\" \"this\" {\n  count = var.a && !var.ignore_task_definition_changes ? 1 : 0\n";
        assert!(strings(text, 0..text.len()).is_empty());
        assert_eq!(source(text, &[]), text);
    }

    #[test]
    fn strings_in_interpolations_are_blotted_out_alone() {
        let text = "  password = \"${replace(coalesce(var.a, \"violin\"), \"-\", \"_\")}\" # b\n";
        assert_eq!(source(text, &[]), text.replace("violin", "******"));
    }

    #[test]
    fn around_a_part_of_variables_other_strings_are_not_shown() {
        let text = "settings = {\n  creds = [\"violin\"] # tulip\n  on = true\n  key = <<EOT\norchid\nEOT\n  \"a\" = \"daisy\"\n}\n";
        let on = text.find("true").expect("it is there");
        for part in [on..on + 4, 0..text.len()] {
            let found = beside(text, 0..text.len(), part);
            let shown = blotted(text, found.into_iter());
            for secret in ["violin", "tulip", "orchid", "daisy"] {
                assert!(!shown.contains(secret), "{shown}");
            }
            assert!(shown.contains("creds = [\"******\"]") && shown.contains("on = true"));
        }
        let line = "on={force=true,creds=[\"violin\"]}";
        assert!(bare_words(line).is_empty());
        let open = "a = \"violin\nb = \"ö\n";
        let found = beside(open, 0..open.len(), 0..0);
        assert!(!blotted(open, found.into_iter()).contains("violin"));
        let own = "name = \"tulip\"\n";
        assert!(beside(own, 0..own.len(), 0..own.len() - 1).is_empty());
    }

    #[test]
    fn names_in_configuration_stay_readable() {
        let text = "resource \"aws_secretsmanager_secret\" \"stripe_webhook_secret\" {\n  name = \"${local.prefix}-x\"\n  \
                    certificate_arn = module.acm_alb[0].validated_certificate_arn\nforce_http_forwarding=true\n";
        assert_eq!(source(text, &[]), text);
    }

    #[test]
    fn messages_keep_names_and_lose_credentials() {
        let kept = "`module.acm_alb[0].aws_acm_certificate_validation.this` in env/prod.tfvars";
        assert_eq!(message(kept), kept);
        assert!(
            !message(concat!(
                "`x=sk_",
                "live_Zq81mPx0Lk27Tr55Vb90Nn31` does not exist"
            ))
            .contains("Zq81")
        );
    }
}
