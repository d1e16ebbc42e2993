//! Edits of lists look like the file they are in, and can be taken back.

use super::*;
use crate::project::yaml::parse;

fn add(text: &str) -> String {
    show(add_list_item(&Source::new("k.yaml", text), "resources", "new.yaml"))
}

fn remove(text: &str, item: &str) -> String {
    show(remove_list_item(&Source::new("k.yaml", text), "resources", item))
}

fn show(result: Result<String>) -> String {
    result.unwrap_or_else(|error| {
        let places = error.located().iter().flat_map(|located| &located.diagnostics);
        let places: Vec<String> = places.map(|place| format!(" ({})", place.message)).collect();
        format!("{error}{}; {}", places.concat(), error.hints().join("; "))
    })
}

const FILES: &[&str] = &[
    "resources:\n- a.yaml\n- b.yaml\n",
    "resources:\n  - a.yaml # why\n  # tail\n\n# patches come here\npatches:\n  - path: x\n",
    "resources: [a.yaml, b.yaml]\n",
    "resources: [a.yaml, b.yaml] # flow\nx: 1\n",
    "resources: []\n",
    "resources: [] # none yet\nx: 1\n",
    "resources:\n",
    "resources: # none yet\nx: 1\n",
    "resources:\n  # - a.yaml\n  # - b.yaml\nx: 1\n",
    "resources:\n- a.yaml",
    "resources: [a.yaml]",
    "kind: K",
    "",
    "# nothing here\n",
    "# nothing here",
    "resources:\r\n- a.yaml\r\nnamespace: x\r\n",
    "kind: K\r\n",
    "kind: K\r\n# end\r\n",
    "# head\nkind: K\n# foot\n",
    "resources: [\n  a.yaml, # first\n  b.yaml,\n]\n",
    "resources: # why\n  # first\n  - a.yaml\n\n  # second\n  - b.yaml\nx: 1\n",
    "resources: ~\nx: 1\n",
    "---\n# head\nresources:\n- a.yaml\n",
    "resources:\n- a.yaml\n...\n",
    "x:\n  resources:\n  - c\nresources:\n- a.yaml\n",
    "resources:\n- 'a.yaml'\n- \"b.yaml\"\n",
    "{resources: [a.yaml], kind: K}\n",
    "\"resources\":\n- a.yaml\nx: 1\n",
    "resources:\n-   a.yaml\n-   b.yaml\n\n\n",
    "resources:\n    - a.yaml\n\n    - b.yaml\nx:\n    y: 1\n",
    "patches:\n- target:\n    kind: A\n  patch: |-\n    - op: add # no comment\n      path: /x\nresources:\n- a.yaml\n",
    "resources:\n- a.yaml\n- |\n  odd\n",
    "resources: &r\n- a.yaml\nother: *r\n",
    "\u{feff}resources:\n- a.yaml\n",
    "resources:\n- a.yaml\n# last words\n",
    "resources:\n- a.yaml\n\t\nx: 1\n",
];

#[test]
fn what_was_added_is_there_once_and_can_be_taken_out_again() {
    for text in FILES {
        let added = add(text);
        if added.contains("cannot be edited") {
            continue;
        }
        assert_eq!(add(&added), added, "adding twice changed {text:?}");
        let removed = remove(&added, "new.yaml");
        assert!(!removed.contains("new.yaml"), "{text:?} → {removed:?}");
        for comment in text.lines().filter_map(|line| line.find('#').map(|at| &line[at..])) {
            assert!(removed.contains(comment), "{text:?} lost {comment:?}: {removed:?}");
        }
        let plain = |text: &str| parse(&Source::new("k.yaml", text)).ok();
        if plain(text).is_some_and(|tree| tree.get("resources").is_some_and(|node| !matches!(node.value, Value::Null)))
        {
            assert_eq!(plain(&removed), plain(text), "{text:?} → {removed:?}");
        }
    }
}

#[test]
fn broken_files_are_refused_and_never_made_worse() {
    for text in FILES {
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)).step_by(2) {
            let shorter: String = text[..at].chars().chain(text[at..].chars().skip(1)).collect();
            for broken in [&text[..at], &shorter] {
                let source = Source::new("k.yaml", broken);
                let Ok(added) = add_list_item(&source, "resources", "new.yaml") else { continue };
                let again = Source::new("k.yaml", added.as_str());
                assert_eq!(show(add_list_item(&again, "resources", "new.yaml")), added, "{broken:?}");
                let removed = remove_list_item(&again, "resources", "new.yaml");
                assert!(!removed.is_ok_and(|text| text.contains("new.yaml")), "{broken:?}");
            }
        }
    }
}

