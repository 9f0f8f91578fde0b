//! How the numbers of this API stand in the safe crate.

use std::marker::PhantomData;
use std::time::Duration;

use crate::error::{Error, Result};

/// How a value stands here and in the safe crate.
pub(super) trait Codec {
    /// Here.
    type Plain;
    /// There.
    type Typed;

    fn typed(plain: Self::Plain) -> Result<Self::Typed>;
    fn plain(typed: Self::Typed) -> Self::Plain;
}

/// A value that is the same in both.
pub(super) struct Same<T>(PhantomData<T>);

impl<T> Codec for Same<T> {
    type Plain = T;
    type Typed = T;

    fn typed(plain: T) -> Result<T> {
        Ok(plain)
    }

    fn plain(typed: T) -> T {
        typed
    }
}

/// A number that is not negative.
pub(super) struct Count;

impl Codec for Count {
    type Plain = i32;
    type Typed = u32;

    fn typed(plain: i32) -> Result<u32> {
        u32::try_from(plain).map_err(|_| Error::EINVAL)
    }

    fn plain(typed: u32) -> i32 {
        i32::try_from(typed).unwrap_or(i32::MAX)
    }
}

/// A byte.
pub(super) struct Byte;

impl Codec for Byte {
    type Plain = i32;
    type Typed = u8;

    fn typed(plain: i32) -> Result<u8> {
        u8::try_from(plain).map_err(|_| Error::EINVAL)
    }

    fn plain(typed: u8) -> i32 {
        typed.into()
    }
}

/// A time in units of so many milliseconds.
pub(super) struct Time<const UNIT: u64>;

pub(super) type Millis = Time<1>;
pub(super) type Seconds = Time<1000>;

impl<const UNIT: u64> Codec for Time<UNIT> {
    type Plain = i32;
    type Typed = Duration;

    fn typed(plain: i32) -> Result<Duration> {
        let units = u64::try_from(plain).map_err(|_| Error::EINVAL)?;
        Ok(Duration::from_millis(units * UNIT))
    }

    fn plain(typed: Duration) -> i32 {
        i32::try_from(typed.as_millis() / u128::from(UNIT)).unwrap_or(i32::MAX)
    }
}

/// Milliseconds of which libzmq keeps the whole tenths of a second.
pub(super) struct Tenths;

impl Codec for Tenths {
    type Plain = i32;
    type Typed = Duration;

    fn typed(plain: i32) -> Result<Duration> {
        Millis::typed(plain - plain % 100)
    }

    fn plain(typed: Duration) -> i32 {
        Millis::plain(typed)
    }
}

/// 0 or 1.
pub(super) struct Flag;

impl Codec for Flag {
    type Plain = i32;
    type Typed = bool;

    fn typed(plain: i32) -> Result<bool> {
        match plain {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Error::EINVAL),
        }
    }

    fn plain(typed: bool) -> i32 {
        typed.into()
    }
}

/// The same, or -1 for none.
pub(super) struct OrNone<C>(PhantomData<C>);

impl<C: Codec<Plain = i32>> Codec for OrNone<C> {
    type Plain = i32;
    type Typed = Option<C::Typed>;

    fn typed(plain: i32) -> Result<Option<C::Typed>> {
        match plain {
            -1 => Ok(None),
            plain => C::typed(plain).map(Some),
        }
    }

    fn plain(typed: Option<C::Typed>) -> i32 {
        typed.map_or(-1, C::plain)
    }
}

/// A number of bytes, or -1.
pub(super) struct Bytes;

impl Codec for Bytes {
    type Plain = i64;
    type Typed = Option<u64>;

    fn typed(plain: i64) -> Result<Option<u64>> {
        match plain {
            -1 => Ok(None),
            plain => u64::try_from(plain).map(Some).map_err(|_| Error::EINVAL),
        }
    }

    fn plain(typed: Option<u64>) -> i64 {
        typed.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX))
    }
}
