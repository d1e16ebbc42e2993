//! Python text to our spanned tree; the only room that knows the Python parser.
