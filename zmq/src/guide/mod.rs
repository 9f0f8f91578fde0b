//! Pages on what goes across single items.

#[doc = include_str!("threads.md")]
pub mod threads {}
