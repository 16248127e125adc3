//! What a credential looks like: in text by its form, in a name by what it is called, and what only stands in for one.
//!
//! Nothing here shows the text of a credential: a [`Hit`] says what was found and where, and what is [`Withheld`] is known
//! only to be taken out of other texts.

mod assigned;
mod cleared;
mod client;
mod command;
mod compressed;
mod detect;
mod document;
mod encoded;
mod ending;
mod forms;
mod hint;
mod keyed;
mod likely;
mod listed;
mod manifest;
mod named;
mod names;
mod overlap;
mod parameter;
mod piece;
mod place;
mod placeholder;
mod withheld;

pub use assigned::{Reading, assigned};
pub use cleared::clear_named;
pub use command::password_of_user;
pub use detect::{Gravity, Hit, Kind, detect, gravest, has_credential, withhold};
pub use document::{meant, meant_within, texts_within};
pub use hint::{may_name, may_write};
pub use keyed::random_keys;
pub use likely::{
    identifies, is_key_of_service, is_path_of_secret, is_random, locates, may_be_declared,
    may_be_secret,
};
pub use named::{By, Named, mark_named, named, named_texts, named_value};
pub use names::{Names, is_harmless_value, is_name_of_key, is_plain_name, is_secret_name};
pub use piece::has_piece;
pub use place::{Place, secrets_at};
pub use placeholder::{is_placeholder, password_of_address};
pub use withheld::{Withheld, replaced, telling, tells, within_base64};
