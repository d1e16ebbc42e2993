//! The tree to a control-flow graph: which calls are actors, what every statement does, all diagnostics.
