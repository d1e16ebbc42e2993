//! References of images as registries and container runtimes read them.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use regex_lite::Regex;

/// `[registry/]path[:tag][@digest]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// Registry and path.
    pub name: String,
    /// Without the colon.
    pub tag: Option<String>,
    /// `sha256:` and 64 hexadecimal digits, or another algorithm's.
    pub digest: Option<String>,
}

/// Longest name that registries take, in characters.
const NAME_MAX: usize = 255;

impl ImageReference {
    /// Whether nothing but the name is said, without a registry: a name of the project's own that
    /// stands for an image which is built or published under another.
    pub fn is_bare(&self) -> bool {
        let is_registry = |part: &str| part.contains(['.', ':']) || part == "localhost";
        let has_registry = self.name.split_once('/').is_some_and(|(first, _)| is_registry(first));
        !has_registry && self.tag.is_none() && self.digest.is_none()
    }

    /// Whether it says which version of the image is meant.
    pub fn has_version(&self) -> bool {
        self.tag.is_some() || self.digest.is_some()
    }
}

impl FromStr for ImageReference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("`{}` is not an image reference: {why}", text.escape_debug());
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon before the last `/` is that of a port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        if name.is_empty() {
            return Err(wrong("it has no name"));
        }
        if name.len() > NAME_MAX {
            return Err(wrong(&format!("its name has {} characters, {NAME_MAX} are allowed", name.len())));
        }
        let matches = |pattern: &Pattern, text: &str| pattern.as_ref().is_some_and(|regex| regex.is_match(text));
        let (registry, path) = match name.split_once('/') {
            Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), path),
            _ => (None, name),
        };
        if registry.is_some_and(|registry| !matches(&REGISTRY, registry)) {
            return Err(wrong("its registry is no host name"));
        }
        if path.chars().any(|c| c.is_ascii_uppercase()) {
            return Err(wrong("its name must be in lower case"));
        }
        if !matches(&PATH, path) {
            return Err(wrong("its name may have lower-case letters, digits, and single `.`, `_`, `-` between them"));
        }
        if tag.is_some_and(|tag| !matches(&TAG, tag)) {
            return Err(wrong("its tag may have up to 128 letters, digits, `_`, `.` and `-`"));
        }
        if digest.is_some_and(|digest| !matches(&SHA256, digest) && !matches(&OTHER_DIGEST, digest)) {
            return Err(wrong("its digest must be `sha256:` and 64 hexadecimal digits"));
        }
        Ok(Self { name: name.to_owned(), tag: tag.map(str::to_owned), digest: digest.map(str::to_owned) })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Read once: that takes longer than to match.
type Pattern = LazyLock<Option<Regex>>;

// The grammar of the distribution specification.
static REGISTRY: Pattern = LazyLock::new(|| {
    Regex::new(r"^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$").ok()
});
static PATH: Pattern = LazyLock::new(|| {
    Regex::new(r"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$").ok()
});
static TAG: Pattern = LazyLock::new(|| Regex::new(r"^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$").ok());
static SHA256: Pattern = LazyLock::new(|| Regex::new("^sha256:[a-f0-9]{64}$").ok());
static OTHER_DIGEST: Pattern = LazyLock::new(|| Regex::new("^sha512:[a-f0-9]{128}$").ok());
