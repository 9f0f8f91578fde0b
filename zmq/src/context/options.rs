//! `zmq_ctx_set` and `zmq_ctx_get`.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use libc::c_int;

use super::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::socket::RawSocket;
use crate::socket::{SocketKind, decode_millis, encode_millis};

/// libzmq's own default.
pub(super) const MAX_SOCKETS_DEFAULT: u32 = zmq_sys::ZMQ_MAX_SOCKETS_DFLT as u32;

/// Slots kept back for the socket that ends awaited inproc connections.
pub(super) const RESERVED: u32 = 1;

/// When an option is looked at.
#[derive(PartialEq)]
enum Before {
    FirstSocket,
    AnyTime,
}

impl Context {
    fn option(&self, name: &'static str, option: c_int) -> Result<c_int> {
        self.raw("zmq_ctx_get", name)?
            .get(option)
            .map_err(|errno| Error::from_errno("zmq_ctx_get", errno).on(name))
    }

    fn set_option(
        &self,
        before: Before,
        name: &'static str,
        option: c_int,
        value: impl TryInto<c_int> + fmt::Display + Copy,
    ) -> Result<()> {
        let asked = || format!("{name} = {value}");
        let raw = self.raw("zmq_ctx_set", name)?;
        if self.inner.borrowed {
            return Err(Error::own("zmq_ctx_set", ErrorKind::InvalidState)
                .on(asked())
                .because("the context is borrowed; its owner sets its options"));
        }
        if before == Before::FirstSocket && self.inner.started.load(Ordering::Relaxed) {
            // libzmq would take the value and never look at it.
            return Err(Error::own("zmq_ctx_set", ErrorKind::InvalidState)
                .on(asked())
                .because("to be set before the context's first socket"));
        }
        let Ok(number) = value.try_into() else {
            return Err(Error::own("zmq_ctx_set", ErrorKind::InvalidInput)
                .on(asked())
                .because("more than a C int holds"));
        };
        raw.set(option, number)
            .map_err(|errno| Error::from_errno("zmq_ctx_set", errno).on(asked()))
    }

    /// The number of I/O threads. Default 1.
    #[doc(alias = "ZMQ_IO_THREADS")]
    #[doc(alias = "ZMQ_IO_THREADS_DFLT")]
    #[doc(alias = "zmq_ctx_get")]
    pub fn io_threads(&self) -> Result<u32> {
        Ok(self
            .option("ZMQ_IO_THREADS", zmq_sys::ZMQ_IO_THREADS)?
            .unsigned_abs())
    }

    /// Sets the number of I/O threads; 0 is enough for a program that uses inproc alone. A rule of
    /// thumb is one for each gigabyte per second (`zmq_ctx_set(3)`).
    ///
    /// # Errors
    /// [`InvalidState`](ErrorKind::InvalidState) once the context has opened a socket: libzmq
    /// would ignore it. The first socket is an error if the system has not so many threads, or not
    /// three file descriptors for each.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// context.set_io_threads(4)?;
    /// assert_eq!(context.io_threads()?, 4);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "ZMQ_IO_THREADS")]
    #[doc(alias = "zmq_ctx_set")]
    pub fn set_io_threads(&self, threads: u32) -> Result<()> {
        self.set_option(
            Before::FirstSocket,
            "ZMQ_IO_THREADS",
            zmq_sys::ZMQ_IO_THREADS,
            threads,
        )
    }

    /// The most sockets that can be open at once. Default 1023.
    #[doc(alias = "ZMQ_MAX_SOCKETS")]
    #[doc(alias = "ZMQ_MAX_SOCKETS_DFLT")]
    pub fn max_sockets(&self) -> Result<u32> {
        let slots = self
            .option("ZMQ_MAX_SOCKETS", zmq_sys::ZMQ_MAX_SOCKETS)?
            .unsigned_abs();
        Ok(slots.saturating_sub(self.inner.reserved))
    }

