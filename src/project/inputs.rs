//! What a configuration is read with, besides its files.

use std::collections::BTreeMap;

/// What the configuration asks of the process.
pub struct Inputs<'a> {
    /// Answers `${env:NAME}`.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Variables that set keys, with their whole names: `ASYA_CONFIG__COMPILER__CODE`.
    pub overrides: &'a [(String, String)],
    /// Answer `${arg:NAME}`, but for the name of a flow.
    pub arguments: &'a BTreeMap<String, String>,
}

/// Nobody gave any.
static NO_ARGUMENTS: BTreeMap<String, String> = BTreeMap::new();

impl<'a> Inputs<'a> {
    /// Files and `${env:NAME}` alone.
    pub fn files_only(environment: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { environment, overrides: &[], arguments: &NO_ARGUMENTS }
    }
}
