//! Text in which characters that mean something are replaced.

use std::fmt;

/// A text with other words for some of its characters, as it is written.
pub(super) struct Escaped<'t> {
    text: &'t str,
    instead: fn(char) -> Option<&'static str>,
}

impl<'t> Escaped<'t> {
    /// `text` with what `instead` answers in the place of characters for which it answers something.
    pub(super) fn new(text: &'t str, instead: fn(char) -> Option<&'static str>) -> Self {
        Self { text, instead }
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = 0;
        for (at, character) in self.text.char_indices() {
            if let Some(instead) = (self.instead)(character) {
                out.write_str(&self.text[written..at])?;
                out.write_str(instead)?;
                written = at + character.len_utf8();
            }
        }
        out.write_str(&self.text[written..])
    }
}
