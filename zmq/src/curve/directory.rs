//! The certificates of a directory, kept up to date.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, Metadata};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::file::SECRET;
use super::{Certificate, CertificateError, PublicKey};

/// The certificates in the files of a directory, by their public keys: what czmq's `zcertstore` is,
/// for a server that lets in whoever has a file there.
///
/// Every question looks at the directory first, so that a certificate is known as soon as its file
/// is there, and not known any more as soon as the file is gone. That takes a `stat(2)` for each
/// file, some two milliseconds for a thousand files on a local disk, and a file is read again only
/// when it changed, or if it had changed in the two seconds before it was read. Threads may share a
/// directory; one of them looks at a time.
///
/// What counts is every regular file, also in directories below, whose name does not begin with a dot
/// or end with `_secret`; a symbolic link to a file does, one to a directory does not. Secret keys are
/// not kept. If several files have the same key, the one whose path comes first counts.
///
/// A file that is no certificate is not known, and hides no other; it is listed in
/// [`problems`](CertificateDirectory::problems). **A directory that cannot be read has no
/// certificates**: then nobody is known until it can be read again.
///
/// ```
/// use zmq::curve::{Certificate, CertificateDirectory};
///
/// # if !zmq::has(zmq::Capability::Curve) { return Ok(()); }
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let clients = CertificateDirectory::open(folder)?;
///
/// let mut alice = Certificate::new()?;
/// alice.set_meta("name", "Alice")?;
/// assert!(clients.certificate(&alice.public_key()).is_none());
///
/// alice.save_public(folder.join("alice.txt"))?;
/// let known = clients.certificate(&alice.public_key()).expect("the file is there");
/// assert_eq!(known.meta("name"), Some("Alice"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "zcertstore")]
#[derive(Debug)]
pub struct CertificateDirectory {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Known>,
    /// What is wrong with the directories.
    unreadable: Vec<Arc<CertificateError>>,
    duplicates: Vec<Arc<CertificateError>>,
    by_key: HashMap<PublicKey, Arc<Certificate>>,
}

/// What is known of a file.
#[derive(Debug, Clone)]
struct Known {
    stamp: Stamp,
    /// Whether a change after this must have changed the stamp.
    settled: bool,
    content: Result<Arc<Certificate>, Arc<CertificateError>>,
}

/// What changes when a file does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    /// Device, inode, and the time of the last change, which unlike the other cannot be set.
    #[cfg(unix)]
    identity: (u64, u64, i64, i64),
}

/// No file system counts the times of its files in longer steps.
const STEP: Duration = Duration::from_secs(2);

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        Stamp {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            identity: (
                metadata.dev(),
                metadata.ino(),
                metadata.ctime(),
                metadata.ctime_nsec(),
            ),
        }
    }

    /// Whether the file last changed so long before `now` that another change gives another stamp.
    fn is_settled(&self, now: SystemTime) -> bool {
        let is_old = |time: SystemTime| now.duration_since(time).is_ok_and(|age| age > STEP);
        #[cfg(unix)]
        let changed = {
            let (.., seconds, nanos) = self.identity;
            let since = Duration::new(
                u64::try_from(seconds).unwrap_or(0),
                u32::try_from(nanos).unwrap_or(0),
            );
            SystemTime::UNIX_EPOCH.checked_add(since)
        };
        #[cfg(not(unix))]
        let changed = self.modified;
        changed.is_some_and(is_old)
    }
}

impl CertificateDirectory {
    /// Reads the certificates of a directory.
    ///
    /// # Errors
    /// [`Io`](CertificateError::Io) if the directory cannot be read. Files that cannot be read are
    /// no error here, but listed in [`problems`](CertificateDirectory::problems).
    #[doc(alias = "zcertstore_new")]
    pub fn open(path: impl AsRef<Path>) -> Result<CertificateDirectory, CertificateError> {
        let directory = CertificateDirectory {
            path: path.as_ref().to_owned(),
            state: Mutex::default(),
        };
        directory.refresh()?;
        Ok(directory)
    }

    /// The path that was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The certificate with this public key, if it is in the directory now.
    #[doc(alias = "zcertstore_lookup")]
    pub fn certificate(&self, key: &PublicKey) -> Option<Arc<Certificate>> {
        self.looked_at(|state| state.by_key.get(key).cloned())
    }

    /// All certificates that are in the directory now, in the order of their paths.
    #[doc(alias = "zcertstore_certs")]
    pub fn certificates(&self) -> Vec<Arc<Certificate>> {
        self.looked_at(|state| {
            let all = state
                .files
                .values()
                .filter_map(|file| file.content.as_ref().ok());
            let counts = |certificate: &&Arc<Certificate>| {
                let known = state.by_key.get(&certificate.public_key());
                known.is_some_and(|known| Arc::ptr_eq(known, certificate))
            };
            all.filter(counts).cloned().collect()
        })
    }

