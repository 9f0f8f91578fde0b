//! Scheduling of the calling thread, the way libzmq does it on its own ones, where a refusal is an abort.

use std::collections::BTreeSet;

use libc::c_int;

/// What libzmq is told about its threads, and cannot be asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedule {
    pub(crate) policy: Option<c_int>,
    pub(crate) priority: Option<c_int>,
    pub(crate) cpus: BTreeSet<u32>,
}

#[cfg(target_os = "linux")]
mod linux {
    use std::mem::MaybeUninit;

    use libc::c_int;

    use super::Schedule;
    use crate::ffi::Errno;

    impl Schedule {
        /// Applies it to the calling thread for good; else the option that the system refuses, and why.
        pub(crate) fn apply(&self) -> Result<(), (&'static str, Errno)> {
            self.set_policy()
                .map_err(|errno| ("ZMQ_THREAD_SCHED_POLICY", errno))?;
            self.be_nice()
                .map_err(|errno| ("ZMQ_THREAD_PRIORITY", errno))?;
            self.pin()
                .map_err(|errno| ("ZMQ_THREAD_AFFINITY_CPU_ADD", errno))
        }

        /// The policy that counts, and the parameters the thread has.
        fn policy(&self) -> Result<(c_int, libc::sched_param), Errno> {
            // SAFETY: no precondition.
            let this = unsafe { libc::pthread_self() };
            let (mut policy, mut param) = (0, libc::sched_param { sched_priority: 0 });
            // SAFETY: the calling thread lives; both pointers are valid for a write.
            check(unsafe { libc::pthread_getschedparam(this, &raw mut policy, &raw mut param) })?;
            Ok((self.policy.unwrap_or(policy), param))
        }

        fn set_policy(&self) -> Result<(), Errno> {
            if self.policy.is_none() && self.priority.is_none() {
                return Ok(());
            }
            let (policy, mut param) = self.policy()?;
            if let Some(priority) = self.priority {
                param.sched_priority = if is_realtime(policy) { priority } else { 0 };
            }
            // SAFETY: no precondition.
            let this = unsafe { libc::pthread_self() };
            // SAFETY: the calling thread lives; `param` is valid for a read.
            check(unsafe { libc::pthread_setschedparam(this, policy, &raw const param) })
        }

        /// What a priority means where the policy has none.
        fn be_nice(&self) -> Result<(), Errno> {
            if self.priority.is_none() || is_realtime(self.policy()?.0) {
                return Ok(());
            }
            // SAFETY: no precondition; on Linux it is about the calling thread alone.
            match unsafe { libc::nice(-20) } {
                // libzmq takes it for a failure even where it is the new value.
                -1 => Err(Errno(libc::EPERM)),
                _ => Ok(()),
            }
        }

        fn pin(&self) -> Result<(), Errno> {
            if self.cpus.is_empty() {
                return Ok(());
            }
            let set = MaybeUninit::<libc::cpu_set_t>::zeroed();
            // SAFETY: it is an array of integers, of which zero is a value: no CPU.
            let mut set = unsafe { set.assume_init() };
            let room = 8 * size_of::<libc::cpu_set_t>();
            for cpu in self.cpus.iter().map(|&cpu| cpu as usize) {
                // As C's macro, which leaves out what it has no bit for.
                if cpu < room {
                    // SAFETY: the index is below the number of bits.
                    unsafe { libc::CPU_SET(cpu, &mut set) };
                }
            }
            // SAFETY: 0 is the calling thread; `set` is valid for a read of its size.
            let done =
                unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) };
            if done == -1 {
                // The one failure of a set in memory, for a thread that lives.
                return Err(Errno(libc::EINVAL));
            }
            Ok(())
        }
    }

    fn is_realtime(policy: c_int) -> bool {
        policy == libc::SCHED_FIFO || policy == libc::SCHED_RR
    }

    fn check(errno: c_int) -> Result<(), Errno> {
        if errno == 0 {
            Ok(())
        } else {
            Err(Errno(errno))
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Schedule {
    /// Elsewhere what libzmq does is about the whole process, or is not done at all.
    pub(crate) fn apply(&self) -> Result<(), (&'static str, super::Errno)> {
        Ok(())
    }
}

/// Keeps signals from the calling thread, and from those it starts meanwhile, which would take them from
/// one that waits for them.
#[cfg(unix)]
pub(crate) struct NoSignals {
    before: libc::sigset_t,
}

#[cfg(unix)]
impl NoSignals {
    pub(crate) fn new() -> NoSignals {
        let mut all = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: valid for a write.
        unsafe { libc::sigfillset(all.as_mut_ptr()) };
        let mut before = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: `all` was filled by `sigfillset`, which fails on null pointers only; `before` is
        // valid for a write.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
        NoSignals {
            // SAFETY: written by `pthread_sigmask`, which fails on an unknown first argument only.
            before: unsafe { before.assume_init() },
        }
    }
}

#[cfg(unix)]
impl Drop for NoSignals {
    fn drop(&mut self) {
        // SAFETY: `before` is a mask that this thread had, since the value never leaves it.
        unsafe {
            libc::pthread_sigmask(
                libc::SIG_SETMASK,
                &raw const self.before,
                std::ptr::null_mut(),
            )
        };
    }
}
