//! The `asya` executable: everything is in the library so that it can be tested.

use std::process::ExitCode;

fn main() -> ExitCode {
    asya::run(std::env::args_os())
}
