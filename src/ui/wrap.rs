//! Sentences on a terminal: broken between words, so that no word is torn at its edge.

use dialoguer::console::{Term, measure_text_width};

/// How far the lines that go on are moved to the right.
const DEEPER: usize = 2;

/// The width of the terminal that stderr is; `None` where it is none, or does not say.
pub(super) fn width() -> Option<usize> {
    let (_, columns) = Term::stderr().size_checked()?;
    Some(usize::from(columns)).filter(|columns| *columns >= 40)
}

/// `text` in lines of at most `width` columns. What stands between backticks is meant to be copied,
/// and stays whole; so do words that are longer than a line.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    text.split('\n').map(|line| one(line, width)).collect::<Vec<_>>().join("\n")
}

fn one(line: &str, width: usize) -> String {
    if measure_text_width(line) <= width {
        return line.to_owned();
    }
    let indentation = line.len() - line.trim_start_matches(' ').len();
    let deeper = " ".repeat(indentation + DEEPER);
    let mut out = " ".repeat(indentation);
    let mut used = indentation;
    let mut is_first = true;
    for piece in pieces(&line[indentation..]) {
        let long = measure_text_width(piece);
        if !is_first && used + 1 + long > width {
            out.push('\n');
            out.push_str(&deeper);
            used = deeper.len();
        } else if !is_first {
            out.push(' ');
            used += 1;
        }
        out.push_str(piece);
        used += long;
        is_first = false;
    }
    out
}

/// Between which a line may be broken: words, and what stands between backticks with what touches it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut is_quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '`' => is_quoted = !is_quoted,
            ' ' if !is_quoted => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_so_does_what_is_copied() {
        let text = "error: no images\n  because no `skaffold.yaml` has them, and no entry of `build:` has one\n  none\n\nhint: type `asya images text-flow --set reg.example/clean=mine:2`, then look\nhttps://example.com/a/very/long/address/that/fits/nowhere at all";
        insta::assert_snapshot!(wrapped(text, 40), @r#"
error: no images
  because no `skaffold.yaml` has them,
    and no entry of `build:` has one
  none

hint: type
  `asya images text-flow --set reg.example/clean=mine:2`,
  then look
https://example.com/a/very/long/address/that/fits/nowhere
  at all
"#);
        assert_eq!(wrapped(text, 400), text);
        // Nothing is added or lost but the breaks.
        for width in 40..100 {
            let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(plain(&wrapped(text, width)), plain(text));
        }
    }
}
