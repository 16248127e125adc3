//! What the terminal can show: colour, line drawing, and how wide it is.

use std::ffi::OsString;
use std::io::IsTerminal;

use clap::builder::styling::{AnsiColor, Style};
#[cfg(feature = "cli")]
use miette::{GraphicalReportHandler, GraphicalTheme, ThemeCharacters, ThemeStyles};

/// How wide text is where nobody looks at a window, in columns.
const PLAIN_WIDTH: usize = 100;

/// What may be written to an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Escape sequences for colours.
    pub color: bool,
    /// Characters beyond ASCII.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
}

impl Terminal {
    /// What standard output is, as the environment describes it: no colour in a pipe or with `NO_COLOR`, no line
    /// drawing where the locale is not UTF-8.
    pub fn of_stdout() -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            color: is_terminal
                && variable("NO_COLOR").is_none()
                && variable("TERM").is_none_or(|term| term != "dumb"),
            unicode: cfg!(windows) || is_utf8(variable),
            width: if is_terminal {
                window_width()
            } else {
                PLAIN_WIDTH
            },
        }
    }

    /// Draws source with miette.
    #[cfg(feature = "cli")]
    pub fn handler(self) -> Box<dyn miette::ReportHandler> {
        let theme = GraphicalTheme {
            characters: if self.unicode {
                ThemeCharacters::unicode()
            } else {
                ThemeCharacters::ascii()
            },
            styles: if self.color {
                ThemeStyles::ansi()
            } else {
                ThemeStyles::none()
            },
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(self.width);
        Box::new(handler.with_links(false).without_cause_chain())
    }

    /// Text in a style, where there is colour.
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// What is said of a finding's level, and of errors.
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
/// Warnings and what is undecided.
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
/// What is only told.
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default().bold();
/// What holds.
pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();

/// The locale of characters: the first of the three that is set decides.
fn is_utf8(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable);
    let name = locale.map(|name| name.to_string_lossy().to_ascii_lowercase());
    name.is_some_and(|name| name.contains("utf-8") || name.contains("utf8"))
}

#[cfg(feature = "cli")]
fn window_width() -> usize {
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size()
        .unwrap_or((terminal_size::Width(80), terminal_size::Height(24)));
    usize::from(columns).max(40)
}

#[cfg(not(feature = "cli"))]
fn window_width() -> usize {
    PLAIN_WIDTH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_decides() {
        let locale = |pairs: &'static [(&str, &str)]| {
            is_utf8(|name| {
                pairs
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).into())
            })
        };
        assert!(locale(&[("LANG", "de_DE.UTF-8")]));
        assert!(locale(&[("LC_ALL", "C.utf8"), ("LANG", "C")]));
        assert!(!locale(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
        assert!(!locale(&[]));
    }
}
