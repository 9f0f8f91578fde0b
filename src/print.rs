//! Lines that several programs print.

use std::time::{SystemTime, UNIX_EPOCH};

use zmq::Message;

/// Prints a line behind the date and time (in UTC): the role of czmq's `zclock_log`.
pub fn log(line: &str) {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    println!("{} {line}", date_and_time(since.as_secs()));
}

/// `YY-MM-DD HH:MM:SS`, of the seconds since 1970.
fn date_and_time(seconds: u64) -> String {
    let (mut days, time) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!(
        "{:02}-{month:02}-{:02} {:02}:{:02}:{:02}",
        year % 100,
        days + 1,
        time / 3600,
        time / 60 % 60,
        time % 60
    )
}

/// Prints the frames of a message, each behind its length: as text, or else in hexadecimal. The role
/// of czmq's `zmsg_dump`.
pub fn dump(message: &[Message]) {
    println!("--------------------------------------");
    for frame in message {
        println!("[{:03}] {}", frame.len(), shown(frame));
    }
}

fn shown(frame: &[u8]) -> String {
    let is_text = |byte: &u8| (b' '..=b'~').contains(byte);
    if frame.iter().all(is_text) {
        String::from_utf8_lossy(frame).into_owned()
    } else {
        frame.iter().map(|byte| format!("{byte:02X}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_know_leap_years() {
        assert_eq!(date_and_time(0), "70-01-01 00:00:00");
        assert_eq!(date_and_time(951_782_399), "00-02-28 23:59:59");
        assert_eq!(date_and_time(951_782_400), "00-02-29 00:00:00");
        assert_eq!(date_and_time(1_735_689_599), "24-12-31 23:59:59");
    }

    #[test]
    fn frames_are_shown_as_text_or_hexadecimal() {
        assert_eq!(shown(b"tcp://localhost:5555"), "tcp://localhost:5555");
        assert_eq!(shown(b"\x00\xffA"), "00FF41");
        assert_eq!(shown(b""), "");
    }
}
