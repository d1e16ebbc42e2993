//! JSON values as block YAML. Two styles: [`write_sorted`] is what Kubernetes tools print, byte for
//! byte; [`write_ordered`] keeps the order of fields and prefers readable text blocks.

use serde_json::{Map, Value};

use super::order::natural;
use super::scalar::{Dialect, Resolved, go_float, is_base_60, resolve};

/// Longest key written without an explicit `? `, in bytes.
const SIMPLE_KEY_MAX: usize = 128;

/// Column after which go-yaml continues a string in the next line, at the next space.
const WIDTH: usize = 80;

/// `value` as `sigs.k8s.io/yaml` writes it: sorted keys, lists not indented, quotes where a
/// YAML 1.1 reader would see something else than a string. Ends with a line break.
pub fn write_sorted(value: &Value) -> String {
    Writer { sorted: true, out: String::new() }.document(value)
}

/// `value` with its fields in their order and multi-line strings as `|` blocks wherever YAML
/// allows, also with tabs, emoji or trailing blanks. Reads back as the same value with YAML 1.1 and
/// 1.2 readers. Ends with a line break.
pub fn write_ordered(value: &Value) -> String {
    Writer { sorted: false, out: String::new() }.document(value)
}

/// The same for a mapping with one more field behind those of `value`: a mapping of texts, which may be
/// long and are not copied for it.
pub fn write_with_texts(value: &Map<String, Value>, field: &str, texts: &[(&str, &str)]) -> String {
    let mut writer = Writer { sorted: false, out: String::new() };
    writer.map(value, 0, false);
    writer.string(field, 0, true);
    writer.out.push_str(":\n");
    for (key, text) in texts {
        writer.indent(2);
        writer.string(key, 2, true);
        writer.out.push_str(": ");
        writer.string(text, 4, false);
        writer.end_line();
    }
    writer.out
}

/// Whether go-yaml writes a string without quotes, in one line.
pub fn is_plain(text: &str) -> bool {
    resolve(text, Dialect::V2) == Resolved::Str && !is_base_60(text) && Analysis::of(text, true).plain
}

struct Writer {
    sorted: bool,
    out: String,
}

impl Writer {
    fn document(mut self, value: &Value) -> String {
        match value {
            Value::Object(map) if !map.is_empty() => self.map(map, 0, false),
            Value::Array(items) if !items.is_empty() => self.list(items, 0, false),
            other => {
                self.scalar(other, 0);
                self.out.push('\n');
            }
        }
        self.out
    }

    fn indent(&mut self, columns: usize) {
        const SPACES: &str = "                ";
        let mut left = columns;
        while left > 0 {
            let some = left.min(SPACES.len());
            self.out.push_str(&SPACES[..some]);
            left -= some;
        }
    }

    /// Fields at column `indent`; the first one continues the current line if `inline`.
    fn map(&mut self, map: &Map<String, Value>, indent: usize, inline: bool) {
        let mut entries: Vec<(&String, &Value)> = map.iter().collect();
        if self.sorted {
            entries.sort_by(|a, b| natural(a.0, b.0));
        }
        for (at, (key, value)) in entries.into_iter().enumerate() {
            if at > 0 || !inline {
                self.indent(indent);
            }
            if key.len() <= SIMPLE_KEY_MAX && (is_word(key) || !Analysis::of(key, self.sorted).multiline) {
                self.string(key, indent, true);
                self.out.push(':');
                self.child(value, indent);
            } else {
                self.out.push_str("? ");
                self.string(key, indent + 2, false);
                self.end_line();
                self.indent(indent);
                self.out.push_str(": ");
                self.element(value, indent + 2);
            }
        }
    }

