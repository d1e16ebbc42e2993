//! `asya completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Status;
use super::arguments::Cli;
use crate::error::Result;
use crate::settings::Settings;
use crate::ui::Ui;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya completions bash > ~/.local/share/bash-completion/completions/asya
  asya completions zsh > ~/.zfunc/_asya
  asya completions fish > ~/.config/fish/completions/asya.fish

To complete names of flows and contexts too, ask the program at every TAB:
  source <(COMPLETE=bash asya)")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, _settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "asya", &mut script);
    ui.data(&String::from_utf8_lossy(&script));
    Ok(Status::Done)
}
