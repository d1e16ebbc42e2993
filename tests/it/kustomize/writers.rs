//! The two YAML writers.

/// Values of all kinds, with strings that a careless writer would change.
fn awkward_value() -> serde_json::Value {
    let strings = [
        "on",
        "1.10",
        "0777",
        "~",
        "",
        "a: b",
        "# x",
        " lead",
        "trail ",
        "2024-01-01",
        "12:30:45",
        "=",
        "<<",
        "é",
        "😀",
        "\t",
        "\r",
        "\u{7}",
        "- x",
        "---",
        "a\nb",
        "a\n",
        "a\n\n",
        "\n",
        "\na",
        " a\nb",
        "a \nb",
        "a\n\tb\n",
        "a\r\nb",
        "😀\nb",
        "x\u{2028}y\nz",
        "'",
        "\"",
        "{{ x }}",
        "a very long line of words that goes on and on past the eighty columns at which some writers wrap it",
    ];
    serde_json::json!({
        "apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, "zebra": strings.to_vec(), "apple": {"on": true, "n": null, "": 1.5, "a: b": []},
        "nested": [[1, [2, {}]], {"a": [{"b": "c\nd"}]}], "big": 18446744073709551615_u64, "float": 1e300,
    })
}

#[test]
fn both_writers_are_read_back_as_they_were() {
    let mut value = awkward_value();
    let read = |text: &str| asya::kustomize::Rendering::from_yaml("text", text).unwrap().objects[0].value().clone();
    let ordered = asya::yaml::write_ordered(&value);
    assert_eq!(read(&ordered), value, "{ordered}");
    // The reference writes U+2028 as a line break of YAML 1.1, which YAML 1.2 does not have.
    let strings = value["zebra"].as_array_mut().unwrap();
    strings.retain(|text| !text.as_str().unwrap().contains('\u{2028}'));
    let sorted = asya::yaml::write_sorted(&value);
    assert_eq!(read(&sorted), value, "{sorted}");
}

#[test]
fn generated_code_stays_readable() {
    let code = "def process(payload):\n\tif payload:  \n        return \"😀: {}\".format(1)\n";
    let value =
        serde_json::json!({"kind": "ConfigMap", "data": {"router.py": code, "on": "yes"}, "list": [{"b": 1, "a": 2}]});
    insta::assert_snapshot!(asya::yaml::write_ordered(&value).replace("  \n", "··\n").replace('\t', "→"), @r##"
    kind: ConfigMap
    data:
      router.py: |
        def process(payload):
        →if payload:··
                return "😀: {}".format(1)
      "on": "yes"
    list:
    - b: 1
      a: 2
    "##);
}
