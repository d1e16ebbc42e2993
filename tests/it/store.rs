//! Writing all of a plan or nothing.

use std::path::Path;

use asya::artifacts::Artifact;
use asya::event::Change;
use asya::store::{FileChange, Plan};

use crate::sandbox::Sandbox;

fn tree(files: &[(&str, &str)]) -> Vec<Artifact> {
    files.iter().map(|(path, content)| Artifact::new(*path, *content)).collect()
}

fn commit(plan: &Plan) -> String {
    let planned = plan.changes();
    let mut told = Vec::new();
    let result = plan.commit(&mut |event| told.push(event));
    match result {
        Ok(changes) => {
            assert_eq!(planned.unwrap(), changes);
            assert_eq!(told.len(), changes.len());
            let line = |change: &FileChange| format!("{} {}", change.change.name(), change.path.display());
            changes.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        Err(error) => {
            assert!(told.is_empty());
            format!("{error}\n{}", error.hints().join("\n"))
        }
    }
}

#[test]
fn a_generated_tree_is_replaced_as_a_whole() {
    let sandbox = Sandbox::new();
    let mut plan = Plan::new(sandbox.project());
    plan.replace_tree("out/base", tree(&[("a.yaml", "a"), ("sub/b.yaml", "b"), ("old.yaml", "x")]));
    insta::assert_snapshot!(commit(&plan), @r#"
    created out/base/a.yaml
    created out/base/old.yaml
    created out/base/sub/b.yaml
    "#);
    sandbox.write("out/base/__pycache__/a.pyc", "");
    let stamp = |path: &str| sandbox.project().join(path).metadata().unwrap().modified().unwrap();
    let before = stamp("out/base/a.yaml");
    insta::assert_snapshot!(commit(&plan), @r#"
    unchanged out/base/a.yaml
    unchanged out/base/old.yaml
    unchanged out/base/sub/b.yaml
    "#);
    assert_eq!(stamp("out/base/a.yaml"), before);
    let mut plan = Plan::new(sandbox.project());
    plan.replace_tree("out/base", tree(&[("a.yaml", "a"), ("sub/b.yaml", "new")]));
    insta::assert_snapshot!(commit(&plan), @r#"
    unchanged out/base/a.yaml
    changed out/base/sub/b.yaml
    removed out/base/old.yaml
    "#);
    assert_eq!(sandbox.tree().len(), 2);
    let mut plan = Plan::new(sandbox.project());
    plan.replace_tree("out/base", Vec::new());
    insta::assert_snapshot!(commit(&plan), @r#"
    removed out/base/a.yaml
    removed out/base/sub/b.yaml
    "#);
    assert!(!sandbox.exists("out/base"));
}

#[test]
fn files_of_the_user() {
    let sandbox = Sandbox::new();
    sandbox.write("mine", "1");
    sandbox.write("edited", "1");
    sandbox.write("same", "1");
    sandbox.write("gone", "1");
    let mut plan = Plan::new(sandbox.project());
    plan.create("mine", "2")
        .create("new/file", "2")
        .write("edited", "2")
        .write("same", "1")
        .remove("gone")
        .remove("never");
    insta::assert_snapshot!(commit(&plan), @r#"
    kept mine
    created new/file
    changed edited
    unchanged same
    removed gone
    unchanged never
    "#);
    let tree: Vec<String> = sandbox.tree().into_iter().map(|(path, text)| format!("{path}={text}")).collect();
    assert_eq!(tree, ["edited=2", "mine=1", "new/file=2", "same=1"]);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_inside_the_project_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = Sandbox::new();
    sandbox.write("script", "1");
    let script = sandbox.project().join("script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o750)).unwrap();
    symlink("script", sandbox.project().join("link")).unwrap();
    let mut plan = Plan::new(sandbox.project());
    plan.write("link", "2");
    insta::assert_snapshot!(commit(&plan), @"changed script");
    assert_eq!(sandbox.read("script"), "2");
    assert_eq!(script.metadata().unwrap().permissions().mode() & 0o777, 0o750);
    assert!(sandbox.project().join("link").symlink_metadata().unwrap().is_symlink());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_outside() {
    let sandbox = Sandbox::new();
    let outside = sandbox.root().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, sandbox.project().join("door")).unwrap();
    std::os::unix::fs::symlink("nowhere", sandbox.project().join("dangling")).unwrap();
    let refused = |path: &str| {
        let mut plan = Plan::new(sandbox.project());
        plan.create("first", "x").create(path, "x");
        commit(&plan)
            .replace(&sandbox.root().canonicalize().unwrap().display().to_string(), "[SANDBOX]")
            .replace(&sandbox.root().display().to_string(), "[SANDBOX]")
    };
    let paths = ["../x", "a/../../x", "/etc/x", "door/x", "dangling", "dangling/x", ""];
    let shown: Vec<String> = paths.iter().map(|path| refused(path)).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    refused to write `../x`: `..` in a path may lead out of the project

    refused to write `a/../../x`: `..` in a path may lead out of the project

    refused to write `/etc/x`: `/etc/x` is not inside the project `[SANDBOX]/project`

    refused to write `door/x`: `[SANDBOX]/outside/x` is not inside the project `[SANDBOX]/project`

    refused to write `dangling`: `[SANDBOX]/project/dangling` leads nowhere: there is no such file or directory

    refused to write `dangling/x`: `[SANDBOX]/project/dangling` leads nowhere: there is no such file or directory

    refused to write ``: `[SANDBOX]/project` is not inside the project `[SANDBOX]/project`
    "#);
    for inside in ["../x", "/x", "a/../b", "", "."] {
        let mut plan = Plan::new(sandbox.project());
        plan.replace_tree("out", tree(&[(inside, "x")]));
        assert!(plan.commit(&mut |_| {}).is_err(), "{inside}");
    }
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    assert!(!sandbox.exists("first") && !sandbox.exists("out"));
    let mut plan = Plan::new(sandbox.project());
    plan.allow(&outside).create("door/x", "x");
    plan.commit(&mut |_| {}).unwrap();
    assert!(outside.join("x").exists());
}

#[test]
fn a_failure_leaves_the_old_state() {
    let sandbox = Sandbox::new();
    sandbox.write("out/a", "old");
    sandbox.write("file", "a file where a directory should be");
    let before = sandbox.tree();
    let mut plan = Plan::new(sandbox.project());
    plan.replace_tree("out", tree(&[("a", "new")])).create("new/deep/x", "x").write("file/below", "x");
    insta::assert_snapshot!(commit(&plan), @"`file/below` cannot be read: a part of the path is not a directory");
    assert_eq!(sandbox.tree(), before);
    assert!(!sandbox.exists("new"));
    let mut plan = Plan::new(sandbox.project());
    plan.replace_tree("out", tree(&[("a", "1"), ("a/b", "2")]));
    plan.commit(&mut |_| {}).unwrap_err();
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn what_stands_in_the_way() {
    let sandbox = Sandbox::new();
    sandbox.write("src/flow/handlers.py", "mine");
    sandbox.write("file", "");
    sandbox.write("directory/x", "");
    let before = sandbox.tree();
    let mut shown = Vec::new();
    let mut plan = Plan::new(sandbox.project());
    plan.replace_tree("src/flow", tree(&[("router.py", "x")]));
    shown.push(commit(&plan));
    let mut plan = Plan::new(sandbox.project());
    plan.replace_tree("file", tree(&[("router.py", "x")]));
    shown.push(commit(&plan));
    let mut plan = Plan::new(sandbox.project());
    plan.write("directory", "x");
    shown.push(commit(&plan));
    let mut plan = Plan::new(sandbox.project());
    plan.replace_tree("out", tree(&[("a", "x")])).create("out/b", "x");
    shown.push(commit(&plan));
    insta::assert_snapshot!(shown.join("\n"), @r#"
    refused to replace the directory `src/flow`: it holds files that asya did not make: `handlers.py`
    choose another directory in `.asya/config.yaml`, or move these files away
    `file` is in the way: it is a file, and a directory of generated files belongs there
    move it away
    `directory` is in the way: it is a directory, and a file belongs there
    move it away
    `out/b` and `out` cannot be written together: one would overwrite the other
    "#);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn a_killed_run_is_cleared_up_by_the_next() {
    let sandbox = Sandbox::new();
    sandbox.write("out/.asya-tmp.new.base/a", "half");
    sandbox.write("out/.asya-tmp.old.base/a", "before");
    sandbox.write("out/.asya-tmp.old.other/a", "before");
    sandbox.write("out/other/a", "after");
    sandbox.write("out/.asya-tmp.new.file", "half");
    sandbox.write("out/.asya-tmp.gone.removed", "x");
    let mut plan = Plan::new(sandbox.project());
    plan.create("out/x", "x");
    plan.commit(&mut |_| {}).unwrap();
    let tree: Vec<String> = sandbox.tree().into_iter().map(|(path, text)| format!("{path}={text}")).collect();
    assert_eq!(tree, ["out/base/a=before", "out/other/a=after", "out/x=x"]);
}

#[test]
fn two_writers_take_turns() {
    let sandbox = Sandbox::new();
    let root = sandbox.project();
    let write = |mark: &str| {
        let files: Vec<(String, String)> = (0..20).map(|at| (format!("f{at}"), mark.to_owned())).collect();
        for _ in 0..20 {
            let mut plan = Plan::new(&root);
            plan.replace_tree("out", files.iter().map(|(path, text)| Artifact::new(path, text.clone())).collect());
            plan.commit(&mut |_| {}).unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| write("one"));
        scope.spawn(|| write("two"));
    });
    let texts: Vec<String> = sandbox.tree().into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts.len(), 20);
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
}

#[cfg(unix)]
#[test]
fn a_directory_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    sandbox.write("closed/x", "1");
    let closed = sandbox.project().join("closed");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o555)).unwrap();
    // Root may write anywhere; then there is nothing to see here.
    if std::fs::write(closed.join("probe"), "").is_err() {
        let mut plan = Plan::new(sandbox.project());
        plan.create("before", "x").write("closed/x", "2");
        insta::assert_snapshot!(commit(&plan), @"`closed/x` cannot be written: permission denied");
        assert!(!sandbox.exists("before"));
    }
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn changes_speak_of_paths_below_the_root() {
    let sandbox = Sandbox::new();
    let mut plan = Plan::new(sandbox.project());
    plan.create(sandbox.project().join("absolute/inside"), "x");
    let changes = plan.changes().unwrap();
    assert_eq!(changes, [FileChange { path: Path::new("absolute/inside").to_owned(), change: Change::Created }]);
    assert!(!sandbox.exists("absolute"));
}
