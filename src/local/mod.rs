//! The embedded mesh: envelopes routed in Rust, handlers run by Python workers.
