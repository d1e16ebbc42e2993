//! Every field of a kustomization is built in, handed over or refused.

use super::*;

/// Every field of a kustomization (kustomize 5.8) and of what it holds, with a value that matters.
/// Nothing of it may be left out silently.
const EVERY_FIELD: &[(&str, &str)] = &[
    ("resources", "resources: [web.yaml]\n"),
    ("bases", "bases: [base]\n"),
    ("components", "components: [component]\n"),
    ("configurations", "configurations: [conf.yaml]\nimages: [{name: app, newTag: new}]\n"),
    ("namespace", "namespace: prod\n"),
    ("namePrefix", "namePrefix: x-\n"),
    ("nameSuffix", "nameSuffix: -x\n"),
    ("labels", "labels: [{pairs: {a: b}}]\n"),
    ("labels.includeSelectors", "labels: [{pairs: {a: b}, includeSelectors: true}]\n"),
    ("labels.includeTemplates", "labels: [{pairs: {a: b}, includeTemplates: true}]\n"),
    (
        "labels.fields",
        "labels: [{pairs: {a: b}, fields: [{path: spec/l, kind: AsyncActor, group: asya.sh, version: v1alpha1, create: true}]}]\n",
    ),
    ("commonLabels", "commonLabels: {a: b}\n"),
    ("commonAnnotations", "commonAnnotations: {a: b}\n"),
    ("images.newTag", "images: [{name: nginx, newTag: '2'}]\n"),
    ("images.newName", "images: [{name: nginx, newName: other}]\n"),
    ("images.digest", "images: [{name: nginx, digest: 'sha256:1'}]\n"),
    ("images.tagSuffix", "images: [{name: nginx, tagSuffix: -x}]\n"),
    ("imageTags", "imageTags: [{name: nginx, newTag: '2'}]\n"),
    ("replicas", "replicas: [{name: web, count: 7}]\n"),
    ("patches.patch", "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, a: b}'}]\n"),
    ("patches.path", "patches: [{path: patch.yaml}]\n"),
    ("patches.target.group", "patches: [{path: patch.yaml, target: {group: asya.sh}}]\n"),
    ("patches.target.version", "patches: [{path: patch.yaml, target: {version: v1alpha1}}]\n"),
    ("patches.target.kind", "patches: [{path: patch.yaml, target: {kind: AsyncActor}}]\n"),
    ("patches.target.name", "patches: [{path: patch.yaml, target: {name: clean}}]\n"),
    ("patches.target.namespace", "patches: [{path: patch.yaml, target: {namespace: default}}]\n"),
    ("patches.target.labelSelector", "patches: [{path: patch.yaml, target: {labelSelector: '!a'}}]\n"),
    ("patches.target.annotationSelector", "patches: [{path: patch.yaml, target: {annotationSelector: '!a'}}]\n"),
    (
        "patches.options.allowNameChange",
        "patches: [{path: other.yaml, target: {name: clean}, options: {allowNameChange: true}}]\n",
    ),
    (
        "patches.options.allowKindChange",
        "patches: [{path: other.yaml, target: {name: clean}, options: {allowKindChange: true}}]\n",
    ),
    ("patchesStrategicMerge", "patchesStrategicMerge: [patch.yaml]\n"),
    ("patchesJson6902", "patchesJson6902: [{target: {kind: AsyncActor, name: clean}, path: json.yaml}]\n"),
    ("configMapGenerator.literals", "configMapGenerator: [{name: c, namespace: ns, literals: [a=b]}]\n"),
    ("configMapGenerator.files", "configMapGenerator: [{name: c, files: [conf.yaml]}]\n"),
    ("configMapGenerator.envs", "configMapGenerator: [{name: c, envs: [x.env]}]\n"),
    ("configMapGenerator.env", "configMapGenerator: [{name: c, env: x.env}]\n"),
    (
        "configMapGenerator.behavior",
        "resources: [map.yaml]\nconfigMapGenerator: [{name: m, behavior: merge, literals: [a=b]}]\n",
    ),
    (
        "configMapGenerator.options",
        "configMapGenerator: [{name: c, options: {labels: {a: b}, annotations: {c: d}, immutable: true, disableNameSuffixHash: true}}]\n",
    ),
    ("secretGenerator", "secretGenerator: [{name: s, literals: [a=b], type: x/y}]\n"),
    ("generatorOptions", "generatorOptions: {immutable: true}\nconfigMapGenerator: [{name: c}]\n"),
    ("sortOptions", "resources: [actor.yaml, web.yaml]\nsortOptions: {order: fifo}\n"),
    (
        "sortOptions.legacySortOptions",
        "sortOptions: {order: legacy, legacySortOptions: {orderFirst: [AsyncActor], orderLast: [ConfigMap]}}\n",
    ),
    ("metadata", "metadata: {name: of the file}\n"),
    ("openapi", "openapi: {path: openapi.json}\n"),
    (
        "replacements",
        "replacements: [{source: {kind: AsyncActor}, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.name]}]}]\n",
    ),
    ("vars", "vars: [{name: V, objref: {kind: AsyncActor, name: clean, apiVersion: asya.sh/v1alpha1}}]\n"),
    ("crds", "crds: [crd.json]\n"),
    ("helmGlobals", "helmGlobals: {chartHome: charts}\n"),
    ("helmCharts", "helmCharts: [{name: c}]\n"),
    ("helmChartInflationGenerator", "helmChartInflationGenerator: [{chartName: c}]\n"),
    ("generators", "generators: [g.yaml]\n"),
    ("transformers", "transformers: [t.yaml]\n"),
    ("validators", "validators: [v.yaml]\n"),
    ("buildMetadata", "buildMetadata: [managedByLabel]\n"),
    ("configurations: varReference", "configurations: [vars.yaml]\n"),
    ("another case", "NamePrefix: x-\n"),
    ("a URL", "resources: ['https://github.com/asya/x?ref=v1']\n"),
    ("a short URL", "resources: [github.com/asya/x]\n"),
    ("no field", "nameprefixes: x-\n"),
    ("no field of labels", "labels: [{pairs: {a: b}, includeSelector: true}]\n"),
    ("no field of images", "images: [{name: nginx, tag: x}]\n"),
    ("no field of patches", "patches: [{path: patch.yaml, targets: {}}]\n"),
    ("no field of options", "patches: [{path: patch.yaml, options: {allowNamesChange: true}}]\n"),
    ("no field of target", "patches: [{path: patch.yaml, target: {label: x}}]\n"),
    ("no field of a generator", "configMapGenerator: [{name: c, literal: [a=b]}]\n"),
    ("no type of a ConfigMap", "configMapGenerator: [{name: c, type: x}]\n"),
    ("no field of replicas", "replicas: [{name: web, counts: 7}]\n"),
];

