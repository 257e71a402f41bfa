//! Standard output and standard error.

use super::error::CommandError;
use super::format::Format;
use crate::exit::Exit;
use crate::outcome::{Warning, to_json};
use crate::output::{Notation, TerminalWriter};
use crate::report::{Palette, RowFormat, Rows, Screen, with_store};
use crate::store::{DEFAULT_PATH, StoreError};
use crate::text::wrapped;
use clap::ColorChoice;
use serde::Serialize;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::path::{Path, PathBuf};

/// The width of an output that is not a terminal.
const DEFAULT_WIDTH: usize = 100;

/// Where results, warnings and errors go.
pub(crate) struct Output {
    results: Screen,
    messages: Screen,
    quiet: bool,
    /// Whether the command has committed a change.
    is_done: bool,
    format: Format,
    /// The store of the commands that messages suggest.
    store: PathBuf,
    stdout: io::Stdout,
    stderr: io::Stderr,
}

/// Rows that are written to standard output.
pub(crate) type OutputRows<'a> = Rows<BufWriter<TerminalWriter<StdoutLock<'a>>>>;

/// Why rows end before the last one.
#[derive(Debug)]
pub(crate) enum EarlyEnd {
    /// The reader of the output has closed it, which is not an error.
    ReaderClosed,
    /// No more rows are wanted.
    Enough,
    /// The output cannot be written.
    Unwritable(io::Error),
    /// The command failed.
    Failed(CommandError),
}

impl From<io::Error> for EarlyEnd {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderClosed,
            _ => Self::Unwritable(error),
        }
    }
}

impl From<StoreError> for EarlyEnd {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What is written to standard output.
#[derive(Clone, Copy)]
enum Content {
    /// Text for a person.
    Human,
    /// Data for a program; a terminal gets control characters in this notation.
    Data(Notation),
}

impl Output {
    pub(crate) fn new(color: ColorChoice, quiet: bool) -> Self {
        let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let screen = |is_terminal: bool| Screen {
            width: screen_width(is_terminal),
            colour: match color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => is_terminal && !is_plain,
            },
        };
        Self {
            results: screen(io::stdout().is_terminal()),
            messages: screen(io::stderr().is_terminal()),
            quiet,
            is_done: false,
            format: Format::Human,
            store: DEFAULT_PATH.into(),
            stdout: io::stdout(),
            stderr: io::stderr(),
        }
    }

    /// The same with results in this format.
    pub(crate) fn in_format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// The same for a command on this store.
    pub(crate) fn for_store(self, store: &Path) -> Self {
        Self { store: store.to_owned(), ..self }
    }

    /// The screen that results go to.
    pub(crate) fn screen(&self) -> Screen {
        self.results
    }

    /// Notes that the command has committed a change. From now on, a write error affects only its
    /// report.
    pub(crate) fn mark_done(&mut self) {
        self.is_done = true;
    }

