//! Options by their numbers: those that the safe crate has no function for, and those that it refuses
//! where a peer could abort the process. As in rust-zmq they are set here, and each says what it can do.

use zmq_sys::RawFd;

use super::Text;
use super::codec::{Codec, Millis};
use crate::error::Result;
use crate::socket::Socket;

impl Socket {
    /// Reads `ZMQ_CURVE_SECRETKEY`: 32 bytes.
    ///
    /// # Errors
    /// `EINVAL` where libzmq has no CURVE.
    pub fn get_curve_secretkey(&self) -> Result<Vec<u8>> {
        let mut key = [0; 32];
        let option = number(zmq_sys::ZMQ_CURVE_SECRETKEY);
        Ok(self.live()?.raw_option(option, &mut key)?.to_vec())
    }

    /// Reads `ZMQ_SOCKS_PROXY`.
    ///
    /// # Errors
    /// As in `zmq_getsockopt(3)`.
    pub fn get_socks_proxy(&self) -> Result<Text> {
        let mut buffer = [0; 256];
        let option = number(zmq_sys::ZMQ_SOCKS_PROXY);
        let text = self.live()?.raw_option(option, &mut buffer)?;
        let text = text.strip_suffix(&[0]).unwrap_or(text).to_vec();
        Ok(String::from_utf8(text).map_err(|error| error.into_bytes()))
    }

    /// Sets `ZMQ_SOCKS_PROXY`; `None` takes it back.
    ///
    /// **A proxy that refuses a connection makes libzmq abort the process.**
    ///
    /// # Errors
    /// `EINVAL`.
    pub fn set_socks_proxy(&self, value: Option<&str>) -> Result<()> {
        self.set_number_or_text(zmq_sys::ZMQ_SOCKS_PROXY, value.map(str::as_bytes))
    }

    /// Reads `ZMQ_FD`: the descriptor that becomes readable when
    /// [`get_events`](Socket::get_events) may have changed. It is only to be waited for: who reads it
    /// hides messages, and who writes to it aborts the process.
    ///
    /// # Errors
    /// As in `zmq_getsockopt(3)`.
    pub fn get_fd(&self) -> Result<RawFd> {
        let mut value = RawFd::default().to_ne_bytes();
        let option = number(zmq_sys::ZMQ_FD);
        self.live()?.raw_option(option, &mut value)?;
        Ok(RawFd::from_ne_bytes(value))
    }

    /// Reads `ZMQ_CONFLATE`.
    ///
    /// # Errors
    /// As in `zmq_getsockopt(3)`.
    pub fn is_conflate(&self) -> Result<bool> {
        Ok(self.int(zmq_sys::ZMQ_CONFLATE)? != 0)
    }

    /// Sets `ZMQ_CONFLATE`: of the messages that wait, only the last is kept.
    ///
    /// **On a socket that receives, a message of several parts makes libzmq abort the process.**
    ///
    /// # Errors
    /// As in `zmq_setsockopt(3)`.
    pub fn set_conflate(&self, value: bool) -> Result<()> {
        self.set_int(zmq_sys::ZMQ_CONFLATE, value.into())
    }

    /// Sets `ZMQ_IMMEDIATE`.
    ///
    /// **On SUB, XSUB, REP and ROUTER, a connection that breaks can make libzmq abort the process.**
    ///
    /// # Errors
    /// As in `zmq_setsockopt(3)`.
    pub fn set_immediate(&self, value: bool) -> Result<()> {
        match self.live()?.set_immediate(value) {
            Err(error) if error.kind() == safe::ErrorKind::NotSupported => {
                self.set_int(zmq_sys::ZMQ_IMMEDIATE, value.into())
            }
            result => Ok(result?),
        }
    }

    /// Reads `ZMQ_RECONNECT_IVL`.
    ///
    /// # Errors
    /// As in `zmq_getsockopt(3)`.
    pub fn get_reconnect_ivl(&self) -> Result<i32> {
        self.int(zmq_sys::ZMQ_RECONNECT_IVL)
    }

    /// Sets `ZMQ_RECONNECT_IVL`.
    ///
    /// **Of 0 or -1 on SUB, XSUB, REP and ROUTER, a peer that goes can make libzmq abort the process.**
    ///
    /// # Errors
    /// `EINVAL`.
    pub fn set_reconnect_ivl(&self, value: i32) -> Result<()> {
        match Millis::typed(value) {
            Ok(interval) if !interval.is_zero() => Ok(self.live()?.set_reconnect_ivl(interval)?),
            _ => self.set_int(zmq_sys::ZMQ_RECONNECT_IVL, value),
        }
    }

    /// Reads `ZMQ_PROBE_ROUTER`, which libzmq does not tell.
    ///
    /// # Errors
    /// `EINVAL`.
    pub fn is_probe_router(&self) -> Result<bool> {
        Ok(self.int(zmq_sys::ZMQ_PROBE_ROUTER)? != 0)
    }

    /// Reads `ZMQ_ROUTER_MANDATORY`, which libzmq does not tell.
    ///
    /// # Errors
    /// `EINVAL`.
    pub fn is_router_mandatory(&self) -> Result<bool> {
        Ok(self.int(zmq_sys::ZMQ_ROUTER_MANDATORY)? != 0)
    }

    /// Reads `ZMQ_ROUTER_HANDOVER`, which libzmq does not tell.
    ///
    /// # Errors
    /// `EINVAL`.
    pub fn is_router_handover(&self) -> Result<bool> {
        Ok(self.int(zmq_sys::ZMQ_ROUTER_HANDOVER)? != 0)
    }

    fn int(&self, option: u32) -> Result<i32> {
        let mut value = 0_i32.to_ne_bytes();
        self.live()?.raw_option(number(option), &mut value)?;
        Ok(i32::from_ne_bytes(value))
    }

    fn set_int(&self, option: u32, value: i32) -> Result<()> {
        self.set_number_or_text(option, Some(&value.to_ne_bytes()))
    }

    /// Only for the options above.
    fn set_number_or_text(&self, option: u32, value: Option<&[u8]>) -> Result<()> {
        // SAFETY: the four options that are set here can make libzmq stop the process, which each says;
        // none of them touches memory that is not its own.
        Ok(unsafe { self.live()?.set_raw_option(number(option), value) }?)
    }
}

/// The option as C has it.
fn number(option: u32) -> libc::c_int {
    option as libc::c_int
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for Socket {
    /// As [`get_fd`](Socket::get_fd); -1 where that is an error.
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.get_fd().unwrap_or(-1)
    }
}

#[cfg(windows)]
impl std::os::windows::io::AsRawSocket for Socket {
    /// As [`get_fd`](Socket::get_fd); `INVALID_SOCKET` where that is an error.
    fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
        self.get_fd().unwrap_or(RawFd::MAX) as std::os::windows::io::RawSocket
    }
}
