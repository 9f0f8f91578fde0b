//! Random numbers, as far as the guide's programs need them.

use std::hash::{BuildHasher as _, RandomState};

/// A random number from 0 to `limit - 1`, and 0 for a limit that is not above 0. It is nothing to
/// keep secrets with.
///
/// ```
/// let workload = zguide::random::within(100) + 1; // 1 to 100
/// # assert!((1..=100).contains(&workload));
/// # assert_eq!(zguide::random::within(0), 0);
/// # assert_eq!(zguide::random::within(-5), 0);
/// ```
pub fn within(limit: i32) -> i32 {
    // Each state has new keys, so that even the hash of nothing is a new number.
    let random = i64::from(RandomState::new().hash_one(()) as u32);
    // Below the limit, so it fits.
    (random % i64::from(limit.max(1))) as i32
}
