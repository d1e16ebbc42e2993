//! Exposure in common, in overlays and in overlays of overlays: random rows of commands against a
//! model of a few lines. After every command every environment must render exactly the right
//! ConfigMap or none, and nothing of the user's may be gone.

use std::collections::BTreeMap;
use std::path::Path;

use asya::kustomize::{Object, render};
use asya::project::DiskTree;
use serde_json::Value;

use crate::artifacts as fixtures;
use crate::differential::random::Random;
use crate::expose::compiled;
use crate::sandbox::Sandbox;

const MANIFESTS: &str = "compiled/text-flow/manifests";

/// Contexts and what their overlays are built on: `edge` on another overlay, `alone` on the base
/// alone, so that common does not count there.
const BASES: [(&str, Option<&str>); 5] =
    [("dev", Some("")), ("prod", Some("")), ("staging", Some("")), ("edge", Some("staging")), ("alone", None)];

const CONFIG: &str = "contexts: {dev: {}, prod: {}, staging: {}, edge: {}, alone: {}}\n";

/// What every environment should offer.
#[derive(Debug, Clone, Default)]
struct Model {
    common: Option<String>,
    /// `None`: taken out.
    own: BTreeMap<&'static str, Option<String>>,
}

impl Model {
    fn below(&self, context: &str) -> Option<String> {
        match BASES.iter().find(|(name, _)| *name == context).unwrap().1 {
            Some("") => self.common.clone(),
            Some(other) => self.offered(other),
            None => None,
        }
    }

    fn offered(&self, context: &str) -> Option<String> {
        self.own.get(context).cloned().unwrap_or_else(|| self.below(context))
    }

    fn expose(&mut self, context: Option<&'static str>, text: &str) {
        match context {
            Some(context) => drop(self.own.insert(context, Some(text.to_owned()))),
            None => self.common = Some(text.to_owned()),
        }
    }

    fn unexpose(&mut self, context: Option<&'static str>) {
        match context {
            Some(context) => drop(self.own.insert(context, None)),
            None => *self = Self::default(),
        }
        // Where nothing is offered there is nothing to take out.
        let before = self.clone();
        self.own.retain(|context, text| text.is_some() || before.below(context).is_some());
    }
}

/// Kustomizations as people write them; `BASE` stands for the resource below.
const WRITTEN: [&str; 6] = [
    "# mine\nkind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nnamespace: elsewhere # keep\n\nresources:\n# first\n- BASE\n- extra.yaml # mine too\n\npatches:\n# bigger\n- path: bigger.yaml # and better\n  target:\n    kind: AsyncActor\n# the end\n",
    "resources: [BASE, extra.yaml] # all\nlabels:\n- pairs: {team: words} # us\n",
    "resources:\n  - BASE\n  # - later.yaml\n\n\nnamePrefix: p-\npatches: []\n",
    "apiVersion: kustomize.config.k8s.io/v1beta1\r\nkind: Kustomization\r\n# windows\r\nresources:\r\n- BASE\r\n- extra.yaml\r\n",
    "---\n# inline\npatches:\n- target: {kind: AsyncActor, name: clean}\n  patch: |-\n    - op: add # not a comment\n      path: /metadata/annotations\n      value: {flow-expose.yaml: x}\nresources:\n- BASE\ncommonAnnotations:\n  a: \"b\" # c\n",
    "resources:\n- ./extra.yaml\n- BASE\nimages:\n- name: ghcr.io/acme/clean # pinned\n  newTag: \"1.10\"",
];

fn project(random: &mut Random) -> Sandbox {
    let sandbox = compiled(&fixtures::program());
    sandbox.write(".asya/config.yaml", CONFIG);
    for (context, base) in BASES {
        let below = match base {
            Some("") => "../../common".to_owned(),
            Some(other) => format!("../{other}"),
            None => "../../base".to_owned(),
        };
        let directory = format!("{MANIFESTS}/overlays/{context}");
        let mut text = WRITTEN[random.below(WRITTEN.len())].replace("BASE", &below);
        if context == "edge" {
            // Two of the same prefix, label or file would be another thing to test.
            text = format!("# on top of {below}\nresources:\n- {below} # below\n");
        }
        let name = if random.chance(30) { "kustomization.yml" } else { "kustomization.yaml" };
        let _ = std::fs::remove_file(sandbox.project().join(&directory).join("kustomization.yaml"));
        sandbox.write(&format!("{directory}/{name}"), &text);
        sandbox.write(&format!("{directory}/extra.yaml"), "apiVersion: v1\nkind: Service\nmetadata: {name: extra}\n");
        let bigger = "apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata: {name: any}\nspec: {replicas: 3}\n";
        sandbox.write(&format!("{directory}/bigger.yaml"), bigger);
    }
    sandbox
}

fn layers() -> Vec<String> {
    let overlays = BASES.iter().map(|(context, _)| format!("overlays/{context}"));
    std::iter::once("common".to_owned()).chain(overlays).collect()
}

