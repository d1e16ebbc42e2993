//! Scalars and blocks of text as they may stand in a file, against the reference.

use super::trees::SCALARS;
use super::*;

#[test]
fn blocks_of_text_end_where_the_file_says() {
    let Some(mut reference) = Reference::start() else { return };
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  y: ";
    let bodies = [
        "one\n    two",
        "one\n\n    two\n   ",
        "one\n    two\n# c",
        "one\n    two\n\n  z: end",
        "one\n\n\n",
        "one\n    # in",
    ];
    for style in ["|", "|+", "|-", ">", ">+", ">-"] {
        for body in bodies {
            let object = format!("{head}{style}\n    {body}");
            let root = kustomization(&[("kustomization.yaml", "resources: [a.yaml]\n"), ("a.yaml", &object)]);
            assert_eq!(compare(&mut reference, root.path()), Ok(Compared::Same), "{object}");
        }
    }
}

#[test]
fn every_awkward_scalar_is_read_and_written_as_the_reference_does() {
    let Some(mut reference) = Reference::start() else { return };
    let mut wrong = Vec::new();
    // Those that the reference accepts go into one object, so that one process checks them all.
    let mut together = String::new();
    for (at, scalar) in SCALARS.iter().enumerate() {
        let object = format!(
            "apiVersion: x/v1\nkind: Foo\nmetadata:\n  name: foo\nspec:\n  value: {scalar}\n  list:\n  - {scalar}\n"
        );
        let root = kustomization(&[("kustomization.yaml", "resources: [a.yaml]\n"), ("a.yaml", &object)]);
        if rendered(root.path()).is_ok() {
            together.push_str(&format!("  v{at}: {scalar}\n  l{at}:\n  - {scalar}\n  - [ {scalar} ]\n"));
        }
        if at % 4 == 0
            && let Err(difference) = compare(&mut reference, root.path())
        {
            wrong.push(format!("{scalar}: {difference}"));
        }
    }
    let flow_safe: String = together
        .lines()
        .filter(|line| !line.trim_start().starts_with("- [ ") || line.contains('"') || line.contains('\''))
        .map(|line| format!("{line}\n"))
        .collect();
    let object = format!("apiVersion: x/v1\nkind: Foo\nmetadata:\n  name: foo\nspec:\n{flow_safe}");
    let root = kustomization(&[("kustomization.yaml", "resources: [a.yaml]\n"), ("a.yaml", &object)]);
    if let Err(difference) = compare(&mut reference, root.path()) {
        wrong.push(difference);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