    /// Sets the most sockets that can be open at once, from 1 to
    /// [`socket_limit`](Context::socket_limit). A closed socket counts until its linger has ended.
    ///
    /// One more is kept back, for inproc connections that nobody ever binds.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) outside that range,
    /// [`InvalidState`](ErrorKind::InvalidState) once the context has opened a socket.
    #[doc(alias = "ZMQ_MAX_SOCKETS")]
    pub fn set_max_sockets(&self, sockets: u32) -> Result<()> {
        if sockets == 0 || sockets > self.socket_limit()? {
            return Err(Error::own("zmq_ctx_set", ErrorKind::InvalidInput)
                .on(format_args!("ZMQ_MAX_SOCKETS = {sockets}"))
                .because("from 1 to socket_limit()"));
        }
        let slots = sockets + RESERVED;
        self.set_option(
            Before::FirstSocket,
            "ZMQ_MAX_SOCKETS",
            zmq_sys::ZMQ_MAX_SOCKETS,
            slots,
        )?;
        self.inner.max_sockets.store(sockets, Ordering::Relaxed);
        Ok(())
    }

    /// The largest value that [`set_max_sockets`](Context::set_max_sockets) takes.
    #[doc(alias = "ZMQ_SOCKET_LIMIT")]
    pub fn socket_limit(&self) -> Result<u32> {
        let slots = self
            .option("ZMQ_SOCKET_LIMIT", zmq_sys::ZMQ_SOCKET_LIMIT)?
            .unsigned_abs();
        Ok(slots.saturating_sub(RESERVED))
    }

    /// Sets the scheduling priority of the I/O threads; what it means depends on the
    /// [policy](Context::set_thread_sched_policy). libzmq cannot be asked for it.
    ///
    /// With a policy that has no priorities, as the system's own, any number asks for the nice value -20,
    /// which takes a privilege. On Linux the first socket is an error where the system refuses; elsewhere
    /// libzmq then aborts the process.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) below 0,
    /// [`InvalidState`](ErrorKind::InvalidState) once the context has opened a socket.
    #[doc(alias = "ZMQ_THREAD_PRIORITY")]
    pub fn set_thread_priority(&self, priority: i32) -> Result<()> {
        let option = zmq_sys::ZMQ_THREAD_PRIORITY;
        self.set_option(Before::FirstSocket, "ZMQ_THREAD_PRIORITY", option, priority)?;
        self.schedule().priority = Some(priority);
        Ok(())
    }

    /// The scheduling policy of the I/O threads; `None`, the default, is the operating system's.
    #[doc(alias = "ZMQ_THREAD_SCHED_POLICY")]
    pub fn thread_sched_policy(&self) -> Result<Option<i32>> {
        // The default, -1, is also what a failed call gives; there is no way for this one to fail.
        let raw = self.raw("zmq_ctx_get", "ZMQ_THREAD_SCHED_POLICY")?;
        Ok(raw.get(zmq_sys::ZMQ_THREAD_SCHED_POLICY).ok())
    }

    /// Sets the scheduling policy of the I/O threads, such as `libc::SCHED_RR`.
    ///
    /// `SCHED_RR` and `SCHED_FIFO` take a privilege and a [priority](Context::set_thread_priority). On Linux
    /// the first socket is an error where the system refuses; elsewhere libzmq then aborts the process.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) below 0,
    /// [`InvalidState`](ErrorKind::InvalidState) once the context has opened a socket.
    #[doc(alias = "ZMQ_THREAD_SCHED_POLICY")]
    pub fn set_thread_sched_policy(&self, policy: i32) -> Result<()> {
        let option = zmq_sys::ZMQ_THREAD_SCHED_POLICY;
        self.set_option(
            Before::FirstSocket,
            "ZMQ_THREAD_SCHED_POLICY",
            option,
            policy,
        )?;
        self.schedule().policy = Some(policy);
        Ok(())
    }

    /// Lets the I/O threads run on the CPU with this index, besides others added (Linux only). The first
    /// socket is an error if they can run on none of them.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) where the system has no such setting,
    /// [`InvalidState`](ErrorKind::InvalidState) once the context has opened a socket.
    #[doc(alias = "ZMQ_THREAD_AFFINITY_CPU_ADD")]
    pub fn add_thread_affinity_cpu(&self, cpu: u32) -> Result<()> {
        let option = zmq_sys::ZMQ_THREAD_AFFINITY_CPU_ADD;
        self.set_option(
            Before::FirstSocket,
            "ZMQ_THREAD_AFFINITY_CPU_ADD",
            option,
            cpu,
        )?;
        self.schedule().cpus.insert(cpu);
        Ok(())
    }

