//! What a credential looks like: in text by its form, in a name by what it is called, and what only stands in for one.
//!
//! Nothing here keeps or shows the text of a credential: a [`Hit`] says what was found and where.

mod detect;
mod forms;
mod names;
mod placeholder;

pub use detect::{Gravity, Hit, Kind, detect, has_credential, withhold};
pub use names::{Names, is_harmless_value, is_plain_name, is_secret_name};
pub use placeholder::is_placeholder;
