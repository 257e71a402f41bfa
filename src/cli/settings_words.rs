//! The options of how a file is read, as words of a command line that a person can paste.

use super::settings_args::SettingsArgs;

impl SettingsArgs {
    /// The options of how the file itself is read. A rejects file needs none of them.
    pub(crate) fn reading_words(&self) -> Vec<String> {
        let mut words = Words::default();
        words.option(
            "--delimiter",
            self.delimiter.map(|byte| match byte {
                b'\t' => "tab".to_owned(),
                byte => char::from(byte).to_string(),
            }),
        );
        words.option("--encoding", self.encoding);
        words.option("--header-line", self.header_line);
        words.option("--columns", self.columns.as_ref().map(|columns| columns.join(",")));
        words.0
    }

    /// The options of what its columns and values become.
    pub(crate) fn mapping_words(&self) -> Vec<String> {
        let mut words = Words::default();
        words.option("--mapping", self.mapping.as_ref().map(|path| path.display()));
        words.flag("--strict", self.strict);
        for (column, attribute) in &self.map {
            words.option("-m", Some(format!("{column}={attribute}")));
        }
        words.options("--skip", &self.skip);
        words.flag("--only-mapped", self.only_mapped);
        words.flag("--one-row-per-customer", self.one_row_per_customer);
        words.option("--key", self.key);
        words.option("--region", self.region);
        words.option("--region-column", self.region_column.as_ref());
        for (attribute, spec) in &self.types {
            words.option("--type", Some(format!("{attribute}={spec}")));
        }
        words.option("--device-platform", self.device_platform);
        words.option("--blank", self.blank);
        words.options("--null", &self.null);
        words.options("--keep-text", &self.keep_text);
        words.option("--on-invalid", self.on_invalid);
        words.0
    }
}

/// Words of a command line.
#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn option(&mut self, name: &str, value: Option<impl ToString>) {
        let Some(value) = value else { return };
        let value = value.to_string();
        // A value with a dash at its beginning would be taken for an option.
        if value.starts_with('-') && name.starts_with("--") {
            self.0.push(format!("{name}={value}"));
        } else if value.starts_with('-') {
            self.0.push(format!("{name}{value}"));
        } else {
            self.0.extend([name.to_owned(), value]);
        }
    }

    fn options(&mut self, name: &str, values: &[String]) {
        for value in values {
            self.option(name, Some(value));
        }
    }

    fn flag(&mut self, name: &str, is_given: bool) {
        self.0.extend(is_given.then(|| name.to_owned()));
    }
}
