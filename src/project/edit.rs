//! Edits of YAML files people own.