    /// Takes back [`add_thread_affinity_cpu`](Context::add_thread_affinity_cpu).
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a CPU that was not added,
    /// [`InvalidState`](ErrorKind::InvalidState) once the context has opened a socket.
    #[doc(alias = "ZMQ_THREAD_AFFINITY_CPU_REMOVE")]
    pub fn remove_thread_affinity_cpu(&self, cpu: u32) -> Result<()> {
        let option = zmq_sys::ZMQ_THREAD_AFFINITY_CPU_REMOVE;
        self.set_option(
            Before::FirstSocket,
            "ZMQ_THREAD_AFFINITY_CPU_REMOVE",
            option,
            cpu,
        )?;
        self.schedule().cpus.remove(&cpu);
        Ok(())
    }

    /// The number that the names of the I/O threads begin with. Default 0, for none.
    #[doc(alias = "ZMQ_THREAD_NAME_PREFIX")]
    pub fn thread_name_prefix(&self) -> Result<u32> {
        let option = zmq_sys::ZMQ_THREAD_NAME_PREFIX;
        Ok(self
            .option("ZMQ_THREAD_NAME_PREFIX", option)?
            .unsigned_abs())
    }

    /// Sets a number for the names of the I/O threads to begin with, such as `7/ZMQbg/IO/0`; 0 is
    /// none.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for more than a C int holds,
    /// [`InvalidState`](ErrorKind::InvalidState) once the context has opened a socket.
    #[doc(alias = "ZMQ_THREAD_NAME_PREFIX")]
    pub fn set_thread_name_prefix(&self, prefix: u32) -> Result<()> {
        let option = zmq_sys::ZMQ_THREAD_NAME_PREFIX;
        self.set_option(
            Before::FirstSocket,
            "ZMQ_THREAD_NAME_PREFIX",
            option,
            prefix,
        )
    }

    /// The most bytes a message can have. Default `i32::MAX`.
    #[doc(alias = "ZMQ_MAX_MSGSZ")]
    pub fn max_msgsz(&self) -> Result<u32> {
        Ok(self
            .option("ZMQ_MAX_MSGSZ", zmq_sys::ZMQ_MAX_MSGSZ)?
            .unsigned_abs())
    }

    /// Sets the most bytes a message can have, for sockets opened later.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for more than a C int holds.
    #[doc(alias = "ZMQ_MAX_MSGSZ")]
    pub fn set_max_msgsz(&self, bytes: u32) -> Result<()> {
        self.set_option(
            Before::AnyTime,
            "ZMQ_MAX_MSGSZ",
            zmq_sys::ZMQ_MAX_MSGSZ,
            bytes,
        )
    }

    /// The bytes of a `zmq_msg_t` in the libzmq that runs.
    #[doc(alias = "ZMQ_MSG_T_SIZE")]
    pub fn msg_t_size(&self) -> Result<usize> {
        let size = self.option("ZMQ_MSG_T_SIZE", zmq_sys::ZMQ_MSG_T_SIZE)?;
        Ok(size.unsigned_abs() as usize)
    }

    /// Whether sockets linger without end by default. Default true.
    #[doc(alias = "ZMQ_BLOCKY")]
    pub fn blocky(&self) -> Result<bool> {
        Ok(self.option("ZMQ_BLOCKY", zmq_sys::ZMQ_BLOCKY)? != 0)
    }

    /// Chooses the linger that sockets opened later begin with: without end, or with `false` none
    /// at all, so that the end of the context waits for nothing and what is queued is dropped.
    #[doc(alias = "ZMQ_BLOCKY")]
    pub fn set_blocky(&self, blocky: bool) -> Result<()> {
        self.set_option(
            Before::AnyTime,
            "ZMQ_BLOCKY",
            zmq_sys::ZMQ_BLOCKY,
            c_int::from(blocky),
        )
    }

