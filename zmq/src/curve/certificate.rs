//! Certificates, and how they stand in a file.

use std::io::{self, Write};
use std::path::Path;

use super::file::{Readers, Text, replace, secret_path};
use super::keys::{KeyPair, PublicKey, SecretKey};
use super::zpl::{self, Item, Rule};
use super::{CertificateError, keys};
use crate::error::Result;

/// A public key, perhaps with its secret key, and what is said about their owner: what a file of
/// czmq's `zcert` holds.
///
/// It stands in two files: one, such as `alice.txt`, is to be given away and has the public key; the
/// other, `alice.txt_secret`, has both keys and is readable by its owner alone. Both are text
/// ([ZeroMQ RFC 4]), understood by czmq and pyzmq:
///
/// ```text
/// metadata
///     name = "Alice"
/// curve
///     public-key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
/// ```
///
/// Certificates are not signed: whoever can write the file decides what it says.
///
/// ```
/// use zmq::curve::Certificate;
///
/// # if !zmq::has(zmq::Capability::Curve) { return Ok(()); }
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let mut alice = Certificate::new()?;
/// alice.set_meta("name", "Alice")?;
/// alice.save(folder.join("alice.txt"))?;
///
/// // Alice's own programs have both keys, whoever has only the first file the public one.
/// assert_eq!(Certificate::load(folder.join("alice.txt"))?, alice);
/// let known = Certificate::load_public(folder.join("alice.txt"))?;
/// assert_eq!(known.public_key(), alice.public_key());
/// assert_eq!(known.meta("name"), Some("Alice"));
/// assert!(known.secret_key().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [ZeroMQ RFC 4]: https://rfc.zeromq.org/spec/4/
#[doc(alias = "zcert")]
#[derive(Debug, PartialEq, Eq)]
pub struct Certificate {
    keys: Keys,
    metadata: Vec<(String, String)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Keys {
    Public(PublicKey),
    Pair(KeyPair),
}

impl Certificate {
    /// A certificate of a new pair of keys, without metadata.
    ///
    /// # Errors
    /// [`MissingCapability`](crate::ErrorKind::MissingCapability) when libzmq was built without
    /// CURVE.
    #[doc(alias = "zcert_new")]
    pub fn new() -> Result<Certificate> {
        KeyPair::new().map(Certificate::from)
    }

    /// The public key.
    #[doc(alias = "zcert_public_key")]
    pub fn public_key(&self) -> PublicKey {
        match &self.keys {
            Keys::Public(public) => *public,
            Keys::Pair(pair) => pair.public,
        }
    }

    /// The secret key, if it is here.
    #[doc(alias = "zcert_secret_key")]
    pub fn secret_key(&self) -> Option<&SecretKey> {
        self.key_pair().map(|pair| &pair.secret)
    }

    /// Both keys, if they are here.
    pub fn key_pair(&self) -> Option<&KeyPair> {
        match &self.keys {
            Keys::Public(_) => None,
            Keys::Pair(pair) => Some(pair),
        }
    }

    /// Names and texts, in their order in the file.
    pub fn metadata(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let pairs = self.metadata.iter();
        pairs.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The text of this name.
    #[doc(alias = "zcert_meta")]
    pub fn meta(&self, name: &str) -> Option<&str> {
        let mut all = self.metadata();
        all.find_map(|(known, text)| (known == name).then_some(text))
    }

    /// Gives a name a text, in the place of the one it had or else behind all others.
    ///
    /// # Errors
    /// [`Metadata`](CertificateError::Metadata) for what the format cannot hold: names are made of
    /// ASCII letters, digits and `$-_@.&+/`, and neither begin nor end with a slash; texts have
    /// no control characters but tabs, and quotes of one kind only; both fit into a line of 1024
    /// bytes.
    #[doc(alias = "zcert_set_meta")]
    pub fn set_meta(&mut self, name: &str, text: &str) -> Result<(), CertificateError> {
        check_meta(name, text)?;
        match self.metadata.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = text.into(),
            None => self.metadata.push((name.into(), text.into())),
        }
        Ok(())
    }

    /// Takes a name and its text away, and gives back the text.
    #[doc(alias = "zcert_unset_meta")]
    pub fn unset_meta(&mut self, name: &str) -> Option<String> {
        let index = self.metadata.iter().position(|(known, _)| known == name)?;
        Some(self.metadata.remove(index).1)
    }

    // ---- reading -------------------------------------------------------------------------------

