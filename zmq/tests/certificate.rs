//! Certificates come through files whole, what is no certificate is refused with its line, and secret
//! keys are never where others can read them.

use std::error::Error as _;
use std::fs;
use std::io;
use std::path::Path;

use zmq::curve::{Certificate, CertificateError, KeyPair, PublicKey};
use zmq::{Capability, ErrorKind};

/// zmq_curve(7), "Test key values": the client's pair, public before secret.
const PUBLIC: &str = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
const SECRET: &str = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
/// A public key with every character that means something in the format.
const AWKWARD: &str = "0####0=##=1[]{}2@%$#3&<>(4)!/*5?^+:6-#=.";

fn known() -> Certificate {
    let mut certificate = Certificate::from(KeyPair {
        public: PUBLIC.parse().unwrap(),
        secret: SECRET.parse().unwrap(),
    });
    certificate.set_meta("name", "Alice").unwrap();
    certificate
        .set_meta("email", "alice@example.org # work")
        .unwrap();
    certificate
}

fn written(text: impl AsRef<[u8]>) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.cert");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn read(text: impl AsRef<[u8]>) -> Result<Certificate, CertificateError> {
    let (_folder, path) = written(text);
    Certificate::load(path)
}

#[track_caller]
fn refused_at(text: impl AsRef<[u8]>, expected: usize, words: &str) {
    let (_folder, path) = written(&text);
    let error = Certificate::load(&path).unwrap_err();
    let CertificateError::Malformed { line, rule, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*line, expected, "{error}");
    assert!(rule.contains(words), "{error}");
    assert_eq!(error.path(), Some(&*path));
    let shown = error.to_string();
    assert!(
        shown.starts_with(&format!("{}:{expected}: ", path.display())),
        "{shown}"
    );
}

// ---- writing -------------------------------------------------------------------------------------

#[test]
fn a_saved_pair_is_two_files_that_load_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alice.txt");
    known().save(&path).unwrap();

    assert_eq!(known().secret_key(), Some(&SECRET.parse().unwrap()));
    assert_eq!(Certificate::load(&path).unwrap(), known());
    assert_eq!(
        Certificate::load(folder.path().join("alice.txt_secret")).unwrap(),
        known()
    );
    let public = Certificate::load_public(&path).unwrap();
    assert_eq!(public.public_key(), known().public_key());
    assert!(public.metadata().eq(known().metadata()));
    assert!(public.secret_key().is_none() && public.key_pair().is_none());
    assert!(
        Certificate::load_public(folder.path().join("alice.txt_secret"))
            .unwrap()
            .secret_key()
            .is_none()
    );

    // Nothing else lies there.
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["alice.txt", "alice.txt_secret"]);
}

#[test]
fn the_files_are_what_czmq_writes_but_for_their_comments() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alice.txt");
    known().save(&path).unwrap();
    let text = |name| {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        let (comments, rest) = text.split_once("\n\n").unwrap();
        assert!(comments.lines().all(|line| line.starts_with('#')));
        rest.to_owned()
    };
    let public = format!(
        "metadata\n    name = \"Alice\"\n    email = \"alice@example.org # work\"\n\
         curve\n    public-key = \"{PUBLIC}\"\n"
    );
    assert_eq!(text("alice.txt"), public);
    let secret = format!("{public}    secret-key = \"{SECRET}\"\n");
    assert_eq!(text("alice.txt_secret"), secret);
}

#[cfg(unix)]
#[test]
fn the_secret_file_is_readable_by_its_owner_alone_whatever_was_there_before() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (path, secret) = (folder.path().join("a"), folder.path().join("a_secret"));
    let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
    known().save(&path).unwrap();
    assert_eq!(mode(&secret), 0o600);

    // An old file that all can read, and one that somebody holds open.
    fs::write(&secret, "old").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o666)).unwrap();
    let spy = fs::File::open(&secret).unwrap();
    known().save(&path).unwrap();
    assert_eq!(mode(&secret), 0o600);
    assert_eq!(io::read_to_string(spy).unwrap(), "old");

    // A link that leads out of the folder is replaced, and not followed.
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "untouched").unwrap();
    fs::remove_file(&secret).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &secret).unwrap();
    known().save(&path).unwrap();
    assert_eq!(mode(&secret), 0o600);
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "untouched");
    assert_eq!(Certificate::load(&path).unwrap(), known());
}

