//! What is not shown of a file that cannot be parsed: where a value begins and ends is not known then, nor what is a name.

use std::ops::Range;
use std::path::Path;

use super::is_variables_file;
use super::redact::is_secret_name;
use crate::eval::parse_var_file;
use crate::source::{SourceFile, SourceId};
use crate::syntax::{self, JsonFile};

/// Stretches that are not shown. None of a file that can be parsed.
pub(super) fn unreadable(source: SourceId, file: &SourceFile) -> Vec<Range<usize>> {
    let is_json = is_json(file.path());
    if is_variables_file(file.path()) {
        let is_file = file.path().extension().is_some();
        let parsed = parse_var_file(source, file);
        let is_whole = parsed.errors.is_empty() && parsed.body.blocks.is_empty();
        return match is_whole {
            false if is_file || is_composed(file.text()) => values(file.text(), is_json),
            _ => Vec::new(),
        };
    }
    let name = file.path().to_string_lossy();
    let is_configuration = [".tf", ".tofu", ".tf.json", ".tofu.json"];
    if !is_configuration.iter().any(|ending| name.ends_with(ending)) {
        return Vec::new();
    }
    let parsed = match is_json {
        true => syntax::parse_json(source, file.text(), JsonFile::Configuration),
        false => syntax::parse(source, file.text()),
    };
    if parsed.errors.is_empty() {
        return Vec::new();
    }
    secret_blocks(file.text())
        .into_iter()
        .chain(secret_arguments(file.text()))
        .collect()
}

/// Whether what `-var` gives begins as an object, a list or a string does. Other text need not be an expression.
fn is_composed(text: &str) -> bool {
    text.split_once('=')
        .is_some_and(|(_, value)| value.trim_start().starts_with(['{', '[', '"']))
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json")
}

/// In a file of variables: everything but the names at the outermost level that something is set to, and punctuation.
fn values(text: &str, is_json: bool) -> Vec<Range<usize>> {
    let outermost = i32::from(is_json);
    let mut found = Vec::new();
    let (mut at, mut depth) = (0, 0);
    for line in text.split_inclusive('\n') {
        let name = match depth == outermost || line.starts_with('{') {
            true => name_of(line, is_json),
            false => 0,
        };
        found.extend(words(text, at + name..at + line.len()));
        for c in line.chars() {
            depth += i32::from("{[(".contains(c)) - i32::from("}])".contains(c));
        }
        at += line.len();
    }
    found
}

/// How much of a line is the name of a variable: `name = …`, `{"name": …`.
fn name_of(line: &str, is_json: bool) -> usize {
    let start = match is_json {
        true => line.len() - line.trim_start_matches([' ', '\t', '{', '"']).len(),
        false => 0,
    };
    let is_part = |c: char| c.is_alphanumeric() || "_-".contains(c);
    let rest = line[start..].trim_start_matches(is_part);
    let sets = rest.trim_start_matches(['"', ' ', '\t']);
    let is_set = sets.strip_prefix(if is_json { ':' } else { '=' });
    let has_value = |rest: &str| !rest.trim().is_empty() && !rest.starts_with('=');
    match is_set.is_some_and(has_value) {
        true => line.len() - rest.len(),
        false => 0,
    }
}

/// Blocks of variables that are sensitive, or called so: everything but what the language itself names.
fn secret_blocks(text: &str) -> Vec<Range<usize>> {
    const KEYWORDS: [&str; 26] = [
        "variable",
        "default",
        "type",
        "sensitive",
        "ephemeral",
        "nullable",
        "description",
        "validation",
        "condition",
        "error_message",
        "true",
        "false",
        "null",
        "string",
        "number",
        "bool",
        "list",
        "map",
        "set",
        "object",
        "tuple",
        "any",
        "optional",
        "var",
        "length",
        "EOT",
    ];
    let mut found = Vec::new();
    for block in top_level(text) {
        let header = &text[block.clone()];
        let Some(label) = header.strip_prefix("variable") else {
            continue;
        };
        let body = label.find('{').map_or(label.len(), |at| at + 1);
        let (label, inside) = label.split_at(body);
        let compact: String = inside.split_whitespace().collect();
        let is_declared = ["sensitive=true", "ephemeral=true"];
        if is_secret_name(label) || is_declared.iter().any(|one| compact.contains(one)) {
            let start = block.end - inside.len();
            let all = words(text, start..block.end).into_iter();
            found.extend(all.filter(|word| !KEYWORDS.contains(&&text[word.clone()])));
        }
    }
    found
}

