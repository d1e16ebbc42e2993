//! Pictures of random flows: nothing lies on anything else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::features::Features;
use super::generate::{Random, flow, make};
use crate::compiler::compile_text;

/// A rectangle: left, top, right, bottom.
type Rect = (i32, i32, i32, i32);

type Points = Vec<(i32, i32)>;

/// From where to where on a straight, and to which node.
type Part<'p> = (i32, i32, &'p str);

/// A picture, read back from its text.
#[derive(Debug, Default)]
struct Picture {
    size: (i32, i32),
    boxes: BTreeMap<String, Rect>,
    /// From which node to which, and the corners and ends of the line.
    lines: Vec<Edge>,
    labels: Vec<Rect>,
    /// Those that stand on their own lines.
    wide_labels: Vec<Rect>,
    frames: Vec<Rect>,
    text: String,
}

#[derive(Debug)]
struct Edge {
    from: String,
    to: String,
    is_error: bool,
    points: Points,
}

/// Reads well-formed XML as far as pictures use it and panics on anything else.
fn read(svg: &str) -> Picture {
    let mut picture = Picture::default();
    let mut open: Vec<String> = Vec::new();
    let mut group = String::new();
    let mut label: Option<(bool, i32, i32)> = None;
    let mut ids = BTreeSet::new();
    let mut rest = svg;
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        assert!(!open.is_empty() || text.trim().is_empty(), "text outside the picture: {text}");
        for (at, _) in text.match_indices('&') {
            let entity = ["&amp;", "&lt;", "&gt;", "&quot;"].iter().any(|it| text[at..].starts_with(it));
            assert!(entity, "unknown entity in {text}");
        }
        assert!(text.chars().all(|it| it == '\n' || !it.is_control()), "control character in {text:?}");
        picture.text.push_str(text);
        if let Some((is_wide, x, y)) = label.take() {
            let room = label_room(text, is_wide, x, y);
            picture.labels.push(room);
            picture.wide_labels.extend(is_wide.then_some(room));
        }
        let end = at + rest[at..].find('>').expect("a tag ends");
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let is_empty = tag.ends_with('/');
        let (name, attributes) = attributes(tag.trim_end_matches('/'));
        let number = |key: &str| attributes.get(key).and_then(|value| value.parse::<i32>().ok()).unwrap_or_default();
        if let Some(id) = attributes.get("id") {
            assert!(ids.insert(id.clone()), "id `{id}` is there twice");
        }
        match (name.as_str(), attributes.get("class").map(String::as_str)) {
            ("svg", _) => {
                picture.size = (number("width"), number("height"));
                assert_eq!(attributes["viewBox"], format!("0 0 {} {}", picture.size.0, picture.size.1));
            }
            ("g", _) => group = attributes.get("id").cloned().unwrap_or_default(),
            ("rect", Some("shape")) => {
                let (x, y) = (number("x"), number("y"));
                picture.boxes.insert(group.clone(), (x, y, x + number("width"), y + number("height")));
            }
            ("polygon", Some("shape")) => {
                let corners = numbers(&attributes["points"]);
                let (xs, ys) = (corners.iter().map(|it| it.0), corners.iter().map(|it| it.1));
                let least = (xs.clone().min().unwrap(), ys.clone().min().unwrap());
                picture.boxes.insert(group.clone(), (least.0, least.1, xs.max().unwrap(), ys.max().unwrap()));
            }
            ("rect", Some("frame")) => {
                let (x, y) = (number("x"), number("y"));
                picture.frames.push((x, y, x + number("width"), y + number("height")));
            }
            ("path", Some(class @ ("edge" | "edge error"))) => {
                let is_error = class == "edge error";
                let mut points = numbers(&attributes["d"]);
                if is_error {
                    points.reverse();
                }
                let (from, to) = (attributes["data-from"].clone(), attributes["data-to"].clone());
                picture.lines.push(Edge { from, to, is_error, points });
            }
            ("text", Some(class)) if class.starts_with("label") => {
                label = Some((class.contains("wide"), number("x"), number("y")));
            }
            _ => {}
        }
        if !is_empty {
            open.push(name);
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} are not closed");
    picture
}

/// The room of a label: 6.6 pixels are a character's width at its size.
fn label_room(text: &str, is_wide: bool, x: i32, y: i32) -> Rect {
    let plain = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    let width = i32::try_from(plain.chars().count()).unwrap() * 66 / 10;
    let left = if is_wide { x - width / 2 } else { x };
    (left, y - 9, left + width, y + 2)
}

fn attributes(tag: &str) -> (String, BTreeMap<String, String>) {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut found = BTreeMap::new();
    while let Some((key, after)) = rest.trim_start().split_once("=\"") {
        let (value, after) = after.split_once('"').expect("a value ends");
        assert!(found.insert(key.to_owned(), value.to_owned()).is_none(), "`{key}` twice in {tag}");
        rest = after;
    }
    assert!(rest.trim().is_empty(), "strange attributes in {tag}");
    (name.to_owned(), found)
}

