//! Keys, which are wiped when they are dropped if they are secret.

use std::fmt;
use std::hint::black_box;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::Errno;
use crate::ffi::curve::{self, TEXT, Wiped};
use crate::library::Capability;
use crate::z85;

/// How many characters a key has.
pub(super) const TEXT_LEN: usize = TEXT;

/// A public key, and the secret one it belongs to.
///
/// ```
/// if zmq::has(zmq::Capability::Curve) {
///     let pair = zmq::curve::KeyPair::new()?;
///     println!("public: {}", pair.public);
///     println!("{pair:?}"); // says nothing about the secret
/// }
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct KeyPair {
    /// The key that others know.
    pub public: PublicKey,
    /// The key that nobody else may know.
    pub secret: SecretKey,
}

impl KeyPair {
    /// A new pair from the system's source of randomness (`zmq_curve_keypair(3)`).
    ///
    /// # Errors
    /// [`MissingCapability`](ErrorKind::MissingCapability) when libzmq was built without CURVE.
    #[doc(alias = "zmq_curve_keypair")]
    pub fn new() -> Result<KeyPair> {
        let (public, secret) =
            curve::keypair().map_err(|errno| failed("zmq_curve_keypair", errno))?;
        Ok(KeyPair {
            public: PublicKey::decode(&public)?,
            secret: SecretKey::decode(&secret[..TEXT])?,
        })
    }

    /// Whether the keys do not belong together, as far as this libzmq can tell.
    pub(super) fn is_torn(&self) -> bool {
        match self.secret.public_key() {
            Ok(public) => public != self.public,
            Err(_) => false,
        }
    }
}

/// A key that others may know: 32 bytes.
///
/// It is written, also by `Debug`, and read as 40 characters of Z85, and ordered by its bytes.
///
/// ```
/// use zmq::curve::PublicKey;
///
/// // The server's key of the example in zmq_curve(7).
/// let key: PublicKey = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7".parse()?;
/// assert_eq!(key.to_string(), "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7");
/// assert_eq!(PublicKey::from_bytes(*key.as_bytes()), key);
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key made of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> PublicKey {
        PublicKey(bytes)
    }

    /// The bytes of the key.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn decode(text: &[u8]) -> Result<PublicKey> {
        let mut key = PublicKey([0; 32]);
        z85::decode_into(text, &mut key.0)?;
        Ok(key)
    }
}

impl From<[u8; 32]> for PublicKey {
    fn from(bytes: [u8; 32]) -> PublicKey {
        PublicKey(bytes)
    }
}

/// From 40 characters of Z85.
impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<PublicKey> {
        PublicKey::decode(key_text(text)?)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; TEXT];
        z85::encode_into(&self.0, &mut text);
        f.pad(z85::as_str(&text))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// A key that nobody else may know: 32 bytes, overwritten when it is dropped.
///
/// It cannot be copied, cloned or printed: hand out references, or share it in an
/// [`Arc`](std::sync::Arc). [`to_z85`](SecretKey::to_z85) and [`as_bytes`](SecretKey::as_bytes) are
/// the only ways to see it.
///
/// Comparing two keys looks at all bytes wherever they differ, so that the time it takes does not
/// tell how much of a guess was right, as far as a compiler can be told so.
///
/// ```
/// use zmq::curve::SecretKey;
///
/// // The server's key of the example in zmq_curve(7).
/// let key: SecretKey = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6".parse()?;
/// assert_eq!(format!("{key:?}"), "SecretKey(..)");
/// if zmq::has(zmq::Capability::Curve) {
///     let public = key.public_key()?;
///     assert_eq!(public.to_string(), "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7");
/// }
/// # Ok::<(), zmq::Error>(())
/// ```
pub struct SecretKey(Box<Wiped<32>>);

impl SecretKey {
    /// The key made of a copy of these bytes. Overwriting the original is up to the caller.
    pub fn from_bytes(bytes: &[u8; 32]) -> SecretKey {
        let mut key = Wiped::boxed();
        key.copy_from_slice(bytes);
        SecretKey(key)
    }

    /// The bytes of the key. A copy of them is not overwritten.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key as 40 characters of Z85, to be stored where nobody else can read it. The text is
    /// overwritten when it is dropped.
    ///
    /// ```
    /// use zmq::curve::SecretKey;
    ///
    /// let key = SecretKey::from_bytes(&[7; 32]);
    /// let text = key.to_z85();
    /// assert_eq!(text.as_str().parse::<SecretKey>()?, key);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn to_z85(&self) -> SecretText {
        let mut text = Wiped::boxed();
        z85::encode_into(self.as_bytes(), &mut text[..]);
        SecretText(text)
    }

    /// The public key that belongs to this one (`zmq_curve_public(3)`).
    ///
    /// # Errors
    /// [`MissingCapability`](ErrorKind::MissingCapability) when libzmq was built without CURVE.
    #[doc(alias = "zmq_curve_public")]
    pub fn public_key(&self) -> Result<PublicKey> {
        let text = curve::public(&self.0).map_err(|errno| failed("zmq_curve_public", errno))?;
        PublicKey::decode(&text)
    }

    pub(super) fn decode(text: &[u8]) -> Result<SecretKey> {
        let mut key = Wiped::boxed();
        z85::decode_into(text, &mut key[..])?;
        Ok(SecretKey(key))
    }
}

/// From 40 characters of Z85. Overwriting the text is up to the caller; an error does not quote it.
impl FromStr for SecretKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<SecretKey> {
        SecretKey::decode(key_text(text)?)
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &SecretKey) -> bool {
        let pairs = self.0.iter().zip(other.0.iter());
        // `black_box` keeps the compiler from seeing that it could stop at the first difference.
        let difference = pairs.fold(0, |seen, (a, b)| black_box(seen | (a ^ b)));
        difference == 0
    }
}

impl Eq for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// A secret key as text, overwritten when it is dropped ([`SecretKey::to_z85`]).
///
/// It has no `Display`, so that it gets into no log by accident.
pub struct SecretText(Box<Wiped<TEXT>>);

impl SecretText {
    /// The 40 characters. A copy of them, such as a `String`, is not overwritten.
    pub fn as_str(&self) -> &str {
        z85::as_str(&self.0[..])
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// The text, if it is as long as a key.
fn key_text(text: &str) -> Result<&[u8]> {
    if text.len() == TEXT {
        Ok(text.as_bytes())
    } else {
        Err(z85::wrong_length(text, "a key is 40 characters of Z85"))
    }
}

#[cold]
fn failed(call: &'static str, errno: Errno) -> Error {
    let error = Error::from_errno(call, errno);
    if error.kind() == ErrorKind::NotSupported {
        return error.without(Capability::Curve);
    }
    error
}
