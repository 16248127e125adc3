//! Functions on strings. Characters are grapheme clusters, as everywhere in Terraform.

use unicode_segmentation::UnicodeSegmentation as _;

use super::parts::Parts;
use super::{Call, FunctionError, Outcome, causes, length_bounds};
use crate::value::{Data, Marks, Shape, Type, Value};

/// Longer strings are not made: a few repetitions of a repetition fill any memory.
pub(super) const LONGEST: usize = crate::eval::budget::LONGEST_STRING;

/// A string result, unless it has become too long.
pub(super) fn result(text: &str) -> Outcome {
    check_length(text.len())?;
    Ok(Value::text(text))
}

/// Refuses what would become too long before it is made.
pub(super) fn check_length(length: usize) -> Result<(), FunctionError> {
    if length > LONGEST {
        let most = LONGEST >> 20;
        return Err(FunctionError::new(format!(
            "the result is longer than {most} MiB"
        )));
    }
    Ok(())
}

pub(super) fn upper(call: &Call<'_>) -> Outcome {
    result(&call.text(0).chars().map(simple_upper).collect::<String>())
}

pub(super) fn lower(call: &Call<'_>) -> Outcome {
    result(&call.text(0).chars().map(simple_lower).collect::<String>())
}

/// The upper case of one character that is one character; Go knows no other ("ß" stays).
fn simple_upper(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => greek_with_iota(character).unwrap_or(character),
    }
}

fn simple_lower(character: char) -> char {
    let mut lower = character.to_lowercase();
    lower.next().unwrap_or(character)
}

/// Greek letters with an iota below, whose full upper case is two letters and whose simple one is a single letter.
fn greek_with_iota(character: char) -> Option<char> {
    let code = u32::from(character);
    let offset = match code {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => 8,
        0x1FB3 | 0x1FC3 | 0x1FF3 => 9,
        _ => return None,
    };
    char::from_u32(code + offset)
}

/// The title case of one character: differs from upper case for digraphs and Georgian letters.
fn simple_title(character: char) -> char {
    match character {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        '\u{10D0}'..='\u{10FF}' => character,
        _ => simple_upper(character),
    }
}

pub(super) fn title(call: &Call<'_>) -> Outcome {
    let mut after_separator = true;
    let titled: String = call
        .text(0)
        .chars()
        .map(|character| {
            let titled = if after_separator {
                simple_title(character)
            } else {
                character
            };
            after_separator = separates(character);
            titled
        })
        .collect();
    result(&titled)
}

/// What ends a word for Go's `strings.Title`.
fn separates(character: char) -> bool {
    if character.is_ascii() {
        return !(character.is_ascii_alphanumeric() || character == '_');
    }
    !character.is_alphanumeric() && character.is_whitespace()
}

pub(super) fn strrev(call: &Call<'_>) -> Outcome {
    result(&call.text(0).graphemes(true).rev().collect::<String>())
}

/// How many characters a string has.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() && !text.contains("\r\n") {
        return text.len();
    }
    text.graphemes(true).count()
}

pub(super) fn substr(call: &Call<'_>) -> Outcome {
    let text = call.text(0);
    let mut offset = call.integer(1)?;
    let length = call.integer(2)?;
    if offset < 0 {
        offset += i64::try_from(self::length(text)).unwrap_or(i64::MAX);
    } else if length == 0 {
        return result("");
    }
    let start = nth_boundary(text, offset);
    let rest = &text[start..];
    // Terraform's loop looks for a position after at least one character: a length of zero finds none and takes all.
    let end = if length <= 0 {
        rest.len()
    } else {
        nth_boundary(rest, length)
    };
    result(&rest[..end])
}

/// The byte offset after so many characters; the end when there are fewer, the start for a negative count.
fn nth_boundary(text: &str, count: i64) -> usize {
    let Ok(count) = usize::try_from(count) else {
        return 0;
    };
    text.grapheme_indices(true)
        .nth(count)
        .map_or(text.len(), |(at, _)| at)
}

pub(super) fn join(call: &Call<'_>) -> Outcome {
    let separator = call.text(0);
    let lists = &call.args[1..];
    if lists.is_empty() {
        return Err(FunctionError::new("at least one list is required"));
    }
    if !lists.iter().all(Value::is_wholly_known) {
        return Ok(call.unknown());
    }
    let mut items = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        for (index, item) in list.as_elements().unwrap_or_default().iter().enumerate() {
            let Some(item) = item.as_str() else {
                let list = match lists.len() {
                    1 => String::new(),
                    _ => format!(" of list {}", at + 1),
                };
                let message =
                    format!("element {index}{list} is null; cannot concatenate null values");
                return Err(FunctionError::at(at + 1, message));
            };
            items.push(item);
        }
    }
    let separators = separator
        .len()
        .saturating_mul(items.len().saturating_sub(1));
    let texts: usize = items.iter().map(|item| item.len()).sum();
    check_length(separators.saturating_add(texts))?;
    result(&items.join(separator))
}

