//! The options of every command, and the store that they name.

use super::error::CommandError;
use super::format::Format;
use super::output::Output;
use super::signals;
use crate::import::output::rename_pending_outputs;
use crate::output::{Purpose, TemporaryFiles, folder_of};
use crate::store::{
    DEFAULT_PATH, Interrupt, Reader, StoreError, StoreLocation, Writer, open_for_reading,
    open_for_writing,
};
use clap::ColorChoice;
use std::ffi::OsStr;
use std::time::Duration;

/// The heading of these options in `--help`.
pub(crate) const GLOBAL_HEADING: &str = "Global options";

/// Options of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = GLOBAL_HEADING)]
pub(crate) struct Global {
    /// The customer store
    #[arg(long, global = true, value_name = "PATH", env = "ENGAGE_STORE", hide_env_values = true)]
    #[arg(default_value = DEFAULT_PATH, value_parser = store_path)]
    pub(crate) store: StoreLocation,
    /// human, json, csv or jsonl
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    #[arg(default_value = "human", hide_possible_values = true)]
    pub(crate) format: Format,
    /// Suppress output on success
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more detail
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// When to use colours (respects `NO_COLOR`)
    #[arg(long, global = true, value_enum, value_name = "auto|always|never")]
    #[arg(default_value = "auto", hide_possible_values = true, hide_short_help = true)]
    pub(crate) color: ColorChoice,
}

impl Global {
    /// Opens the store for a command that only reads it.
    pub(crate) fn reader(&self) -> Result<Reader, CommandError> {
        Ok(open_for_reading(&self.store)?)
    }

    /// Opens the store for a command that changes it, and waits up to `wait` for another change.
    /// Renames the rejects of an import that was killed after its commit, and removes the temporary
    /// files of killed commands.
    pub(crate) fn writer(&self, wait: Duration) -> Result<Writer, CommandError> {
        let interrupt = self.interrupt()?;
        Ok(self.begin_writing(wait, &interrupt)?)
    }

    /// Like [`Self::writer`], with an interrupt that exists already.
    pub(crate) fn begin_writing(
        &self,
        wait: Duration,
        interrupt: &Interrupt,
    ) -> Result<Writer, StoreError> {
        let writer = open_for_writing(&self.store, wait, interrupt)?;
        let finished = rename_pending_outputs(&self.store, &writer.pending_outputs()?, |sha256| {
            writer.is_known_file(sha256).unwrap_or(false)
        });
        writer.clear_pending(&finished.imports)?;
        if let Some(file) = self.store.file() {
            self.temporary_files().clear(folder_of(file), Purpose::Import, &finished.kept);
        }
        Ok(writer)
    }

    /// Refuses a password on the command line, which other users of the machine can read.
    pub(crate) fn check_password(&self, as_given: &[String]) -> Result<(), CommandError> {
        let Some(url) = self.store.url() else { return Ok(()) };
        let has_password = self.store.as_os_str() != url;
        let is_given = |word: &String| word.strip_prefix("--store=").unwrap_or(word) == url;
        if has_password && as_given.iter().any(is_given) {
            return Err(StoreError::VisiblePassword.into());
        }
        Ok(())
    }

    /// Refuses a store that is not a file, for commands that need one.
    pub(crate) fn check_file(&self) -> Result<(), CommandError> {
        match self.store.file() {
            Some(_) => Ok(()),
            None => Err(StoreError::SqliteOnly(self.store.to_path_buf()).into()),
        }
    }

    /// The temporary files of commands on the store.
    pub(crate) fn temporary_files(&self) -> TemporaryFiles {
        TemporaryFiles::of_store(&self.store)
    }

    /// Creates an interrupt, which signals request from now on.
    pub(crate) fn interrupt(&self) -> Result<Interrupt, CommandError> {
        let interrupt = Interrupt::default();
        let (color, quiet) = (self.color, self.quiet);
        signals::install_handlers(interrupt.clone(), move || Output::new(color, quiet)).map_err(
            |error| {
                CommandError::failed(format!("signals cannot be handled: {error}"))
                    .hint("nothing was changed; try again")
            },
        )?;
        Ok(interrupt)
    }

    /// Writes notes from any thread, unless the options suppress them.
    pub(crate) fn notes(&self) -> impl Fn(&str) + Copy + Send + Sync + 'static {
        let (color, quiet) = (self.color, self.quiet);
        move |line: &str| {
            if !quiet {
                Output::new(color, quiet).note(line);
            }
        }
    }

    /// Standard output and standard error with the given options.
    pub(crate) fn output(&self) -> Output {
        Output::new(self.color, self.quiet).in_format(self.format).for_store(&self.store)
    }
}

fn store_path(text: &str) -> Result<StoreLocation, String> {
    if text.is_empty() {
        return Err("expected a file, such as engage.db".to_owned());
    }
    Ok(OsStr::new(text).into())
}
