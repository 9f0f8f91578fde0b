//! Z85, in both directions, beside the definition of RFC 32.

const ALPHABET: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// By powers of 85, and not as the crate does it.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() % 5 != 0 {
        return None;
    }
    let mut bytes = Vec::new();
    for group in text.chunks(5) {
        let mut value = 0;
        for (place, character) in group.iter().enumerate() {
            let digit = ALPHABET.iter().position(|known| known == character)?;
            value += digit as u64 * 85_u64.pow(4 - place as u32);
        }
        bytes.extend(u32::try_from(value).ok()?.to_be_bytes());
    }
    Some(bytes)
}

pub fn run(data: &[u8]) {
    match zmq::z85::encode(data) {
        Ok(text) => {
            assert_eq!(text.len(), data.len() / 4 * 5);
            assert_eq!(decoded(text.as_bytes()).as_deref(), Some(data));
            assert_eq!(zmq::z85::decode(&text).unwrap(), data);
        }
        Err(error) => {
            assert_ne!(data.len() % 4, 0);
            assert_eq!(error.kind(), zmq::ErrorKind::InvalidInput);
        }
    }
    let text = String::from_utf8_lossy(data);
    let bytes = zmq::z85::decode(&text);
    assert_eq!(bytes.as_ref().ok(), decoded(text.as_bytes()).as_ref());
    if let Ok(bytes) = bytes {
        assert_eq!(zmq::z85::encode(&bytes).unwrap(), text);
    }
    let key = text.parse::<zmq::curve::PublicKey>();
    assert_eq!(
        key.is_ok(),
        text.len() == 40 && decoded(text.as_bytes()).is_some()
    );
    if let Ok(key) = key {
        assert_eq!(key.to_string(), text);
    }
}
