//! Random trees against the reference.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::trees::tree;
use super::*;

/// What became of some trees.
#[derive(Default)]
struct Outcomes {
    rendered: u64,
    /// Why both refuse, and how often.
    refused: BTreeMap<String, u64>,
    wrong: Vec<(u64, String)>,
}

/// Renders the trees of `count` seeds with both, on all processors.
fn outcomes(first: u64, count: u64) -> Option<Outcomes> {
    let (next, found) = (AtomicU64::new(first), Mutex::new(Outcomes::default()));
    let keep = std::env::var_os("ASYA_KUSTOMIZE_KEEP").map(PathBuf::from);
    let worker = |mut reference: Reference| {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count {
                return;
            }
            let root = tempfile::Builder::new().prefix("asya-tree-").tempdir().unwrap();
            let tree = tree(seed);
            write(root.path(), &tree);
            let outcome = compare(&mut reference, &root.path().join("overlays/dev"));
            let mut found = found.lock().unwrap();
            match outcome {
                Ok(Compared::Same) => found.rendered += 1,
                Ok(Compared::Refused(reason)) => *found.refused.entry(reason).or_default() += 1,
                Err(difference) => {
                    if let Some(keep) = &keep {
                        write(&keep.join(seed.to_string()), &tree);
                    }
                    found.wrong.push((seed, difference));
                }
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let references: Vec<Reference> = (0..workers).map_while(|_| Reference::start()).collect();
    if references.is_empty() {
        return None;
    }
    std::thread::scope(|scope| {
        for reference in references {
            scope.spawn(|| worker(reference));
        }
    });
    let mut found = found.into_inner().unwrap();
    found.wrong.sort();
    Some(found)
}

#[test]
fn random_trees_render_as_the_reference_does() {
    let count = number("ASYA_KUSTOMIZE_TREES", 2000);
    let seed = number("ASYA_KUSTOMIZE_SEED", 1);
    let Some(found) = outcomes(seed, count) else { return };
    let refused: u64 = found.refused.values().sum();
    eprintln!("{count} trees from seed {seed}: {} rendered, {refused} refused by both", found.rendered);
    if std::env::var_os("ASYA_KUSTOMIZE_STATISTICS").is_some() {
        let mut reasons: Vec<_> = found.refused.iter().collect();
        reasons.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
        for (reason, times) in reasons {
            eprintln!("{times:>6} {reason}");
        }
    }
    let shown: Vec<String> = found.wrong.iter().take(40).map(|(seed, text)| format!("seed {seed}: {text}")).collect();
    assert!(found.wrong.is_empty(), "{} of {count} trees differ\n{}", found.wrong.len(), shown.join("\n\n"));
    assert!(found.rendered * 2 > count, "most trees must render, {} of {count} did", found.rendered);
}
