//! Z85 is what RFC 32 and libzmq say it is; keys come through whole, and nothing malformed gets as
//! far as libzmq, which would write past its buffers.

use std::collections::HashSet;
use std::ffi::{CStr, CString};
use std::thread;

use zmq::curve::{KeyPair, PublicKey, SecretKey, SecretText};
use zmq::{Capability, Error, ErrorKind, z85};

/// RFC 32, "Test case".
const RFC_BYTES: [u8; 8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B];
const RFC_TEXT: &str = "HelloWorld";

/// zmq_curve(7), "Test key values": the client's and the server's pair, public before secret.
const PAIRS: [[&str; 2]; 2] = [
    [
        "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
        "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
    ],
    [
        "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
        "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
    ],
];

/// The same numbers in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// What libzmq makes of these bytes.
fn libzmq_encode(bytes: &[u8]) -> Option<String> {
    let mut text = vec![0_u8; bytes.len() * 5 / 4 + 1];
    // SAFETY: `text` has room for the characters and a NUL, `bytes` is as long as is said.
    let done =
        unsafe { zmq_sys::zmq_z85_encode(text.as_mut_ptr().cast(), bytes.as_ptr(), bytes.len()) };
    if done.is_null() {
        return None;
    }
    let text = CStr::from_bytes_until_nul(&text).expect("a NUL");
    Some(text.to_str().expect("ASCII").to_owned())
}

/// What libzmq makes of this text.
fn libzmq_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![0; text.len() * 4 / 5];
    let text = CString::new(text).expect("no NUL");
    // SAFETY: `bytes` has room for four fifths of the text, which ends with a NUL.
    let done = unsafe { zmq_sys::zmq_z85_decode(bytes.as_mut_ptr(), text.as_ptr()) };
    (!done.is_null()).then_some(bytes)
}

#[track_caller]
fn refused<T>(result: Result<T, Error>, call: &str, subject: &str) -> Error {
    let Err(error) = result else {
        panic!("taken instead of refused at {subject}");
    };
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.call(), call);
    assert_eq!(error.subject(), Some(subject));
    error
}

// ---- Z85 -----------------------------------------------------------------------------------------

#[test]
fn the_test_case_of_rfc_32_holds() {
    assert_eq!(z85::encode(&RFC_BYTES).unwrap(), RFC_TEXT);
    assert_eq!(z85::decode(RFC_TEXT).unwrap(), RFC_BYTES);
}

#[test]
fn nothing_is_the_empty_text_and_back() {
    assert_eq!(z85::encode(&[]).unwrap(), "");
    assert_eq!(z85::decode("").unwrap(), []);
}

#[test]
fn bytes_become_the_text_that_libzmq_makes_of_them() {
    let mut numbers = Numbers(1);
    for _ in 0..2000 {
        let len = numbers.below(64);
        let bytes = numbers.bytes(len);
        let ours = z85::encode(&bytes).ok();
        assert_eq!(ours, libzmq_encode(&bytes), "{bytes:?}");
        if let Some(text) = ours {
            assert_eq!(z85::decode(&text).unwrap(), bytes);
            if !text.is_empty() {
                assert_eq!(libzmq_decode(&text), Some(bytes));
            }
        }
    }
}

#[test]
fn every_character_is_taken_or_refused_as_by_libzmq() {
    for character in (1..=0x7F_u8).map(char::from) {
        for place in 0..5 {
            let mut text = ['0'; 5];
            text[place] = character;
            let text = String::from_iter(text);
            assert_eq!(z85::decode(&text).ok(), libzmq_decode(&text), "{text:?}");
        }
    }
}

#[test]
fn random_texts_are_taken_or_refused_as_by_libzmq() {
    let mut numbers = Numbers(2);
    let mut taken = 0;
    for _ in 0..20_000 {
        // Printable characters, most of them of the alphabet, in one group, two or one and a bit.
        let len = [5, 5, 5, 10, 10, 7][numbers.below(6)];
        let text: String = (0..len)
            .map(|_| char::from(b'!' + numbers.below(94) as u8))
            .collect();
        let ours = z85::decode(&text).ok();
        taken += usize::from(ours.is_some());
        assert_eq!(ours, libzmq_decode(&text), "{text:?}");
    }
    assert!(taken > 1000, "only {taken} texts were good");
}

#[test]
fn five_characters_above_32_bits_are_refused_as_by_libzmq() {
    assert_eq!(z85::decode("%nSc0").unwrap(), [0xFF; 4]);
    assert_eq!(libzmq_decode("%nSc0"), Some(vec![0xFF; 4]));
    for text in ["%nSc1", "%nSd0", "%nT00", "%o000", "$0000", "#####"] {
        refused(z85::decode(text), "zmq_z85_decode", "index 0 to 4");
        assert_eq!(libzmq_decode(text), None, "{text}");
    }
    refused(z85::decode("00000%nSc1"), "zmq_z85_decode", "index 5 to 9");
}

