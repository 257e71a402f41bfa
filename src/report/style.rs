//! The screen and its colours. The text alone must be enough: a colour only repeats it.

use anstyle::{AnsiColor, Style};

/// A terminal or another output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Its width in columns.
    pub width: usize,
    /// Whether it shows colours.
    pub colour: bool,
}

impl Screen {
    /// Its colours.
    pub fn palette(self) -> Palette {
        Palette { colour: self.colour }
    }
}

/// The styles of messages.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    colour: bool,
}

impl Palette {
    fn paint(self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// A success.
    pub fn done(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// A warning.
    pub fn warning(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// An error.
    pub fn error(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// A hint.
    pub fn hint(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default().bold(), text)
    }

    /// Details.
    pub fn dim(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }
}
