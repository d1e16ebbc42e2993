//! Values as they may stand in a file.
#![allow(clippy::write_with_newline)]

use std::fmt::Write as _;
use std::sync::OnceLock;

use asya::kustomize::Rendering;

use super::Dice;

/// Values as they may stand in a manifest, on one line.
pub const SCALARS: &[&str] = &[
    "on",
    "off",
    "yes",
    "No",
    "y",
    "n",
    "true",
    "False",
    "~",
    "null",
    "0777",
    "0o17",
    "1_000",
    "1e3",
    "0x1F",
    "0b11",
    ".5",
    "5.",
    "+1",
    "-0",
    "1.10",
    "2024-01-01",
    "2024-1-2",
    "2024-01-01T10:00:00Z",
    "2024-01-01 10:00:00.120",
    "=",
    "12:30:45",
    "1:20",
    "09",
    "1e400",
    "12345678.5",
    "123456.5",
    "1e-7",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "<<x",
    "!!str 12",
    "!!int 7",
    "\"on\"",
    "'0777'",
    "\"a: b\"",
    "'#x'",
    "\" lead\"",
    "'trail '",
    "\"tab\\there\"",
    "\"line\\nbreak\"",
    "\"two\\n\\nbreaks\\n\"",
    "\"\\n\"",
    "\"trail \\nline\"",
    "\"caf\\u00e9\"",
    "\"\\U0001F600\"",
    "\"\\x01\"",
    "\"\\r\\n\"",
    "\"\\u2028x\"",
    "'it''s'",
    "''",
    "\"\"",
    "plain words here",
    "a:b",
    "a #not",
    "x#y",
    "http://a.b/c?d=e&f=<g>",
    "-",
    "?x",
    "@at",
    "`tick`",
    "%p",
    "{a: 1, b: [x, 'y', ~]}",
    "[1, two, 3.0, [], {}]",
    "{}",
    "[]",
    "- x",
    "[on, 2024-01-01, 1e3]",
    "\"---\"",
    "...x",
    "\"...\"",
    "a'b",
    "a\"b",
    "\\n",
    "-1",
    "1.",
    "-.5",
    "+.5",
    ".e3",
    "1__0",
    "0x",
    "0_1",
    "é",
    "naïve",
    "!x",
    "*x",
    "&x y",
    "|",
    ">",
    "\"a very long line of words that goes on and on past the eighty columns at which some writers wrap it, and then some\"",
];

/// Values over several lines, to stand after `key: ` with the given indentation.
pub fn block(dice: &mut Dice, indent: usize) -> String {
    let style = dice.pick(&["|", "|-", "|+", ">", ">-", ">+"]);
    let lines = [
        "first line",
        "  indented",
        "",
        "text with: colon",
        "# no comment",
        "- dash",
        "    deep",
        "éè",
        "end",
        "key: value",
        "\ttab",
    ];
    let mut out = format!("{style}\n");
    let pad = " ".repeat(indent);
    let _ = writeln!(out, "{pad}start of it");
    for _ in 0..dice.roll(5) {
        let line = dice.pick(&lines);
        if line.is_empty() {
            out.push('\n');
        } else {
            let _ = writeln!(out, "{pad}{line}");
        }
    }
    out
}

/// Those of [`SCALARS`] that are YAML in every place.
pub fn valid() -> &'static [&'static str] {
    static VALID: OnceLock<Vec<&'static str>> = OnceLock::new();
    VALID.get_or_init(|| {
        let is_valid = |scalar: &&&str| {
            let text =
                format!("apiVersion: v1\nkind: A\nmetadata: {{name: a}}\nspec:\n  value: {scalar}\n  after: 1\n");
            !matches!(**scalar, "|" | ">" | "&x y") && Rendering::from_yaml("a", &text).is_ok()
        };
        SCALARS.iter().filter(is_valid).copied().collect()
    })
}

/// Any value after `key: `, with its line break.
pub fn value(dice: &mut Dice, indent: usize) -> String {
    match dice.roll(50) {
        0..10 => block(dice, indent),
        // One in fifty may be no YAML at all.
        10 => format!("{}\n", dice.pick(SCALARS)),
        _ => format!("{}\n", dice.pick(valid())),
    }
}

/// A value that is a string to every reader.
pub fn text(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "v1",
        "prod",
        "\"on\"",
        "'1'",
        "a-b",
        "\"true\"",
        "x.y/z",
        "'2024-01-01'",
        "hello world",
        "\"\"",
        "\"1e3\"",
        "yes-no",
    ])
}
