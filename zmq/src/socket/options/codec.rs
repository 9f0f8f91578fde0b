//! How the value of an option stands in C and in Rust: integers.

use std::fmt;
use std::time::Duration;

use libc::c_int;

use super::{get, refused, set};
use crate::error::Result;
use crate::ffi::socket::OptionValue;
use crate::socket::Core;

/// A value as its getter gives it.
pub(super) trait Read {
    type Value;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<Self::Value>;
}

/// A value as its setter takes it.
pub(super) trait Write {
    type Given<'a>;

    fn write(core: &Core, name: &'static str, option: c_int, value: Self::Given<'_>) -> Result<()>;
}

/// A value that is an integer in C.
pub(super) trait Codec {
    type Raw: OptionValue + fmt::Display;
    type Value;

    /// The rule that the value breaks, if it has no C form.
    fn encode(value: Self::Value) -> Result<Self::Raw, &'static str>;
    fn decode(raw: Self::Raw) -> Self::Value;
}

impl<C: Codec> Read for C {
    type Value = C::Value;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<C::Value> {
        get(core, name, option).map(C::decode)
    }
}

impl<C: Codec> Write for C {
    type Given<'a> = C::Value;

    fn write(core: &Core, name: &'static str, option: c_int, value: C::Value) -> Result<()> {
        let raw = C::encode(value).map_err(|reason| refused(name, reason))?;
        set(core, name, option, raw)
    }
}

/// An `int` that is 0 or 1.
pub(super) struct Flag;

impl Codec for Flag {
    type Raw = c_int;
    type Value = bool;

    fn encode(value: bool) -> Result<c_int, &'static str> {
        Ok(c_int::from(value))
    }

    fn decode(raw: c_int) -> bool {
        raw != 0
    }
}

/// An `int` that is 0, 1 or -1.
pub(super) struct OptionalFlag;

impl Codec for OptionalFlag {
    type Raw = c_int;
    type Value = Option<bool>;

    fn encode(value: Option<bool>) -> Result<c_int, &'static str> {
        Ok(value.map_or(-1, c_int::from))
    }

    fn decode(raw: c_int) -> Option<bool> {
        (raw >= 0).then_some(raw != 0)
    }
}

/// An `int` that counts.
pub(super) struct Count;

impl Codec for Count {
    type Raw = c_int;
    type Value = u32;

    fn encode(value: u32) -> Result<c_int, &'static str> {
        c_int::try_from(value).map_err(|_| "more than a C int holds")
    }

    fn decode(raw: c_int) -> u32 {
        u32::try_from(raw).unwrap_or(0)
    }
}

/// An `int` that counts, or -1.
pub(super) struct OptionalCount;

impl Codec for OptionalCount {
    type Raw = c_int;
    type Value = Option<u32>;

    fn encode(value: Option<u32>) -> Result<c_int, &'static str> {
        value.map_or(Ok(-1), Count::encode)
    }

    fn decode(raw: c_int) -> Option<u32> {
        u32::try_from(raw).ok()
    }
}

/// An `int` that holds a byte.
pub(super) struct Byte;

impl Codec for Byte {
    type Raw = c_int;
    type Value = u8;

    fn encode(value: u8) -> Result<c_int, &'static str> {
        Ok(c_int::from(value))
    }

    fn decode(raw: c_int) -> u8 {
        u8::try_from(raw & 0xff).unwrap_or(0)
    }
}

/// An `int64_t` that counts, or -1.
pub(super) struct OptionalLong;

impl Codec for OptionalLong {
    type Raw = i64;
    type Value = Option<u64>;

    fn encode(value: Option<u64>) -> Result<i64, &'static str> {
        value.map_or(Ok(-1), |value| {
            i64::try_from(value).map_err(|_| "more than an int64_t holds")
        })
    }

    fn decode(raw: i64) -> Option<u64> {
        u64::try_from(raw).ok()
    }
}

