//! What a run was, on the mesh and in Python, and whether both are the same.

/// What one run was: ordered actor calls with their arguments, and the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    pub calls: Vec<Call>,
    pub end: End,
}

/// An actor and what it was called with.
pub type Call = (String, String);

#[derive(Debug, Clone, PartialEq)]
pub enum End {
    Payload(String),
    Error(String, String),
    /// What no run should come to: no message at the end, several, or no end.
    Broken(String),
}

/// What Python did.
#[derive(Debug, Clone)]
pub struct Planned {
    pub steps: Vec<Step>,
    pub end: End,
}

#[derive(Debug, Clone)]
pub enum Step {
    Call(Call),
    /// The calls of one fan-out, in any order.
    Parallel {
        must: Vec<Call>,
        /// Calls of other branches than the one whose error the flow saw: perhaps made.
        may: Vec<Call>,
    },
}

impl Planned {
    pub fn calls(&self) -> usize {
        let count = |step: &Step| match step {
            Step::Call(_) => 1,
            Step::Parallel { must, may, .. } => must.len() + may.len(),
        };
        self.steps.iter().map(count).sum()
    }

    /// The same as if it had been observed.
    pub fn observed(self) -> Observed {
        let calls = self.steps.into_iter().flat_map(|step| match step {
            Step::Call(call) => vec![call],
            Step::Parallel { must, may, .. } => [must, may].concat(),
        });
        Observed { calls: calls.collect(), end: self.end }
    }

    pub fn fan_outs(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Parallel { .. })).count()
    }

    /// The same results and the same end exactly; the same calls in the same order, except that
    /// the calls of one fan-out have no order.
    pub fn allows(&self, observed: &Observed) -> bool {
        self.end == observed.end && fits(&self.steps, &observed.calls)
    }
}

fn fits(steps: &[Step], calls: &[Call]) -> bool {
    let Some((step, steps)) = steps.split_first() else { return calls.is_empty() };
    match step {
        Step::Call(call) => calls.split_first().is_some_and(|(first, rest)| first == call && fits(steps, rest)),
        Step::Parallel { must, may } => {
            let (mut must, mut may) = (must.clone(), may.clone());
            // The longest stretch that the fan-out explains is not always the right one: what it
            // may have called can also be called behind it.
            let mut at = 0;
            loop {
                if must.is_empty() && fits(steps, &calls[at..]) {
                    return true;
                }
                let Some(call) = calls.get(at) else { return false };
                let of = |list: &mut Vec<Call>| {
                    list.iter().position(|other| other == call).map(|index| list.swap_remove(index)).is_some()
                };
                if !(of(&mut must) || of(&mut may)) {
                    return false;
                }
                at += 1;
            }
        }
    }
}

#[test]
fn calls_of_one_fan_out_have_no_order() {
    let call = |name: &str| (name.to_owned(), "1".to_owned());
    let calls = |names: &str| names.split_whitespace().map(call).collect::<Vec<_>>();
    let end = End::Payload("1".to_owned());
    let parallel = |must: &str, may: &str| Step::Parallel { must: calls(must), may: calls(may) };
    let allows = |steps: &[Step], made: &str| {
        let planned = Planned { steps: steps.to_vec(), end: end.clone() };
        planned.allows(&Observed { calls: calls(made), end: end.clone() })
    };
    let whole = [Step::Call(call("a")), parallel("b b c", ""), Step::Call(call("b"))];
    assert!(allows(&whole, "a b c b b") && allows(&whole, "a c b b b"));
    assert!(!allows(&whole, "a b b c") && !allows(&whole, "b a c b b") && !allows(&whole, "a b b b c"));
    let failed = [parallel("b", "c"), Step::Call(call("c"))];
    assert!(allows(&failed, "b c") && allows(&failed, "c b c"));
    assert!(!allows(&failed, "c c") && !allows(&failed, "b c c c") && !allows(&failed, "b d") && !allows(&failed, "c"));
    let other = Planned { steps: Vec::new(), end: end.clone() };
    assert!(!other.allows(&Observed { calls: Vec::new(), end: End::Broken(String::new()) }));
}
