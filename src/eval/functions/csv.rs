//! `csvdecode`: RFC 4180 as Go reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Call, FunctionError, Outcome};
use crate::value::{Entries, Type, Value, quote};

pub(super) fn csvdecode_type(args: &[Value]) -> Result<Type, FunctionError> {
    let Some(text) = args[0].as_str() else {
        return Ok(Type::Dynamic);
    };
    let header = Reader::new(text).record()?;
    let header = header.ok_or_else(|| FunctionError::new("missing header line"))?;
    let mut attributes = BTreeMap::new();
    for name in header {
        if attributes
            .insert(Arc::from(name.as_str()), Type::String)
            .is_some()
        {
            return Err(FunctionError::new(format!(
                "duplicate column name {}",
                quote(&name)
            )));
        }
    }
    Ok(Type::list(Type::object(attributes)))
}

pub(super) fn csvdecode(call: &Call<'_>) -> Outcome {
    let mut reader = Reader::new(call.text(0));
    let header: Vec<Arc<str>> = reader
        .record()?
        .unwrap_or_default()
        .iter()
        .map(|name| Arc::from(name.as_str()))
        .collect();
    let mut rows = Vec::new();
    while let Some(record) = reader.record()? {
        if record.len() != header.len() {
            return Err(failure(reader.record_line, "wrong number of fields"));
        }
        let fields = record.iter().map(|field| Value::text(field));
        let entries: Entries = header.iter().cloned().zip(fields).collect();
        rows.push(Value::object(entries));
    }
    let of = call.ty.element().cloned().unwrap_or(Type::Dynamic);
    Ok(Value::list(of, rows))
}

fn failure(line: usize, problem: &str) -> FunctionError {
    FunctionError::new(format!("CSV parse error on line {line}: {problem}"))
}

/// Records one after the other.
struct Reader<'a> {
    lines: std::str::SplitInclusive<'a, char>,
    line: usize,
    /// Where the record read last begins.
    record_line: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            lines: text.split_inclusive('\n'),
            line: 0,
            record_line: 0,
        }
    }

    /// A line with its end as `\n`.
    fn next_line(&mut self) -> Option<String> {
        let line = self.lines.next()?;
        self.line += 1;
        Some(match line.strip_suffix("\r\n") {
            Some(line) => format!("{line}\n"),
            None => line.to_owned(),
        })
    }

    /// The next record; empty lines are none.
    fn record(&mut self) -> Result<Option<Vec<String>>, FunctionError> {
        let mut line = loop {
            match self.next_line() {
                None => return Ok(None),
                Some(line) if line == "\n" => {}
                Some(line) => break line,
            }
        };
        self.record_line = self.line;
        // The last line may end in a lone `\r`.
        if !line.ends_with('\n') && line.ends_with('\r') {
            line.pop();
        }
        let mut fields = Vec::new();
        let mut rest = line;
        loop {
            let after = if let Some(quoted) = rest.strip_prefix('"') {
                let quoted = quoted.to_owned();
                self.quoted(quoted, &mut fields)?
            } else {
                let end = rest.find(',');
                let field = match end {
                    Some(end) => &rest[..end],
                    None => rest.trim_end_matches('\n'),
                };
                if field.contains('"') {
                    return Err(failure(self.line, "bare \" in non-quoted-field"));
                }
                fields.push(field.to_owned());
                end.map(|end| rest[end + 1..].to_owned())
            };
            match after {
                Some(after) => rest = after,
                None => return Ok(Some(fields)),
            }
        }
    }

    /// A field after its opening quote; gives back what follows the comma behind it.
    fn quoted(
        &mut self,
        mut rest: String,
        fields: &mut Vec<String>,
    ) -> Result<Option<String>, FunctionError> {
        let mut field = String::new();
        loop {
            let Some(end) = rest.find('"') else {
                field.push_str(&rest);
                match self.next_line() {
                    Some(line) => rest = line,
                    None => {
                        return Err(failure(
                            self.line,
                            "extraneous or missing \" in quoted-field",
                        ));
                    }
                }
                continue;
            };
            field.push_str(&rest[..end]);
            let after = &rest[end + 1..];
            match after.chars().next() {
                Some('"') => field.push('"'),
                Some(',') => {
                    fields.push(field);
                    return Ok(Some(after[1..].to_owned()));
                }
                None | Some('\n') => {
                    fields.push(field);
                    return Ok(None);
                }
                Some(_) => {
                    return Err(failure(
                        self.line,
                        "extraneous or missing \" in quoted-field",
                    ));
                }
            }
            rest = after[1..].to_owned();
        }
    }
}