/// The objects of a layer: the descriptions under which the flow is offered, and all the others.
fn rendered(sandbox: &Sandbox, layer: &str) -> (Vec<String>, Vec<Value>) {
    let directory = Path::new(MANIFESTS).join(layer);
    let rendering = match render(&DiskTree::new(sandbox.project()), &directory) {
        Ok(rendering) => rendering,
        Err(error) => panic!("{layer}: {error:?}\n{:#?}", sandbox.tree()),
    };
    let is_offer = |object: &&Object| object.label("asya.sh/config-type") == Some("flows");
    let description = |object: &Object| {
        let text = object.value()["data"]["text-flow.yaml"].as_str().expect("a flow file").to_owned();
        assert_eq!(text.matches("- name: ").count(), 1, "{text}");
        text.lines().find_map(|line| line.trim().strip_prefix("description: ")).expect("a description").to_owned()
    };
    let offers = rendering.objects.iter().filter(is_offer).map(description).collect();
    let others = rendering.objects.iter().filter(|object| !is_offer(object)).map(|it| it.value().clone()).collect();
    (offers, others)
}

/// The kustomizations with their comments: what people wrote, without what was added.
fn kept(sandbox: &Sandbox) -> Vec<(String, Vec<String>)> {
    let files = sandbox.tree().into_iter().filter(|(path, _)| path.contains("kustomization."));
    files
        .map(|(path, text)| {
            let added = |line: &&str| !matches!(*line, "- flow-expose.yaml" | "- path: flow-expose.yaml" | "patches:");
            let line = |line: &str| {
                let line = line.trim().replace(", flow-expose.yaml", "").replace("patches: []", "patches:");
                line.replace("patches: [{path: flow-expose.yaml}]", "patches:")
            };
            let lines = text.lines().map(line).filter(|line| !line.is_empty() && added(&line.as_str())).collect();
            (path, lines)
        })
        .collect()
}

#[test]
fn random_rows_of_commands_render_one_right_config_map_or_none() {
    let rows = std::env::var("ASYA_EXPOSURES").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    let seed: u64 = std::env::var("ASYA_EXPOSURES_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for row in 0..rows {
        let mut random = Random::new(seed * 1000 + row);
        let sandbox = project(&mut random);
        let first = kept(&sandbox);
        let others: Vec<_> = layers().iter().map(|layer| rendered(&sandbox, layer).1).collect();
        let mut model = Model::default();
        let mut said = Vec::new();
        for at in 0..10 {
            let context = random.chance(70).then(|| BASES[random.below(BASES.len())].0);
            let text = format!("Text {at}");
            let mut command = vec!["expose", "text-flow"];
            if random.chance(55) {
                command.extend(["-d", &text]);
                command.extend(random.chance(30).then_some("--a2a"));
                model.expose(context, &text);
            } else {
                command[0] = "unexpose";
                model.unexpose(context);
            }
            command.extend(context.iter().flat_map(|context| ["--context", *context]));
            said.push(command.join(" "));
            sandbox.ok(&command);
            if random.chance(20) {
                let before = sandbox.tree();
                sandbox.ok(&command);
                assert_eq!(sandbox.tree(), before, "row {row}: the last one twice: {said:#?}");
            }
            for (layer, others) in layers().iter().zip(&others) {
                let wanted = match layer.strip_prefix("overlays/") {
                    Some(context) => model.offered(context),
                    None => model.common.clone(),
                };
                let (offers, found) = rendered(&sandbox, layer);
                assert_eq!(offers, wanted.into_iter().collect::<Vec<_>>(), "row {row}: {layer} after {said:#?}");
                assert_eq!(found, *others, "row {row}: {layer} after {said:#?}");
            }
            assert_eq!(kept(&sandbox), first, "row {row} after {said:#?}");
        }
        through_the_binary(&sandbox, &model, row < 2);
    }
}

/// `asya render`, `asya expose --list` and (where it can be had) kubectl agree with the model.
fn through_the_binary(sandbox: &Sandbox, model: &Model, with_kubectl: bool) {
    let listed = sandbox.ok(&["expose", "--list", "-o", "json"]);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    for (context, _) in BASES {
        let wanted = model.offered(context);
        let environments = listed["flows"][0]["environments"].as_array().unwrap();
        let found = environments.iter().find(|it| it["context"] == context).unwrap();
        assert_eq!(found["entry"]["description"].as_str(), wanted.as_deref(), "{context}: {found}");
        let text = sandbox.ok(&["render", "text-flow", "--context", context]).stdout;
        assert_eq!(text.matches("asya.sh/config-type: flows").count(), usize::from(wanted.is_some()), "{text}");
        let directory = sandbox.project().join(MANIFESTS).join("overlays").join(context);
        if let (true, Some(theirs)) = (with_kubectl, fixtures::kustomize(&directory)) {
            assert_eq!(theirs.unwrap(), text, "{context}");
        }
    }
}
