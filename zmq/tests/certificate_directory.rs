//! Whoever has a certificate in the directory is known, from the moment it is there to the moment it
//! is gone, and nobody else.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use zmq::curve::{Certificate, CertificateDirectory, CertificateError, PublicKey};

fn key(number: u8) -> PublicKey {
    PublicKey::from_bytes([number; 32])
}

fn certificate(number: u8, name: &str) -> Certificate {
    let mut certificate = Certificate::from(key(number));
    certificate.set_meta("name", name).unwrap();
    certificate
}

fn opened() -> (tempfile::TempDir, CertificateDirectory) {
    let folder = tempfile::tempdir().unwrap();
    let directory = CertificateDirectory::open(folder.path()).unwrap();
    (folder, directory)
}

fn knows(directory: &CertificateDirectory, number: u8) -> bool {
    directory.certificate(&key(number)).is_some()
}

/// Makes the times of a file those of a file that nobody has touched for long.
fn make_old(path: &Path) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3600))
        .unwrap();
}

#[test]
fn certificates_are_known_by_their_keys() {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=20 {
        let path = folder.path().join(format!("{number:02}.txt"));
        certificate(number, &number.to_string())
            .save_public(path)
            .unwrap();
    }
    let directory = CertificateDirectory::open(folder.path()).unwrap();
    assert_eq!(directory.path(), folder.path());
    for number in 1..=20 {
        let known = directory.certificate(&key(number)).unwrap();
        assert_eq!(known.meta("name"), Some(&*number.to_string()));
    }
    assert!(!knows(&directory, 21));
    let keys = directory
        .certificates()
        .iter()
        .map(|known| known.public_key())
        .collect::<Vec<_>>();
    assert!(keys.into_iter().eq((1..=20).map(key)));
    assert!(directory.problems().is_empty());
}

#[test]
fn a_file_counts_from_when_it_is_there_until_it_is_gone() {
    let (folder, directory) = opened();
    let path = folder.path().join("a");
    for _ in 0..50 {
        assert!(!knows(&directory, 1));
        certificate(1, "a").save_public(&path).unwrap();
        assert!(knows(&directory, 1));
        fs::rename(&path, folder.path().join("b")).unwrap();
        assert!(knows(&directory, 1));
        fs::remove_file(folder.path().join("b")).unwrap();
    }
}

