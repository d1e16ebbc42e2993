//! Finds the gateway and makes it serve a flow, or stop serving it.
