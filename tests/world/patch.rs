//! Unified diffs whose hunks fit exactly, with a line of context at least.

use std::iter::Peekable;
use std::path::Path;
use std::str::Lines;

/// Applies a diff of several files to a folder.
pub fn apply(patch: &str, folder: &Path) {
    let mut lines = patch.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("+++ b/") else {
            continue;
        };
        let target = folder.join(name.split('\t').next().unwrap_or(name));
        let before = std::fs::read_to_string(&target).unwrap_or_default();
        let after = hunks(&mut lines, &before);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        std::fs::write(&target, after).expect("a file");
    }
}

/// A text with the diff of one file applied.
pub fn patched(before: &str, patch: &str) -> String {
    let mut lines = patch.lines().peekable();
    while lines.next_if(|line| !line.starts_with("@@ ")).is_some() {}
    hunks(&mut lines, before)
}

fn hunks(lines: &mut Peekable<Lines<'_>>, before: &str) -> String {
    let old: Vec<&str> = before.lines().collect();
    let mut new: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(header) = lines.next_if(|line| line.starts_with("@@ ")) {
        let start = header
            .split(['-', ',', ' '])
            .nth(2)
            .and_then(|start| start.parse::<usize>().ok());
        let start = start.expect("a hunk's first line").saturating_sub(1);
        new.extend(&old[at..start]);
        at = start;
        while let Some(line) =
            lines.next_if(|line| !line.starts_with("@@ ") && !line.starts_with("--- "))
        {
            match line.split_at_checked(1) {
                Some(("+", text)) => new.push(text),
                Some((kind @ ("-" | " "), text)) => {
                    assert_eq!(old[at], text, "line {}", at + 1);
                    at += 1;
                    if kind == " " {
                        new.push(text);
                    }
                }
                _ => {}
            }
        }
    }
    new.extend(&old[at..]);
    new.join("\n") + "\n"
}