#[test]
fn a_file_that_is_rewritten_in_place_is_noticed_at_once() {
    let (folder, directory) = opened();
    let path = folder.path().join("a");
    // Of the same length each time, and most of them within the same tick of the clock.
    let texts = [1, 2].map(|number| {
        certificate(number, "a").save_public(&path).unwrap();
        fs::read(&path).unwrap()
    });
    assert_eq!(texts[0].len(), texts[1].len());
    for round in 0..500 {
        fs::write(&path, &texts[round % 2]).unwrap();
        let known = [knows(&directory, 1), knows(&directory, 2)];
        assert_eq!(known, [round % 2 == 0, round % 2 == 1], "round {round}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_rewritten_under_its_old_time_is_noticed() {
    let (folder, directory) = opened();
    let path = folder.path().join("a");
    certificate(1, "a").save_public(&path).unwrap();
    make_old(&path);
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    assert!(knows(&directory, 1));
    let beside = folder.path().join("_secret");
    certificate(2, "a").save_public(&beside).unwrap();
    fs::write(&path, fs::read(beside).unwrap()).unwrap();
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    assert!(!knows(&directory, 1) && knows(&directory, 2));
}

#[test]
fn what_has_not_changed_is_not_read_again() {
    let (folder, directory) = opened();
    let path = folder.path().join("a");
    certificate(1, "a").save_public(&path).unwrap();
    let first = directory.certificate(&key(1)).unwrap();
    // Until its last change is two seconds ago, it is.
    let begin = Instant::now();
    let settled = loop {
        assert!(begin.elapsed() < Duration::from_secs(30));
        let again = directory.certificate(&key(1)).unwrap();
        let once_more = directory.certificate(&key(1)).unwrap();
        if Arc::ptr_eq(&again, &once_more) {
            break again;
        }
        thread::sleep(Duration::from_millis(100));
    };
    assert!(!Arc::ptr_eq(&first, &settled));
    assert!(Arc::ptr_eq(&settled, &directory.certificates()[0]));
    // Another file does not change that, and `refresh` does.
    certificate(2, "b")
        .save_public(folder.path().join("b"))
        .unwrap();
    assert!(knows(&directory, 2));
    assert!(Arc::ptr_eq(
        &settled,
        &directory.certificate(&key(1)).unwrap()
    ));
    directory.refresh().unwrap();
    assert!(!Arc::ptr_eq(
        &settled,
        &directory.certificate(&key(1)).unwrap()
    ));
}

#[test]
fn a_broken_file_hides_no_other_and_is_reported() {
    let (folder, directory) = opened();
    certificate(1, "a")
        .save_public(folder.path().join("a"))
        .unwrap();
    fs::write(folder.path().join("b"), "curve\n    public-key = \"?\"\n").unwrap();
    fs::write(folder.path().join("c"), [0xFF; 100]).unwrap();
    fs::write(folder.path().join("d"), [b'#'; 100_000]).unwrap();
    fs::write(folder.path().join("e"), "").unwrap();
    certificate(6, "f")
        .save_public(folder.path().join("f"))
        .unwrap();
    assert!(knows(&directory, 1) && knows(&directory, 6));
    let problems = directory.problems();
    let names: Vec<_> = problems
        .iter()
        .map(|problem| problem.path().unwrap())
        .collect();
    assert_eq!(
        names,
        ["b", "c", "d", "e"].map(|name| folder.path().join(name))
    );
    assert!(matches!(
        *problems[0],
        CertificateError::Malformed { line: 2, .. }
    ));

    // Once it is put right, it is known, and the report is gone.
    certificate(2, "b")
        .save_public(folder.path().join("b"))
        .unwrap();
    assert!(knows(&directory, 2));
    assert_eq!(directory.problems().len(), 3);
    // And when it breaks, it is known no more.
    fs::write(folder.path().join("a"), "x = ").unwrap();
    fs::write(folder.path().join("f"), "  y").unwrap();
    assert!(!knows(&directory, 1) && !knows(&directory, 6));
    assert_eq!(directory.certificates().len(), 1);
}

#[test]
fn secret_and_hidden_files_do_not_count_and_folders_do() {
    let (folder, directory) = opened();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("team/ours")).unwrap();
    fs::create_dir(at(".git")).unwrap();
    for (number, name) in [
        (1, "a_secret"),
        (2, ".b"),
        (3, ".git/c"),
        (4, "team/d"),
        (5, "team/ours/e.key"),
        (6, "team/f_secret"),
        (7, "_secrets"),
    ] {
        certificate(number, name).save_public(at(name)).unwrap();
    }
    let known: Vec<u8> = (1..=7)
        .filter(|&number| knows(&directory, number))
        .collect();
    assert_eq!(known, [4, 5, 7]);
    assert!(directory.problems().is_empty());
}

#[test]
fn no_secret_key_is_kept() {
    const SECRET: &str = "\"D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs\"";
    const PUBLIC: &str = "\"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\"";
    let (folder, directory) = opened();
    let text = format!("curve\n    public-key = {PUBLIC}\n    secret-key = {SECRET}\n");
    fs::write(folder.path().join("a"), &text).unwrap();
    fs::write(folder.path().join("a_secret"), &text).unwrap();
    let [known] = &directory.certificates()[..] else {
        panic!("one certificate");
    };
    assert!(known.secret_key().is_none());
}

#[test]
fn of_two_files_with_the_same_key_the_first_counts_and_the_other_is_reported() {
    let (folder, directory) = opened();
    let at = |name: &str| folder.path().join(name);
    certificate(1, "second").save_public(at("b")).unwrap();
    assert_eq!(
        directory.certificate(&key(1)).unwrap().meta("name"),
        Some("second")
    );
    certificate(1, "first").save_public(at("a")).unwrap();
    assert_eq!(
        directory.certificate(&key(1)).unwrap().meta("name"),
        Some("first")
    );
    let [problem] = &directory.problems()[..] else {
        panic!("one problem");
    };
    let CertificateError::Duplicate { path, first, .. } = &**problem else {
        panic!("{problem}");
    };
    assert_eq!((path, first), (&at("b"), &at("a")));
    assert_eq!(directory.certificates().len(), 1);
    fs::remove_file(at("a")).unwrap();
    assert_eq!(
        directory.certificate(&key(1)).unwrap().meta("name"),
        Some("second")
    );
    assert!(directory.problems().is_empty());
}

#[test]
fn in_a_directory_that_vanishes_nobody_is_known_until_it_is_back() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("clients");
    let error = CertificateDirectory::open(&path).unwrap_err();
    assert!(matches!(error, CertificateError::Io { .. }), "{error}");

    fs::create_dir(&path).unwrap();
    certificate(1, "a").save_public(path.join("a")).unwrap();
    let directory = CertificateDirectory::open(&path).unwrap();
    assert!(knows(&directory, 1));

    let away = parent.path().join("away");
    fs::rename(&path, &away).unwrap();
    for _ in 0..3 {
        assert!(!knows(&directory, 1));
        assert!(directory.certificates().is_empty());
        let problems = directory.problems();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].path(), Some(&*path));
    }
    directory.refresh().unwrap_err();
    fs::rename(&away, &path).unwrap();
    assert!(knows(&directory, 1));
    assert!(directory.problems().is_empty());

    // A file in its place is no directory.
    fs::rename(&path, &away).unwrap();
    fs::copy(away.join("a"), &path).unwrap();
    assert!(!knows(&directory, 1));
}

