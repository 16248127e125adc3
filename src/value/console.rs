//! Values and types as `terraform console` prints them.

use std::fmt::Write as _;

use super::{Data, Entries, Type, Value};

/// As the console prints a value: `tolist([…])`, heredocs for text of several lines, `(known after apply)`,
/// `(sensitive value)` wherever something is marked, `tostring(null)`.
pub fn format(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, 0, &mut out);
    out
}

fn write_value(value: &Value, indent: usize, out: &mut String) {
    let marks = value.marks();
    let fixed = match value.data() {
        Data::Unknown(_) => "(known after apply)",
        _ if marks.sensitive => "(sensitive value)",
        _ if marks.ephemeral => "(ephemeral value)",
        Data::Bool(true) => "true",
        Data::Bool(false) => "false",
        _ => "",
    };
    if !fixed.is_empty() {
        out.push_str(fixed);
        return;
    }
    match value.data() {
        Data::Null(ty) => out.push_str(&format_null(ty)),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) if text.contains('\n') => write_heredoc(text, indent, out),
        Data::String(text) => out.push_str(&quote(text)),
        Data::Tuple(elements) => write_sequence(elements, indent, out),
        Data::Object(entries) => write_mapping(entries, indent, out),
        Data::List(_, elements) => {
            out.push_str("tolist(");
            write_sequence(elements, indent, out);
            out.push(')');
        }
        Data::Set(_, elements) => {
            out.push_str("toset(");
            write_sequence(elements, indent, out);
            out.push(')');
        }
        Data::Map(_, entries) => {
            out.push_str("tomap(");
            write_mapping(entries, indent, out);
            out.push(')');
        }
        Data::Bool(_) | Data::Unknown(_) => {}
    }
}

fn format_null(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "null".to_owned(),
        Type::String => "tostring(null)".to_owned(),
        Type::Number => "tonumber(null)".to_owned(),
        Type::Bool => "tobool(null)".to_owned(),
        Type::List(of) => format!("tolist(null) /* of {} */", of.friendly_name()),
        Type::Set(of) => format!("toset(null) /* of {} */", of.friendly_name()),
        Type::Map(of) => format!("tomap(null) /* of {} */", of.friendly_name()),
        Type::Tuple(_) | Type::Object(_) => format!("null /* {} */", ty.friendly_name()),
    }
}

fn write_sequence(elements: &[Value], indent: usize, out: &mut String) {
    out.push('[');
    for element in elements {
        new_line(indent + 2, out);
        write_value(element, indent + 2, out);
        out.push(',');
    }
    if !elements.is_empty() {
        new_line(indent, out);
    }
    out.push(']');
}

fn write_mapping(entries: &Entries, indent: usize, out: &mut String) {
    out.push('{');
    for (key, value) in entries {
        new_line(indent + 2, out);
        write_value(&Value::string(key.clone()), indent + 2, out);
        out.push_str(" = ");
        write_value(value, indent + 2, out);
    }
    if !entries.is_empty() {
        new_line(indent, out);
    }
    out.push('}');
}

fn write_heredoc(text: &str, indent: usize, out: &mut String) {
    let mut marker = "EOT".to_owned();
    while text.split('\n').any(|line| line.trim() == marker) {
        marker.push('_');
    }
    out.push_str(if indent > 0 { "<<-" } else { "<<" });
    out.push_str(&marker);
    for line in text.split('\n') {
        new_line(indent, out);
        out.push_str(line);
    }
    new_line(indent, out);
    out.push_str(&marker);
}

fn new_line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// As Go's `%q`, which the console and cty use: with escapes for what does not print.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if is_printable(c) => out.push(c),
            c => write_escape(c, &mut out),
        }
    }
    out.push('"');
    out
}

fn write_escape(c: char, out: &mut String) {
    let code = u32::from(c);
    let written = match code {
        0..0x80 => write!(out, "\\x{code:02x}"),
        0x80..0x1_0000 => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
    written.expect("writing to a string");
}

/// Letters, marks, numbers, punctuation, symbols and the blank.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    // After a letter, for a combining mark at the start of a string is escaped whatever it is.
    let after_letter: String = ['a', c].into_iter().collect();
    after_letter.escape_debug().eq(after_letter.chars())
}

