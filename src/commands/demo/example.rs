//! The shipped example, `examples/text-flow`.

/// Its files: path in the project, content.
pub(super) const FILES: &[(&str, &str)] = &[
    ("README.md", include_str!("../../../examples/text-flow/README.md")),
    ("payload.json", include_str!("../../../examples/text-flow/payload.json")),
    ("src/flows/__init__.py", include_str!("../../../examples/text-flow/src/flows/__init__.py")),
    (SOURCE, include_str!("../../../examples/text-flow/src/flows/text_flow.py")),
    ("src/text_handlers/__init__.py", include_str!("../../../examples/text-flow/src/text_handlers/__init__.py")),
    ("src/text_handlers/cleaning.py", include_str!("../../../examples/text-flow/src/text_handlers/cleaning.py")),
    ("src/text_handlers/keywords.py", include_str!("../../../examples/text-flow/src/text_handlers/keywords.py")),
    ("src/text_handlers/readability.py", include_str!("../../../examples/text-flow/src/text_handlers/readability.py")),
    ("src/text_handlers/reporting.py", include_str!("../../../examples/text-flow/src/text_handlers/reporting.py")),
    ("src/text_handlers/shortening.py", include_str!("../../../examples/text-flow/src/text_handlers/shortening.py")),
    ("src/text_handlers/simplifying.py", include_str!("../../../examples/text-flow/src/text_handlers/simplifying.py")),
];

/// The flow's file.
pub(super) const SOURCE: &str = "src/flows/text_flow.py";

/// The flow's function as text: what the demo shows first.
pub(super) fn flow_text() -> &'static str {
    let text = FILES.iter().find(|(path, _)| *path == SOURCE).map_or("", |(_, text)| *text);
    text.find("async def ").and_then(|start| text.get(start..)).unwrap_or(text)
}
