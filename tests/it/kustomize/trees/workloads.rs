//! Pods and what makes them, with every list that merges by key.
#![allow(clippy::write_with_newline)]

use std::fmt::Write as _;

use super::scalars::text;
use super::{Dice, NAMES};

const IMAGES: &[&str] = &[
    "nginx",
    "nginx:1.2",
    "repo.io:5000/app/web:v1",
    "busybox@sha256:abc",
    "app/web",
    "repo.io/x:1@sha256:dd",
    "\"nginx:1.25\"",
    "'repo.io:5000/app/web'",
];

/// A container in a list at `pad`.
pub fn container(dice: &mut Dice, name: &str, pad: &str) -> String {
    let mut out = format!("{pad}- name: {name}\n{pad}  image: {}\n", dice.pick(IMAGES));
    if dice.chance(60) {
        let _ = write!(out, "{pad}  env:\n");
        for key in ["A", "B", "C"] {
            if dice.chance(60) {
                match dice.roll(4) {
                    0 => {
                        let reference = dice.pick(&["configMapKeyRef", "secretKeyRef"]);
                        let _ = write!(
                            out,
                            "{pad}  - name: {key}\n{pad}    valueFrom:\n{pad}      {reference}:\n{pad}        name: {}\n{pad}        key: k\n",
                            dice.pick(NAMES)
                        );
                    }
                    _ => {
                        let _ = write!(out, "{pad}  - name: {key}\n{pad}    value: {}\n", text(dice));
                    }
                }
            }
        }
        let _ = write!(out, "{pad}  - name: Z\n{pad}    value: \"9\" # a comment\n");
    }
    if dice.chance(40) {
        let _ = write!(out, "{pad}  ports:\n{pad}  - containerPort: 80\n");
        if dice.chance(50) {
            let _ = write!(out, "{pad}    protocol: TCP\n");
        }
        if dice.chance(40) {
            let _ = write!(out, "{pad}  - containerPort: 53\n{pad}    protocol: UDP\n{pad}    name: dns\n");
        }
    }
    if dice.chance(30) {
        let reference = dice.pick(&["secretRef", "configMapRef"]);
        let _ = write!(out, "{pad}  envFrom:\n{pad}  - {reference}:\n{pad}      name: {}\n", dice.pick(NAMES));
    }
    if dice.chance(30) {
        let _ = write!(
            out,
            "{pad}  volumeMounts:\n{pad}  - mountPath: /etc/x\n{pad}    name: cfg\n{pad}  - {{mountPath: /data, name: data}}\n"
        );
    }
    if dice.chance(10) {
        let _ = write!(out, "{pad}  volumeDevices:\n{pad}  - {{devicePath: /dev/a, name: data}}\n");
    }
    if dice.chance(30) {
        let _ = write!(out, "{pad}  args: [\"-c\", 'x', {}]\n", dice.pick(&["1", "on", "\"y\""]));
    }
    if dice.chance(20) {
        let _ = write!(
            out,
            "{pad}  resources:\n{pad}    limits: {{cpu: 500m, memory: 1Gi}}\n{pad}    requests:\n{pad}      cpu: 1\n"
        );
    }
    out
}