#[test]
fn what_cannot_be_saved_leaves_the_files_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alice.txt");
    known().save(&path).unwrap();

    let public = Certificate::from(known().public_key());
    let error = public.save(&path).unwrap_err();
    assert!(
        matches!(error, CertificateError::NoSecretKey { .. }),
        "{error}"
    );

    let mut long = known();
    for index in 0..40 {
        long.set_meta(&format!("note-{index}"), &"x".repeat(1000))
            .unwrap();
    }
    let error = long.save(&path).unwrap_err();
    assert!(matches!(error, CertificateError::TooLong { .. }), "{error}");

    if zmq::has(Capability::Curve) {
        let torn = Certificate::from(KeyPair {
            public: AWKWARD.parse().unwrap(),
            secret: SECRET.parse().unwrap(),
        });
        let error = torn.save(&path).unwrap_err();
        assert!(
            matches!(error, CertificateError::TornPair { .. }),
            "{error}"
        );
    }
    assert_eq!(Certificate::load(&path).unwrap(), known());

    // The secret cannot be put in the place of a folder: the public file does not come either.
    let path = folder.path().join("bob.txt");
    fs::create_dir(folder.path().join("bob.txt_secret")).unwrap();
    let error = known().save(&path).unwrap_err();
    assert!(matches!(error, CertificateError::Io { .. }), "{error}");
    assert!(!path.exists());
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 3, "something was left behind");

    for nameless in ["", "/", ".."] {
        known().save_public(nameless).unwrap_err();
    }
    let nowhere = folder.path().join("nowhere/at/all");
    assert_eq!(
        known().save(nowhere).unwrap_err().kind(),
        ErrorKind::Other(libc_enoent())
    );
}

/// `ENOENT` of this system.
fn libc_enoent() -> i32 {
    let error = fs::read("no such file at all").unwrap_err();
    error.raw_os_error().unwrap()
}

// ---- metadata ------------------------------------------------------------------------------------

#[test]
fn metadata_keeps_its_order_and_comes_through_a_file() {
    let texts = [
        ("z", ""),
        ("a", " spaces around "),
        ("quotes", "\"double\""),
        ("apostrophe", "it's"),
        ("comment", "# none"),
        ("unicode", "Zoë \u{1F511}"),
        ("$-_@.&+/x", "tab\tin it"),
        ("A/b", "= \\n {}"),
    ];
    let mut certificate = known();
    assert_eq!(certificate.unset_meta("name").as_deref(), Some("Alice"));
    certificate.unset_meta("email");
    for (name, text) in texts {
        certificate.set_meta(name, "first").unwrap();
        certificate.set_meta(name, text).unwrap();
    }
    assert!(certificate.metadata().eq(texts));
    assert_eq!(certificate.meta("a"), Some(" spaces around "));
    assert_eq!(certificate.meta("b"), None);
    assert_eq!(certificate.unset_meta("b"), None);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cert");
    certificate.save(&path).unwrap();
    assert!(Certificate::load(&path).unwrap().metadata().eq(texts));
}

#[test]
fn metadata_that_the_format_cannot_hold_is_refused() {
    let mut certificate = known();
    // A line of 1024 bytes is the longest.
    let long = "x".repeat(1012);
    known().set_meta("name", &long[1..]).unwrap();
    for (name, text) in [
        ("", "x"),
        ("two words", "x"),
        ("a=b", "x"),
        ("#a", "x"),
        ("é", "x"),
        ("/a", "x"),
        ("a/", "x"),
        ("line\n", "x"),
        ("name", "two\nlines"),
        ("name", "return\r"),
        ("name", "\0"),
        ("name", "both \" and '"),
        ("name", &*long),
    ] {
        let error = certificate.set_meta(name, text).unwrap_err();
        assert!(
            matches!(error, CertificateError::Metadata { .. }),
            "{error}"
        );
        assert_eq!(
            (error.kind(), error.path()),
            (ErrorKind::InvalidInput, None)
        );
    }
    assert_eq!(certificate, known());
}

// ---- reading -------------------------------------------------------------------------------------

#[test]
fn what_others_write_is_read() {
    let key: PublicKey = PUBLIC.parse().unwrap();
    for text in [
        format!("curve\n    public-key = \"{PUBLIC}\"\n"),
        format!("curve\n    public-key = \"{PUBLIC}\""),
        format!("curve\n    public-key='{PUBLIC}'   # comment\n"),
        format!("\u{FEFF}metadata\r\ncurve\r\n    public-key = \"{PUBLIC}\"\r\n"),
        format!(
            "curve  # keys\n\n   # oddly indented comment\n\t# and a tab\n    public-key\t=\t\"{PUBLIC}\"\n"
        ),
        format!(
            "other\n    deep\n        public-key = \"x\"\n    name\ncurve\n    more = 1\n        and = 2\n    public-key = \"{PUBLIC}\"\nlast = 1\n"
        ),
        // What czmq writes where there is no secret key.
        format!(
            "curve\n    public-key = \"{PUBLIC}\"\n    secret-key = \"{}\"\n",
            "0".repeat(40)
        ),
    ] {
        let certificate = read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(certificate, Certificate::from(key), "{text}");
    }
    // Comments may be in any encoding.
    let mut text = b"# Zo\xEB\ncurve\n    public-key = \"".to_vec();
    text.extend_from_slice(PUBLIC.as_bytes());
    text.extend_from_slice(b"\"\n");
    assert_eq!(read(text).unwrap().public_key(), key);
}

