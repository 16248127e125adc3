//! A text without its layout: what is left when comments, line breaks and the order of blocks do not count.

use super::scanner::{Kind, Start, scan};

/// A block or an attribute at the top of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passage {
    /// What it begins with, less quotes: a block's type and its labels, or an attribute's name.
    pub header: Vec<String>,
    words: Vec<String>,
}

impl Passage {
    /// A whole file in JSON syntax.
    pub fn of_json(name: &str, value: &serde_json::Value) -> Self {
        Self {
            header: vec![name.to_owned()],
            words: vec![value.to_string()],
        }
    }
}

/// The passages of a text in HCL native syntax.
pub fn passages(text: &str) -> Vec<Passage> {
    let mut found = Vec::new();
    let mut words = Vec::new();
    let mut header = None;
    let mut depth = 0_usize;
    for token in scan(text, Start::File).tokens {
        match token.kind {
            Kind::OpenBrace
            | Kind::OpenBracket
            | Kind::OpenParen
            | Kind::Interpolation
            | Kind::Directive => depth += 1,
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen | Kind::CloseTemplate => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        match token.kind {
            Kind::Newline | Kind::End if depth > 0 => continue,
            Kind::Newline | Kind::End => {
                let words = std::mem::take(&mut words);
                let header = header.take().unwrap_or_default();
                found.extend((!words.is_empty()).then_some(Passage { header, words }));
                continue;
            }
            Kind::OpenBrace | Kind::Assign if header.is_none() => {
                let unquoted = |word: &String| word.trim_matches('"').to_owned();
                header = Some(words.iter().map(unquoted).collect());
            }
            _ => {}
        }
        let word = &text[token.start as usize..token.end as usize];
        words.push(word.replace("\r\n", "\n"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_does_not_count_and_everything_else_does() {
        let text = "a \"b\" \"c\" {\n  x = <<-EOT\n    one ${y}\n  EOT\n  z = [1, 2]\n}\nlocals { k = 1 }\n";
        let same = "# note\r\nlocals { k = 1 }\r\n\r\na \"b\" \"c\" {\r\n  x = <<-EOT\r\n    one ${y}\r\n  EOT\r\n  // more\r\n  z   = [\r\n 1, /* and */ 2]\r\n}";
        let sorted = |text: &str| {
            let mut all = passages(text);
            all.sort();
            all
        };
        assert_eq!(sorted(text), sorted(same));
        assert_eq!(passages(text)[0].header, ["a", "b", "c"]);
        for other in [
            text.replace("one", "two"),
            text.replace("[1, 2]", "[2, 1]"),
            text.replace("k = 1", "k = \"1\""),
            text.replace("${y}", "y"),
        ] {
            assert_ne!(sorted(text), sorted(&other), "{other}");
        }
    }
}
