//! The only room that prints. Data goes to stdout, narration and diagnostics to stderr.

mod document;
mod lines;
mod progress;
mod prompt;
mod snippet;
mod stream;
mod table;
mod transcript;
mod wrap;

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::error::Error;
use crate::event::{Change, Event, Standing};

pub use document::{DiagnosticDocument, ErrorDocument};
pub use stream::{Refused, Stream};
pub use table::Table;
pub use transcript::Transcript;

/// How results are written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum OutputFormat {
    /// Text for people.
    #[default]
    Human,
    /// One JSON document.
    Json,
}

/// How what happens is told on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum EventsFormat {
    /// Text for people.
    #[default]
    Human,
    /// One line of JSON for each event.
    Json,
}

/// When colour is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` or `CI` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Styles of words; mean nothing without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Plain text.
    Plain,
    /// Something good.
    Good,
    /// Something bad.
    Bad,
    /// Something to act on.
    Warn,
    /// Something less important.
    Dim,
    /// A heading or a name.
    Strong,
}

/// Longest line of progress, so that it does not wrap.
const PROGRESS_MAX: usize = 79;

/// The one printer.
pub struct Ui {
    format: OutputFormat,
    color_out: bool,
    color_err: bool,
    quiet: bool,
    interactive: bool,
    stdout_closed: bool,
    /// Lines of stderr may change in place.
    animated: bool,
    progress: Option<progress::Progress>,
    /// A line of progress stands on the terminal.
    shows_progress: bool,
    events: EventsFormat,
    /// How wide the terminal is that stderr goes to.
    columns: Option<usize>,
    /// Takes everything instead of the terminal.
    transcript: Option<Transcript>,
}

impl Ui {
    /// A printer; `plain` is true when `NO_COLOR` or `CI` is set.
    pub fn new(format: OutputFormat, color: ColorChoice, quiet: bool, plain: bool) -> Self {
        let wanted = |terminal: bool| match color {
            ColorChoice::Auto => terminal && !plain,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        let terminal_err = io::stderr().is_terminal();
        Self {
            format,
            color_out: wanted(io::stdout().is_terminal()),
            color_err: wanted(terminal_err),
            quiet,
            interactive: terminal_err && io::stdin().is_terminal() && !plain && format == OutputFormat::Human,
            stdout_closed: false,
            animated: terminal_err && !plain && !quiet && format == OutputFormat::Human,
            progress: None,
            shows_progress: false,
            events: EventsFormat::Human,
            columns: if terminal_err { wrap::width() } else { None },
            transcript: None,
        }
    }

    /// The same, with events in another format. Nobody is asked then.
    pub fn with_events(mut self, events: EventsFormat) -> Self {
        self.events = events;
        self.interactive &= events == EventsFormat::Human;
        self
    }

    /// A printer for people, without colour and questions, that keeps what it is given.
    pub fn recording(quiet: bool) -> Self {
        Self {
            format: OutputFormat::Human,
            color_out: false,
            color_err: false,
            quiet,
            interactive: false,
            stdout_closed: false,
            animated: false,
            progress: None,
            shows_progress: false,
            events: EventsFormat::Human,
            columns: None,
            transcript: Some(Transcript::default()),
        }
    }

    /// What a [`recording`](Self::recording) printer was given.
    pub fn into_transcript(self) -> Transcript {
        self.transcript.unwrap_or_default()
    }

    /// Whether a question may be asked: stdin and stderr are terminals, output is for people.
    pub fn can_prompt(&self) -> bool {
        self.interactive
    }

    /// Whether narration is off.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether stdout carries JSON.
    pub fn is_json(&self) -> bool {
        self.format == OutputFormat::Json
    }

    /// Colours `text` for stdout.
    pub fn paint(&self, style: Style, text: &str) -> String {
        paint(self.color_out, style, text)
    }

    /// Writes the result of a command: `document` as JSON under `-o json`, else the text that
    /// `human` makes.
    pub fn report<T: Serialize>(&mut self, document: &T, human: impl FnOnce(&Self) -> String) {
        if let Some(transcript) = &mut self.transcript {
            transcript.document = serde_json::to_value(document).unwrap_or_default();
        }
        match self.format {
            OutputFormat::Human => {
                let text = human(self);
                self.data(&text);
            }
            OutputFormat::Json => match serde_json::to_string_pretty(document) {
                Ok(mut text) => {
                    text.push('\n');
                    self.data(&text);
                }
                Err(error) => self.err_line(&format!("error: the result is not JSON: {error}")),
            },
        }
    }

    /// Whether [`progress`](Self::progress) is seen by anybody.
    pub fn can_show_progress(&self) -> bool {
        self.interactive && !self.quiet
    }

    /// Shows what is going on in a line that the next output replaces; only on a terminal.
    pub fn progress(&mut self, text: &str) {
        if self.can_show_progress() {
            let line: String = text.chars().filter(|c| !c.is_control()).take(PROGRESS_MAX).collect();
            let line = paint(self.color_err, Style::Dim, &line);
            // What cannot be shown is not worth a word.
            let _ = write!(io::stderr().lock(), "\r\x1b[2K{line}").and_then(|()| io::stderr().flush());
            self.shows_progress = true;
        }
    }

    fn end_progress(&mut self) {
        if std::mem::take(&mut self.shows_progress) {
            let _ = write!(io::stderr().lock(), "\r\x1b[2K");
        }
    }

    /// Writes raw data to stdout. A closed pipe is remembered and stays quiet.
    pub fn data(&mut self, text: &str) {
        if let Some(transcript) = &mut self.transcript {
            transcript.text.push_str(text);
            return;
        }
        if self.stdout_closed || text.is_empty() {
            return;
        }
        self.end_progress();
        let mut out = io::stdout().lock();
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            self.stdout_closed = true;
        }
    }

