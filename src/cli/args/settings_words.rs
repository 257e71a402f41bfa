//! Turns the given options back into the words of a command line, so that a message can print a
//! command to paste.

use super::settings::SettingsArgs;
use crate::text::OptionWords;

impl SettingsArgs {
    /// The given options for the file format. The command that imports a rejects file needs none of
    /// them, because a rejects file always has the same format.
    pub(crate) fn reading_words(&self) -> Vec<String> {
        self.read_options().words()
    }

    /// The given options for the mapping of columns and for values.
    pub(crate) fn mapping_words(&self) -> Vec<String> {
        let mut words = OptionWords::default();
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
