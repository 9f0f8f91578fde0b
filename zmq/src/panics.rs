//! What a panic said.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The text of a panic, whose payload is dropped.
pub(crate) fn text_of(payload: Box<dyn Any + Send>) -> String {
    let text = match payload.downcast_ref::<&'static str>() {
        Some(text) => (*text).to_owned(),
        None => match payload.downcast_ref::<String>() {
            Some(text) => text.clone(),
            None => "a payload that is no text".to_owned(),
        },
    };
    drop_quietly(payload);
    text
}

/// Drops a value whose drop may panic.
pub(crate) fn drop_quietly<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // Dropping it may panic again, and so on, unless it is what `panic!` makes.
        if payload.is::<&'static str>() || payload.is::<String>() {
            drop(payload);
        } else {
            std::mem::forget(payload);
        }
    }
}
