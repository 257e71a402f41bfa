//! Options as words of a command line, not quoted for a shell yet.

/// Words of a command line.
#[derive(Debug, Default)]
pub(crate) struct OptionWords(pub(crate) Vec<String>);

impl OptionWords {
    /// Adds an option with its value, if it has one.
    pub(crate) fn option(&mut self, name: &str, value: Option<impl ToString>) {
        let Some(value) = value else { return };
        let value = value.to_string();
        // A value that begins with a dash would be parsed as an option.
        if value.starts_with('-') && name.starts_with("--") {
            self.0.push(format!("{name}={value}"));
        } else if value.starts_with('-') {
            self.0.push(format!("{name}{value}"));
        } else {
            self.0.extend([name.to_owned(), value]);
        }
    }

    /// Adds an option once for each value.
    pub(crate) fn options(&mut self, name: &str, values: &[String]) {
        for value in values {
            self.option(name, Some(value));
        }
    }

    /// Adds an option without a value, if it is given.
    pub(crate) fn flag(&mut self, name: &str, is_given: bool) {
        self.0.extend(is_given.then(|| name.to_owned()));
    }
}
