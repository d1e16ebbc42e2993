//! Every environment variable the program reads, in one place.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::project::OVERRIDE_PREFIX;

/// A documented environment variable.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it does, one sentence.
    pub about: &'static str,
}

/// All of them; `docs/reference.md` is generated from this list.
pub const VARIABLES: &[Variable] = &[
    Variable { name: "ASYA_CONTEXT", about: "The context to use when `--context` is not given" },
    Variable {
        name: "ASYA_GATEWAY_TOKEN",
        about: "The token that the gateway's MCP endpoint asks for, sent as `Authorization: Bearer`",
    },
    Variable {
        name: "ASYA_MCP_API_KEY",
        about: "The key that `asya gateway serve` asks MCP clients for, as `Authorization: Bearer`; default: none",
    },
    Variable {
        name: "ASYA_A2A_API_KEY",
        about: "The key that `asya gateway serve` asks A2A clients for, as `X-API-Key`; default: none",
    },
    Variable {
        name: "ASYA_PYTHON",
        about: "The Python interpreter (3.10 or newer) that runs handlers locally; default: `python3` on PATH",
    },
    Variable {
        name: "BROWSER",
        about: "The command that `asya graph --open` shows pictures with; several are separated by `:`, `%s` stands for the file",
    },
    Variable {
        name: "ASYA_CONFIG__<KEY>",
        about: "Sets a key of the configuration, with `__` for dots: `ASYA_CONFIG__COMPILER__IMAGE_REGISTRY`",
    },
    Variable { name: "VISUAL", about: "The editor of `asya edit`, with options if need be" },
    Variable { name: "EDITOR", about: "The editor where VISUAL says nothing; default: `vi`" },
    Variable { name: "KUBECONFIG", about: "Kubeconfig files, as for kubectl" },
    Variable { name: "NO_COLOR", about: "When set and not empty: no colour, no animation, no prompts" },
    Variable { name: "CI", about: "When set and not empty: the same as NO_COLOR" },
];

/// The variables of the process, read once at start-up.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// Reads the process environment; values that are not UTF-8 are left out.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { variables }
    }

    /// The variables that set keys of the configuration, with their whole names; empty ones do not.
    pub fn overrides(&self) -> Vec<(String, String)> {
        self.variables
            .range(OVERRIDE_PREFIX.to_owned()..)
            .take_while(|(name, _)| name.starts_with(OVERRIDE_PREFIX))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// The value of a variable; `None` when unset or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// `NO_COLOR` or `CI` is set: no colour, no animation, no prompts.
    pub fn is_plain(&self) -> bool {
        self.get("NO_COLOR").is_some() || self.get("CI").is_some()
    }

    /// `ASYA_PYTHON`.
    pub fn python(&self) -> Option<PathBuf> {
        self.get("ASYA_PYTHON").map(PathBuf::from)
    }

    /// The directories of `PATH`.
    pub fn path(&self) -> Vec<PathBuf> {
        self.get("PATH").map(|path| std::env::split_paths(path).collect()).unwrap_or_default()
    }
}