#[test]
fn edits_look_like_the_file_they_are_in() {
    let shown: Vec<String> =
        FILES.iter().map(|text| format!("{text:?}\n  + {:?}\n  - {:?}", add(text), remove(text, "a.yaml"))).collect();
    insta::assert_snapshot!(shown.join("\n"), @r##"
    "resources:\n- a.yaml\n- b.yaml\n"
      + "resources:\n- a.yaml\n- b.yaml\n- new.yaml\n"
      - "resources:\n- b.yaml\n"
    "resources:\n  - a.yaml # why\n  # tail\n\n# patches come here\npatches:\n  - path: x\n"
      + "resources:\n  - a.yaml # why\n  - new.yaml\n  # tail\n\n# patches come here\npatches:\n  - path: x\n"
      - "resources: []\n  # tail\n\n# patches come here\npatches:\n  - path: x\n"
    "resources: [a.yaml, b.yaml]\n"
      + "resources: [a.yaml, b.yaml, new.yaml]\n"
      - "resources: [b.yaml]\n"
    "resources: [a.yaml, b.yaml] # flow\nx: 1\n"
      + "resources: [a.yaml, b.yaml, new.yaml] # flow\nx: 1\n"
      - "resources: [b.yaml] # flow\nx: 1\n"
    "resources: []\n"
      + "resources: [new.yaml]\n"
      - "resources: []\n"
    "resources: [] # none yet\nx: 1\n"
      + "resources: [new.yaml] # none yet\nx: 1\n"
      - "resources: [] # none yet\nx: 1\n"
    "resources:\n"
      + "resources:\n  - new.yaml\n"
      - "resources:\n"
    "resources: # none yet\nx: 1\n"
      + "resources: # none yet\n  - new.yaml\nx: 1\n"
      - "resources: # none yet\nx: 1\n"
    "resources:\n  # - a.yaml\n  # - b.yaml\nx: 1\n"
      + "resources:\n  - new.yaml\n  # - a.yaml\n  # - b.yaml\nx: 1\n"
      - "resources:\n  # - a.yaml\n  # - b.yaml\nx: 1\n"
    "resources:\n- a.yaml"
      + "resources:\n- a.yaml\n- new.yaml"
      - "resources: []"
    "resources: [a.yaml]"
      + "resources: [a.yaml, new.yaml]"
      - "resources: []"
    "kind: K"
      + "kind: K\nresources:\n  - new.yaml\n"
      - "kind: K"
    ""
      + "resources:\n- new.yaml\n"
      - ""
    "# nothing here\n"
      + "# nothing here\nresources:\n- new.yaml\n"
      - "# nothing here\n"
    "# nothing here"
      + "# nothing here\nresources:\n- new.yaml\n"
      - "# nothing here"
    "resources:\r\n- a.yaml\r\nnamespace: x\r\n"
      + "resources:\r\n- a.yaml\r\n- new.yaml\r\nnamespace: x\r\n"
      - "resources: []\r\nnamespace: x\r\n"
    "kind: K\r\n"
      + "kind: K\r\nresources:\r\n  - new.yaml\r\n"
      - "kind: K\r\n"
    "kind: K\r\n# end\r\n"
      + "kind: K\r\n# end\r\nresources:\r\n  - new.yaml\r\n"
      - "kind: K\r\n# end\r\n"
    "# head\nkind: K\n# foot\n"
      + "# head\nkind: K\n# foot\nresources:\n  - new.yaml\n"
      - "# head\nkind: K\n# foot\n"
    "resources: [\n  a.yaml, # first\n  b.yaml,\n]\n"
      + "resources: [\n  a.yaml, # first\n  b.yaml, new.yaml,\n]\n"
      - "resources: [\n  b.yaml,\n]\n"
    "resources: # why\n  # first\n  - a.yaml\n\n  # second\n  - b.yaml\nx: 1\n"
      + "resources: # why\n  # first\n  - a.yaml\n\n  # second\n  - b.yaml\n  - new.yaml\nx: 1\n"
      - "resources: # why\n  # first\n\n  # second\n  - b.yaml\nx: 1\n"
    "resources: ~\nx: 1\n"
      + "resources:\n  - new.yaml\nx: 1\n"
      - "resources: ~\nx: 1\n"
    "---\n# head\nresources:\n- a.yaml\n"
      + "---\n# head\nresources:\n- a.yaml\n- new.yaml\n"
      - "---\n# head\nresources: []\n"
    "resources:\n- a.yaml\n...\n"
      + "resources:\n- a.yaml\n- new.yaml\n...\n"
      - "resources: []\n...\n"
    "x:\n  resources:\n  - c\nresources:\n- a.yaml\n"
      + "x:\n  resources:\n  - c\nresources:\n- a.yaml\n- new.yaml\n"
      - "x:\n  resources:\n  - c\nresources: []\n"
    "resources:\n- 'a.yaml'\n- \"b.yaml\"\n"
      + "resources:\n- 'a.yaml'\n- \"b.yaml\"\n- new.yaml\n"
      - "resources:\n- \"b.yaml\"\n"
    "{resources: [a.yaml], kind: K}\n"
      + "{resources: [a.yaml, new.yaml], kind: K}\n"
      - "{resources: [], kind: K}\n"
    "\"resources\":\n- a.yaml\nx: 1\n"
      + "\"resources\":\n- a.yaml\n- new.yaml\nx: 1\n"
      - "\"resources\": []\nx: 1\n"
    "resources:\n-   a.yaml\n-   b.yaml\n\n\n"
      + "resources:\n-   a.yaml\n-   b.yaml\n- new.yaml\n\n\n"
      - "resources:\n-   b.yaml\n\n\n"
    "resources:\n    - a.yaml\n\n    - b.yaml\nx:\n    y: 1\n"
      + "resources:\n    - a.yaml\n\n    - b.yaml\n    - new.yaml\nx:\n    y: 1\n"
      - "resources:\n\n    - b.yaml\nx:\n    y: 1\n"
    "patches:\n- target:\n    kind: A\n  patch: |-\n    - op: add # no comment\n      path: /x\nresources:\n- a.yaml\n"
      + "patches:\n- target:\n    kind: A\n  patch: |-\n    - op: add # no comment\n      path: /x\nresources:\n- a.yaml\n- new.yaml\n"
      - "patches:\n- target:\n    kind: A\n  patch: |-\n    - op: add # no comment\n      path: /x\nresources: []\n"
    "resources:\n- a.yaml\n- |\n  odd\n"
      + "resources:\n- a.yaml\n- |\n  odd\n- new.yaml\n"
      - "resources:\n- |\n  odd\n"
    "resources: &r\n- a.yaml\nother: *r\n"
      + "`k.yaml` is written in a way that cannot be edited safely; by hand: add the line `- new.yaml` under `resources:`"
      - "`k.yaml` is written in a way that cannot be edited safely; by hand: remove the line `- a.yaml` under `resources:`"
    "\u{feff}resources:\n- a.yaml\n"
      + "\u{feff}resources:\n- a.yaml\n- new.yaml\n"
      - "\u{feff}resources: []\n"
    "resources:\n- a.yaml\n# last words\n"
      + "resources:\n- a.yaml\n- new.yaml\n# last words\n"
      - "resources: []\n# last words\n"
    "resources:\n- a.yaml\n\t\nx: 1\n"
      + "resources:\n- a.yaml\n- new.yaml\n\t\nx: 1\n"
      - "resources: []\n\t\nx: 1\n"
    "##);
}

#[test]
fn mappings_in_lists_are_added_once_and_taken_out_again() {
    let texts = [
        "kind: K\n",
        "patches: []\nx: 1\n",
        "# mine\npatches:\n# first\n- path: a.yaml # why\n  target:\n    kind: A\nx: 1\n",
        "patches: [{path: a.yaml}]\n",
        "kind: K\n# end",
        "",
        "patches: a\n",
        "kind: K\r\n",
    ];
    let file = |text: &str| Source::new("k.yaml", text);
    let shown: Vec<String> = texts
        .iter()
        .map(|text| {
            let added = show(add_list_mapping(&file(text), "patches", "path", "new.yaml"));
            let again = |text: &str| show(add_list_mapping(&file(text), "patches", "path", "new.yaml"));
            assert!(added.contains("edited") || again(&added) == added, "{added:?}");
            let edited = if added.contains("edited") { text } else { added.as_str() };
            let removed = show(remove_list_mapping(&file(edited), "patches", "path", "new.yaml"));
            let other = show(remove_list_mapping(&file(text), "patches", "path", "a.yaml"));
            format!("{text:?}\n  + {added:?}\n  - {removed:?}\n  a {other:?}")
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r##"
    "kind: K\n"
      + "kind: K\npatches:\n  - path: new.yaml\n"
      - "kind: K\n"
      a "kind: K\n"
    "patches: []\nx: 1\n"
      + "patches: [{path: new.yaml}]\nx: 1\n"
      - "x: 1\n"
      a "patches: []\nx: 1\n"
    "# mine\npatches:\n# first\n- path: a.yaml # why\n  target:\n    kind: A\nx: 1\n"
      + "# mine\npatches:\n# first\n- path: a.yaml # why\n  target:\n    kind: A\n- path: new.yaml\nx: 1\n"
      - "# mine\npatches:\n# first\n- path: a.yaml # why\n  target:\n    kind: A\nx: 1\n"
      a "# mine\npatches:\n# first\n  []\nx: 1\n"
    "patches: [{path: a.yaml}]\n"
      + "patches: [{path: a.yaml}, {path: new.yaml}]\n"
      - "patches: [{path: a.yaml}]\n"
      a "{}\n"
    "kind: K\n# end"
      + "kind: K\n# end\npatches:\n  - path: new.yaml\n"
      - "kind: K\n# end\n"
      a "kind: K\n# end"
    ""
      + "patches:\n- path: new.yaml\n"
      - "{}\n"
      a ""
    "patches: a\n"
      + "`k.yaml` cannot be edited (`patches` must be a list, not text); "
      - "`k.yaml` cannot be edited (`patches` must be a list, not text); "
      a "`k.yaml` cannot be edited (`patches` must be a list, not text); "
    "kind: K\r\n"
      + "kind: K\r\npatches:\r\n  - path: new.yaml\r\n"
      - "kind: K\r\n"
      a "kind: K\r\n"
    "##);
}
