//! The tables of `src/kustomize` are what Kubernetes and kustomize publish.

use std::process::Command;

use super::reference::{built, go};
use super::*;

#[test]
fn tables_are_the_published_facts() {
    let Some(program) = built("./kustomize/tables", "kustomize-tables") else {
        eprintln!("SKIPPED: there is no Go, so the tables of src/kustomize were not compared with their sources");
        return;
    };
    let listed = go().unwrap().args(["list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kustomize/api"]).output().unwrap();
    let source = String::from_utf8(listed.stdout).unwrap();
    for (table, file) in [("merge-keys", "merge_keys.rs"), ("default-fields", "default_fields.rs")] {
        let output = Command::new(&program).args([table, source.trim()]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let published = String::from_utf8(output.stdout).unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kustomize").join(file);
        if std::env::var_os("ASYA_UPDATE").is_some() {
            std::fs::write(&file, published).unwrap();
            continue;
        }
        let ours = std::fs::read_to_string(&file).unwrap();
        assert!(
            ours == published,
            "{} differs; ASYA_UPDATE=1 writes it: {}",
            file.display(),
            difference(&ours, &published)
        );
    }
}
