//! CURVE keys and their text.

use std::ffi::NulError;
use std::fmt;
use std::string::FromUtf8Error;

use crate::error::Result;

/// A pair of CURVE keys, as bytes.
pub struct CurveKeyPair {
    /// The key that peers know.
    pub public_key: [u8; 32],
    /// The key that nobody else knows.
    pub secret_key: [u8; 32],
}

impl CurveKeyPair {
    /// A new pair.
    ///
    /// # Errors
    /// `ENOTSUP` where libzmq has no CURVE.
    pub fn new() -> Result<CurveKeyPair> {
        let pair = safe::curve::KeyPair::new()?;
        Ok(CurveKeyPair {
            public_key: *pair.public.as_bytes(),
            secret_key: *pair.secret.as_bytes(),
        })
    }
}

/// Without the secret key, so that it gets into no log.
impl fmt::Debug for CurveKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurveKeyPair")
            .field("public_key", &self.public_key)
            .finish_non_exhaustive()
    }
}

/// Why bytes have no Z85 text.
#[derive(Debug)]
pub enum EncodeError {
    /// The length is no multiple of 4.
    BadLength,
    /// The text is not UTF-8, which it always is.
    FromUtf8Error(FromUtf8Error),
}

impl From<FromUtf8Error> for EncodeError {
    fn from(error: FromUtf8Error) -> EncodeError {
        EncodeError::FromUtf8Error(error)
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EncodeError::BadLength => f.write_str("the number of bytes is no multiple of 4"),
            EncodeError::FromUtf8Error(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EncodeError {}

/// Why a text is no Z85.
#[derive(Debug)]
pub enum DecodeError {
    /// The length is no multiple of 5.
    BadLength,
    /// There is a NUL in the text.
    NulError(NulError),
    /// A character is not of the alphabet, or five of them stand for more than 32 bits: what
    /// rust-zmq turns into bytes all the same.
    BadText,
}

impl From<NulError> for DecodeError {
    fn from(error: NulError) -> DecodeError {
        DecodeError::NulError(error)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::BadLength => f.write_str("the number of characters is no multiple of 5"),
            DecodeError::NulError(error) => error.fmt(f),
            DecodeError::BadText => f.write_str("the text is not Z85"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// The Z85 text of bytes, whose number is a multiple of 4.
///
/// # Errors
/// [`EncodeError::BadLength`].
pub fn z85_encode(data: &[u8]) -> std::result::Result<String, EncodeError> {
    safe::z85::encode(data).map_err(|_| EncodeError::BadLength)
}

/// The bytes of a Z85 text.
///
/// # Errors
/// For what is none.
pub fn z85_decode(data: &str) -> std::result::Result<Vec<u8>, DecodeError> {
    if data.len() % 5 != 0 {
        return Err(DecodeError::BadLength);
    }
    std::ffi::CString::new(data)?;
    safe::z85::decode(data).map_err(|_| DecodeError::BadText)
}
