//! What the data source `cloudinit_config` renders: its parts as one MIME message, compressed and in base64 unless it says
//! otherwise.
//!
//! Source: `internal/provider/cloudinit_config.go` in the provider's repository, and `mime/multipart` of Go, which writes the
//! headers of a part in alphabetical order. A boundary that Go refuses leaves the text unknown.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::gzip::{self, Ending};
use crate::value::{Cause, Causes, Data, Entries, Type, Value};

/// The configuration with what the provider puts where nothing is written.
pub(super) fn with_defaults(config: &Value) -> Value {
    let Some(given) = config.as_entries() else {
        return config.clone();
    };
    let mut entries = given.clone();
    default(&mut entries, "gzip", Value::TRUE);
    default(&mut entries, "base64_encode", Value::TRUE);
    default(&mut entries, "boundary", Value::string("MIMEBOUNDARY"));
    if let Some(parts) = entries.get_mut("part")
        && let Data::List(of, elements) = parts.data()
    {
        let elements = elements.iter().map(|part| {
            let Some(given) = part.as_entries() else {
                return part.clone();
            };
            let mut entries = given.clone();
            default(&mut entries, "content_type", Value::string("text/plain"));
            Value::object(entries).with_marks(part.marks())
        });
        *parts = Value::list(of.clone(), elements).with_marks(parts.marks());
    }
    Value::object(entries).with_marks(config.marks())
}

fn default(entries: &mut Entries, name: &str, value: Value) {
    if entries.get(name).is_none_or(Value::is_null) {
        entries.insert(name.into(), value);
    }
}

/// The attribute `rendered` of a [configuration with defaults](with_defaults): as secret as what goes into it.
pub(super) fn rendered(config: &Value) -> Value {
    let marks = config.marks_deep();
    let parts = config.attribute("part").cloned().unwrap_or(Value::NULL);
    let inputs = ["gzip", "base64_encode", "boundary"].map(|name| config.attribute(name));
    let mut causes = parts.causes();
    for input in inputs.into_iter().flatten() {
        causes = causes.union(&input.causes());
    }
    let value = match text(config) {
        Some(text) => Value::text(&text),
        None if causes.is_empty() => {
            let message = "the provider refuses this `cloudinit_config`".into();
            Value::unknown(Type::String, Causes::one(Cause::Error { message }))
        }
        None => Value::unknown(Type::String, causes),
    };
    value.with_marks(&marks)
}

fn text(config: &Value) -> Option<String> {
    let flag = |name| config.attribute(name)?.as_bool();
    let boundary = config.attribute("boundary")?.as_str()?;
    let message = message(boundary, config.attribute("part")?)?;
    match (flag("gzip")?, flag("base64_encode")?) {
        (true, true) => Some(STANDARD.encode(gzip::compress(message.as_bytes(), Ending::Closed))),
        (false, true) => Some(STANDARD.encode(message)),
        (false, false) => Some(message),
        (true, false) => None,
    }
}

fn message(boundary: &str, parts: &Value) -> Option<String> {
    let parts = parts.as_elements()?;
    if parts.is_empty() || !is_boundary(boundary) {
        return None;
    }
    let mut text = format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\n");
    text.push_str("MIME-Version: 1.0\r\n\r\n");
    let mut before = "";
    for part in parts {
        // Null where it is left out, which is as good as empty.
        let given = |name: &str| match part.attribute(name)? {
            value if value.is_null() => Some(""),
            value => value.as_str(),
        };
        let filename = given("filename")?;
        let disposition = format!("attachment; filename=\"{filename}\"");
        let merge_type = given("merge_type")?;
        let headers = [
            ("Content-Disposition", &*disposition, !filename.is_empty()),
            ("Content-Transfer-Encoding", "7bit", true),
            ("Content-Type", given("content_type")?, true),
            ("Mime-Version", "1.0", true),
            ("X-Merge-Type", merge_type, !merge_type.is_empty()),
        ];
        write!(text, "{before}--{boundary}\r\n").ok()?;
        for (name, value, _) in headers.iter().filter(|(_, _, is_set)| *is_set) {
            write!(text, "{name}: {value}\r\n").ok()?;
        }
        write!(text, "\r\n{}", given("content")?).ok()?;
        before = "\r\n";
    }
    write!(text, "\r\n--{boundary}--\r\n").ok()?;
    Some(text)
}

/// What Go takes for a boundary: RFC 2046, with a blank anywhere but at the end.
fn is_boundary(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == ' ' || "'()+_,-./:=?".contains(c);
    (1..=70).contains(&text.len()) && text.chars().all(is_allowed) && !text.ends_with(' ')
}