/// A pod's `spec`, its fields at `pad`.
pub fn pod(dice: &mut Dice, pad: &str) -> String {
    let mut out = format!("{pad}containers:\n");
    out.push_str(&container(dice, "main", pad));
    if dice.chance(40) {
        out.push_str(&container(dice, "side", pad));
    }
    if dice.chance(20) {
        let _ = write!(out, "{pad}initContainers:\n");
        out.push_str(&container(dice, "init", pad));
    }
    if dice.chance(50) {
        let _ =
            write!(out, "{pad}volumes:\n{pad}- name: cfg\n{pad}  configMap:\n{pad}    name: {}\n", dice.pick(NAMES));
        let _ = write!(out, "{pad}- name: data\n{pad}  secret:\n{pad}    secretName: {}\n", dice.pick(NAMES));
        if dice.chance(30) {
            let _ = write!(
                out,
                "{pad}- name: all\n{pad}  projected:\n{pad}    sources:\n{pad}    - configMap: {{name: {}}}\n{pad}    - secret:\n{pad}        name: {}\n",
                dice.pick(NAMES),
                dice.pick(NAMES)
            );
        }
        if dice.chance(20) {
            let _ =
                write!(out, "{pad}- name: claim\n{pad}  persistentVolumeClaim: {{claimName: {}}}\n", dice.pick(NAMES));
        }
        if dice.chance(15) {
            let _ = write!(out, "{pad}- name: model\n{pad}  image:\n{pad}    reference: {}\n", dice.pick(IMAGES));
        }
    }
    if dice.chance(20) {
        let _ = write!(out, "{pad}serviceAccountName: {}\n", dice.pick(NAMES));
    }
    if dice.chance(15) {
        let _ = write!(out, "{pad}imagePullSecrets:\n{pad}- name: {}\n", dice.pick(NAMES));
    }
    if dice.chance(15) {
        let _ = write!(
            out,
            "{pad}tolerations:\n{pad}- key: a\n{pad}  operator: Exists\n{pad}- {{key: b, effect: NoSchedule}}\n"
        );
    }
    if dice.chance(10) {
        let _ = write!(out, "{pad}hostAliases:\n{pad}- ip: 127.0.0.1\n{pad}  hostnames: [a, b]\n");
    }
    if dice.chance(15) {
        let _ = write!(
            out,
            "{pad}topologySpreadConstraints:\n{pad}- maxSkew: 1\n{pad}  topologyKey: zone\n{pad}  whenUnsatisfiable: DoNotSchedule\n{pad}  labelSelector:\n{pad}    matchLabels:\n{pad}      app: web\n"
        );
    }
    if dice.chance(15) {
        let _ = write!(
            out,
            "{pad}affinity:\n{pad}  podAntiAffinity:\n{pad}    preferredDuringSchedulingIgnoredDuringExecution:\n{pad}    - weight: 100\n{pad}      podAffinityTerm:\n{pad}        topologyKey: host\n{pad}        labelSelector:\n{pad}          matchLabels:\n{pad}            app: web\n"
        );
    }
    if dice.chance(10) {
        let _ = write!(out, "{pad}priorityClassName: {}\n", dice.pick(NAMES));
    }
    out
}

/// A workload without its head (`apiVersion` to `metadata`).
pub fn workload(dice: &mut Dice, kind: &str) -> String {
    if kind == "Pod" {
        return format!("spec:\n{}", pod(dice, "  "));
    }
    if kind == "CronJob" {
        let meta = dice.pick(&["", "    metadata:\n      labels: {job: x}\n"]);
        return format!(
            "spec:\n  schedule: \"*/5 * * * *\"\n  jobTemplate:\n{meta}    spec:\n      template:\n        spec:\n{}",
            pod(dice, "          ")
        );
    }
    let mut out = "spec:\n".to_owned();
    if !matches!(kind, "DaemonSet" | "Job") && dice.chance(80) {
        let _ = write!(out, "  replicas: {}\n", dice.roll(5));
    }
    if dice.chance(70) && kind != "Job" {
        let selector =
            if kind == "ReplicationController" { "    app: web\n" } else { "    matchLabels:\n      app: web\n" };
        let _ = write!(out, "  selector:\n{selector}");
    }
    out.push_str("  template:\n");
    match dice.roll(4) {
        0 | 1 => out.push_str("    metadata:\n      labels:\n        app: web\n"),
        2 => out.push_str("    metadata:\n"),
        _ => {}
    }
    let _ = write!(out, "    spec:\n{}", pod(dice, "      "));
    if kind == "StatefulSet" {
        let _ = write!(
            out,
            "  serviceName: {}\n  volumeClaimTemplates:\n  - metadata:\n      name: data\n    spec:\n      storageClassName: {}\n",
            dice.pick(NAMES),
            dice.pick(NAMES)
        );
    }
    out
}
