//! The fields of a kustomization that change all objects.
#![allow(clippy::write_with_newline)]

use std::fmt::Write as _;

use super::layers::Maker;
use super::scalars::text;

impl Maker<'_> {
    pub(super) fn transformers(&mut self, directory: &str, blocks: &mut Vec<String>) {
        let namespaces = self.objects.iter().filter(|made| made.kind == "Namespace").count();
        let one_home = namespaces < 2 && !self.twins;
        let dice = &mut *self.dice;
        if dice.chance(30) && (one_home || self.careless) {
            blocks.push(format!("namespace: {}\n", dice.pick(&["one", "two", "prod"])));
        }
        if dice.chance(12) {
            blocks.push(format!("namePrefix: {}\n", dice.pick(&["pre-", "x-", "'1-'"])));
        }
        if dice.chance(12) {
            blocks.push("nameSuffix: -suf\n".to_owned());
        }
        self.labels(blocks);
        self.images(blocks);
        self.replicas(blocks);
        if self.dice.chance(40) {
            self.configuration(directory, blocks);
        }
        if self.dice.chance(8) {
            blocks.push(format!("sortOptions:\n  order: {}\n", self.dice.pick(&["fifo", "legacy"])));
        }
    }

    fn labels(&mut self, blocks: &mut Vec<String>) {
        let dice = &mut *self.dice;
        if dice.chance(35) {
            let mut out = "labels:\n".to_owned();
            for number in 0..=dice.roll(2) {
                let (team, n) = (dice.pick(&["core", "data", "\"1\""]), dice.pick(&["\"1\"", "two"]));
                let _ = write!(out, "- pairs:\n    team{number}: {team}\n    \"n\": {n}\n");
                if dice.chance(20) {
                    let _ = write!(out, "    app: {}\n", dice.pick(&["web", "other"]));
                }
                match dice.roll(5) {
                    0 => out.push_str("  includeSelectors: true\n"),
                    1 => out.push_str("  includeTemplates: true\n"),
                    2 => out.push_str("  includeSelectors: false\n  includeTemplates: true\n"),
                    3 => out.push_str("  fields:\n  - path: spec/labels\n    kind: AsyncActor\n    create: true\n"),
                    _ => {}
                }
            }
            blocks.push(out);
        }
        if dice.chance(10) {
            let shared = dice.pick(&["'yes'", "\"no\"", "core"]);
            blocks.push(format!("commonLabels:\n  shared: {shared}\n  team0: {}\n", dice.pick(&["core", "common"])));
        }
        if dice.chance(25) {
            blocks.push(format!("commonAnnotations:\n  owner: me\n  \"note\": {}\n", text(dice)));
        }
    }

    fn images(&mut self, blocks: &mut Vec<String>) {
        let dice = &mut *self.dice;
        if !dice.chance(35) {
            return;
        }
        let names =
            ["nginx", "app/web", "repo.io:5000/app/web", "busybox", "handlers", "repo.io/x", "ngin.", "nginx|busybox"];
        let mut out = format!("{}:\n", if dice.chance(5) { "imageTags" } else { "images" });
        for _ in 0..=dice.roll(3) {
            let _ = writeln!(out, "- name: {}", dice.pick(&names));
            out.push_str(dice.pick(&[
                "  newTag: \"2.0\"\n",
                "  newName: mirror.io/img\n",
                "  digest: sha256:1234\n",
                "  newName: mirror.io:80/img\n  newTag: v9\n",
                "  newName: mirror.io/img\n  digest: sha256:77\n",
                "  newTag: v3\n  digest: sha256:99\n",
                "  tagSuffix: -debug\n",
                "  newName: \"1\"\n",
                "",
            ]));
        }
        blocks.push(out);
    }

    fn replicas(&mut self, blocks: &mut Vec<String>) {
        let scalable =
            |kind: &str| matches!(kind, "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController");
        let found: Vec<&str> = self
            .objects
            .iter()
            .filter(|made| scalable(made.kind) && (self.careless || !made.lost))
            .map(|made| made.name.as_str())
            .collect();
        if found.is_empty() || !self.dice.chance(20) {
            return;
        }
        let name = self.dice.pick(&found).to_owned();
        blocks.push(format!("replicas:\n- name: {name}\n  count: {}\n", self.dice.roll(12)));
    }

    fn configuration(&mut self, directory: &str, blocks: &mut Vec<String>) {
        let dice = &mut *self.dice;
        let choices = [
            ("images", "- path: spec/image\n  kind: AsyncActor\n"),
            (
                "nameReference",
                "- kind: ConfigMap\n  version: v1\n  fieldSpecs:\n  - path: spec/configRef\n    kind: AsyncActor\n",
            ),
            ("commonAnnotations", "- path: spec/annotations\n  create: true\n  kind: AsyncActor\n"),
            ("commonLabels", "- path: spec/podLabels\n  create: true\n  kind: AsyncActor\n  group: asya.sh\n"),
            ("labels", "- path: spec/more/labels\n  create: true\n  kind: ConfigMap\n"),
            ("templateLabels", "- path: spec/template/x\n  create: true\n  kind: AsyncActor\n"),
            ("namespace", "- path: spec/home\n  create: true\n  kind: AsyncActor\n"),
            ("namePrefix", "- path: spec/actor\n  kind: AsyncActor\n"),
            ("nameSuffix", "- path: spec/handler\n  kind: AsyncActor\n"),
            ("replicas", "- path: spec/scaling/minReplicaCount\n  kind: AsyncActor\n"),
        ];
        let mut out = String::new();
        for (at, (field, rows)) in choices.iter().enumerate() {
            if dice.chance(if at < 2 { 60 } else { 15 }) {
                let _ = write!(out, "{field}:\n{rows}");
            }
        }
        if out.is_empty() {
            out.push_str("images: []\n");
        }
        let path = dice.pick(&["conf.yaml", "configurations/conf.yaml"]);
        blocks.push(format!("configurations:\n- {path}\n"));
        self.tree.push((format!("{directory}/{path}"), out.into_bytes()));
    }
}