/// The parts of a joined string whose list is known in length.
pub(super) fn join_shape(arguments: &[Value]) -> Option<Shape> {
    let (separator, lists) = arguments.split_first()?;
    let mut parts = Parts::default();
    let mut first = true;
    for list in lists {
        if matches!(list.data(), Data::Set(..)) && !list.is_wholly_known() {
            return None;
        }
        for item in list.as_elements()? {
            if !std::mem::take(&mut first) {
                parts.value(separator)?;
            }
            parts.value(item)?;
        }
    }
    Some(parts.into_shape())
}

/// A text that is made of others: all that is told of it is that it is none of them.
pub(super) fn another_shape(arguments: &[Value]) -> Option<Shape> {
    let marks = arguments.iter().fold(Marks::NONE, |all, argument| {
        all.union(&argument.marks_deep())
    });
    let part = Value::unknown(Type::String, causes(arguments)).with_marks(&marks);
    Some(Shape::Concat([part].into()))
}

pub(super) fn split(call: &Call<'_>) -> Outcome {
    let (separator, text) = (call.text(0), call.text(1));
    let items: Vec<Value> = if separator.is_empty() {
        let mut buffer = [0; 4];
        text.chars()
            .map(|character| Value::text(character.encode_utf8(&mut buffer)))
            .collect()
    } else {
        text.split(separator).map(Value::text).collect()
    };
    Ok(Value::list(Type::String, items))
}

pub(super) fn sort(call: &Call<'_>) -> Outcome {
    let list = call.arg(0);
    if !list.is_wholly_known() {
        let (least, most) = length_bounds(list);
        return Ok(call.unknown().refine_not_null().refine_length(least, most));
    }
    let elements = list.as_elements().unwrap_or_default();
    if let Some(at) = elements.iter().position(Value::is_null) {
        return Err(FunctionError::new(format!(
            "given list element {at} is null; a null string cannot be sorted"
        )));
    }
    let mut elements = elements.to_vec();
    elements.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    Ok(Value::list(Type::String, elements))
}

pub(super) fn chomp(call: &Call<'_>) -> Outcome {
    result(call.text(0).trim_end_matches(['\r', '\n']))
}

pub(super) fn indent(call: &Call<'_>) -> Outcome {
    let spaces = call.integer(0)?;
    let text = call.text(1);
    let Ok(spaces) = usize::try_from(spaces) else {
        return Err(FunctionError::new("the number of spaces is negative"));
    };
    let lines = text.matches('\n').count();
    check_length(text.len().saturating_add(spaces.saturating_mul(lines)))?;
    if lines == 0 {
        return result(text);
    }
    result(&text.replace('\n', &format!("\n{}", " ".repeat(spaces))))
}

pub(super) fn trimspace(call: &Call<'_>) -> Outcome {
    result(call.text(0).trim())
}

pub(super) fn trim(call: &Call<'_>) -> Outcome {
    let cut: Vec<char> = call.text(1).chars().collect();
    result(call.text(0).trim_matches(cut.as_slice()))
}

pub(super) fn trimprefix(call: &Call<'_>) -> Outcome {
    let text = call.text(0);
    result(text.strip_prefix(call.text(1)).unwrap_or(text))
}

pub(super) fn trimsuffix(call: &Call<'_>) -> Outcome {
    let text = call.text(0);
    result(text.strip_suffix(call.text(1)).unwrap_or(text))
}

/// Of a string of which only the beginning is known, that may be enough.
pub(super) fn startswith(call: &Call<'_>) -> Outcome {
    let prefix = call.text(1);
    let Some(unknown) = call.arg(0).as_unknown() else {
        return Ok(Value::bool(call.text(0).starts_with(prefix)));
    };
    if prefix.is_empty() {
        return Ok(Value::TRUE);
    }
    match unknown.prefix.as_deref() {
        Some(known) if known.starts_with(prefix) => Ok(Value::TRUE),
        Some(known) if known.len() >= prefix.len() => Ok(Value::FALSE),
        _ => Ok(call.unknown()),
    }
}

pub(super) fn endswith(call: &Call<'_>) -> Outcome {
    Ok(Value::bool(call.text(0).ends_with(call.text(1))))
}

pub(super) fn strcontains(call: &Call<'_>) -> Outcome {
    Ok(Value::bool(call.text(0).contains(call.text(1))))
}

/// The JSON inside a string that is only trimmed stays in sight.
pub(super) fn trimmed_shape(arguments: &[Value]) -> Option<Shape> {
    match &arguments.first()?.as_unknown()?.shape {
        Some(Shape::Json(value)) => Some(Shape::Json(value.clone())),
        _ => None,
    }
}
