//! The indentation that `<<-` takes away.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::template::Piece;

/// Takes the common indentation from the lines of a heredoc. Each text piece is one line, or a part of one.
///
/// Copied from HCL with its corners: only literal text counts, a line of nothing but white space neither counts nor is
/// changed, a line that begins with an interpolation counts as not indented, and a strip marker that ate a line break
/// joins the lines.
pub(super) fn unindent(pieces: &mut [Piece<'_>]) {
    let mut common: Option<usize> = None;
    let mut indented = Vec::new();
    let mut line_start = true;
    for (index, piece) in pieces.iter().enumerate() {
        let text = match piece {
            Piece::Text(text) => Some(text.as_ref()),
            _ => None,
        };
        if line_start {
            let indent = match text {
                Some(text) if text.ends_with('\n') && text.trim_start().is_empty() => None,
                Some(text) => {
                    indented.push(index);
                    Some(indentation(text))
                }
                None => Some(0),
            };
            common = match (common, indent) {
                (Some(common), Some(indent)) => Some(common.min(indent)),
                (common, indent) => common.or(indent),
            };
        }
        line_start = text.is_some_and(|text| text.ends_with('\n'));
    }
    for index in indented {
        if let Piece::Text(text) = &mut pieces[index] {
            let cut = bytes_of(text, common.unwrap_or(0));
            match text {
                Cow::Borrowed(text) => *text = &text[cut..],
                Cow::Owned(text) => drop(text.drain(..cut)),
            }
        }
    }
}

/// White space at the start of a line, in characters as a reader sees them.
fn indentation(line: &str) -> usize {
    let space = &line[..line.len() - line.trim_start().len()];
    if space.is_ascii() {
        // A line break within it cannot be: the line would be nothing but white space.
        space.len()
    } else {
        space.graphemes(true).count()
    }
}

fn bytes_of(text: &str, graphemes: usize) -> usize {
    if text.is_char_boundary(graphemes) && text[..graphemes].is_ascii() {
        let followed = text[graphemes..].chars().next();
        if followed.is_none_or(|next| next.is_ascii()) {
            return graphemes;
        }
    }
    text.graphemes(true).take(graphemes).map(str::len).sum()
}