#[cfg(unix)]
#[test]
fn links_to_files_count_and_what_is_no_file_is_not_waited_for() {
    use std::os::unix::fs::symlink;
    let elsewhere = tempfile::tempdir().unwrap();
    certificate(1, "a")
        .save_public(elsewhere.path().join("a"))
        .unwrap();
    let (folder, directory) = opened();
    symlink(elsewhere.path().join("a"), folder.path().join("a")).unwrap();
    symlink("nowhere", folder.path().join("b")).unwrap();
    symlink(".", folder.path().join("round")).unwrap();
    // Reading one would wait for who writes to it.
    let socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    assert!(knows(&directory, 1));
    assert!(directory.problems().is_empty());
    drop(socket);

    // A link that leads to itself could be to a certificate.
    let ring = folder.path().join("ring");
    symlink("ring", &ring).unwrap();
    assert!(knows(&directory, 1));
    let problems = directory.problems();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path(), Some(&*ring));

    // The link stays the same, and what it leads to changes.
    certificate(2, "a")
        .save_public(elsewhere.path().join("a"))
        .unwrap();
    assert!(!knows(&directory, 1) && knows(&directory, 2));
}

#[test]
fn threads_ask_while_the_directory_changes() {
    let (folder, directory) = opened();
    certificate(1, "stays")
        .save_public(folder.path().join("a"))
        .unwrap();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert!(knows(&directory, 1));
                    let known = directory.certificate(&key(2));
                    assert!(known.is_none_or(|known| known.meta("name") == Some("comes and goes")));
                }
            });
        }
        for _ in 0..50 {
            let path = folder.path().join("b");
            certificate(2, "comes and goes").save_public(&path).unwrap();
            fs::remove_file(path).unwrap();
        }
    });
    assert!(directory.problems().is_empty());
}
