//! Parameter names of well-known functions: positional arguments are told apart without importing
//! anything.

/// The positional parameters of a symbol, and whether further ones may follow by keyword only.
/// Packages re-export freely (`tenacity.stop.stop_after_attempt`), so the package and the last
/// part count.
const SIGNATURES: &[(&str, &str, &[&str])] = &[
    ("asyncio", "timeout", &["delay"]),
    ("asyncio", "timeout_at", &["when"]),
    ("asyncio", "wait_for", &["fut", "timeout"]),
    ("async_timeout", "timeout", &["delay"]),
    ("stamina", "retry", &[]),
    ("tenacity", "retry", &["sleep", "stop", "wait", "retry", "before", "after", "before_sleep", "reraise"]),
    ("tenacity", "retry_if_exception_type", &["exception_types"]),
    ("tenacity", "stop_after_attempt", &["max_attempt_number"]),
    ("tenacity", "stop_after_delay", &["max_delay"]),
    ("tenacity", "stop_before_delay", &["max_delay"]),
    ("tenacity", "wait_exponential", &["multiplier", "max", "exp_base", "min"]),
    ("tenacity", "wait_exponential_jitter", &["initial", "max", "exp_base", "jitter"]),
    ("tenacity", "wait_fixed", &["wait"]),
    ("tenacity", "wait_incrementing", &["start", "increment", "max"]),
    ("tenacity", "wait_none", &[]),
    ("tenacity", "wait_random", &["min", "max"]),
    ("tenacity", "wait_random_exponential", &["multiplier", "max", "exp_base", "min"]),
    ("timeout_decorator", "timeout", &["seconds", "use_signals", "timeout_exception", "exception_message"]),
];

/// The names of the positional parameters of `symbol`; `None` when the symbol is not known.
pub(super) fn parameters(symbol: &str) -> Option<Vec<String>> {
    let (package, last) = (symbol.split('.').next()?, symbol.rsplit('.').next()?);
    let known = SIGNATURES.iter().filter(|(_, name, _)| *name == last);
    let mut known = known.filter(|(owner, _, _)| *owner == package || symbol == last);
    known.next().map(|(_, _, names)| names.iter().map(|name| (*name).to_owned()).collect())
}
