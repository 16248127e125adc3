//! How a value may be shown to a person: briefly, and never anything that could be a credential.

use super::{Data, Shape, Value};

/// Longer strings are shown by their length only.
const LONGEST: usize = 48;

/// A primitive as text, whatever it says: to compare with, not to show.
pub fn display(value: &Value) -> Option<String> {
    match value.data() {
        Data::Bool(value) => Some(value.to_string()),
        Data::Number(number) => Some(number.to_string()),
        Data::String(text) => Some(text.to_string()),
        _ => None,
    }
}

/// A value in a few words. What is marked is withheld; what is long or could be a credential is described; of what was
/// decoded in part that is told.
pub fn short(value: &Value) -> String {
    if !value.marks().is_empty() {
        return "(sensitive)".to_owned();
    }
    match value.data() {
        Data::Null(_) => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) if is_harmless(text) => format!("\"{text}\""),
        Data::String(text) => format!("(text, {} characters)", text.chars().count()),
        Data::List(_, elements) | Data::Set(_, elements) | Data::Tuple(elements) => {
            match elements.len() {
                0 => "[]".to_owned(),
                1 => "(1 element)".to_owned(),
                count => format!("({count} elements)"),
            }
        }
        Data::Map(_, entries) | Data::Object(entries) => match entries.len() {
            0 => "{}".to_owned(),
            1 => "(1 entry)".to_owned(),
            count => format!("({count} entries)"),
        },
        Data::Unknown(unknown) => match &unknown.shape {
            Some(Shape::Decoded(document)) => short(document),
            _ => "(known after apply)".to_owned(),
        },
    }
}

/// As [`short`], with the elements of a small collection.
pub fn listed(value: &Value) -> String {
    const MOST: usize = 8;
    if !value.marks().is_empty() {
        return short(value);
    }
    let elements: Vec<String> = value.children().take(MOST + 1).map(short).collect();
    if elements.is_empty() || elements.len() > MOST {
        return short(value);
    }
    match value.data() {
        Data::Map(_, entries) | Data::Object(entries)
            if entries.keys().all(|key| is_harmless(key)) =>
        {
            let entries = entries.keys().zip(elements);
            let entries: Vec<String> = entries.map(|(key, one)| format!("{key} = {one}")).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Data::Map(..) | Data::Object(_) => short(value),
        _ => format!("[{}]", elements.join(", ")),
    }
}

/// Names, hosts, paths and ARNs are words joined by punctuation. A credential is not: it has a long run of mixed
/// letters and digits.
pub(crate) fn is_harmless(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._:/-* #{}".contains(c);
    text.len() <= LONGEST
        && text.chars().all(allowed)
        && text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .all(is_word)
}

fn is_word(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let upper = word.chars().filter(char::is_ascii_uppercase).count();
    word.len() <= 12 || (digits == 0 && upper * 3 <= word.len()) || digits == word.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_and_credentials_are_not() {
        for text in [
            "prod",
            "api.example.com",
            "arn:aws:acm:us-east-1:123456789012:x",
            "/webhooks/stripe",
            "ELBSecurityPolicy-TLS13-1-2-2021-06",
        ] {
            assert_eq!(short(&Value::string(text)), format!("\"{text}\""));
        }
        for text in [
            "sk_live_Zq81mPx0Lk27Tr55Vb90Nn31",
            "AKIAIOSFODNN7EXAMPLE",
            "correct horse, battery",
        ] {
            assert!(!short(&Value::string(text)).contains(&text[8..]), "{text}");
        }
    }
}
