//! Directories of a tree: bases, overlays, components, and what each of them lists.
#![allow(clippy::write_with_newline)]

use std::fmt::Write as _;

use super::manifests::{KINDS, anchored, file, object};
use super::{Dice, Made, NAMES, Tree};

/// What has been made so far.
pub(super) struct Maker<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) tree: Tree,
    pub(super) objects: Vec<Made>,
    /// Objects of directories that those at hand do not list.
    pub(super) elsewhere: Vec<Made>,
    /// Directories are listed twice, so that objects whose names stay as they are would be, too.
    diamond: bool,
    /// Choices need not fit what is there.
    pub(super) careless: bool,
    /// Two objects may differ in their namespace alone.
    pub(super) twins: bool,
    /// Numbers names that must not repeat.
    pub(super) count: usize,
}

impl Maker<'_> {
    /// Manifest files of so many objects; the paths to list.
    fn manifests(&mut self, directory: &str, objects: usize) -> Vec<String> {
        let mut made: Vec<(Made, String)> = Vec::new();
        for _ in 0..objects {
            let kind = KINDS[self.dice.roll(KINDS.len())];
            let name = self.dice.pick(NAMES).to_owned();
            let namespace = if self.dice.chance(20) { Some(self.dice.pick(&["default", "one", "two"])) } else { None };
            let space = |namespace: Option<&str>| namespace.unwrap_or("default").to_owned();
            let all = self.objects.iter().chain(&self.elsewhere).chain(made.iter().map(|(made, _)| made));
            let same = all.filter(|made| made.kind == kind && made.name == name);
            let taken = same.filter(|made| !self.twins || space(made.namespace) == space(namespace)).count() > 0;
            let second_namespace = kind == "Namespace" && self.objects.iter().any(|made| made.kind == kind);
            let unrenamed = matches!(kind, "Namespace" | "CustomResourceDefinition" | "APIService");
            let fits = !(taken || second_namespace || self.diamond && unrenamed);
            if fits || self.careless && self.dice.chance(10) {
                made.push(object(self.dice, kind, &name, namespace));
            }
        }
        if self.dice.chance(15) {
            made.push(anchored(&format!("anchored-{}", self.count)));
            self.count += 1;
        }
        let mut paths = Vec::new();
        let mut rest = made.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(1 + self.dice.roll(rest.len()));
            let path = format!("{}r{}.yaml", self.dice.pick(&["", "", "deep/er/"]), paths.len());
            let content = file(self.dice, now);
            self.tree.push((format!("{directory}/{path}"), content));
            paths.push(path);
            rest = later;
        }
        self.objects.extend(made.into_iter().map(|(made, _)| made));
        paths
    }

    /// A component beside the layers; the directory.
    fn component(&mut self) -> String {
        let directory = format!("components/c{}", self.count);
        self.count += 1;
        let mut blocks = vec!["apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n".to_owned()];
        let objects = self.dice.roll(2);
        let paths = self.manifests(&directory, objects);
        if !paths.is_empty() {
            blocks.push(listing("resources", &paths));
        }
        self.generators(&directory, &mut blocks);
        self.patches(&directory, &mut blocks);
        self.transformers(&directory, &mut blocks);
        if blocks.len() == 1 {
            blocks.push("commonAnnotations: {component: \"yes\"}\n".to_owned());
        }
        self.kustomization(&directory, blocks);
        directory
    }

    /// A directory of the tree that lists those `below`.
    fn layer(&mut self, directory: &str, below: &[&str], objects: usize, more: &str) {
        let mut blocks = Vec::new();
        if self.dice.chance(60) {
            blocks.push("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n".to_owned());
        }
        let up = "../".repeat(directory.matches('/').count() + 1);
        let below: Vec<String> = below.iter().map(|path| format!("{up}{path}")).collect();
        let mut paths = self.manifests(directory, objects);
        if self.dice.chance(10) && !below.is_empty() {
            blocks.push(listing("bases", &below));
        } else {
            paths.splice(0..0, below);
        }
        if !paths.is_empty() {
            blocks.push(listing("resources", &paths));
        }
        // In the order in which kustomize works, so that later parts know what earlier ones left.
        self.generators(directory, &mut blocks);
        let mut components = Vec::new();
        if self.dice.chance(25) {
            for _ in 0..=self.dice.roll(2) {
                components.push(format!("{up}{}", self.component()));
            }
            blocks.push(listing("components", &components));
        }
        self.patches(directory, &mut blocks);
        self.transformers(directory, &mut blocks);
        if !more.is_empty() {
            blocks.retain(|block| !block.starts_with(more.split(':').next().unwrap_or_default()));
            blocks.push(more.to_owned());
        }
        for empty in ["images: []\n", "patches: []\n", "labels:\n", "namePrefix: \"\"\n", "replicas: null\n"] {
            let name = empty.split(':').next().unwrap_or_default();
            if self.dice.chance(3) && !blocks.iter().any(|block| block.starts_with(&format!("{name}:"))) {
                blocks.push(empty.to_owned());
            }
        }
        if blocks.is_empty() || blocks.iter().all(|block| block.starts_with("apiVersion")) {
            blocks.push("commonAnnotations: {only: this}\n".to_owned());
        }
        self.kustomization(directory, blocks);
    }

    /// Writes the kustomization file; its fields may stand in any order.
    fn kustomization(&mut self, directory: &str, mut blocks: Vec<String>) {
        if self.dice.chance(30) {
            self.dice.shuffle(&mut blocks);
        }
        let mut out = String::new();
        if self.dice.chance(10) {
            out.push_str("---\n");
        }
        for block in blocks {
            if self.dice.chance(5) {
                out.push_str("# the next field\n\n");
            }
            out.push_str(&block);
        }
        if self.dice.chance(3) {
            out.push_str("metadata: {name: k}\n");
        }
        if self.dice.chance(10) {
            out = out.replace('\n', "\r\n");
        }
        let name = match self.dice.roll(20) {
            0 => "kustomization.yml",
            1 => "Kustomization",
            _ => "kustomization.yaml",
        };
        self.tree.push((format!("{directory}/{name}"), out.into_bytes()));
    }

    /// From now on no object can be addressed by its name.
    fn lose_all(&mut self) {
        self.objects.iter_mut().for_each(|made| made.lost = true);
    }
}