/// A `uint64_t`.
pub(super) struct Long;

impl Codec for Long {
    type Raw = u64;
    type Value = u64;

    fn encode(value: u64) -> Result<u64, &'static str> {
        Ok(value)
    }

    fn decode(raw: u64) -> u64 {
        raw
    }
}

/// The number of whole units in a time. A part of one counts as a whole, so that a short time is
/// never none.
fn units(value: Duration, nanos: u128, reason: &'static str) -> Result<c_int, &'static str> {
    c_int::try_from(value.as_nanos().div_ceil(nanos)).map_err(|_| reason)
}

/// Milliseconds.
pub(super) struct Millis;

impl Codec for Millis {
    type Raw = c_int;
    type Value = Duration;

    fn encode(value: Duration) -> Result<c_int, &'static str> {
        units(value, 1_000_000, "more milliseconds than a C int holds")
    }

    fn decode(raw: c_int) -> Duration {
        Duration::from_millis(u64::try_from(raw).unwrap_or(0))
    }
}

/// Milliseconds, or -1.
pub(super) struct OptionalMillis;

impl Codec for OptionalMillis {
    type Raw = c_int;
    type Value = Option<Duration>;

    fn encode(value: Option<Duration>) -> Result<c_int, &'static str> {
        value.map_or(Ok(-1), Millis::encode)
    }

    fn decode(raw: c_int) -> Option<Duration> {
        u64::try_from(raw).ok().map(Duration::from_millis)
    }
}

/// Seconds, or -1.
pub(super) struct OptionalSeconds;

impl Codec for OptionalSeconds {
    type Raw = c_int;
    type Value = Option<Duration>;

    fn encode(value: Option<Duration>) -> Result<c_int, &'static str> {
        value.map_or(Ok(-1), |value| {
            units(value, 1_000_000_000, "more seconds than a C int holds")
        })
    }

    fn decode(raw: c_int) -> Option<Duration> {
        u64::try_from(raw).ok().map(Duration::from_secs)
    }
}

/// Milliseconds that libzmq keeps as tenths of a second in 16 bits, rounded down.
pub(super) struct Deciseconds;

impl Codec for Deciseconds {
    type Raw = c_int;
    type Value = Duration;

    fn encode(value: Duration) -> Result<c_int, &'static str> {
        const REASON: &str = "more than 6553.5 seconds";
        let tenths = u16::try_from(units(value, 100_000_000, REASON)?).map_err(|_| REASON)?;
        Ok(c_int::from(tenths) * 100)
    }

    fn decode(raw: c_int) -> Duration {
        Millis::decode(raw)
    }
}

/// Milliseconds, or -1 for a default that cannot be set again.
pub(super) struct MillisOnceSet;

impl Read for MillisOnceSet {
    type Value = Option<Duration>;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<Option<Duration>> {
        OptionalMillis::read(core, name, option)
    }
}

impl Write for MillisOnceSet {
    type Given<'a> = Duration;

    fn write(core: &Core, name: &'static str, option: c_int, value: Duration) -> Result<()> {
        Millis::write(core, name, option, value)
    }
}

/// The interval of `ZMQ_RECONNECT_IVL`.
pub(super) struct ReconnectInterval;

impl Read for ReconnectInterval {
    type Value = Option<Duration>;

    fn read(core: &Core, name: &'static str, option: c_int) -> Result<Option<Duration>> {
        Ok(OptionalMillis::read(core, name, option)?.filter(|interval| !interval.is_zero()))
    }
}

impl Write for ReconnectInterval {
    type Given<'a> = Duration;

    fn write(core: &Core, name: &'static str, option: c_int, value: Duration) -> Result<()> {
        if value.is_zero() {
            return Err(refused(
                name,
                "without a wait between attempts libzmq does not reconnect, and a peer that goes \
                 away can make it abort the process",
            ));
        }
        Millis::write(core, name, option, value)
    }
}
