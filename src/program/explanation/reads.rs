//! Where a variable that a message carries is read next.

use std::collections::BTreeSet;

use crate::flow::{BlockId, Call, Callee, End, Graph, Step};
use crate::source::Source;

/// The lines where `name` may be read after the call at the end of `block`.
pub(super) fn next_reads(graph: &Graph, source: &Source, block: BlockId, call: &Call, name: &str) -> Vec<usize> {
    let mut lines = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<BlockId> = graph.blocks[block].catcher.iter().map(|catcher| catcher.block).collect();
    if !binds(call, name) {
        open.extend(graph.successors(block));
    }
    while let Some(block) = open.pop() {
        if !seen.insert(block) {
            continue;
        }
        let node = &graph.blocks[block];
        open.extend(node.catcher.map(|catcher| catcher.block));
        let mut meets = |step: &Step| {
            if step.effect.reads.contains(name) {
                lines.insert(source.line_of(step.span.start));
                return true;
            }
            step.effect.writes.contains(name)
        };
        if node.steps.iter().any(&mut meets) {
            continue;
        }
        match &node.end {
            End::Branch { test: step, .. } | End::Return(step) => {
                if meets(step) {
                    continue;
                }
            }
            End::Match { subject, cases, .. } => {
                let heads = cases.iter().filter(|case| case.head.effect.reads.contains(name));
                let lines_of_heads: Vec<usize> = heads.map(|case| source.line_of(case.head.span.start)).collect();
                if meets(subject) {
                    continue;
                }
                lines.extend(lines_of_heads);
            }
            End::Call { call, .. } => {
                if call.effect.reads.contains(name) {
                    lines.insert(source.line_of(call.span.start));
                    continue;
                }
                if call.effect.writes.contains(name) || binds(call, name) {
                    continue;
                }
            }
            End::Open | End::Goto(_) | End::Raise => {}
        }
        open.extend(graph.successors(block));
    }
    lines.into_iter().collect()
}

/// Whether the result of a call becomes this variable.
fn binds(call: &Call, name: &str) -> bool {
    call.result.as_deref() == Some(name) || matches!(&call.callee, Callee::Payload { payload, .. } if payload == name)
}