    /// Stdout for lines that come one by one, without waiting for who reads them.
    pub fn stream(&self) -> Stream {
        Stream::new()
    }

    /// Colours `text` for stdout with one of a few colours, told apart by `number`.
    pub fn paint_as(&self, number: usize, text: &str) -> String {
        const COLOURS: [&str; 6] = ["36", "33", "32", "35", "34", "31"];
        match COLOURS.get(number % COLOURS.len()) {
            Some(code) if self.color_out => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }

    /// Tells what happened, on stderr.
    pub fn event(&mut self, event: Event) {
        if self.events == EventsFormat::Json {
            let line = lines::of_event(&event);
            if let Some(line) = line {
                self.err_line(&line);
            }
            return;
        }
        let color = self.color_err;
        let painted = |style, text: &str| paint(color, style, text);
        match event {
            Event::Warning { message, hint } => {
                let mut text = format!("{}: {message}", painted(Style::Warn, "warning"));
                if let Some(hint) = hint {
                    text.push_str(&format!("\n  {}: {hint}", painted(Style::Strong, "hint")));
                }
                self.err_sentences(&text);
            }
            Event::Diagnostics(located) => {
                let text = snippet::render(&located, self.color_err);
                self.err_line(&text);
            }
            Event::Excerpt(text) => {
                for line in text.lines() {
                    self.err_line(&painted(Style::Dim, &format!("  {line}")));
                }
            }
            Event::WaitingOver => {
                if let Some(progress) = self.progress.take() {
                    progress.end();
                }
            }
            _ if self.quiet || self.is_json() => {}
            Event::Waiting { object, standing, text } => self.waiting(&object, standing, &text),
            Event::Step(text) => self.err_line(&painted(Style::Strong, &text)),
            // What is in columns is left as it is.
            Event::Note(text) if text.trim().contains("  ") => self.err_line(&format!("  {text}")),
            Event::Note(text) => self.err_sentences(&format!("  {text}")),
            Event::File { path, change } => {
                let line = format!("  {} {}", change_word(self.color_err, change), path.display());
                self.err_line(&line);
            }
            Event::Object { object, change } => {
                let line = format!("  {} {object}", change_word(self.color_err, change));
                self.err_line(&line);
            }
        }
    }

    /// Shows an error: located diagnostics, headline, reasons, hints on stderr, and the same as
    /// JSON on stdout under `-o json`.
    pub fn error(&mut self, error: &Error) {
        self.problem(error);
        self.error_document(error);
    }

    /// An error as JSON on stdout under `-o json`, for one that was shown already.
    pub fn error_document(&mut self, error: &Error) {
        if self.is_json() {
            self.report(&document::Failed::of(error), |_| String::new());
        }
    }

    /// Shows an error on stderr alone: one of several things that a command was asked for failed.
    pub fn problem(&mut self, error: &Error) {
        if self.events == EventsFormat::Json {
            return self.err_line(&lines::of_error(error));
        }
        self.event(Event::WaitingOver);
        for located in error.located() {
            let text = snippet::render(located, self.color_err);
            self.err_line(&text);
        }
        let mut text = format!("{}: {}", paint(self.color_err, Style::Bad, "error"), error.message());
        for cause in error.causes() {
            text.push_str(&format!("\n  because {cause}"));
        }
        for hint in error.hints() {
            text.push_str(&format!("\n{}: {hint}", paint(self.color_err, Style::Strong, "hint")));
        }
        self.err_sentences(&text);
    }

    /// On a terminal, lines are broken between words.
    fn err_sentences(&mut self, text: &str) {
        match self.columns {
            Some(columns) => self.err_line(&wrap::wrapped(text, columns)),
            None => self.err_line(text),
        }
    }

    fn waiting(&mut self, object: &str, standing: Standing, text: &str) {
        let style = match standing {
            Standing::Waiting => Style::Dim,
            Standing::Ready => Style::Good,
            Standing::Failed => Style::Bad,
        };
        let word = paint(self.color_err, style, &format!("{:<9}", standing.name()));
        let line = format!("{word} {object}: {text}");
        if self.animated {
            let progress = self.progress.get_or_insert_with(progress::Progress::new);
            progress.show(object, standing, &line);
        } else {
            self.err_line(&format!("  {line}"));
        }
    }

    fn err_line(&mut self, text: &str) {
        if let Some(transcript) = &mut self.transcript {
            transcript.text.push_str(text);
            transcript.text.push('\n');
            return;
        }
        self.end_progress();
        let write = || {
            // Nowhere is left to report a closed stderr to.
            let _ = writeln!(io::stderr().lock(), "{text}");
        };
        match &self.progress {
            Some(progress) => progress.above(write),
            None => write(),
        }
    }
}

fn change_word(color: bool, change: Change) -> String {
    let style = match change {
        Change::Created | Change::Changed => Style::Good,
        Change::Removed | Change::Released => Style::Bad,
        Change::Unchanged | Change::Kept => Style::Dim,
    };
    paint(color, style, &format!("{:<9}", change.name()))
}

fn paint(color: bool, style: Style, text: &str) -> String {
    let code = match style {
        _ if !color => return text.to_owned(),
        Style::Plain => return text.to_owned(),
        Style::Good => "32",
        Style::Bad => "1;31",
        Style::Warn => "1;33",
        Style::Dim => "2",
        Style::Strong => "1",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}