#[test]
fn a_key_of_any_characters_stands_in_quotes() {
    let key: PublicKey = AWKWARD.parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("awkward");
    Certificate::from(key).save_public(&path).unwrap();
    assert_eq!(Certificate::load(&path).unwrap().public_key(), key);
}

#[test]
fn metadata_without_quotes_ends_at_a_comment() {
    let text = format!(
        "metadata\n    name = Alice A. # she\n    empty =\n    none\n    both = it's \"so\"\n\
         curve\n    public-key = \"{PUBLIC}\"\n"
    );
    let certificate = read(text).unwrap();
    let both = ("both", "it's \"so\"");
    assert!(
        certificate
            .metadata()
            .eq([("name", "Alice A."), ("empty", ""), ("none", ""), both])
    );
    // What can be read and not be written.
    let folder = tempfile::tempdir().unwrap();
    let error = certificate
        .save_public(folder.path().join("x"))
        .unwrap_err();
    assert!(
        matches!(error, CertificateError::Metadata { .. }),
        "{error}"
    );
}

#[test]
fn a_malformed_file_is_refused_with_its_line_and_rule() {
    let key = format!("    public-key = \"{PUBLIC}\"\n");
    refused_at("", 1, "has a `public-key`");
    refused_at("metadata\n    a = \"b\"\n", 3, "has a `public-key`");
    refused_at(format!("metadata\n{key}"), 3, "has a `public-key`");
    refused_at(&key, 1, "one level more");
    refused_at(format!("curve\n{key}{key}"), 3, "one `public-key`");
    refused_at(format!("curve\n  {}", key.trim_start()), 2, "four spaces");
    refused_at(format!("curve\n\t{}", key.trim_start()), 2, "four spaces");
    refused_at(
        format!("curve\n    \t{}", key.trim_start()),
        2,
        "four spaces",
    );
    refused_at(format!("curve\n    {key}"), 2, "one level more");
    refused_at(
        format!("curve\n    public-key = \"{PUBLIC}\n"),
        2,
        "quote at the end",
    );
    refused_at(
        format!("curve\n    public-key = \"{PUBLIC}\" x\n"),
        2,
        "only a comment",
    );
    refused_at(
        format!("curve\n    public-key \"{PUBLIC}\"\n"),
        2,
        "followed by `=`",
    );
    refused_at("curve\n    = \"x\"\n", 2, "a name is made of");
    refused_at("curve\n    /x = \"x\"\n", 2, "neither begins");
    refused_at("-----BEGIN PUBLIC KEY-----\n", 1, "followed by `=`");
    refused_at("\u{1F511}", 1, "a name is made of");
    for bad in [
        &PUBLIC[1..],
        &format!("{PUBLIC}0"),
        "",
        &PUBLIC.replace('Y', "~"),
        &"#".repeat(40),
    ] {
        refused_at(
            format!("curve\n    public-key = \"{bad}\"\n"),
            2,
            "40 characters of Z85",
        );
        let secret = format!("curve\n{key}    secret-key = \"{bad}\"\n");
        refused_at(secret, 3, "40 characters of Z85");
    }
    refused_at(
        format!("curve\n    public-key = {AWKWARD}\n"),
        2,
        "in quotes",
    );
    refused_at(
        format!("curve\n    public-key = \"{}\"", "0".repeat(40)),
        2,
        "all zeros",
    );
    let secret = format!("    secret-key = \"{SECRET}\"\n");
    refused_at(
        format!("curve\n{key}{secret}{secret}"),
        4,
        "one `secret-key`",
    );
    refused_at(
        format!("metadata\n    a = 1\n    a = 2\ncurve\n{key}"),
        3,
        "only once",
    );
    refused_at("metadata\n    a = \"\x1b[2J\"\n", 2, "control characters");
    refused_at(b"metadata\n    a = \"Zo\xEB\"\n", 2, "UTF-8");
}

#[test]
fn files_that_cannot_be_certificates_end_quickly() {
    let error = read(vec![b'#'; 16 * 1024 + 1]).unwrap_err();
    assert!(matches!(error, CertificateError::TooLong { .. }), "{error}");
    let mut text = format!("curve\n    public-key = \"{PUBLIC}\"\n").into_bytes();
    text.resize(16 * 1024, b'\n');
    read(text).unwrap();
    if cfg!(unix) {
        let error = Certificate::load_public("/dev/zero").unwrap_err();
        assert!(matches!(error, CertificateError::TooLong { .. }), "{error}");
    }
    assert!(Certificate::load(tempfile::tempdir().unwrap().path()).is_err());
}

