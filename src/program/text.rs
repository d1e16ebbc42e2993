//! Generated text that several owners hold without copies of it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A text, cheap to clone. Unlike an `Arc<str>` it takes a `String` over as it is: some of the texts
/// are larger than everything else a compilation holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Arc<String>);

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Text {
    fn from(mut text: String) -> Self {
        text.shrink_to_fit();
        Self(Arc::new(text))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self)
    }
}
