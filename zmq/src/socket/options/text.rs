//! How the value of an option stands in C and in Rust: texts and bytes.

use std::fmt;

use libc::c_int;

use super::codec::{Read, Write};
use super::{Mechanism, get, get_bytes, refused, set, set_bytes};
use crate::curve::{PublicKey, SecretKey};
use crate::error::Result;
use crate::socket::Core;

/// The most bytes of a text that is read back.
const LONGEST: usize = 1023;

fn read_text(core: &Core, name: &'static str, option: c_int) -> Result<String> {
    let mut buffer = [0; LONGEST + 1];
    let bytes = get_bytes(core, name, option, &mut buffer)?;
    let text = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    Ok(String::from_utf8_lossy(text).into_owned())
}

fn write_text(
    core: &Core,
    name: &'static str,
    option: c_int,
    text: &str,
    shown: impl fmt::Display,
) -> Result<()> {
    let reason = if text.is_empty() {
        "the text is empty"
    } else if text.contains('\0') {
        "the text contains a NUL"
    } else if text.len() > LONGEST {
        "the text is too long"
    } else {
        return set_bytes(core, name, option, text.as_bytes(), shown);
    };
    Err(refused(shown, reason))
}

/// A text, empty until it is set.
pub(super) struct Text;

impl Read for Text {
    type Value = String;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<String> {
        read_text(core, name, option)
    }
}

impl Write for Text {
    type Given<'a> = &'a str;

    fn write(core: &Core, name: &'static str, option: c_int, value: &str) -> Result<()> {
        let shown = format_args!("{name} = {}", value.escape_debug());
        write_text(core, name, option, value, shown)
    }
}

/// A text, none until it is set.
pub(super) struct OptionalText;

impl Read for OptionalText {
    type Value = Option<String>;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<Option<String>> {
        Ok(Some(read_text(core, name, option)?).filter(|text| !text.is_empty()))
    }
}

impl Write for OptionalText {
    type Given<'a> = &'a str;

    fn write(core: &Core, name: &'static str, option: c_int, value: &str) -> Result<()> {
        Text::write(core, name, option, value)
    }
}

/// A name or password of PLAIN. Errors do not show it.
pub(super) struct Credential;

impl Read for Credential {
    type Value = Option<String>;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<Option<String>> {
        // After a reset libzmq still tells the last one.
        if Mechanism::read(core, "ZMQ_MECHANISM", zmq_sys::ZMQ_MECHANISM)? != Mechanism::Plain {
            return Ok(None);
        }
        OptionalText::read(core, name, option)
    }
}

impl Write for Credential {
    type Given<'a> = Option<&'a str>;

    fn write(core: &Core, name: &'static str, option: c_int, value: Option<&str>) -> Result<()> {
        match value {
            Some(text) => write_text(core, name, option, text, name),
            // What a null pointer does.
            None => set(core, "ZMQ_PLAIN_SERVER", zmq_sys::ZMQ_PLAIN_SERVER, 0),
        }
    }
}

/// Bytes, as many as there are.
pub(super) struct Bytes;

impl Write for Bytes {
    type Given<'a> = &'a [u8];

    fn write(core: &Core, name: &'static str, option: c_int, value: &[u8]) -> Result<()> {
        set_bytes(
            core,
            name,
            option,
            value,
            format_args!("{name} = {}", value.escape_ascii()),
        )
    }
}

/// A public key of CURVE.
impl Read for PublicKey {
    type Value = PublicKey;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<PublicKey> {
        let mut key = [0; 32];
        get_bytes(core, name, option, &mut key)?;
        Ok(key.into())
    }
}

impl Write for PublicKey {
    type Given<'a> = PublicKey;

    fn write(core: &Core, name: &'static str, option: c_int, value: PublicKey) -> Result<()> {
        set_bytes(core, name, option, value.as_bytes(), name)
    }
}

/// A secret key of CURVE. Errors do not show it.
impl Write for SecretKey {
    type Given<'a> = &'a SecretKey;

    fn write(core: &Core, name: &'static str, option: c_int, value: &SecretKey) -> Result<()> {
        set_bytes(core, name, option, value.as_bytes(), name)
    }
}

/// A socket's mechanism, which the last security option that was set decides.
impl Read for Mechanism {
    type Value = Mechanism;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<Mechanism> {
        get(core, name, option).map(Mechanism::from_raw)
    }
}

/// A key or certificate as long as it is. Errors do not show it.
#[cfg(feature = "draft")]
pub(super) struct Pem;

#[cfg(feature = "draft")]
impl Write for Pem {
    type Given<'a> = &'a str;

    fn write(core: &Core, name: &'static str, option: c_int, value: &str) -> Result<()> {
        if value.contains('\0') {
            return Err(refused(name, "the text contains a NUL"));
        }
        set_bytes(core, name, option, value.as_bytes(), name)
    }
}