#[test]
fn the_secret_file_comes_first_and_is_not_passed_over_when_it_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alice");
    let secret = folder.path().join("alice_secret");
    let other = Certificate::from(AWKWARD.parse::<PublicKey>().unwrap());
    other.save_public(&path).unwrap();
    assert_eq!(Certificate::load(&path).unwrap(), other);
    known().save_secret(&secret).unwrap();
    assert_eq!(Certificate::load(&path).unwrap(), known());
    assert_eq!(Certificate::load_public(&path).unwrap(), other);

    fs::write(&secret, "garbage!").unwrap();
    let error = Certificate::load(&path).unwrap_err();
    assert_eq!(error.path(), Some(&*secret));
    // Nor when it cannot be read.
    fs::remove_file(&secret).unwrap();
    fs::create_dir(&secret).unwrap();
    let error = Certificate::load(&path).unwrap_err();
    assert!(matches!(error, CertificateError::Io { .. }), "{error}");
    assert_eq!(error.path(), Some(&*secret));
    fs::remove_dir(&secret).unwrap();
    // With the secret file alone, there is a certificate too.
    fs::remove_file(&path).unwrap();
    known().save_secret(&secret).unwrap();
    assert_eq!(Certificate::load(&path).unwrap(), known());
}

#[test]
fn a_secret_key_of_another_public_one_is_refused() {
    if !zmq::has(Capability::Curve) {
        return;
    }
    let error = read(format!(
        "curve\n    public-key = \"{AWKWARD}\"\n    secret-key = \"{SECRET}\"\n"
    ));
    let error = error.unwrap_err();
    assert!(
        matches!(error, CertificateError::TornPair { .. }),
        "{error}"
    );
}

// ---- errors --------------------------------------------------------------------------------------

#[test]
fn errors_become_those_of_the_crate_and_of_std() {
    let (_folder, path) = written("curve\n    public-key = x\n");
    let place = format!("{}:2", path.display());
    let error: zmq::Error = Certificate::load(&path).unwrap_err().into();
    assert_eq!(
        (error.call(), error.kind()),
        ("certificate", ErrorKind::InvalidInput)
    );
    assert_eq!(error.subject(), Some(&*place));
    assert!(
        error.to_string().contains("40 characters of Z85"),
        "{error}"
    );
    let error: io::Error = Certificate::load(&path).unwrap_err().into();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert!(error.to_string().contains(&place), "{error}");

    let exposed = || CertificateError::Exposed {
        path: path.clone(),
        mode: 0o644,
    };
    assert_eq!(exposed().kind(), ErrorKind::PermissionDenied);
    assert_eq!(
        io::Error::from(exposed()).kind(),
        io::ErrorKind::PermissionDenied
    );
    let unfit = known().set_meta("", "x").unwrap_err();
    assert_eq!(io::Error::from(unfit).kind(), io::ErrorKind::InvalidInput);

    let missing = path.with_file_name("missing");
    let error = Certificate::load(&missing).unwrap_err();
    assert!(error.source().is_some());
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::NotFound);
    let error: zmq::Error = Certificate::load(&missing).unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::Other(libc_enoent()));
    assert!(!error.to_string().contains("endpoint"), "{error}");
}

#[test]
fn nothing_shows_a_secret() {
    let shown = format!("{:?} {:#?}", known(), known());
    assert!(shown.contains(PUBLIC) && !shown.contains(SECRET), "{shown}");
    for text in [
        format!("curve\n    secret-key = \"{SECRET}\n"),
        format!("curve\n    secret-key = \"{SECRET}\" {SECRET}\n"),
        format!("curve\n    secret-key = \"{SECRET}0\"\n"),
        format!("curve\n    secret-key {SECRET}\n"),
        format!("curve\n    {SECRET}\n"),
        format!("curve\n    public-key = \"{AWKWARD}\"\n    secret-key = \"{SECRET}\"\n"),
    ] {
        let Err(error) = read(&text) else {
            assert!(!zmq::has(Capability::Curve), "{text}");
            continue;
        };
        let shown = format!("{error} {error:?}");
        for start in 0..=SECRET.len() - 6 {
            assert!(!shown.contains(&SECRET[start..start + 6]), "{shown}");
        }
    }
}

#[test]
fn new_certificates_differ() {
    let made = Certificate::new();
    if !zmq::has(Capability::Curve) {
        assert_eq!(
            made.unwrap_err().kind(),
            ErrorKind::MissingCapability(Capability::Curve)
        );
        return;
    }
    let certificate = made.unwrap();
    assert_ne!(certificate, Certificate::new().unwrap());
    let pair = certificate.key_pair().unwrap();
    assert_eq!(pair.secret.public_key().unwrap(), certificate.public_key());
}