fn listing(field: &str, paths: &[String]) -> String {
    let mut out = format!("{field}:\n");
    for path in paths {
        let _ = writeln!(out, "- {path}");
    }
    out
}

/// The tree of a seed.
pub fn tree(seed: u64) -> Tree {
    let mut dice = Dice::new(seed);
    let (careless, twins) = (dice.chance(10), dice.chance(8));
    let size = dice.roll(5) + 2;
    let shape = dice.roll(10);
    let mut maker = Maker {
        dice: &mut dice,
        tree: Vec::new(),
        objects: Vec::new(),
        elsewhere: Vec::new(),
        diamond: shape == 8,
        careless,
        twins,
        count: 0,
    };
    match shape {
        0..3 => maker.layer("overlays/dev", &[], size, ""),
        3..5 => {
            maker.layer("flows/base", &[], size, "");
            maker.layer("overlays/dev", &["flows/base"], 1, "");
        }
        5..7 => {
            maker.layer("flows/base", &[], size, "");
            maker.layer("flows/common", &["flows/base"], 1, "");
            maker.layer("overlays/dev", &["flows/common"], 1, "");
        }
        7 => {
            maker.layer("one", &[], size / 2 + 1, "");
            maker.elsewhere = std::mem::take(&mut maker.objects);
            maker.layer("two/deep/er", &[], size / 2 + 1, "");
            maker.objects.append(&mut maker.elsewhere);
            maker.layer("overlays/dev", &["one", "two/deep/er"], 1, "");
        }
        8 => {
            maker.layer("flows/base", &[], size, "");
            let base = maker.objects.clone();
            maker.layer("left", &["flows/base"], 0, "namePrefix: left-\n");
            maker.elsewhere = std::mem::replace(&mut maker.objects, base);
            maker.layer("right", &["flows/base"], 0, "nameSuffix: -right\n");
            maker.objects.append(&mut maker.elsewhere);
            maker.lose_all();
            maker.layer("overlays/dev", &["left", "right"], 1, "");
        }
        _ => {
            maker.layer("flows/base", &[], size, "");
            maker.layer("a", &["flows/base"], 1, "");
            maker.layer("b", &["a"], 0, "");
            maker.layer("c", &["b"], 1, "");
            maker.layer("overlays/dev", &["c"], 0, "");
        }
    }
    maker.tree
}
