//! Questions on a terminal.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::Ui;
use crate::error::{Error, Result};
use crate::interrupt;

/// How often Ctrl-C is looked for while a question waits, and how long the question has to end by
/// itself.
const POLL: Duration = Duration::from_millis(50);

impl Ui {
    /// Asks for a line of text; only where [`can_prompt`](Self::can_prompt) says so. An answer that
    /// `check` refuses is asked for again.
    pub fn ask<E: std::fmt::Display>(
        &mut self,
        question: &str,
        default: &str,
        check: impl Fn(&str) -> Result<String, E>,
    ) -> Result<String> {
        self.input(question, Some(default), check)
    }

    /// Like [`ask`](Self::ask), where there is nothing to suggest.
    pub fn ask_anew<E: std::fmt::Display>(
        &mut self,
        question: &str,
        check: impl Fn(&str) -> Result<String, E>,
    ) -> Result<String> {
        self.input(question, None, check)
    }

    fn input<E: std::fmt::Display>(
        &mut self,
        question: &str,
        default: Option<&str>,
        check: impl Fn(&str) -> Result<String, E>,
    ) -> Result<String> {
        let text = self.answered(|| {
            let input = dialoguer::Input::<String>::new().with_prompt(question);
            let input = match default {
                Some(default) => input.default(default.to_owned()),
                None => input,
            };
            input
                .validate_with(|text: &String| check(text).map(|_| ()).map_err(|reason| reason.to_string()))
                .interact_text()
        })?;
        check(&text).map_err(|reason| Error::usage(reason.to_string()))
    }

    /// Asks for a value that is not shown while it is typed; only where
    /// [`can_prompt`](Self::can_prompt) says so. The answer may be empty.
    pub fn ask_hidden(&mut self, question: &str) -> Result<String> {
        self.answered(|| dialoguer::Password::new().with_prompt(question).allow_empty_password(true).interact())
    }

    /// Lets the person choose one of `items`, which are not empty; only where
    /// [`can_prompt`](Self::can_prompt) says so. Answers its place.
    pub fn choose(&mut self, question: &str, items: &[impl std::fmt::Display]) -> Result<usize> {
        self.choose_from(question, items, 0)
    }

    /// [`choose`](Self::choose) with another than the first one suggested.
    pub fn choose_from(&mut self, question: &str, items: &[impl std::fmt::Display], suggested: usize) -> Result<usize> {
        self.answered(|| dialoguer::Select::new().with_prompt(question).items(items).default(suggested).interact())
    }

    /// Asks for any number of `items`, each with whether it is taken unless somebody says otherwise;
    /// answers their places. Only where [`can_prompt`](Self::can_prompt) says so.
    pub fn choose_several(&mut self, question: &str, items: &[(String, bool)]) -> Result<Vec<usize>> {
        let question = format!("{question} (space: take or leave, enter: done)");
        self.answered(|| {
            dialoguer::MultiSelect::new().with_prompt(&question).items_checked(items.iter().cloned()).interact()
        })
    }

    /// Asks a question whose answer is yes or no; only where [`can_prompt`](Self::can_prompt) says so.
    pub fn confirm(&mut self, question: &str, default: bool) -> Result<bool> {
        self.answered(|| dialoguer::Confirm::new().with_prompt(question).default(default).interact())
    }

    fn answered<T>(&mut self, ask: impl FnOnce() -> dialoguer::Result<T>) -> Result<T> {
        interrupt::check()?;
        let (answered, waiting) = channel::<()>();
        let terminal = Terminal::now();
        let watch = std::thread::spawn(move || {
            let mut was_requested = false;
            while let Err(RecvTimeoutError::Timeout) = waiting.recv_timeout(POLL) {
                if was_requested {
                    terminal.leave();
                }
                was_requested = interrupt::requested();
            }
        });
        let answer = ask();
        drop(answered);
        let _ = watch.join();
        answer.or_else(|error| {
            // Lists hide the cursor while they are on the screen, and it stands behind the question.
            let _ = dialoguer::console::Term::stderr().show_cursor();
            self.err_line("");
            interrupt::check()?;
            Err(Error::usage("the question could not be asked").because(error).hint("give the answer as a flag"))
        })
    }
}

/// The terminal as it was before a question.
struct Terminal {
    #[cfg(unix)]
    state: Option<rustix::termios::Termios>,
}

impl Terminal {
    fn now() -> Self {
        Self {
            #[cfg(unix)]
            state: rustix::termios::tcgetattr(rustix::stdio::stdin()).ok(),
        }
    }

    /// Ends the process: a signal that came while no key was being read, or that is none of the
    /// keyboard's, does not end the reading of keys. Questions come before anything is written.
    #[allow(clippy::exit, reason = "reading keys cannot be interrupted from outside")]
    fn leave(&self) {
        #[cfg(unix)]
        if let Some(state) = &self.state {
            let _ = rustix::termios::tcsetattr(rustix::stdio::stdin(), rustix::termios::OptionalActions::Now, state);
        }
        let _ = dialoguer::console::Term::stderr().show_cursor();
        let _ = writeln!(std::io::stderr(), "\nerror: interrupted");
        std::process::exit(130);
    }
}