/// The pairs of numbers in a text, whatever stands between them.
fn numbers(text: &str) -> Vec<(i32, i32)> {
    let all: Vec<i32> = text
        .split(|it: char| !it.is_ascii_digit() && it != '-')
        .filter(|it| !it.is_empty())
        .map(|it| it.parse().unwrap())
        .collect();
    assert!(all.len().is_multiple_of(2), "{text}");
    all.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// Checks that the picture of `graph` shows all of it and keeps everything apart.
pub fn check(svg: &str, graph: &Value) {
    let picture = read(svg);
    let (width, height) = picture.size;
    let list = |key: &str| graph[key].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let nodes: BTreeSet<String> = list("nodes").iter().map(|node| text(&node["id"])).collect();
    assert_eq!(picture.boxes.keys().cloned().collect::<BTreeSet<_>>(), nodes);
    // Calls of helpers are links to their frames.
    let shown: Vec<Value> = list("edges").into_iter().filter(|edge| edge["kind"] != "helper").collect();
    let ends = |edge: &Value| (text(&edge["from"]), text(&edge["to"]), edge["kind"] == "error");
    let mut edges: Vec<_> = shown.iter().map(ends).collect();
    let mut drawn: Vec<_> =
        picture.lines.iter().map(|edge| (edge.from.clone(), edge.to.clone(), edge.is_error)).collect();
    edges.sort();
    drawn.sort();
    assert_eq!(drawn, edges);
    assert_eq!(picture.labels.len(), shown.iter().filter(|edge| edge["label"] != "").count());
    assert_eq!(picture.frames.len(), list("helpers").len());
    boxes_are_apart(&picture, graph);
    labels_are_apart(&picture);
    let mut parts: BTreeMap<(bool, i32), Vec<Part<'_>>> = BTreeMap::new();
    for Edge { from, to, points, .. } in &picture.lines {
        let (start, end) = (picture.boxes[from], picture.boxes[to]);
        let (first, last) = (points[0], points[points.len() - 1]);
        assert!(first.1 == start.3 && start.0 < first.0 && first.0 < start.2, "{from} {to} does not begin there");
        assert!(last.1 == end.1 && end.0 < last.0 && last.0 < end.2, "{from} {to} does not end there");
        for part in points.windows(2) {
            let (a, b) = (part[0], part[1]);
            if a.0 == b.0 {
                parts.entry((true, a.0)).or_default().push((a.1.min(b.1), a.1.max(b.1), to));
            } else if a.1 == b.1 {
                parts.entry((false, a.1)).or_default().push((a.0.min(b.0), a.0.max(b.0), to));
            }
            let room = (a.0.min(b.0), a.1.min(b.1), a.0.max(b.0) + 1, a.1.max(b.1) + 1);
            assert!(
                room.0 >= 0 && room.1 >= 0 && room.2 <= width && room.3 <= height,
                "{from} {to} leaves the picture"
            );
            for (id, &place) in &picture.boxes {
                let inner = (place.0 + 1, place.1 + 1, place.2 - 1, place.3 - 1);
                assert!(!overlap(room, inner), "{from} {to} at {room:?} goes through {id} {place:?}");
            }
        }
    }
    for (place, parts) in parts {
        for (number, (start, end, to)) in parts.iter().enumerate() {
            let clash = parts[..number].iter().find(|it| it.2 != *to && it.0 < *end && *start < it.1);
            assert!(clash.is_none(), "at {place:?}, {start}..{end} to {to} lies on {clash:?}");
        }
    }
}

/// No box lies on another one, and what happens in a helper stays in its frame.
fn boxes_are_apart(picture: &Picture, graph: &Value) {
    let (width, height) = picture.size;
    for (number, (id, &place)) in picture.boxes.iter().enumerate() {
        assert!(place.0 >= 0 && place.1 >= 0 && place.2 <= width && place.3 <= height, "{id} is outside");
        for (other, &beside) in picture.boxes.iter().skip(number + 1) {
            assert!(!overlap(place, beside), "{id} {place:?} lies on {other} {beside:?}");
        }
    }
    let names = graph["helpers"].as_array().unwrap().iter().map(|helper| &helper["function"]);
    for (number, (name, &frame)) in names.zip(&picture.frames).enumerate() {
        assert!(frame.0 >= 0 && frame.1 >= 0 && frame.2 <= width && frame.3 <= height, "{name} is outside");
        for &other in &picture.frames[..number] {
            assert!(!overlap(frame, other), "the frame of {name} lies on another");
        }
        for node in graph["nodes"].as_array().unwrap() {
            let place = picture.boxes[node["id"].as_str().unwrap()];
            let is_inside = frame.0 < place.0 && frame.1 < place.1 && place.2 < frame.2 && place.3 < frame.3;
            assert!(is_inside == (node["function"] == *name), "{} and the frame of {name}", node["id"]);
            assert!(is_inside || !overlap(frame, place), "{} lies half in the frame of {name}", node["id"]);
        }
    }
}

/// No label lies on a box or on another label.
fn labels_are_apart(picture: &Picture) {
    for (number, &label) in picture.labels.iter().enumerate() {
        for (id, &place) in &picture.boxes {
            assert!(!overlap(place, label), "a label at {label:?} lies on {id}");
        }
        for &other in &picture.labels[..number] {
            assert!(!overlap(other, label), "labels lie on each other: {other:?} {label:?}");
        }
    }
    for &label in &picture.wide_labels {
        let through = |edge: &&Edge| {
            edge.points.windows(2).any(|part| {
                let (a, b) = (part[0], part[1]);
                overlap(label, (a.0.min(b.0), a.1.min(b.1), a.0.max(b.0) + 1, a.1.max(b.1) + 1))
            })
        };
        let crossed: BTreeSet<(&str, &str)> =
            picture.lines.iter().filter(through).map(|edge| (edge.from.as_str(), edge.to.as_str())).collect();
        assert!(crossed.len() == 1, "{crossed:?} go through the label at {label:?}");
    }
}

/// Checks the pictures of the random flows that compile; answers how many.
fn check_random(seeds: std::ops::Range<u64>, text: impl Fn(&mut Random) -> String) -> usize {
    let mut drawn = 0;
    for seed in seeds {
        let text = text(&mut Random::new(seed));
        let Ok((program, _)) = compile_text(&text) else { continue };
        if program.svg.contains("too many for a picture") {
            continue;
        }
        let caught = std::panic::catch_unwind(|| check(&program.svg, &program.graph));
        assert!(caught.is_ok(), "seed {seed}:\n{text}");
        assert_eq!(compile_text(&text).unwrap().0.svg, program.svg, "the same flow, the same picture");
        drawn += 1;
    }
    drawn
}

#[test]
fn nothing_in_a_picture_lies_on_anything_else() {
    let drawn = check_random(0..150, |random| flow(random, "demo"));
    assert!(drawn >= 100, "only {drawn} of the random flows are drawn");
}

#[test]
fn nothing_lies_on_anything_else_in_pictures_of_the_whole_language() {
    let drawn = check_random(0..150, |random| make(random, Features::all(), "demo").text());
    assert!(drawn >= 60, "only {drawn} of the random flows are drawn");
}

/// A flow of `lines` after the signature.
fn written(lines: &str) -> String {
    format!("import handlers\n\n\ndef demo(p: dict) -> dict:\n{lines}    return p\n")
}

#[test]
fn the_main_line_of_a_flow_is_straight() {
    let lines = "    p = handlers.a(p)\n    while p[\"n\"] < 3:\n        p = handlers.b(p)\n        if p[\"x\"]:\n            \
                 break\n        p[\"n\"] += 1\n    if p[\"y\"]:\n        p = handlers.c(p)\n    p = handlers.d(p)\n";
    let (program, _) = compile_text(&written(lines)).unwrap();
    check(&program.svg, &program.graph);
    let picture = read(&program.svg);
    let middle = |text: &str| {
        let nodes = program.graph["nodes"].as_array().unwrap();
        let node = nodes.iter().find(|node| node["label"] == text).unwrap();
        let place = picture.boxes[node["id"].as_str().unwrap()];
        i32::midpoint(place.0, place.2)
    };
    let line = ["demo", "handlers-a", "while p[\"n\"] < 3", "p[\"y\"]", "handlers-d", "end"];
    let line = line.map(|text| middle(text.strip_prefix("handlers-").unwrap_or(text)));
    assert!(line.iter().all(|x| *x == line[0]), "{line:?}");
    assert!(middle("b") > line[0] && middle("c") > line[0], "what is indented stands to the right");
}

#[test]
fn text_of_the_source_cannot_break_out_of_the_picture() {
    let lines = "    p[\"<&>\"] = '</text><script>\"]]>'\n    p['\u{7}\u{fffe}'] = \"漢字\"\n    p = handlers.a(p)\n    \
                 if p[\"a\"] < 1 and p[\"b\"] > 2:\n        p = handlers.b(p)\n";
    let (program, _) = compile_text(&written(lines)).unwrap();
    check(&program.svg, &program.graph);
    assert!(!program.svg.contains("<script"));
    assert!(read(&program.svg).text.contains("p[&quot;&lt;&amp;&gt;&quot;] = '&lt;/text&gt;"));
}

#[test]
fn a_huge_flow_gets_a_note_instead_of_a_picture() {
    let mut lines = String::new();
    for number in 0..500 {
        lines.push_str(&format!("    p = handlers.a(p)\n    p[\"n\"] = {number}\n"));
    }
    let (program, _) = compile_text(&written(&lines)).unwrap();
    let picture = read(&program.svg);
    assert!(picture.boxes.is_empty());
    assert!(picture.text.contains("This flow has 1002 steps: too many for a picture."), "{}", picture.text);
}
