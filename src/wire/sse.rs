//! Server-sent events: the text of each event's `data` lines, from bytes as they come.

/// Takes bytes, gives events.
#[derive(Debug, Default)]
pub struct SseReader {
    /// Bytes of a line that has not ended.
    line: Vec<u8>,
    data: Option<String>,
    /// The last line ended with a carriage return; a line feed belongs to it.
    returned: bool,
}

impl SseReader {
    /// The `data` of the events that `bytes` complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for byte in bytes {
            let follows_return = std::mem::take(&mut self.returned);
            match byte {
                b'\n' if follows_return => {}
                b'\n' | b'\r' => {
                    self.returned = *byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.end_of_line(&String::from_utf8_lossy(&line)));
                }
                other => self.line.push(*other),
            }
        }
        events
    }

    fn end_of_line(&mut self, line: &str) -> Option<String> {
        if line.is_empty() {
            return self.data.take();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text = ": hello\nevent: message\ndata: {\"a\":\ndata:1}\n\nid: 4\r\ndata: übung\r\n\r\ndata: unfinished";
        for step in 1..12 {
            let mut reader = SseReader::default();
            let events: Vec<String> = text.as_bytes().chunks(step).flat_map(|bytes| reader.feed(bytes)).collect();
            assert_eq!(events, ["{\"a\":\n1}", "übung"], "in steps of {step}");
        }
    }
}
