//! Files of certificates: read into memory that is wiped, and replaced as a whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use super::CertificateError;
use crate::ffi::curve::Wiped;

/// The most bytes of a certificate: czmq's own have some 500.
const LARGEST: usize = 16 * 1024;

/// What the file of the secret key has behind the name of the public one.
pub(super) const SECRET: &str = "_secret";

/// The text of a certificate, overwritten when it is dropped.
pub(super) struct Text {
    /// One byte more, to notice what is too long.
    bytes: Box<Wiped<{ LARGEST + 1 }>>,
    len: usize,
}

impl Text {
    fn empty() -> Text {
        Text {
            bytes: Wiped::boxed(),
            len: 0,
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// What `write` writes.
    pub(super) fn written(
        path: &Path,
        write: impl FnOnce(&mut &mut [u8]) -> io::Result<()>,
    ) -> Result<Text, CertificateError> {
        let mut text = Text::empty();
        let mut left = &mut text.bytes[..LARGEST];
        if write(&mut left).is_err() {
            return Err(CertificateError::TooLong { path: path.into() });
        }
        text.len = LARGEST - left.len();
        Ok(text)
    }

    /// What stands in the file.
    pub(super) fn read(path: &Path) -> Result<Text, CertificateError> {
        let io = |error| CertificateError::io(path, error);
        let mut file = File::open(path).map_err(io)?;
        let mut text = Text::empty();
        loop {
            match file.read(&mut text.bytes[text.len..]) {
                Ok(0) => break,
                Ok(read) => text.len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io(error)),
            }
        }
        if text.len > LARGEST {
            return Err(CertificateError::TooLong { path: path.into() });
        }
        Ok(text)
    }
}

/// Who can read a file that is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    All,
    Owner,
}

/// The file beside a public one that holds the secret key.
pub(super) fn secret_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SECRET);
    name.into()
}

/// Writes a file beside `path` and puts it in its place when it is complete.
pub(super) fn replace(path: &Path, text: &Text, readers: Readers) -> Result<(), CertificateError> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let io = |error| CertificateError::io(path, error);
    let (mut file, beside) = create_beside(path, readers, &COUNT).map_err(io)?;
    let written =
        fill(&mut file, path, text, readers).and_then(|()| fs::rename(&beside, path).map_err(io));
    if written.is_err() {
        // What counts is the error that there is already.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A new file, never one that was there already or that a link leads to.
fn create_beside(path: &Path, readers: Readers, count: &AtomicU64) -> io::Result<(File, PathBuf)> {
    let Some(name) = path.file_name() else {
        let error = "the path names no file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, error));
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = readers; // the directory decides
    let mut left = 100;
    loop {
        let count = count.fetch_add(1, Ordering::Relaxed);
        // The name of a secret, so that nobody who reads the directory takes it for a certificate.
        let mut beside = OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}-{count}{SECRET}", process::id()));
        let beside = path.with_file_name(beside);
        match options.open(&beside) {
            Ok(file) => return Ok((file, beside)),
            // Left by a process of the same number that was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && left > 0 => left -= 1,
            Err(error) => return Err(error),
        }
    }
}

fn fill(
    file: &mut File,
    path: &Path,
    text: &Text,
    readers: Readers,
) -> Result<(), CertificateError> {
    #[cfg(unix)]
    if readers == Readers::Owner {
        use std::os::unix::fs::PermissionsExt;
        let metadata = file
            .metadata()
            .map_err(|error| CertificateError::io(path, error))?;
        check_mode(path, metadata.permissions().mode())?;
    }
    #[cfg(not(unix))]
    let _ = readers;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(|error| CertificateError::io(path, error))
}

/// Whether the owner alone can read the file: some file systems give every file the same mode.
#[cfg(unix)]
fn check_mode(path: &Path, mode: u32) -> Result<(), CertificateError> {
    let mode = mode & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(CertificateError::Exposed {
        path: path.into(),
        mode,
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_or_link_that_is_there_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let count = AtomicU64::new(0);
        let (_, first) = create_beside(&path, Readers::Owner, &count).unwrap();
        fs::remove_file(&first).unwrap();
        let target = folder.path().join("target");
        std::os::unix::fs::symlink(&target, &first).unwrap();
        let (_, second) = create_beside(&path, Readers::Owner, &AtomicU64::new(0)).unwrap();
        assert_ne!(first, second);
        assert!(!target.exists());
    }

    #[test]
    fn a_hundred_names_that_are_taken_are_passed_over_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let beside = |count| create_beside(&path, Readers::All, &AtomicU64::new(count));
        for count in 0..100 {
            beside(count).unwrap();
        }
        beside(0).unwrap();
        assert_eq!(beside(0).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_mode_that_lets_others_read_is_refused() {
        let path = Path::new("somewhere");
        for mode in [0o100_600, 0o100_400, 0o100_700, 0o600] {
            assert!(check_mode(path, mode).is_ok(), "{mode:o}");
        }
        for mode in [0o100_640, 0o100_604, 0o100_610, 0o100_755] {
            let error = check_mode(path, mode).unwrap_err();
            assert!(matches!(error, CertificateError::Exposed { .. }), "{error}");
        }
    }
}