/// The attribute `id`: the CRC-32 of the rendered text, which tells nobody what is in it.
pub(super) fn id(rendered: &Value) -> Value {
    let Some(text) = rendered.as_str() else {
        return Value::unknown(Type::String, rendered.causes());
    };
    let mut sum = flate2::Crc::new();
    sum.update(text.as_bytes());
    Value::string(sum.sum().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A configuration with two parts, and the attributes that are given besides.
    fn config(given: &[(&str, Value)]) -> Value {
        let part = |attributes: &[(&str, &str)]| {
            let all = ["content", "content_type", "filename", "merge_type"];
            let mut entries: Entries = all
                .map(|name| (name.into(), Value::null(Type::String)))
                .into();
            for (name, text) in attributes {
                entries.insert((*name).into(), Value::string(*text));
            }
            Value::object(entries)
        };
        let script = "#!/bin/sh\necho ready > /run/ready\n";
        let parts = [
            part(&[
                ("content", script),
                ("content_type", "text/x-shellscript"),
                ("filename", "boot.sh"),
            ]),
            part(&[
                ("content", "packages: [curl, jq]\n"),
                ("content_type", "text/cloud-config"),
                ("merge_type", "list(append)+dict(recurse_array)"),
            ]),
        ];
        let mut entries = Entries::from([("part".into(), Value::list(parts[0].ty(), parts))]);
        for (name, value) in given {
            entries.insert((*name).into(), value.clone());
        }
        with_defaults(&Value::object(entries))
    }

    /// The texts are those that Go's `mime/multipart` and `compress/gzip` write, called as the provider calls them.
    #[test]
    fn the_text_is_that_of_the_provider() {
        let plain = rendered(&config(&[
            ("gzip", Value::FALSE),
            ("base64_encode", Value::FALSE),
        ]));
        let message = concat!(
            "Content-Type: multipart/mixed; boundary=\"MIMEBOUNDARY\"\nMIME-Version: 1.0\r\n\r\n",
            "--MIMEBOUNDARY\r\nContent-Disposition: attachment; filename=\"boot.sh\"\r\n",
            "Content-Transfer-Encoding: 7bit\r\nContent-Type: text/x-shellscript\r\nMime-Version: 1.0\r\n\r\n",
            "#!/bin/sh\necho ready > /run/ready\n\r\n",
            "--MIMEBOUNDARY\r\nContent-Transfer-Encoding: 7bit\r\nContent-Type: text/cloud-config\r\n",
            "Mime-Version: 1.0\r\nX-Merge-Type: list(append)+dict(recurse_array)\r\n\r\n",
            "packages: [curl, jq]\n\r\n--MIMEBOUNDARY--\r\n"
        );
        assert_eq!(plain.as_str(), Some(message));
        assert_eq!(id(&plain).as_str(), Some("2686550319"));
        let packed = rendered(&config(&[]));
        let expected = concat!(
            "H4sIAAAAAAAA/5TPQUvDQBAF4PtC/sMaLy26jZ6ElApqe/AQBamiiMhmd5qMbnbX2Qk0/15aFAsVweOD94ZvroJn8KyW",
            "Q4RSdr1jjJq46HANdirr0HuraZjl1XW1uLy9v5lf3D3lYpPUA1DC4Et5OjnJRCaU2i1l4vv2HFMMCXnb1czatB14nsoV",
            "OvC6g1leh8CT1OY/oyVpn1ZAauFNsOibUp7VyDuFrZhhzcVapRacS4YwciYq7GAPd3hQ1OiL1AowbZAE2g7yXBbU+2Ib",
            "/njgPxbjQm+VCX6Fza+UR1UBNfC1cZh4pGMEb8dHFg2PCExPCV41kR7GG3rU5l03kEr5bHpyx/Lt42VPq1QmPgMAAP//",
            "L4EhoM0BAAA="
        );
        assert_eq!(packed.as_str(), Some(expected));
        assert_eq!(id(&packed).as_str(), Some("201044881"));
    }

    #[test]
    fn what_the_provider_refuses_is_unknown() {
        let refused: [&[(&str, Value)]; 3] = [
            &[("base64_encode", Value::FALSE)],
            &[("boundary", Value::string("a b "))],
            &[("part", Value::list(Type::Dynamic, []))],
        ];
        for given in refused {
            assert!(!rendered(&config(given)).is_known(), "{given:?}");
        }
    }

    #[test]
    fn the_text_is_as_secret_as_its_parts() {
        let secret = Value::string("b").with_marks(&crate::value::Marks::secret("var.b"));
        for boundary in [
            secret.clone(),
            Value::unknown(Type::String, Causes::default()).with_marks(secret.marks()),
        ] {
            let rendered = rendered(&config(&[("boundary", boundary)]));
            assert!(rendered.marks().is_secret());
            assert!(!id(&rendered).marks().is_secret());
        }
    }
}