    /// The linger that sockets opened later begin with: what [`set_linger`](Context::set_linger)
    /// chose, and else what [`blocky`](Context::blocky) says.
    ///
    /// # Errors
    /// [`Forked`](ErrorKind::Forked).
    #[doc(alias = "ZMQ_LINGER")]
    pub fn linger(&self) -> Result<Option<Duration>> {
        match *self.chosen_linger() {
            Some(linger) => Ok(decode_millis(linger)),
            None => Ok((!self.blocky()?).then_some(Duration::ZERO)),
        }
    }

    /// Chooses once the [linger](crate::Socket::set_linger) of all sockets opened later; `None` is
    /// without end. Each can still be given another.
    ///
    /// SUB, XSUB and DISH begin with none as ever: their subscriptions are nothing to wait for.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for more milliseconds than a C int holds,
    /// [`Forked`](ErrorKind::Forked).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let context = zmq::Context::new()?;
    /// context.set_linger(Some(Duration::from_secs(2)))?; // the end waits no longer for anybody
    /// let socket = context.socket(zmq::PUSH)?;
    /// assert_eq!(socket.linger()?, Some(Duration::from_secs(2)));
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "ZMQ_LINGER")]
    pub fn set_linger(&self, linger: Option<Duration>) -> Result<()> {
        const CALL: &str = "zmq_setsockopt"; // with which each socket will get it
        self.raw(CALL, "ZMQ_LINGER")?;
        let millis = encode_millis(linger).map_err(|reason| {
            Error::own(CALL, ErrorKind::InvalidInput)
                .on("ZMQ_LINGER")
                .because(reason)
        })?;
        *self.chosen_linger() = Some(millis);
        Ok(())
    }

    /// Gives a socket just opened the linger that was chosen.
    pub(super) fn set_default_linger(&self, socket: &RawSocket, kind: SocketKind) -> Result<()> {
        let has_none = [SocketKind::Sub, SocketKind::XSub, SocketKind::Dish].contains(&kind);
        let chosen = *self.chosen_linger();
        match chosen.filter(|_| !has_none) {
            None => Ok(()),
            Some(linger) => socket
                .set(zmq_sys::ZMQ_LINGER, linger)
                .map_err(|errno| Error::from_errno("zmq_setsockopt", errno).on("ZMQ_LINGER")),
        }
    }

    fn chosen_linger(&self) -> MutexGuard<'_, Option<c_int>> {
        let chosen = self.inner.linger.lock();
        chosen.unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether sockets use IPv6 by default. Default false.
    #[doc(alias = "ZMQ_IPV6")]
    pub fn ipv6(&self) -> Result<bool> {
        Ok(self.option("ZMQ_IPV6", zmq_sys::ZMQ_IPV6)? != 0)
    }

    /// Chooses whether sockets opened later use IPv6 besides IPv4.
    #[doc(alias = "ZMQ_IPV6")]
    pub fn set_ipv6(&self, ipv6: bool) -> Result<()> {
        self.set_option(
            Before::AnyTime,
            "ZMQ_IPV6",
            zmq_sys::ZMQ_IPV6,
            c_int::from(ipv6),
        )
    }

    /// Whether received messages may point into the block they arrived in. Default true.
    #[cfg(feature = "draft")]
    #[doc(alias = "ZMQ_ZERO_COPY_RECV")]
    pub fn zero_copy_recv(&self) -> Result<bool> {
        Ok(self.option("ZMQ_ZERO_COPY_RECV", zmq_sys::ZMQ_ZERO_COPY_RECV)? != 0)
    }

    /// Chooses whether received messages may point into the block they arrived in, for sockets
    /// opened later. It saves a copy; a small message that is kept keeps the block.
    #[cfg(feature = "draft")]
    #[doc(alias = "ZMQ_ZERO_COPY_RECV")]
    pub fn set_zero_copy_recv(&self, zero_copy: bool) -> Result<()> {
        let (option, value) = (zmq_sys::ZMQ_ZERO_COPY_RECV, c_int::from(zero_copy));
        self.set_option(Before::AnyTime, "ZMQ_ZERO_COPY_RECV", option, value)
    }
}
