//! Z85: bytes as printable text, four bytes in five characters ([ZeroMQ RFC 32]).
//!
//! CURVE keys are written down this way: 32 bytes are 40 characters. The alphabet has no quotes,
//! no backslash and no space, so that a text can stand in source code and configuration files.
//! Nothing is overwritten here after use: for a secret key there is
//! [`SecretKey`](crate::curve::SecretKey).
//!
//! libzmq's own functions trust the caller with the length of both buffers; these do not call them,
//! and give the same results, with one addition: [`decode`] takes the empty text, which [`encode`]
//! makes of no bytes, and which `zmq_z85_decode` refuses.
//!
//! The characters of a text are looked up in tables, by libzmq as here: the time this takes may
//! tell something about the bytes to whoever shares the processor's cache.
//!
//! [ZeroMQ RFC 32]: https://rfc.zeromq.org/spec/32/

use std::str;

use crate::error::{Error, ErrorKind, Result};

const ENCODE: &str = "zmq_z85_encode";
const DECODE: &str = "zmq_z85_decode";

const ALPHABET: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// In [`DIGITS`]: not in the alphabet.
const FOREIGN: u8 = u8::MAX;

/// What each byte of a text stands for.
static DIGITS: [u8; 256] = {
    let mut digits = [FOREIGN; 256];
    let mut digit = 0;
    while digit < ALPHABET.len() {
        digits[ALPHABET[digit] as usize] = digit as u8;
        digit += 1;
    }
    digits
};

/// The text for these bytes, whose number must be a multiple of 4 (`zmq_z85_encode(3)`).
///
/// ```
/// let bytes = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B];
/// assert_eq!(zmq::z85::encode(&bytes)?, "HelloWorld");
///
/// let error = zmq::z85::encode(&bytes[..7]).unwrap_err();
/// assert_eq!(error.kind(), zmq::ErrorKind::InvalidInput);
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_z85_encode")]
pub fn encode(bytes: &[u8]) -> Result<String> {
    if bytes.len() % 4 != 0 {
        return Err(Error::own(ENCODE, ErrorKind::InvalidInput)
            .on(format_args!("{} bytes", bytes.len()))
            .because("the length must be a multiple of 4"));
    }
    let mut text = vec![0; bytes.len() / 4 * 5];
    encode_into(bytes, &mut text);
    Ok(text.into_iter().map(char::from).collect())
}

/// The bytes that a text stands for (`zmq_z85_decode(3)`).
///
/// An error says where the text is wrong, by index and not by what stands there: it may be a key.
///
/// ```
/// let bytes = zmq::z85::decode("HelloWorld")?;
/// assert_eq!(bytes, [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]);
///
/// let error = zmq::z85::decode("Hello, you").unwrap_err();
/// assert_eq!(error.kind(), zmq::ErrorKind::InvalidInput);
/// assert_eq!(error.subject(), Some("index 5"));
/// # Ok::<(), zmq::Error>(())
/// ```
#[doc(alias = "zmq_z85_decode")]
pub fn decode(text: &str) -> Result<Vec<u8>> {
    if text.len() % 5 != 0 {
        return Err(wrong_length(text, "the length must be a multiple of 5"));
    }
    let mut bytes = vec![0; text.len() / 5 * 4];
    decode_into(text.as_bytes(), &mut bytes)?;
    Ok(bytes)
}

/// The error for a text of a length that cannot be.
#[cold]
pub(crate) fn wrong_length(text: &str, rule: &'static str) -> Error {
    Error::own(DECODE, ErrorKind::InvalidInput)
        .on(format_args!("{} bytes", text.len()))
        .because(rule)
}

/// Writes five characters for every four bytes. What does not fill a group is left out.
pub(crate) fn encode_into(bytes: &[u8], text: &mut [u8]) {
    for (four, five) in bytes.chunks_exact(4).zip(text.chunks_exact_mut(5)) {
        let mut value = four
            .iter()
            .fold(0, |value, &byte| value << 8 | u32::from(byte));
        for character in five.iter_mut().rev() {
            *character = ALPHABET[(value % 85) as usize];
            value /= 85;
        }
    }
}

/// Writes four bytes for every five characters. What does not fill a group is left out. After an
/// error, the bytes of the groups before it are written.
pub(crate) fn decode_into(text: &[u8], bytes: &mut [u8]) -> Result<()> {
    let groups = text.chunks_exact(5).zip(bytes.chunks_exact_mut(4));
    for (group, (five, four)) in groups.enumerate() {
        let start = group * 5;
        let mut value = 0;
        for (place, &character) in five.iter().enumerate() {
            let digit = DIGITS[usize::from(character)];
            if digit == FOREIGN {
                return Err(Error::own(DECODE, ErrorKind::InvalidInput)
                    .on(format_args!("index {}", start + place))
                    .because("not a character of the Z85 alphabet"));
            }
            value = value * 85 + u64::from(digit);
        }
        let Ok(value) = u32::try_from(value) else {
            return Err(Error::own(DECODE, ErrorKind::InvalidInput)
                .on(format_args!("index {start} to {}", start + 4))
                .because("these five characters stand for more than 32 bits"));
        };
        for (index, byte) in four.iter_mut().enumerate() {
            *byte = (value >> (24 - 8 * index)) as u8;
        }
    }
    Ok(())
}

/// What [`encode_into`] wrote.
pub(crate) fn as_str(text: &[u8]) -> &str {
    str::from_utf8(text).expect("the alphabet is ASCII")
}