    /// A value after `key:`.
    fn child(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.out.push('\n');
                self.map(map, indent + 2, false);
            }
            Value::Array(items) if !items.is_empty() => {
                self.out.push('\n');
                self.list(items, indent, false);
            }
            other => {
                self.out.push(' ');
                self.scalar(other, indent + 2);
                self.end_line();
            }
        }
    }

    fn list(&mut self, items: &[Value], indent: usize, inline: bool) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 || !inline {
                self.indent(indent);
            }
            self.out.push_str("- ");
            self.element(item, indent + 2);
        }
    }

    /// A value after `- `, its own lines at `indent`.
    fn element(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => self.map(map, indent, true),
            Value::Array(items) if !items.is_empty() => self.list(items, indent, true),
            other => {
                self.scalar(other, indent);
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => {
                let text = match number.as_f64() {
                    Some(float) if !number.is_i64() && !number.is_u64() => go_float(float),
                    _ => number.to_string(),
                };
                self.out.push_str(&text);
            }
            Value::String(text) => self.string(text, indent, false),
            Value::Array(_) => self.out.push_str("[]"),
            Value::Object(_) => self.out.push_str("{}"),
        }
    }

    fn string(&mut self, text: &str, indent: usize, key: bool) {
        if is_word(text) && resolve(text, Dialect::V2) == Resolved::Str {
            self.out.push_str(text);
            return;
        }
        if !self.sorted && !key && is_simple_block(text) {
            return self.literal(text, indent, false);
        }
        let analysis = Analysis::of(text, self.sorted);
        // Go writes these two plain; other YAML 1.1 readers take them for a merge and a default.
        let special = !self.sorted && matches!(text, "<<" | "=");
        let plain = resolve(text, Dialect::V2) == Resolved::Str && !is_base_60(text) && !special;
        if analysis.old_breaks && !self.sorted {
            // Only an escape means the same to every reader.
            self.double_quoted(text, indent, false);
        } else if text.contains('\n') && !key {
            if analysis.block {
                self.literal(text, indent, analysis.old_breaks);
            } else {
                self.double_quoted(text, indent, true);
            }
        } else if plain && analysis.plain && !(key && analysis.multiline) {
            self.plain(text, indent, !key);
        } else if !plain || !analysis.single_quoted || (key && analysis.multiline) {
            self.double_quoted(text, indent, !key);
        } else {
            self.single_quoted(text, indent, !key);
        }
    }

    /// Whether the line is full, so that the space at hand may become a line break.
    fn is_full(&self, may_fold: bool) -> bool {
        if !may_fold || !self.sorted {
            return false;
        }
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        self.out.get(line..).is_some_and(|line| line.len() > WIDTH && line.chars().count() > WIDTH)
    }

    fn new_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.indent(indent);
    }

    fn plain(&mut self, text: &str, indent: usize, may_fold: bool) {
        let mut after_space = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c == ' ' && !after_space && chars.peek() != Some(&' ') && self.is_full(may_fold) {
                self.new_line(indent);
            } else {
                self.out.push(c);
            }
            after_space = c == ' ';
        }
    }

    fn literal(&mut self, text: &str, indent: usize, old_breaks: bool) {
        self.out.push('|');
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.out.push('2');
        }
        let mut tail = text.chars().rev();
        match (tail.next().is_some_and(is_break), tail.next()) {
            (false, _) => self.out.push('-'),
            (true, None) => self.out.push('+'),
            (true, Some(before)) if is_break(before) => self.out.push('+'),
            (true, Some(_)) => {}
        }
        self.out.push('\n');
        self.out.reserve(text.len());
        if old_breaks {
            text.split_inclusive(is_break).for_each(|line| self.literal_line(line, indent));
        } else {
            text.split_inclusive('\n').for_each(|line| self.literal_line(line, indent));
        }
    }

    fn literal_line(&mut self, line: &str, indent: usize) {
        if !line.starts_with(is_break) {
            self.indent(indent);
        }
        self.out.push_str(line);
    }

    fn single_quoted(&mut self, text: &str, indent: usize, may_fold: bool) {
        self.out.push('\'');
        let (mut after_break, mut after_space) = (false, false);
        let mut chars = text.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            if c == ' ' {
                let inside = at > 0 && next.is_some_and(|next| next != ' ');
                if inside && !after_space && self.is_full(may_fold) {
                    self.new_line(indent);
                } else {
                    self.out.push(c);
                }
                after_space = true;
                continue;
            }
            after_space = false;
            if is_break(c) {
                self.out.push(c);
                after_break = true;
                continue;
            }
            if after_break {
                self.indent(indent);
            }
            if c == '\'' {
                self.out.push('\'');
            }
            self.out.push(c);
            after_break = false;
        }
        self.out.push('\'');
    }

    fn double_quoted(&mut self, text: &str, indent: usize, may_fold: bool) {
        self.out.push('"');
        let mut after_space = false;
        let mut chars = text.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            if c == ' ' {
                let next = chars.peek().map(|(_, next)| *next);
                if at > 0 && next.is_some() && !after_space && self.is_full(may_fold) {
                    self.new_line(indent);
                    if next == Some(' ') {
                        self.out.push('\\');
                    }
                } else {
                    self.out.push(c);
                }
                after_space = true;
                continue;
            }
            after_space = false;
            let short = match c {
                '\0' => '0',
                '\u{7}' => 'a',
                '\u{8}' => 'b',
                '\t' => 't',
                '\n' => 'n',
                '\u{b}' => 'v',
                '\u{c}' => 'f',
                '\r' => 'r',
                '\u{1b}' => 'e',
                '"' => '"',
                '\\' => '\\',
                '\u{85}' => 'N',
                '\u{a0}' if !is_printable(c) => '_',
                '\u{2028}' => 'L',
                '\u{2029}' => 'P',
                _ if is_printable(c) || (!self.sorted && c > '\u{ffff}') => {
                    self.out.push(c);
                    continue;
                }
                _ => {
                    let code = u32::from(c);
                    let escaped = match code {
                        0..=0xff => format!("\\x{code:02X}"),
                        0x100..=0xffff => format!("\\u{code:04X}"),
                        _ => format!("\\U{code:08X}"),
                    };
                    self.out.push_str(&escaped);
                    continue;
                }
            };
            self.out.push('\\');
            self.out.push(short);
        }
        self.out.push('"');
    }
}

