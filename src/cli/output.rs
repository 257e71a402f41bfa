//! The one owner of standard output and standard error.

use super::Format;
use super::error::Failure;
use crate::outcome::Warning;
use crate::output::{Notation, TerminalWriter};
use crate::report::{Palette, RowFormat, Rows, Screen};
use crate::store::StoreError;
use clap::ColorChoice;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// Where results, warnings and errors go.
pub(crate) struct Output {
    results: Screen,
    messages: Screen,
    quiet: bool,
    /// Whether the command has changed something for good.
    is_done: bool,
    format: Format,
    stdout: io::Stdout,
    stderr: io::Stderr,
}

/// Rows on their way to standard output.
pub(crate) type RowsOut<'a> = Rows<BufWriter<TerminalWriter<StdoutLock<'a>>>>;

/// Why rows end before the last.
#[derive(Debug)]
pub(crate) enum Ending {
    /// Whoever read them has gone away, which is no failure.
    NoReader,
    /// No more of them are wanted.
    Enough,
    /// They cannot be written to where they go.
    Unwritable(io::Error),
    /// Something failed.
    Failed(Failure),
}

impl From<io::Error> for Ending {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::NoReader,
            _ => Self::Unwritable(error),
        }
    }
}

impl From<StoreError> for Ending {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What is written to standard output.
#[derive(Clone, Copy)]
enum Content {
    /// Text for a person.
    Human,
    /// Data for a program, and how a terminal shows what would drive it.
    Data(Notation),
}

/// The columns of an output that is no terminal.
const WIDTH: usize = 100;

impl Output {
    pub(crate) fn new(colour: ColorChoice, quiet: bool) -> Self {
        let width = |terminal: bool| match terminal_size::terminal_size() {
            Some((width, _)) if terminal => usize::from(width.0).clamp(40, 200),
            _ => WIDTH,
        };
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let screen = |terminal: bool| Screen {
            width: width(terminal),
            colour: match colour {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => terminal && !plain,
            },
        };
        Self {
            results: screen(io::stdout().is_terminal()),
            messages: screen(io::stderr().is_terminal()),
            quiet,
            is_done: false,
            format: Format::Human,
            stdout: io::stdout(),
            stderr: io::stderr(),
        }
    }

    /// The same for results in this format.
    pub(crate) fn in_format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// The screen that results go to.
    pub(crate) fn screen(&self) -> Screen {
        self.results
    }

    /// The command has changed something for good: from here on, what cannot be written is only its
    /// report.
    pub(crate) fn mark_done(&mut self) {
        self.is_done = true;
    }

    /// Whether the command has changed something for good.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }

    fn unwritable(&self, error: &io::Error) -> Failure {
        let message = format!("standard output cannot be written: {error}");
        if self.is_done {
            Failure::unreported(format!("done, but its report could not be written: {message}"))
                .hint("engage history tells what was done; do not run the command again")
        } else {
            Failure::failed(message).hint("is there room where it goes?")
        }
    }

    /// Whether results go to a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.stdout.is_terminal()
    }

    /// Standard output. Only data for programs, that does not go to a terminal, is written as it is.
    fn writer(&self, content: Content) -> TerminalWriter<StdoutLock<'_>> {
        let stdout = self.stdout.lock();
        match content {
            Content::Human => TerminalWriter::shielded(stdout, Notation::Text, self.results.colour),
            Content::Data(notation) if self.is_terminal() => {
                TerminalWriter::shielded(stdout, notation, false)
            }
            Content::Data(_) => TerminalWriter::exact(stdout),
        }
    }

    fn palette(&self) -> Palette {
        self.messages.palette()
    }

    /// Writes a result. Whoever reads it may have gone away: that is no failure.
    pub(crate) fn result(&mut self, text: &str) -> Result<(), Failure> {
        let mut stdout = self.writer(match self.format {
            Format::Human => Content::Human,
            Format::Json | Format::Csv | Format::Jsonl => Content::Data(Notation::Json),
        });
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                drop(stdout);
                Err(self.unwritable(&error))
            }
            _ => Ok(()),
        }
    }

    /// Writes rows as they come; says how many there were. Whoever reads them may go away before
    /// the last: that is no failure.
    pub(crate) fn rows(
        &mut self,
        format: RowFormat,
        columns: &[&str],
        fill: impl FnOnce(&mut RowsOut<'_>) -> Result<(), Ending>,
    ) -> Result<u64, Failure> {
        let writer = BufWriter::new(self.writer(match format {
            RowFormat::Table => Content::Human,
            RowFormat::Csv { .. } => Content::Data(Notation::Text),
            RowFormat::Json | RowFormat::JsonLines => Content::Data(Notation::Json),
        }));
        let written = || -> Result<u64, Ending> {
            let mut rows = Rows::new(format, columns, self.results, writer)?;
            match fill(&mut rows) {
                Ok(()) | Err(Ending::Enough) => Ok(rows.finish()?),
                Err(ending) => Err(ending),
            }
        };
        match written() {
            Ok(rows) => Ok(rows),
            Err(Ending::NoReader | Ending::Enough) => Ok(0),
            Err(Ending::Unwritable(error)) => Err(self.unwritable(&error)),
            Err(Ending::Failed(failure)) => Err(failure),
        }
    }

    /// Writes data for programs piece by piece, for a terminal in this notation. Whoever reads it may
    /// go away before the last: that is no failure.
    pub(crate) fn stream(
        &mut self,
        notation: Notation,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), Ending>,
    ) -> Result<(), Failure> {
        let mut stdout = self.writer(Content::Data(notation));
        let written = fill(&mut stdout).and_then(|()| Ok(stdout.flush()?));
        drop(stdout);
        match written {
            Ok(()) | Err(Ending::NoReader | Ending::Enough) => Ok(()),
            Err(Ending::Unwritable(error)) => Err(self.unwritable(&error)),
            Err(Ending::Failed(failure)) => Err(failure),
        }
    }

    /// Writes a result for a person, who wants none where all is well with `--quiet`.
    pub(crate) fn summary(&mut self, text: &str) -> Result<(), Failure> {
        if self.quiet { Ok(()) } else { self.result(text) }
    }

    fn message(&mut self, text: &str) {
        // There is nowhere left to say that this failed.
        let stderr = self.stderr.lock();
        let mut stderr = TerminalWriter::shielded(stderr, Notation::Text, self.messages.colour);
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }

    pub(crate) fn warning(&mut self, text: &str) {
        let prefix = self.palette().warning("warning:");
        self.message(&format!("{prefix} {text}\n"));
    }

    /// A warning of an import, with the piece of the file that shows it.
    pub(crate) fn warning_seen(&mut self, warning: &Warning) {
        let seen = warning.seen.iter().map(|seen| format!("\n  where it says '{seen}'"));
        self.warning(&format!("{}{}", warning.message, seen.collect::<String>()));
    }

    /// Says something that is neither a warning nor an error.
    pub(crate) fn note(&mut self, text: &str) {
        self.message(&format!("{text}\n"));
    }

    pub(crate) fn hint(&mut self, text: &str) {
        let prefix = self.palette().hint("hint:");
        self.message(&format!("{prefix} {text}\n"));
    }

    /// Says what went wrong and what to do about it; gives the exit code.
    pub(crate) fn fail(&mut self, failure: &Failure) -> u8 {
        let prefix = self.palette().error("error:");
        self.message(&format!("{prefix} {}\n", failure.message));
        for line in &failure.details {
            self.message(&format!("  {line}\n"));
        }
        for hint in &failure.hints {
            self.hint(hint);
        }
        failure.exit as u8
    }
}
