//! What the fuzz targets do with their input, a module each: `run` panics when a promise is broken.
//! What libzmq does not survive ends the process, which is found as well.

mod input;
mod peers;

pub mod certificate;
pub mod endpoints;
#[cfg(fuzzing)]
pub mod monitor;
pub mod multipart;
pub mod options;
pub mod z85;
pub mod zap;
pub mod zmtp;