    /// Whether the command has committed a change.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whether results go to a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.stdout.is_terminal()
    }

    /// Writes a result. It is not an error if the reader has closed the output.
    pub(crate) fn result(&mut self, text: &str) -> Result<(), CommandError> {
        let content = match self.format {
            Format::Human => Content::Human,
            Format::Json | Format::Csv | Format::Jsonl => Content::Data(Notation::Json),
        };
        let mut stdout = self.stdout(content);
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        self.finish(written.map_err(EarlyEnd::from))
    }

    /// Writes a result for a person; with `--quiet`, nothing.
    pub(crate) fn summary(&mut self, text: &str) -> Result<(), CommandError> {
        if self.quiet { Ok(()) } else { self.result(text) }
    }

    /// Writes the report of a command: for a program as one line of JSON, for a person as the text,
    /// unless `--quiet`.
    pub(crate) fn report(
        &mut self,
        report: &impl Serialize,
        text: impl FnOnce(Screen) -> String,
    ) -> Result<(), CommandError> {
        if self.format == Format::Human {
            return self.summary(&text(self.results));
        }
        self.program_report(report)
    }

    /// Writes the report of a command for a program, and nothing for a person.
    pub(crate) fn program_report(&mut self, report: &impl Serialize) -> Result<(), CommandError> {
        match self.format {
            Format::Human => Ok(()),
            _ => self.result(&format!("{}\n", to_json(report))),
        }
    }

    /// Writes rows as they come, and returns their number.
    pub(crate) fn rows(
        &mut self,
        format: RowFormat,
        columns: &[&str],
        fill: impl FnOnce(&mut OutputRows<'_>) -> Result<(), EarlyEnd>,
    ) -> Result<u64, CommandError> {
        let content = match format {
            RowFormat::Table => Content::Human,
            RowFormat::Csv { .. } => Content::Data(Notation::Text),
            RowFormat::Json | RowFormat::JsonLines => Content::Data(Notation::Json),
        };
        let writer = BufWriter::new(self.stdout(content));
        let written = write_rows(format, columns, self.results, writer, fill);
        let count = written.as_ref().copied().unwrap_or_default();
        self.finish(written.map(|_| ()))?;
        Ok(count)
    }

    /// Writes data for programs piece by piece. On a terminal, control characters are in this
    /// notation.
    pub(crate) fn stream(
        &mut self,
        notation: Notation,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), EarlyEnd>,
    ) -> Result<(), CommandError> {
        let mut stdout = self.stdout(Content::Data(notation));
        let written = fill(&mut stdout).and_then(|()| Ok(stdout.flush()?));
        drop(stdout);
        self.finish(written)
    }

    pub(crate) fn warning(&mut self, text: &str) {
        let prefix = self.palette().warning("warning:");
        // Lines in a log are not wrapped.
        let text = if io::stderr().is_terminal() {
            wrapped(&format!("warning: {text}"), self.messages.width, 2)
        } else {
            format!("warning: {text}")
        };
        let text = text.strip_prefix("warning:").unwrap_or(&text);
        self.message(&format!("{prefix}{text}\n"));
    }

    /// Writes a warning of an import, with the part of the file that shows it.
    pub(crate) fn import_warning(&mut self, warning: &Warning) {
        let seen = warning.seen.iter().map(|seen| format!("\n  {seen}"));
        self.warning(&format!("{}{}", warning.message, seen.collect::<String>()));
    }

    /// Writes a message that is neither a warning nor an error.
    pub(crate) fn note(&mut self, text: &str) {
        self.message(&format!("{text}\n"));
    }

    pub(crate) fn hint(&mut self, text: &str) {
        let prefix = self.palette().hint("hint:");
        let text = with_store(text, &self.store);
        self.message(&format!("{prefix} {text}\n"));
    }

    /// Writes an error with its details and hints. Returns the exit code.
    pub(crate) fn error(&mut self, error: &CommandError) -> Exit {
        let prefix = self.palette().error("error:");
        self.message(&format!("{prefix} {}\n", error.message));
        for line in &error.details {
            self.message(&format!("  {line}\n"));
        }
        for hint in &error.hints {
            self.hint(hint);
        }
        error.exit
    }

    /// Writes the parser's error about a wrong command line. Returns the exit code.
    pub(crate) fn usage_error(&mut self, error: &clap::Error) -> Exit {
        let text = error.render();
        let text = if self.messages.colour { text.ansi().to_string() } else { text.to_string() };
        self.message(&text);
        Exit::Usage
    }

    /// Standard output. Data for programs is written unchanged, unless it goes to a terminal.
    fn stdout(&self, content: Content) -> TerminalWriter<StdoutLock<'_>> {
        let stdout = self.stdout.lock();
        match content {
            Content::Human => TerminalWriter::shielded(stdout, Notation::Text, self.results.colour),
            Content::Data(notation) if self.is_terminal() => {
                TerminalWriter::shielded(stdout, notation, false)
            }
            Content::Data(_) => TerminalWriter::exact(stdout),
        }
    }

    fn finish(&self, written: Result<(), EarlyEnd>) -> Result<(), CommandError> {
        match written {
            Ok(()) | Err(EarlyEnd::ReaderClosed | EarlyEnd::Enough) => Ok(()),
            Err(EarlyEnd::Unwritable(error)) => Err(self.unwritable(&error)),
            Err(EarlyEnd::Failed(error)) => Err(error),
        }
    }

    fn unwritable(&self, error: &io::Error) -> CommandError {
        let message = format!("standard output cannot be written: {error}");
        if !self.is_done {
            return CommandError::failed(message).hint("check the disk space");
        }
        CommandError::unreported(format!("done, but its report could not be written: {message}"))
            .hint("engage history shows the result; do not run the command again")
    }

    fn palette(&self) -> Palette {
        self.messages.palette()
    }

    fn message(&mut self, text: &str) {
        let stderr = self.stderr.lock();
        let mut stderr = TerminalWriter::shielded(stderr, Notation::Text, self.messages.colour);
        // There is nowhere left to report that this failed.
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }
}

fn screen_width(is_terminal: bool) -> usize {
    match terminal_size::terminal_size() {
        Some((width, _)) if is_terminal => usize::from(width.0).clamp(40, 200),
        _ => DEFAULT_WIDTH,
    }
}

fn write_rows<W: Write>(
    format: RowFormat,
    columns: &[&str],
    screen: Screen,
    writer: W,
    fill: impl FnOnce(&mut Rows<W>) -> Result<(), EarlyEnd>,
) -> Result<u64, EarlyEnd> {
    let mut rows = Rows::new(format, columns, screen, writer)?;
    match fill(&mut rows) {
        Ok(()) | Err(EarlyEnd::Enough) => Ok(rows.finish()?),
        Err(end) => Err(end),
    }
}
