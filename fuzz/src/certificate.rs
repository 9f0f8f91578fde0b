//! Files of certificates: what can be read can be written, and is then read as the same.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use tempfile::TempDir;
use zmq::curve::{Certificate, CertificateError};

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    // In memory where there is such a place: a file is written for every input.
    let memory = PathBuf::from("/dev/shm");
    let made = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir());
    made.expect("a temporary folder")
});

pub fn run(data: &[u8]) {
    let path = FOLDER
        .path()
        .join(format!("{:?}", std::thread::current().id()));
    let secret = path.with_file_name("none_secret");
    fs::write(&path, data).unwrap();
    let public = Certificate::load_public(&path);
    // There is no secret file, so that both keys, if there are, stand in this one.
    let whole = Certificate::load(&path);
    assert_eq!(public.is_ok(), whole.is_ok());
    let (Ok(public), Ok(whole)) = (public, whole) else {
        return;
    };
    assert_eq!(public.public_key(), whole.public_key());
    assert!(public.metadata().eq(whole.metadata()));
    assert!(public.secret_key().is_none());

    match public.save_public(&path) {
        Ok(()) => assert_eq!(Certificate::load(&path).unwrap(), public),
        // Without quotes, a file can say what cannot be written in them.
        Err(CertificateError::Metadata { name, .. }) => assert!(public.meta(&name).is_some()),
        Err(CertificateError::TooLong { .. }) => assert!(data.len() > 10_000),
        Err(error) => panic!("{error}"),
    }
    match whole.save_secret(&secret) {
        Ok(()) => assert_eq!(Certificate::load_public(&secret).unwrap(), public),
        Err(CertificateError::NoSecretKey { .. }) => assert_eq!(whole, public),
        Err(CertificateError::Metadata { .. } | CertificateError::TooLong { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}