    /// Reads `path` with `_secret` behind its name if there is such a file, which has both keys, and
    /// else `path`.
    ///
    /// A secret file that is there and cannot be read is an error: whoever may only read the public
    /// one calls [`load_public`](Certificate::load_public). The permissions of the secret file are
    /// not looked at.
    ///
    /// Lines are checked as czmq does: a section stands without indentation, what is in it has four
    /// spaces, and not a tab, in front; values stand in quotes of either kind or run up to a `#`. Other
    /// sections and other names beside the keys are skipped, and so are comments. What both could
    /// read differently is refused: a key or a name that stands twice, a secret key that does not
    /// belong to the public one. A secret key of zeros, which czmq writes where there is none, is
    /// none.
    ///
    /// # Errors
    /// [`Io`](CertificateError::Io), [`Malformed`](CertificateError::Malformed),
    /// [`TooLong`](CertificateError::TooLong).
    #[doc(alias = "zcert_load")]
    pub fn load(path: impl AsRef<Path>) -> Result<Certificate, CertificateError> {
        let path = path.as_ref();
        let secret = secret_path(path);
        match Text::read(&secret) {
            Ok(text) => parse(&secret, &text),
            Err(CertificateError::Io { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                parse(path, &Text::read(path)?)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads `path` alone, and no secret key.
    ///
    /// # Errors
    /// As [`load`](Certificate::load).
    pub fn load_public(path: impl AsRef<Path>) -> Result<Certificate, CertificateError> {
        let path = path.as_ref();
        let mut certificate = parse(path, &Text::read(path)?)?;
        certificate.keys = Keys::Public(certificate.public_key());
        Ok(certificate)
    }

    // ---- writing -------------------------------------------------------------------------------

    /// Writes the pair to `path` with `_secret` behind its name, and then the public key to `path`.
    ///
    /// Each file is written beside its place and renamed when it is complete, so that nobody reads
    /// half of it; one that was there is replaced, and a symbolic link too. The secret file is
    /// created with mode 600: at no time can others read it. Where there are no such modes, on
    /// Windows, the directory says who can read it.
    ///
    /// # Errors
    /// [`NoSecretKey`](CertificateError::NoSecretKey): then only
    /// [`save_public`](Certificate::save_public) makes sense. Else
    /// [`Io`](CertificateError::Io), [`Exposed`](CertificateError::Exposed),
    /// [`TornPair`](CertificateError::TornPair), [`Metadata`](CertificateError::Metadata),
    /// [`TooLong`](CertificateError::TooLong). When the secret file fails, the public one is left
    /// as it was.
    #[doc(alias = "zcert_save")]
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), CertificateError> {
        let path = path.as_ref();
        self.save_secret(secret_path(path))?;
        self.save_public(path)
    }

    /// Writes the public key and the metadata to `path`, which all can read.
    ///
    /// # Errors
    /// [`Io`](CertificateError::Io), [`TooLong`](CertificateError::TooLong), and
    /// [`Metadata`](CertificateError::Metadata) for a text that was read without quotes and has both
    /// kinds in it.
    #[doc(alias = "zcert_save_public")]
    pub fn save_public(&self, path: impl AsRef<Path>) -> Result<(), CertificateError> {
        const HEAD: &str = "\
# A public certificate of ZeroMQ's CURVE.
#
# Give it to those who are to know this key, in a way that nobody can
# change it on: it is not signed.

";
        let path = path.as_ref();
        self.check_metadata()?;
        let text = Text::written(path, |text| self.write(text, HEAD, None))?;
        replace(path, &text, Readers::All)
    }

    /// Writes both keys and the metadata to `path` itself, which only the owner can read.
    ///
    /// # Errors
    /// As [`save`](Certificate::save).
    #[doc(alias = "zcert_save_secret")]
    pub fn save_secret(&self, path: impl AsRef<Path>) -> Result<(), CertificateError> {
        const HEAD: &str = "\
# A SECRET certificate of ZeroMQ's CURVE.
#
# Give it to nobody, and leave its permissions as they are: who reads it
# can pass for its owner.

";
        let path = path.as_ref();
        let Some(pair) = self.key_pair() else {
            return Err(CertificateError::NoSecretKey { path: path.into() });
        };
        if pair.is_torn() {
            return Err(CertificateError::TornPair { path: path.into() });
        }
        self.check_metadata()?;
        let text = Text::written(path, |text| self.write(text, HEAD, Some(&pair.secret)))?;
        replace(path, &text, Readers::Owner)
    }

    /// Without quotes, a file can have texts that cannot be written again.
    fn check_metadata(&self) -> Result<(), CertificateError> {
        self.metadata()
            .try_for_each(|(name, text)| check_meta(name, text))
    }

    fn write(&self, to: &mut &mut [u8], head: &str, secret: Option<&SecretKey>) -> io::Result<()> {
        to.write_all(head.as_bytes())?;
        writeln!(to, "metadata")?;
        for (name, text) in self.metadata() {
            let quote = zpl::quotes(name, text).map_err(io::Error::other)?;
            writeln!(to, "    {name} = {quote}{text}{quote}")?;
        }
        writeln!(to, "curve")?;
        writeln!(to, "    public-key = \"{}\"", self.public_key())?;
        if let Some(secret) = secret {
            writeln!(to, "    secret-key = \"{}\"", secret.to_z85().as_str())?;
        }
        Ok(())
    }
}

impl From<KeyPair> for Certificate {
    fn from(pair: KeyPair) -> Certificate {
        Certificate {
            keys: Keys::Pair(pair),
            metadata: Vec::new(),
        }
    }
}

impl From<PublicKey> for Certificate {
    fn from(public: PublicKey) -> Certificate {
        Certificate {
            keys: Keys::Public(public),
            metadata: Vec::new(),
        }
    }
}

fn check_meta(name: &str, text: &str) -> Result<(), CertificateError> {
    match zpl::quotes(name, text) {
        Ok(_) => Ok(()),
        Err(rule) => Err(CertificateError::Metadata {
            name: name.into(),
            rule,
        }),
    }
}

/// The sections of a file.
#[derive(Clone, Copy)]
enum Section {
    None,
    Metadata,
    Curve,
    Other,
}

/// What was read of a file so far.
struct Reader {
    section: Section,
    /// How deep the last item stood.
    level: usize,
    public: Option<PublicKey>,
    secret: Option<SecretKey>,
    metadata: Vec<(String, String)>,
}

fn parse(path: &Path, text: &Text) -> Result<Certificate, CertificateError> {
    let malformed = |line, rule| CertificateError::Malformed {
        path: path.into(),
        line,
        rule,
    };
    let text = text.as_bytes();
    // The mark that some editors put in front of UTF-8.
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut reader = Reader {
        section: Section::None,
        level: 0,
        public: None,
        secret: None,
        metadata: Vec::new(),
    };
    let mut last = 0;
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        last = index + 1;
        let item = zpl::item(line).map_err(|rule| malformed(last, rule))?;
        if let Some(item) = item {
            reader.take(&item).map_err(|rule| malformed(last, rule))?;
        }
    }
    let public = reader.public.ok_or_else(|| {
        malformed(
            last,
            "a certificate has a `public-key` in a section `curve`",
        )
    })?;
    let keys = match reader.secret {
        None => Keys::Public(public),
        Some(secret) => {
            let pair = KeyPair { public, secret };
            if pair.is_torn() {
                return Err(CertificateError::TornPair { path: path.into() });
            }
            Keys::Pair(pair)
        }
    };
    Ok(Certificate {
        keys,
        metadata: reader.metadata,
    })
}

impl Reader {
    fn take(&mut self, item: &Item<'_>) -> Result<(), Rule> {
        if item.level > 0 && (item.level > self.level + 1 || matches!(self.section, Section::None))
        {
            return Err("a line is indented by one level more than the one above it at most");
        }
        self.level = item.level;
        match (item.level, self.section) {
            (0, _) => {
                self.section = match item.name {
                    "metadata" => Section::Metadata,
                    "curve" => Section::Curve,
                    _ => Section::Other,
                }
            }
            (1, Section::Metadata) => {
                if self.metadata.iter().any(|(known, _)| known == item.name) {
                    return Err("a name stands only once in the metadata");
                }
                let text = zpl::text(item.value)?;
                self.metadata.push((item.name.into(), text.into()));
            }
            (1, Section::Curve) => match item.name {
                "public-key" if self.public.is_some() => {
                    return Err("a certificate has one `public-key`");
                }
                "public-key" => {
                    check_key(item.value)?;
                    let key = PublicKey::decode(item.value).map_err(|_| KEY_RULE)?;
                    if key.as_bytes() == &[0; 32] {
                        return Err("a public key is not all zeros");
                    }
                    self.public = Some(key);
                }
                "secret-key" if self.secret.is_some() => {
                    return Err("a certificate has one `secret-key`");
                }
                "secret-key" => {
                    check_key(item.value)?;
                    let key = SecretKey::decode(item.value).map_err(|_| KEY_RULE)?;
                    if key.as_bytes() != &[0; 32] {
                        self.secret = Some(key);
                    }
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }
}

const KEY_RULE: Rule = "a key is 40 characters of Z85, in quotes";

fn check_key(value: &[u8]) -> Result<(), Rule> {
    if value.len() == keys::TEXT_LEN {
        Ok(())
    } else {
        Err(KEY_RULE)
    }
}
