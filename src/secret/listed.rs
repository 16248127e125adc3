//! Secrets in lists of YAML whose elements have a name and a value: `- name: DB_PASSWORD` with `value: …` below it.

use std::ops::Range;

use super::manifest::unquoted;
use super::names::is_secret_name;

/// Where the values stand, quoted or not, that have the name of a secret beside them.
pub(super) fn values(text: &str) -> Vec<Range<usize>> {
    let mut open: Vec<Element<'_>> = Vec::new();
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(member) = Member::of(line, start) {
            member.take_up(&mut open, &mut found);
        }
        start += line.len();
    }
    found.extend(open.iter().filter_map(Element::secret));
    found
}

/// Whether a text may hold one, without looking closely.
pub(super) fn may_list(text: &str) -> bool {
    let is_named = |line: &str| {
        let name = line.split_once(':').map(|(_, name)| unquoted(name));
        name.is_some_and(is_secret_name)
    };
    text.contains("- ") && text.contains("alue") && text.lines().any(is_named)
}

/// An element of a list, as far as it was read.
struct Element<'t> {
    column: usize,
    name: Option<&'t str>,
    value: Option<Range<usize>>,
}

impl Element<'_> {
    fn secret(&self) -> Option<Range<usize>> {
        let is_one = self.name.is_some_and(is_secret_name);
        self.value.clone().filter(|_| is_one)
    }
}

/// A line `key: value`, perhaps the first of an element.
struct Member<'t> {
    begins: bool,
    /// Where the key begins in its line.
    column: usize,
    key: &'t str,
    value: &'t str,
    /// Where the value begins in the whole text.
    at: usize,
}

impl<'t> Member<'t> {
    fn of(line: &'t str, start: usize) -> Option<Self> {
        let text = line.trim_start_matches(' ');
        let member = text.strip_prefix("- ").map(str::trim_start);
        let (begins, member) = (member.is_some(), member.unwrap_or(text));
        let (key, rest) = member.split_once(':')?;
        let value = rest.trim_start_matches(' ');
        Some(Self {
            begins,
            column: line.len() - member.len(),
            key: unquoted(key),
            value: value.trim_end(),
            at: start + line.len() - value.len(),
        })
    }

    /// Ends the elements that this line is not part of, and adds it to the one that it is.
    fn take_up(self, open: &mut Vec<Element<'t>>, found: &mut Vec<Range<usize>>) {
        let ends = |one: &Element<'_>| match self.begins {
            true => one.column >= self.column,
            false => one.column > self.column,
        };
        while open.last().is_some_and(ends) {
            found.extend(open.pop().and_then(|ended| ended.secret()));
        }
        if self.begins {
            open.push(Element {
                column: self.column,
                name: None,
                value: None,
            });
        }
        let Some(element) = open.last_mut().filter(|one| one.column == self.column) else {
            return;
        };
        match self.key {
            "name" | "key" | "Name" | "Key" => element.name = Some(unquoted(self.value)),
            "value" | "Value" => element.value = Some(self.at..self.at + self.value.len()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        values(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_value_has_its_name_beside_it() {
        let text = "spec:\n  containers:\n  - name: api\n    env:\n    - name: DB_PASSWORD\n      value: violin77\n    \
                    - value: 'orchid 77'\n      name: API_TOKEN\n    - name: PORT\n      value: tulip77\n    image: app\n  \
                    value: rose77\n\"more\":\n- \"name\": \"JWT_SECRET\"\n  \"value\": \"daisy77\"\n";
        assert_eq!(found(text), ["violin77", "'orchid 77'", "\"daisy77\""]);
        assert!(may_list(text));
    }

    #[test]
    fn other_values_are_none() {
        for text in [
            "- name: DB_PASSWORD\n  valueFrom:\n    value: violin77\n",
            "- name: DB_PASSWORD\n- value: violin77\n",
            "name: DB_PASSWORD\nvalue: violin77\n",
            "- name: PORT\n  value: violin77\n",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