/// From each line that begins with a word, at its very start, to the next.
fn top_level(text: &str) -> Vec<Range<usize>> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begins = |line: &str| BLOCKS.iter().any(|kind| line.starts_with(kind));
        // A brace and what follows it on one line begin something as well.
        let closed = line.len() - line.trim_start_matches(['}', ' ']).len();
        if begins(line) {
            starts.push(at);
        } else if line.starts_with('}') && begins(&line[closed..]) {
            starts.push(at + closed);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(start, end)| start..end)
        .collect()
}

const BLOCKS: [&str; 13] = [
    "variable",
    "resource",
    "data ",
    "data\"",
    "module",
    "locals",
    "output",
    "provider",
    "terraform",
    "moved",
    "import",
    "check",
    "removed",
];

/// Arguments that are called like secrets: what is no reference, up to the end of the line.
fn secret_arguments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(equals) = line
            .find('=')
            .filter(|equals| is_secret_name(&line[..*equals]))
        {
            let refers = |word: &Range<usize>| {
                let rest = &text[word.clone()];
                rest.contains('.') && !rest.starts_with(|c: char| c.is_ascii_digit())
            };
            let value = at + equals + 1..at + line.len();
            found.extend(words(text, value).into_iter().filter(|word| !refers(word)));
        }
        at += line.len();
    }
    found
}

/// Words within a stretch: what stands between white space and punctuation that gives a text its structure.
fn words(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let separates = |c: char| c.is_whitespace() || "{}[](),:=\"".contains(c);
    let mut found = Vec::new();
    let mut at = within.start;
    for piece in text[within].split_inclusive(separates) {
        let word = piece.trim_end_matches(separates);
        if !word.is_empty() {
            found.push(at..at + word.len());
        }
        at += piece.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::redact::blotted;
    use crate::source::Sources;

    fn shown(name: &str, text: &str) -> String {
        let sources = Sources::default();
        let source = sources.add(name.into(), text);
        let parts = unreadable(source, &sources.file(source));
        blotted(text, parts.into_iter())
    }

    #[test]
    fn of_variables_only_the_names_are_left() {
        for (text, left) in [
            (
                "a = 1\nb = { \"c\" = \"d7\"\n",
                "a = *\nb = { \"*\" = \"**\"\n",
            ),
            ("a = 0x51H\n", "a = *****\n"),
            ("a b7\n", "* **\n"),
            ("a = \"c\"\nb7\n", "a = \"*\"\n**\n"),
            ("a = {\nb7 = {\n", "a = {\n** = {\n"),
            ("a = 1\n", "a = 1\n"),
        ] {
            assert_eq!(shown("x.tfvars", text), left);
        }
        let json = shown("x.tfvars.json", "{\"a\":b7,\n \"c\": {\"d7\": 1}}");
        assert_eq!(json, "{\"a\":**,\n \"c\": {\"**\": *}}");
    }

    #[test]
    fn of_configuration_secrets_are_left_out() {
        let variable = "variable \"a\" {\n sensitive = true\n default = { b = \"c7\"\n}\n";
        let left = "variable \"a\" {\n sensitive = true\n default = { * = \"**\"\n}\n";
        assert_eq!(shown("x.tf", variable), left);
        let text = "resource \"a\" \"b\" {\n size = 9x\n password = 9tomato\n token = var.a\n}\n";
        let left = "resource \"a\" \"b\" {\n size = 9x\n password = *******\n token = var.a\n}\n";
        assert_eq!(shown("x.tf", text), left);
        let parsed = "variable \"db_password\" {\n default = { b = \"c7\" }\n}\n";
        assert_eq!(shown("x.tf", parsed), parsed);
    }
}