#[test]
fn a_length_that_makes_no_whole_groups_is_refused() {
    for len in [1, 2, 3, 5, 31, 33] {
        let error = refused(
            z85::encode(&vec![0; len]),
            "zmq_z85_encode",
            &format!("{len} bytes"),
        );
        assert!(error.to_string().contains("multiple of 4"), "{error}");
    }
    for len in [1, 4, 6, 9, 39, 41] {
        let error = refused(
            z85::decode(&"0".repeat(len)),
            "zmq_z85_decode",
            &format!("{len} bytes"),
        );
        assert!(error.to_string().contains("multiple of 5"), "{error}");
    }
}

#[test]
fn a_foreign_character_is_refused_with_its_index() {
    for (text, index) in [
        (" 0000", 0),
        ("0\"000", 1),
        ("00'00", 2),
        ("000\\0", 3),
        ("0000\n", 4),
        ("0000000~00", 7),
        ("\0\0\0\0\0", 0),
        ("0000\0", 4),
        ("00000000é", 8),
        ("0000€000", 4),
        ("\u{7f}0000", 0),
    ] {
        let subject = format!("index {index}");
        let error = refused(z85::decode(text), "zmq_z85_decode", &subject);
        assert!(error.to_string().contains("alphabet"), "{error}");
    }
}

// ---- keys as text --------------------------------------------------------------------------------

#[test]
fn a_key_of_another_length_than_40_is_refused() {
    for len in [0, 1, 5, 32, 35, 39, 41, 45, 80, 400, 2000] {
        let text = "0".repeat(len);
        let subject = format!("{len} bytes");
        let error = refused(text.parse::<PublicKey>(), "zmq_z85_decode", &subject);
        assert!(error.to_string().contains("40 characters"), "{error}");
        refused(text.parse::<SecretKey>(), "zmq_z85_decode", &subject);
    }
}

#[test]
fn a_key_with_anything_foreign_in_it_is_refused() {
    let good = PAIRS[0][1];
    for (foreign, index) in [("\0", 39), ("\n", 39), ("é", 38), ("€", 37), ("\"", 39)] {
        let text = format!("{}{foreign}", &good[..index]);
        assert_eq!(text.len(), 40);
        let subject = format!("index {index}");
        refused(text.parse::<PublicKey>(), "zmq_z85_decode", &subject);
        refused(text.parse::<SecretKey>(), "zmq_z85_decode", &subject);
    }
    // libzmq would take the part before the NUL, and read the rest of the key from its stack.
    let text = format!("{}\0{}", &good[..20], &good[21..]);
    refused(text.parse::<SecretKey>(), "zmq_z85_decode", "index 20");
    let text = format!("{}#####", &good[..35]);
    refused(
        text.parse::<PublicKey>(),
        "zmq_z85_decode",
        "index 35 to 39",
    );
    refused(
        text.parse::<SecretKey>(),
        "zmq_z85_decode",
        "index 35 to 39",
    );
}

#[test]
fn no_error_quotes_the_text_of_a_key() {
    let secret = PAIRS[0][1];
    for text in [
        format!("{secret}{secret}"),
        format!("{secret}\n"),
        secret[1..].to_owned(),
        format!("{}~", &secret[..39]),
        format!("{}#####", &secret[..35]),
    ] {
        let error = text.parse::<SecretKey>().unwrap_err();
        for shown in [
            format!("{error}"),
            format!("{error:?}"),
            format!("{error:#?}"),
        ] {
            for start in 0..=text.len() - 4 {
                let part = &text[start..start + 4];
                assert!(!shown.contains(part), "{part:?} stands in {shown}");
            }
        }
    }
}

#[test]
fn keys_come_back_from_their_text() {
    for [public, secret] in PAIRS {
        let public_key: PublicKey = public.parse().unwrap();
        assert_eq!(public_key.to_string(), public);
        assert_eq!(format!("{public_key:?}"), format!("PublicKey({public})"));
        assert_eq!(format!("{public_key:>42}"), format!("  {public}"));
        assert_eq!(z85::decode(public).unwrap(), public_key.as_bytes());
        assert_eq!(PublicKey::from(*public_key.as_bytes()), public_key);

        let secret_key: SecretKey = secret.parse().unwrap();
        assert_eq!(secret_key.to_z85().as_str(), secret);
        assert_eq!(z85::decode(secret).unwrap(), secret_key.as_bytes());
        assert_eq!(SecretKey::from_bytes(secret_key.as_bytes()), secret_key);
    }
}

