//! Wildcards as listener rules have them: `*` is any number of characters, `?` is exactly one, `\` takes the next one as
//! it is.

/// Whether letters of another case are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Matters,
    Ignored,
}

/// Whether a pattern covers the whole of a text.
pub(super) fn covers(pattern: &str, text: &str, case: Case) -> bool {
    let fold = |text: &str| match case {
        Case::Matters => text.chars().collect::<Vec<char>>(),
        Case::Ignored => text.to_lowercase().chars().collect(),
    };
    let (pattern, text) = (parts(&fold(pattern)), fold(text));
    let (mut at, mut of_text) = (0, 0);
    // Where the last `*` stood, and up to where it has swallowed the text: one more character if what follows fails.
    let mut star: Option<(usize, usize)> = None;
    while of_text < text.len() {
        match pattern.get(at) {
            Some(Part::Any) => {
                star = Some((at, of_text));
                at += 1;
            }
            Some(part) if part.is(text[of_text]) => {
                at += 1;
                of_text += 1;
            }
            _ => match star {
                Some((star_at, swallowed)) => {
                    star = Some((star_at, swallowed + 1));
                    at = star_at + 1;
                    of_text = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|part| *part == Part::Any)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Char(char),
}

impl Part {
    fn is(self, c: char) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Char(own) => own == c,
        }
    }
}

fn parts(pattern: &[char]) -> Vec<Part> {
    let mut chars = pattern.iter().copied().peekable();
    let mut found = Vec::new();
    while let Some(c) = chars.next() {
        found.push(match c {
            '*' => Part::Any,
            '?' => Part::One,
            '\\' => Part::Char(chars.next_if(|c| "*?\\".contains(*c)).unwrap_or('\\')),
            c => Part::Char(c),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_cover_what_they_should() {
        let rows = [
            ("/webhooks/*", "/webhooks/stripe", true),
            ("/webhooks/*", "/webhooks/", true),
            ("/webhooks/*", "/webhooks", false),
            ("/webhooks*", "/webhooks", true),
            ("*", "", true),
            ("*", "/anything/at/all", true),
            ("/*/stripe", "/a/b/stripe", true),
            ("/*/stripe", "/stripe", false),
            ("/v?/x", "/v1/x", true),
            ("/v?/x", "/v/x", false),
            ("/v?/x", "/v12/x", false),
            ("*.example.com", "api.example.com", true),
            ("*.example.com", "example.com", false),
            ("*a*b*c", "xxaxxbxxbxc", true),
            ("*a*b*c", "xxaxxbxxb", false),
            ("a**b", "ab", true),
            ("", "", true),
            ("", "a", false),
            (r"\*", "*", true),
            (r"\*", "a", false),
            (r"a\?", "a?", true),
            (r"a\?", "ab", false),
            (r"a\b", r"a\b", true),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(
                covers(pattern, text, Case::Matters),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn case_matters_where_it_should() {
        assert!(covers("API.Example.com", "api.example.COM", Case::Ignored));
        assert!(!covers("/Webhooks/*", "/webhooks/stripe", Case::Matters));
    }

    #[test]
    fn many_stars_take_no_long() {
        let pattern = "*a".repeat(60);
        let text = "a".repeat(20_000) + "b";
        assert!(!covers(&pattern, &text, Case::Matters));
    }
}
