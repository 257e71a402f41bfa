//! Text for people: escaped, quoted, fitted to a screen, or as a word of a command line.

mod escape;
mod hexadecimal;
mod layout;
mod names;
mod natural_order;
mod option_words;
mod shell;

pub(crate) use escape::{drives_terminal, escaped, excerpt};
pub(crate) use hexadecimal::hexadecimal;
pub(crate) use layout::{
    capitalized, folded, hanging, one_line, padded, paragraph, quoted, shortened, unbroken, wrapped,
};
pub(crate) use names::{closest_name, name_list, name_suggestion};
pub(crate) use natural_order::natural_order;
pub(crate) use option_words::OptionWords;
pub(crate) use shell::{shell_expression, shell_path, shell_word};
