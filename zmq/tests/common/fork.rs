//! Children that a test forks.

pub fn fork() -> libc::pid_t {
    // SAFETY: the child uses only what its test is about, and leaves by `_exit`.
    let child = unsafe { libc::fork() };
    assert_ne!(child, -1);
    child
}

/// What a child has first, so that a panic ends it as a failure: it would end the only thread that the
/// child has, and with it a process that did well.
pub struct Child;

impl Child {
    /// Ends the child.
    pub fn leave(self, all_forked: bool) -> ! {
        // SAFETY: ends this process at once, without what the parent registered.
        unsafe { libc::_exit(i32::from(!all_forked)) }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        Child.leave(false)
    }
}

#[track_caller]
pub fn wait_for(child: libc::pid_t) {
    let mut status = -1;
    // SAFETY: `child` is ours and `status` is writable.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the child found a call that did not say Forked");
}