#[test]
fn public_keys_are_ordered_by_their_bytes_and_can_be_looked_up() {
    let mut numbers = Numbers(3);
    let mut bytes: Vec<[u8; 32]> = (0..100)
        .map(|_| numbers.bytes(32).try_into().unwrap())
        .collect();
    let mut keys: Vec<PublicKey> = bytes.iter().copied().map(PublicKey::from_bytes).collect();
    let known: HashSet<PublicKey> = keys.iter().copied().collect();
    assert_eq!(known.len(), 100);
    assert!(keys.iter().all(|key| known.contains(key)));
    bytes.sort();
    keys.sort();
    assert!(keys.iter().map(PublicKey::as_bytes).eq(&bytes));
}

#[test]
fn secret_keys_differ_when_any_bit_does() {
    let bytes: [u8; 32] = Numbers(4).bytes(32).try_into().unwrap();
    let key = SecretKey::from_bytes(&bytes);
    assert_eq!(key, SecretKey::from_bytes(&bytes));
    for bit in 0..256 {
        let mut other = bytes;
        other[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(key, SecretKey::from_bytes(&other), "bit {bit}");
        other[31 - bit / 8] ^= 1 << (bit % 8);
        assert_ne!(key, SecretKey::from_bytes(&other), "bit {bit} of two bytes");
    }
}

#[test]
fn debug_of_a_secret_shows_nothing_of_it() {
    let [public, secret] = PAIRS[1];
    let pair = KeyPair {
        public: public.parse().unwrap(),
        secret: secret.parse().unwrap(),
    };
    assert_eq!(format!("{:?}", pair.secret), "SecretKey(..)");
    assert_eq!(format!("{:#?}", pair.secret), "SecretKey(..)");
    assert_eq!(format!("{:?}", pair.secret.to_z85()), "SecretText(..)");
    assert_eq!(
        format!("{pair:?}"),
        format!("KeyPair {{ public: PublicKey({public}), secret: SecretKey(..) }}")
    );
}

#[test]
fn secrets_are_no_larger_than_a_pointer_so_that_a_move_leaves_no_copy() {
    assert_eq!(size_of::<SecretKey>(), size_of::<usize>());
    assert_eq!(size_of::<SecretText>(), size_of::<usize>());
}

#[test]
fn keys_go_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<KeyPair>();
    shared::<SecretText>();
}

// ---- made by libzmq ------------------------------------------------------------------------------

#[test]
fn without_curve_the_error_says_so() {
    let secret = SecretKey::from_bytes(&[7; 32]);
    for (call, error) in [
        ("zmq_curve_keypair", KeyPair::new().err()),
        ("zmq_curve_public", secret.public_key().err()),
    ] {
        if zmq::has(Capability::Curve) {
            assert_eq!(error, None);
            continue;
        }
        let error = error.expect("no CURVE");
        let missing = ErrorKind::MissingCapability(Capability::Curve);
        assert_eq!(error.kind(), missing);
        assert_eq!(error.call(), call);
        let text = error.to_string();
        assert!(text.contains("`vendored` and `curve`"), "{text}");
    }
}

#[test]
fn a_new_pair_belongs_together_and_is_like_no_other() {
    if !zmq::has(Capability::Curve) {
        return;
    }
    let mut seen = HashSet::new();
    for _ in 0..50 {
        let pair = KeyPair::new().unwrap();
        assert_eq!(pair.secret.public_key().unwrap(), pair.public);
        assert_ne!(pair.secret.as_bytes(), pair.public.as_bytes());
        assert!(seen.insert(*pair.secret.as_bytes()));
        assert!(seen.insert(*pair.public.as_bytes()));

        let public = pair.public.to_string();
        assert_eq!(public.parse::<PublicKey>().unwrap(), pair.public);
        let secret = pair.secret.to_z85();
        assert_eq!(secret.as_str().parse::<SecretKey>().unwrap(), pair.secret);
    }
}

#[test]
fn the_public_keys_of_the_manual_belong_to_its_secret_ones() {
    if !zmq::has(Capability::Curve) {
        return;
    }
    for [public, secret] in PAIRS {
        let secret: SecretKey = secret.parse().unwrap();
        assert_eq!(secret.public_key().unwrap().to_string(), public);
    }
}

#[test]
fn every_secret_has_a_public_key() {
    if !zmq::has(Capability::Curve) {
        return;
    }
    let mut numbers = Numbers(5);
    for _ in 0..50 {
        let bytes: [u8; 32] = numbers.bytes(32).try_into().unwrap();
        SecretKey::from_bytes(&bytes).public_key().unwrap();
    }
    SecretKey::from_bytes(&[0; 32]).public_key().unwrap();
    SecretKey::from_bytes(&[0xFF; 32]).public_key().unwrap();
}

#[test]
fn threads_make_keys_at_the_same_time() {
    if !zmq::has(Capability::Curve) {
        return;
    }
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let pair = KeyPair::new().unwrap();
                    assert_eq!(pair.secret.public_key().unwrap(), pair.public);
                }
            });
        }
    });
}
