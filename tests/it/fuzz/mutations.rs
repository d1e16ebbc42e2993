//! Texts made by chance.
