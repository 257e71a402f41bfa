//! Words of a command line that a person can copy to a shell.

use super::escape::escaped;
use std::path::Path;

/// A text as one word of a command line, in single quotes if the shell would change it.
pub(crate) fn shell_word(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:%,+@=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", escaped(text).replace('\'', r"'\''"))
}

/// An expression as one word of a command line, in double quotes if the shell leaves it unchanged.
pub(crate) fn shell_expression(text: &str) -> String {
    let is_plain = |c: char| !matches!(c, '"' | '$' | '`' | '\\' | '!') && !c.is_control();
    if text.chars().all(is_plain) { format!("\"{text}\"") } else { shell_word(text) }
}

/// A path as one word of a command line.
pub(crate) fn shell_path(path: &Path) -> String {
    shell_word(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_if_a_shell_would_change_it() {
        assert_eq!(shell_word("Straße=street"), "Straße=street");
        assert_eq!(shell_word("Customer mail=email"), "'Customer mail=email'");
        assert_eq!(shell_word("$email"), "'$email'");
        assert_eq!(shell_word("user's"), r"'user'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