/// As the console prints `type(…)`.
pub fn format_type(ty: &Type) -> String {
    let mut out = String::new();
    write_type(ty, 0, &mut out);
    out
}

fn write_type(ty: &Type, depth: usize, out: &mut String) {
    const STEP: usize = 4;
    match ty {
        Type::Object(of) if of.attributes.is_empty() => out.push_str("object({})"),
        Type::Object(of) => {
            out.push_str("object({");
            for (name, ty) in &of.attributes {
                new_line((depth + 1) * STEP, out);
                out.push_str(name);
                out.push_str(": ");
                write_type(ty, depth + 1, out);
                out.push(',');
            }
            new_line(depth * STEP, out);
            out.push_str("})");
        }
        Type::Tuple(of) if of.is_empty() => out.push_str("tuple([])"),
        Type::Tuple(of) => {
            out.push_str("tuple([");
            for ty in of.iter() {
                new_line((depth + 1) * STEP, out);
                write_type(ty, depth + 1, out);
                out.push(',');
            }
            new_line(depth * STEP, out);
            out.push_str("])");
        }
        Type::List(of) => write_collection_type("list(", of, depth, out),
        Type::Set(of) => write_collection_type("set(", of, depth, out),
        Type::Map(of) => write_collection_type("map(", of, depth, out),
        _ => out.push_str(&ty.friendly_name()),
    }
}

fn write_collection_type(kind: &str, of: &Type, depth: usize, out: &mut String) {
    const STEP: usize = 4;
    out.push_str(kind);
    if matches!(of, Type::Object(_) | Type::Tuple(_)) {
        new_line((depth + 1) * STEP, out);
        write_type(of, depth + 1, out);
        out.push(',');
        new_line(depth * STEP, out);
    } else {
        write_type(of, depth, out);
    }
    out.push(')');
}

#[cfg(test)]
mod tests {
    use super::super::{Causes, Marks, set_from};
    use super::*;

    #[test]
    fn prints_as_the_console() {
        let text = |text: &str| Value::string(text);
        let unknown = Value::unknown(Type::String, Causes::default());
        let rows = [
            (text("a\tb"), r#""a\tb""#),
            (text("a\u{0}\u{200b}\u{e9}"), "\"a\\x00\\u200b\u{e9}\""),
            (text("a\nEOT\nb"), "<<EOT_\na\nEOT\nb\nEOT_"),
            (Value::tuple([]), "[]"),
            (
                Value::tuple([text("a\nb")]),
                "[\n  <<-EOT\n  a\n  b\n  EOT,\n]",
            ),
            (
                Value::list(Type::String, [text("a")]),
                "tolist([\n  \"a\",\n])",
            ),
            (
                set_from(&Type::Number, [Value::number(2), Value::number(1)]),
                "toset([\n  1,\n  2,\n])",
            ),
            (Value::map(Type::Bool, Entries::new()), "tomap({})"),
            (
                Value::object(Entries::from([(
                    "k".into(),
                    text("v").with_marks(&Marks::SENSITIVE),
                )])),
                "{\n  \"k\" = (sensitive value)\n}",
            ),
            (unknown.with_marks(&Marks::SENSITIVE), "(known after apply)"),
            (Value::NULL, "null"),
            (
                Value::null(Type::list(Type::String)),
                "tolist(null) /* of string */",
            ),
            (Value::null(Type::Tuple([].into())), "null /* tuple */"),
        ];
        for (value, printed) in rows {
            assert_eq!(format(&value), printed);
        }
    }

    #[test]
    fn prints_types_as_the_console() {
        let attributes = [("a".into(), Type::list(Type::Tuple([Type::Bool].into())))];
        let ty = Type::object(attributes.into());
        let printed =
            "object({\n    a: list(\n        tuple([\n            bool,\n        ]),\n    ),\n})";
        assert_eq!(format_type(&ty), printed);
        assert_eq!(format_type(&Type::map(Type::Dynamic)), "map(dynamic)");
    }
}
