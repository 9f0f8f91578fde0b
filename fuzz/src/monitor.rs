//! The frames of a monitor's events, from any that ever claims to be one.

use super::input::Input;

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mut frames = Vec::new();
    while !input.is_empty() && frames.len() < 4 {
        frames.push(input.bytes());
    }
    match zmq::fuzzing::monitor_event(&frames) {
        Ok(event) => {
            assert_eq!((frames.len(), frames[0].len()), (2, 6));
            assert_eq!(event.endpoint, String::from_utf8_lossy(frames[1]));
            // Every number has words.
            assert!(!format!("{event:?}").is_empty());
        }
        Err(error) => assert!(frames.len() != 2 || frames[0].len() != 6, "{error}"),
    }
}