/// Letters, digits and what joins them, as in most names: needs no analysis.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
}

/// Lines of printable ASCII and tabs, such as code: a block in every case, without analysis.
fn is_simple_block(text: &str) -> bool {
    let is_simple = |byte: u8| (byte >= b' ' && byte != 0x7f) || byte == b'\n' || byte == b'\t';
    text.is_ascii() && text.bytes().all(is_simple) && text.contains('\n')
}

/// In which styles a string can be written.
struct Analysis {
    multiline: bool,
    plain: bool,
    single_quoted: bool,
    block: bool,
    /// Whether it has line breaks that are none to YAML 1.2.
    old_breaks: bool,
}

impl Analysis {
    /// `strict` follows go-yaml, which also quotes what YAML itself would not need quoted.
    fn of(text: &str, strict: bool) -> Self {
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut special, mut breaks, mut old_breaks, mut unwritable) = (false, false, false, false);
        let (mut break_space, mut space_break) = (false, false);
        let (mut before_space, mut before_break, mut before_blank) = (false, false, true);
        let mut chars = text.chars().peekable();
        let mut is_first = true;
        while let Some(c) = chars.next() {
            if is_ordinary(c) && !is_first {
                (before_space, before_break, before_blank) = (false, false, false);
                continue;
            }
            let followed = chars.peek().is_none_or(|c| matches!(c, ' ' | '\t'));
            if is_first {
                indicators |= ",[]{}#&*!|>'\"%@`".contains(c) || ("?:-".contains(c) && followed);
            } else {
                indicators |= (c == ':' && followed) || (c == '#' && before_blank);
            }
            is_first = false;
            special |= !is_printable(c);
            unwritable |= !is_printable(c) && c != '\t' && c <= '\u{ffff}' || matches!(c, '\u{2028}' | '\u{2029}');
            if c == ' ' {
                break_space |= before_break;
                (before_space, before_break) = (true, false);
            } else if is_break(c) {
                breaks = true;
                old_breaks |= c != '\n';
                space_break |= before_space;
                (before_space, before_break) = (false, true);
            } else {
                (before_space, before_break) = (false, false);
            }
            before_blank = matches!(c, ' ' | '\t' | '\0') || is_break(c);
        }
        let edge = |c: char| c == ' ' || is_break(c);
        let edges = text.starts_with(edge) || text.ends_with(edge);
        let trailing_space = text.ends_with(' ');
        let quoting = special || space_break;
        Self {
            multiline: breaks,
            plain: !(edges || break_space || quoting || breaks || indicators),
            single_quoted: !(break_space || quoting),
            block: if strict { !(trailing_space || quoting) } else { !unwritable },
            old_breaks,
        }
    }
}

/// What means nothing anywhere but at the start of a string: nearly all of most texts.
fn is_ordinary(c: char) -> bool {
    matches!(c, '!'..='~') && c != ':' && c != '#'
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What go-yaml writes as it is: no tab, nothing beyond the basic multilingual plane.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}
