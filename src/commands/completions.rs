//! `asya completions`.

use clap::Args;
use clap_complete::Shell;
use clap_complete::env::Shells;

use super::Status;
use crate::error::{Error, Result, io_reason};
use crate::settings::Settings;
use crate::ui::Ui;

/// The variable by which a script asks the program.
const VARIABLE: &str = "COMPLETE";

/// What a file of zsh's `fpath` needs: it is run in the place of the function it defines, once.
const AUTOLOADED: &str = "\nif [[ \"${funcstack[1]}\" == _asya ]]; then\n    _clap_dynamic_completer_asya \"$@\"\nfi\n";

/// Print a completion script for a shell
///
/// The script asks `asya` at every TAB, so names of flows, actors, contexts and overlays are completed
/// too. Only files are read for that.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  asya completions bash > ~/.local/share/bash-completion/completions/asya
  asya completions zsh > ~/.zfunc/_asya
  asya completions fish > ~/.config/fish/completions/asya.fish
  asya completions powershell >> $PROFILE")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, _settings: &Settings, ui: &mut Ui) -> Result<Status> {
    let name = args.shell.to_string();
    let failed = |why: String| Error::usage(format!("there is no completion for `{name}`")).because(why);
    let shells = Shells::builtins();
    let shell = shells.completer(&name).ok_or_else(|| failed("the shell is not known".to_owned()))?;
    let mut script = Vec::new();
    shell
        .write_registration(VARIABLE, "asya", "asya", "asya", &mut script)
        .map_err(|error| failed(io_reason(&error)))?;
    if args.shell == Shell::Zsh {
        script.extend_from_slice(AUTOLOADED.as_bytes());
    }
    ui.data(&String::from_utf8_lossy(&script));
    Ok(Status::Done)
}