    /// What is wrong in the directory now: directories that cannot be read, files that are no
    /// certificates, and keys that another file has already.
    pub fn problems(&self) -> Vec<Arc<CertificateError>> {
        self.looked_at(|state| {
            let files = state
                .files
                .values()
                .filter_map(|file| file.content.as_ref().err());
            let directories = state.unreadable.iter();
            directories
                .chain(files)
                .chain(&state.duplicates)
                .cloned()
                .collect()
        })
    }

    /// Reads every file again, whether it seems to have changed or not.
    ///
    /// # Errors
    /// [`Io`](CertificateError::Io) if the directory cannot be read: then nobody is known.
    pub fn refresh(&self) -> Result<(), CertificateError> {
        self.with_state(|state| {
            *state = State::default();
            state.look(&self.path)
        })
    }

    fn looked_at<R>(&self, answer: impl FnOnce(&State) -> R) -> R {
        self.with_state(|state| {
            if let Err(error) = state.look(&self.path) {
                state.unreadable.push(Arc::new(error));
            }
            answer(state)
        })
    }

    fn with_state<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        let lock = self.state.lock();
        // After a panic the state is as far as that came: it is of no use.
        work(&mut lock.unwrap_or_else(|poisoned| {
            let mut state = PoisonError::into_inner(poisoned);
            *state = State::default();
            state
        }))
    }
}

impl State {
    /// Brings everything up to date. After an error nothing is known.
    fn look(&mut self, root: &Path) -> Result<(), CertificateError> {
        self.unreadable.clear();
        let old = mem::take(&mut self.files);
        let mut changed = false;
        let found = self.walk(root, &old, &mut changed);
        if found.is_err() {
            self.files.clear();
        }
        if changed || self.files.len() != old.len() {
            self.index();
        }
        found
    }

    fn walk(
        &mut self,
        root: &Path,
        old: &BTreeMap<PathBuf, Known>,
        changed: &mut bool,
    ) -> Result<(), CertificateError> {
        let mut below = Vec::new();
        self.list(root, old, changed, &mut below)?;
        while let Some(directory) = below.pop() {
            if let Err(error) = self.list(&directory, old, changed, &mut below) {
                self.unreadable.push(Arc::new(error));
            }
        }
        Ok(())
    }

    fn list(
        &mut self,
        directory: &Path,
        old: &BTreeMap<PathBuf, Known>,
        changed: &mut bool,
        below: &mut Vec<PathBuf>,
    ) -> Result<(), CertificateError> {
        let failed = |error| CertificateError::io(directory, error);
        for entry in fs::read_dir(directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            if name.starts_with(b".") || name.ends_with(SECRET.as_bytes()) {
                continue;
            }
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                below.push(path);
                continue;
            }
            // Of what a link leads to.
            let metadata = match fs::metadata(&path) {
                Ok(metadata) => metadata,
                // It has gone meanwhile, or the link leads nowhere.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    let error = CertificateError::io(&path, error);
                    self.unreadable.push(Arc::new(error));
                    continue;
                }
            };
            if !metadata.is_file() {
                continue;
            }
            let stamp = Stamp::of(&metadata);
            let known = match old.get(&path) {
                Some(known) if known.settled && known.stamp == stamp => known.clone(),
                _ => {
                    *changed = true;
                    read(&path, stamp)
                }
            };
            self.files.insert(path, known);
        }
        Ok(())
    }

    fn index(&mut self) {
        self.by_key.clear();
        self.duplicates.clear();
        let mut first: HashMap<PublicKey, &Path> = HashMap::new();
        for (path, file) in &self.files {
            let Ok(certificate) = &file.content else {
                continue;
            };
            let key = certificate.public_key();
            if let Some(first) = first.get(&key) {
                self.duplicates.push(Arc::new(CertificateError::Duplicate {
                    path: path.clone(),
                    first: first.to_path_buf(),
                }));
                continue;
            }
            first.insert(key, path);
            self.by_key.insert(key, Arc::clone(certificate));
        }
    }
}

fn read(path: &Path, stamp: Stamp) -> Known {
    let settled = stamp.is_settled(SystemTime::now());
    Known {
        stamp,
        settled,
        content: Certificate::load_public(path)
            .map(Arc::new)
            .map_err(Arc::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_settled_two_seconds_after_its_last_change() {
        let before = SystemTime::now();
        let file = tempfile::NamedTempFile::new().unwrap();
        let stamp = Stamp::of(&file.as_file().metadata().unwrap());
        let after = SystemTime::now();
        assert!(!stamp.is_settled(after));
        assert!(!stamp.is_settled(before + STEP / 2));
        assert!(stamp.is_settled(after + 2 * STEP));
        // A clock that was set back.
        assert!(!stamp.is_settled(before - Duration::from_secs(3600)));
    }
}
