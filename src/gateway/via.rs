//! How a flow gets into a gateway (`docs/platform/gateway.md`, "Ways in").

/// How a flow gets into a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A ConfigMap of its own, mounted as one more source of the projected volume.
    Source,
    /// A data key of its own in a ConfigMap that is mounted already.
    Key,
    /// An entry in the lists of tools and agents that all flows share.
    Entry,
}

impl Via {
    /// The stable word, as `--via` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Key => "key",
            Self::Entry => "entry",
        }
    }
}

/// What data keys that flows are registered with begin with. It keeps them apart from the keys of
/// the chart, and from the files of ConfigMaps mounted beside them.
const KEY_PREFIX: &str = "asya-cli.";

/// The data key for a file of a flow's entry.
pub(super) fn key_of(file: &str) -> String {
    format!("{KEY_PREFIX}{file}")
}

/// Whether a data key of a shared ConfigMap is some flow's registration.
pub(super) fn is_key(key: &str) -> bool {
    key.starts_with(KEY_PREFIX)
}
