//! What the operating system is asked, or told: memory, descriptors, signals.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use libc::c_int;

use crate::Result;

/// The memory of this process that is in RAM, in KiB.
pub fn resident() -> Result<u64> {
    status_kib("VmRSS:")
}

/// The most memory of this process that was ever in RAM, in KiB.
pub fn peak_resident() -> Result<u64> {
    status_kib("VmHWM:")
}

fn status_kib(name: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("/proc/self/status says it")?.parse()?)
}

/// How many descriptors of this process are open.
pub fn descriptors() -> Result<u64> {
    // One is that of the listing itself.
    Ok(fs::read_dir("/proc/self/fd")?.count() as u64 - 1)
}

fn descriptor_limit() -> Result<libc::rlimit> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is writable.
    match unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } {
        0 => Ok(limit),
        _ => Err(io::Error::last_os_error().into()),
    }
}

/// Sets the most descriptors this process may open. They can be set again up to the hard limit.
pub fn limit_descriptors(most: u64) -> Result {
    let mut limit = descriptor_limit()?;
    limit.rlim_cur = most;
    // SAFETY: `limit` is readable.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error().into()),
    }
}

/// Raises the limit of descriptors as far as it goes, and returns it.
pub fn raise_descriptor_limit() -> Result<u64> {
    let most = descriptor_limit()?.rlim_max;
    limit_descriptors(most)?;
    Ok(most)
}

/// Whether the process may do what root may.
pub fn is_root() -> bool {
    // SAFETY: no precondition.
    unsafe { libc::geteuid() == 0 }
}

static ALARMS: AtomicU64 = AtomicU64::new(0);

extern "C" fn count_alarm(_: c_int) {
    ALARMS.fetch_add(1, Ordering::Relaxed);
}

/// How many signals [`storm`] has sent so far.
pub fn alarms() -> u64 {
    ALARMS.load(Ordering::Relaxed)
}

/// From now on a timer interrupts this process at that interval, as `signal(2)` without SA_RESTART
/// does; zero stops it.
pub fn storm(interval: Duration) -> Result {
    // SAFETY: all zeroes is a valid `sigaction`: no flags, an empty mask.
    let mut action = unsafe { std::mem::zeroed::<libc::sigaction>() };
    action.sa_sigaction = count_alarm as *const () as libc::sighandler_t;
    // SAFETY: the handler only adds to an atomic number; the pointers are valid.
    let set = unsafe { libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut()) };
    if set != 0 {
        return Err(io::Error::last_os_error().into());
    }
    let interval = libc::timeval {
        tv_sec: interval.as_secs() as libc::time_t,
        tv_usec: interval.subsec_micros() as libc::suseconds_t,
    };
    let timer = libc::itimerval {
        it_interval: interval,
        it_value: interval,
    };
    // SAFETY: `timer` is readable, and the old value is not asked for.
    match unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error().into()),
    }
}