#[test]
fn every_field_is_built_in_or_handed_over_or_refused() {
    let mut reference = Reference::start();
    let files = |text: &str| {
        let listed = text.contains("resources:") || text.contains("bases:");
        let resources = if listed { "" } else { "resources: [web.yaml, actor.yaml]\n" };
        let mut sandbox = sandbox(&[
            ("k/kustomization.yaml", &format!("{resources}{text}")),
            ("k/web.yaml", DEPLOYMENT),
            ("k/actor.yaml", ACTOR),
            ("k/base/kustomization.yaml", "resources: [map.yaml]\n"),
            ("k/base/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n"),
            ("k/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n"),
            (
                "k/component/kustomization.yaml",
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: y-\n",
            ),
            ("k/conf.yaml", "images: [{path: spec/image, kind: AsyncActor}]\n"),
            ("k/vars.yaml", "varReference: [{path: spec/image, kind: AsyncActor}]\n"),
            (
                "k/patch.yaml",
                "apiVersion: asya.sh/v1alpha1\nkind: AsyncActor\nmetadata: {name: clean, labels: {p: q}}\n",
            ),
            ("k/other.yaml", "apiVersion: asya.sh/v1alpha1\nkind: Other\nmetadata: {name: other}\n"),
            ("k/json.yaml", "- {op: remove, path: /spec/env}\n"),
            ("k/x.env", "E=f\n"),
        ]);
        sandbox.set("PATH", "/nowhere");
        sandbox
    };
    let plain = files("").ok(&["render", "--path", "k"]).stdout;
    let mut table = String::new();
    for (field, text) in EVERY_FIELD {
        let sandbox = files(text);
        let outcome = sandbox.run(&["render", "--path", "k"]);
        let what = match outcome.code {
            0 => {
                if let Some(reference) = &mut reference {
                    assert_eq!(compare(reference, &sandbox.project().join("k")), Ok(Compared::Same), "{field}");
                }
                if outcome.stdout == plain { "no effect, as in kustomize" } else { "built in" }
            }
            3 if outcome.stderr.contains("needs the program `kustomize` or `kubectl`") => "handed over",
            _ => outcome.stderr.lines().next().unwrap_or_default(),
        };
        table.push_str(&format!("{field:36} {what}\n"));
    }
    for field in reference::fields_of_a_kustomization() {
        assert!(
            EVERY_FIELD.iter().any(|(name, _)| name.split('.').next() == Some(&field)),
            "`{field}` is not in the table"
        );
    }
    insta::assert_snapshot!(table, @r#"
resources                            built in
bases                                built in
components                           built in
configurations                       built in
namespace                            built in
namePrefix                           built in
nameSuffix                           built in
labels                               built in
labels.includeSelectors              built in
labels.includeTemplates              built in
labels.fields                        built in
commonLabels                         built in
commonAnnotations                    built in
images.newTag                        built in
images.newName                       built in
images.digest                        built in
images.tagSuffix                     built in
imageTags                            built in
replicas                             built in
patches.patch                        built in
patches.path                         built in
patches.target.group                 built in
patches.target.version               built in
patches.target.kind                  built in
patches.target.name                  built in
patches.target.namespace             built in
patches.target.labelSelector         built in
patches.target.annotationSelector    built in
patches.options.allowNameChange      built in
patches.options.allowKindChange      built in
patchesStrategicMerge                built in
patchesJson6902                      built in
configMapGenerator.literals          built in
configMapGenerator.files             built in
configMapGenerator.envs              built in
configMapGenerator.env               built in
configMapGenerator.behavior          built in
configMapGenerator.options           built in
secretGenerator                      built in
generatorOptions                     built in
sortOptions                          built in
sortOptions.legacySortOptions        handed over
metadata                             no effect, as in kustomize
openapi                              handed over
replacements                         handed over
vars                                 handed over
crds                                 handed over
helmGlobals                          handed over
helmCharts                           handed over
helmChartInflationGenerator          handed over
generators                           handed over
transformers                         handed over
validators                           handed over
buildMetadata                        handed over
configurations: varReference         handed over
another case                         handed over
a URL                                handed over
a short URL                          handed over
no field                             error: `nameprefixes` is not a field of a kustomization
no field of labels                   error: `includeSelector` is not a field of `labels`
no field of images                   error: `tag` is not a field of `images`
no field of patches                  error: `targets` is not a field of `patches`
no field of options                  error: `allowNamesChange` is not a field of `options`
no field of target                   error: `label` is not a field of `target`
no field of a generator              error: `literal` is not a field of a generator
no type of a ConfigMap               error: `type` is not a field of a generator
no field of replicas                 error: `counts` is not a field of `replicas`
"#);
}

#[test]
fn what_is_not_built_in_is_named_or_handed_over() {
    let mut sandbox = sandbox(&[
        ("k/kustomization.yaml", "resources: [a.yaml]\nbuildMetadata: [managedByLabel]\n"),
        ("k/a.yaml", ACTOR),
    ]);
    if reference::kubectl().is_some() {
        let outcome = sandbox.ok(&["render", "--path", "k"]);
        assert!(outcome.stdout.contains("app.kubernetes.io/managed-by"), "{}", outcome.show());
        assert!(
            outcome.stderr.contains("`buildMetadata` in `k/kustomization.yaml` is not built in"),
            "{}",
            outcome.show()
        );
    }
    sandbox.set("PATH", "/nowhere");
    insta::assert_snapshot!(sandbox.show(&["render", "--path", "k"]), @r##"
    exit: 3
    --- stdout
    --- stderr
    error: `buildMetadata` is not built in
     --> k/kustomization.yaml:2:1
      |
    2 | buildMetadata: [managedByLabel]
      | ^^^^^^^^^^^^^

    error: `buildMetadata` in `k/kustomization.yaml` needs the program `kustomize` or `kubectl`
      because this field is not built in
    hint: install one of them on PATH, or write it with the fields that are built in (docs/kustomize.md)
    "##);
}
