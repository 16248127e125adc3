//! Secrets of Kubernetes in manifests as YAML: whatever stands under `data` or `stringData` of the kind `Secret`.

use std::ops::Range;

use super::encoded;
use super::likely::may_be_secret;
use super::placeholder::is_placeholder;

/// Where the values stand, in order.
pub(super) fn values(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !text.contains("Secret") {
        return found;
    }
    let mut manifest: Vec<Line<'_>> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") {
            found.extend(of_manifest(&manifest));
            manifest.clear();
        } else {
            manifest.extend(Line::of(line, start));
        }
        start += line.len();
    }
    found.extend(of_manifest(&manifest));
    found
}

/// A line that is not empty.
struct Line<'t> {
    indent: usize,
    /// Without what is before and behind it.
    text: &'t str,
    start: usize,
}

impl<'t> Line<'t> {
    fn of(line: &'t str, start: usize) -> Option<Self> {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let text = text.trim_end();
        (!text.is_empty() && !text.starts_with('#')).then_some(Self {
            indent,
            text,
            start: start + indent,
        })
    }
}

fn of_manifest(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let Some(outermost) = lines.iter().map(|line| line.indent).min() else {
        return Vec::new();
    };
    let is_member = |line: &&Line<'_>| line.indent == outermost;
    let kind = |line: &Line<'_>| line.text.strip_prefix("kind:").map(unquoted) == Some("Secret");
    if !lines.iter().filter(is_member).any(kind) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut is_within = false;
    for line in lines {
        if line.indent == outermost {
            is_within = matches!(line.text, "data:" | "stringData:");
        } else if is_within {
            found.extend(value(line));
        }
    }
    found
}

/// What stands behind the key of a line, or all of one that goes on.
fn value(line: &Line<'_>) -> Option<Range<usize>> {
    let value = line
        .text
        .split_once(": ")
        .map_or(line.text, |(_, value)| value);
    let value = unquoted(value);
    let plain = encoded::decoded(value);
    let stands_in = plain.is_some_and(|plain| is_placeholder(plain.trim()));
    let is_key = value.ends_with(':') || matches!(value, "|" | "|-" | ">" | ">-");
    let is_one = !is_key && !stands_in && !value.contains("${") && may_be_secret(value);
    let before = line.text.rfind(value)?;
    is_one.then(|| line.start + before..line.start + before + value.len())
}

/// A word of YAML without its quotes.
pub(super) fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        values(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_secret_holds_secrets_whatever_their_keys_are() {
        let text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: upstream7\nstringData:\n  upstream: 'violin 77'\n  \
                    script: |\n    orchid77\n  later: REPLACE_ME\ndata:\n  a: bGlsYWM3NyBkYWlzeQ==\n  b: UkVQTEFDRV9NRQ==\n\
                    ---\nkind: ConfigMap\ndata:\n  a: tulip77\n";
        assert_eq!(
            found(text),
            ["violin 77", "orchid77", "bGlsYWM3NyBkYWlzeQ=="]
        );
    }

    #[test]
    fn other_manifests_hold_none() {
        for text in [
            "kind: SealedSecret\ndata:\n  a: violin77\n",
            "kind: Deployment\nspec:\n  kind: Secret\ndata:\n  a: violin77\n",
            "kind: Secret\nstringData:\n  a: ${violin77}\n",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
