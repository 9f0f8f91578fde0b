//! Nothing: see `tests/wakes.rs`.
