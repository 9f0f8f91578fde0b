//! What can be wrong with a certificate.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};
use crate::ffi::Errno;

/// Why a certificate cannot be read, written or filled in.
///
/// It never quotes what stands in a file, which may be a secret key.
///
/// `?` turns it into an [`Error`] whose call is `"certificate"`, or into an [`io::Error`], which
/// keeps it as its source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The operating system failed to read or write a file or directory.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A line of a file is not what it has to be.
    #[error("{}:{line}: {rule}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What has to be.
        rule: &'static str,
    },
    /// There is more text than a certificate can have.
    #[error("{}: a certificate has 16384 bytes at most", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// A file for a secret key was made, and others could read it all the same: the file system does
    /// not keep permissions. Nothing was written to it.
    #[error("{}: the file system lets others read the file (mode {mode:o})", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// The permissions that it got instead of 600.
        mode: u32,
    },
    /// The certificate has no secret key to be saved.
    #[error("{}: the certificate has no secret key", path.display())]
    NoSecretKey {
        /// The file.
        path: PathBuf,
    },
    /// The certificate has a secret key that does not belong to its public key.
    #[error("{}: the secret key does not belong to the public key", path.display())]
    TornPair {
        /// The file.
        path: PathBuf,
    },
    /// A certificate of a directory has the public key of another one there, which counts.
    #[error("{}: {} has the same public key", path.display(), first.display())]
    Duplicate {
        /// The file that does not count.
        path: PathBuf,
        /// The file that does.
        first: PathBuf,
    },
    /// Metadata that the format cannot hold.
    #[error("metadata {name:?}: {rule}")]
    Metadata {
        /// The name that it was given.
        name: String,
        /// The rule that name or text breaks.
        rule: &'static str,
    },
}

impl CertificateError {
    pub(super) fn io(path: &Path, source: io::Error) -> CertificateError {
        CertificateError::Io {
            path: path.to_owned(),
            source,
        }
    }

    /// The file or directory, if it is about one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            CertificateError::Io { path, .. }
            | CertificateError::Malformed { path, .. }
            | CertificateError::TooLong { path }
            | CertificateError::Exposed { path, .. }
            | CertificateError::NoSecretKey { path }
            | CertificateError::TornPair { path }
            | CertificateError::Duplicate { path, .. } => Some(path),
            CertificateError::Metadata { .. } => None,
        }
    }

    /// Why, in the terms of this crate.
    ///
    /// What the operating system said is that errno's kind, but for a missing file: the kind of
    /// `ENOENT` speaks of endpoints, and this is [`Other`](ErrorKind::Other).
    pub fn kind(&self) -> ErrorKind {
        match self {
            CertificateError::Io { source, .. } => of_io(source),
            CertificateError::Exposed { .. } => ErrorKind::PermissionDenied,
            _ => ErrorKind::InvalidInput,
        }
    }
}

fn of_io(error: &io::Error) -> ErrorKind {
    let Some(errno) = error.raw_os_error() else {
        return ErrorKind::InvalidInput;
    };
    match Error::from_errno(CALL, Errno(errno)).kind() {
        ErrorKind::NotFound | ErrorKind::NoDevice => ErrorKind::Other(errno),
        kind => kind,
    }
}

const CALL: &str = "certificate";

impl From<CertificateError> for Error {
    fn from(error: CertificateError) -> Error {
        let kind = error.kind();
        match error {
            CertificateError::Io { path, source } => {
                let error = Error::own(CALL, kind).on(path.display());
                if source.raw_os_error().is_some() {
                    return error;
                }
                error.because("the file cannot be used")
            }
            CertificateError::Malformed { path, line, rule } => Error::own(CALL, kind)
                .on(format_args!("{}:{line}", path.display()))
                .because(rule),
            CertificateError::Metadata { name, rule } => Error::own(CALL, kind)
                .on(format_args!("{name:?}"))
                .because(rule),
            other => Error::own(CALL, kind).on(other),
        }
    }
}

/// Keeps the kind of what the operating system said; else it is `InvalidData`, or `InvalidInput`
/// for metadata.
impl From<CertificateError> for io::Error {
    fn from(error: CertificateError) -> io::Error {
        let kind = match &error {
            CertificateError::Io { source, .. } => source.kind(),
            CertificateError::Exposed { .. } => io::ErrorKind::PermissionDenied,
            CertificateError::Metadata { .. } | CertificateError::NoSecretKey { .. } => {
                io::ErrorKind::InvalidInput
            }
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}
