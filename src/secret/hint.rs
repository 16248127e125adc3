//! Whether a text may hold what only a name tells to be a secret. Fast, and without reading what the text says: what it
//! passes over need not be decoded or parsed.

use memchr::{memchr2_iter, memchr3_iter};

use super::names::{is_secret_name, may_be_of_service, may_hold_secrets};
use super::{compressed, encoded, ending, listed};

/// Whether a text of JSON without escapes may, or what is in it in base64.
pub fn may_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut string = 0;
    memchr2_iter(b'"', b'=', bytes).any(|at| {
        if ends_name(text, at) {
            return true;
        }
        let is_quote = bytes[at] == b'"';
        let within = is_quote.then(|| &text[std::mem::replace(&mut string, at + 1)..at]);
        within.is_some_and(may_encode)
    })
}

/// Whether a string of a JSON text is the base64 of a text that may name a secret.
fn may_encode(string: &str) -> bool {
    let decoded = encoded::decoded(string).or_else(|| compressed::unpacked(string));
    decoded.is_some_and(|decoded| may_write(&decoded))
}

/// Whether a text of HCL may: as the label of a block, or by an assignment.
pub fn may_write(text: &str) -> bool {
    let mut ends = memchr3_iter(b'=', b':', b'{', text.as_bytes());
    let is_named = ends.any(|at| {
        let before = text[..at].trim_end_matches(' ');
        let before = before.strip_suffix('"').unwrap_or(before);
        ends_name(text, before.trim_end_matches('\\').len())
    });
    is_named || listed::may_list(text)
}

/// Whether the name of a secret ends there.
fn ends_name(text: &str, end: usize) -> bool {
    ending::may_end(&text[..end]) && is_named(name_before(text, end))
}

/// The name that ends there.
fn name_before(text: &str, end: usize) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let start = text[..end].trim_end_matches(is_part).len();
    &text[start..end]
}

fn is_named(name: &str) -> bool {
    is_secret_name(name)
        || may_be_of_service(name)
        || may_hold_secrets(name)
        || name.to_ascii_lowercase().ends_with("authorization")
}

#[cfg(test)]
mod tests {
    use super::super::names::words_of_secrets;
    use super::*;

    #[test]
    fn each_word_of_names_is_seen() {
        for word in words_of_secrets() {
            for word in [word.to_owned(), word.to_lowercase().replace('_', "-")] {
                assert!(may_name(&format!("{{\"{word}\":1}}")), "{word}");
                // A name as a whole, and no ending of others.
                let my = match is_named(&format!("my_{word}")) {
                    true => "my_",
                    false => "",
                };
                assert!(may_name(&format!("{{\"a\":\"{my}{word}=1\"}}")), "{word}");
                assert!(may_write(&format!("{my}{word} = 1")), "{word}");
            }
        }
    }

    #[test]
    fn assignments_are_seen() {
        for text in [
            "variable \"db_password\" {",
            "api_key   = \"violin77\"",
            "{ \"token\": \"violin77\" }",
            "dbPassword = 1",
            "- name: DB_PASSWORD\n  value: violin77\n",
        ] {
            assert!(may_write(text), "{text}");
        }
        assert!(!may_write("name = \"token\"\n"));
    }

    #[test]
    fn names_of_secrets_are_seen() {
        for text in [
            r#"{"input":{"db_password":"violin77"}}"#,
            r#"{"passwords":["violin77"]}"#,
            r#"{"name":"API_KEY","value":"violin77"}"#,
            r#"{"name":"/acme/db/password","type":"String"}"#,
            r#"{"apiKey":"violin77","x-api-key":"a"}"#,
            r#"{"Authorization":"Bearer violin77"}"#,
            r#"{"url":"https://a.example.com?token=violin77"}"#,
            r#"{"creds":{"a":"violin77"}}"#,
        ] {
            assert!(may_name(text), "{text}");
        }
        // `export DB_PASSWORD=violin77`
        assert!(may_name(
            r#"{"user_data":"ZXhwb3J0IERCX1BBU1NXT1JEPXZpb2xpbjc3"}"#
        ));
        // The same, compressed.
        assert!(may_name(
            r#"{"user_data":"H4sIAAAAAAAA/0qtKMgvKlFwcYoPcAwODvcPcrEty8zPycwzNwcAAAD//wEAAP//gkwukRsAAAA="}"#
        ));
        for text in [
            r#"{"key":"a","kms_key":"b","secret_arn":"c","password_policy":"d"}"#,
            r#"{"name":"TOKEN_TTL","value":"60"}"#,
        ] {
            assert!(!may_name(text), "{text}");
        }
    }
}
