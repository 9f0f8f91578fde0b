//! Passing messages on between two sockets.

use std::time::Duration;

use safe::{Any, ErrorKind, Multipart, Proxy, ProxyHandle, SocketKind};

use crate::error::{Error, Result};
use crate::socket::{Inner, Socket};

/// Passes messages on between two sockets, both ways, until their context ends.
///
/// # Errors
/// Always: `ETERM` at the end of the context, `EINTR`, `EINVAL` for two sockets that are no pair.
pub fn proxy(frontend: &Socket, backend: &Socket) -> Result<()> {
    safe::proxy(frontend.live()?, backend.live()?)?;
    Ok(())
}

/// As [`proxy`], and sends a copy of all messages to `capture`.
///
/// # Errors
/// As [`proxy`].
pub fn proxy_with_capture(
    frontend: &mut Socket,
    backend: &mut Socket,
    capture: &mut Socket,
) -> Result<()> {
    safe::proxy_with_capture(frontend.live()?, backend.live()?, capture.live()?)?;
    Ok(())
}

/// As [`proxy`], and obeys what `control` receives: `PAUSE`, `RESUME`, `STATISTICS` and `TERMINATE`,
/// after which it returns `Ok`.
///
/// # Errors
/// As [`proxy`].
pub fn proxy_steerable(
    frontend: &mut Socket,
    backend: &mut Socket,
    control: &mut Socket,
) -> Result<()> {
    steered(frontend, backend, None, control)
}

/// As [`proxy_steerable`], and sends a copy of all messages to `capture`.
///
/// # Errors
/// As [`proxy`].
pub fn proxy_steerable_with_capture(
    frontend: &mut Socket,
    backend: &mut Socket,
    capture: &mut Socket,
    control: &mut Socket,
) -> Result<()> {
    steered(frontend, backend, Some(capture), control)
}

/// How long it may take until the end of another context than the control's is noticed.
const LOOK: Duration = Duration::from_millis(100);

fn steered(
    frontend: &mut Socket,
    backend: &mut Socket,
    mut capture: Option<&mut Socket>,
    control: &mut Socket,
) -> Result<()> {
    let control = control.live()?;
    // None is taken before all are seen to be there.
    frontend.live()?;
    backend.live()?;
    if let Some(capture) = &capture {
        capture.live()?;
    }
    let mut proxy = Proxy::new(take(frontend)?, take(backend)?);
    if let Some(capture) = &mut capture {
        proxy = proxy.capture(take(capture)?);
    }
    let handle = proxy.spawn()?;
    let ordered = obey(&handle, control);
    // Also after an error of the control's: the sockets come back.
    let (front, back, captured) = handle.terminate()?.into_sockets();
    frontend.inner = Inner::Live(front);
    backend.inner = Inner::Live(back);
    if let (Some(capture), Some(socket)) = (capture, captured) {
        capture.inner = Inner::Live(socket);
    }
    ordered
}

fn take(socket: &mut Socket) -> Result<safe::Socket<Any>> {
    match std::mem::replace(&mut socket.inner, Inner::Gone) {
        Inner::Live(inner) => Ok(inner),
        Inner::Dead(_) | Inner::Gone => Err(Error::ETERM),
    }
}

/// Passes orders on until the last.
fn obey(handle: &ProxyHandle<Any, Any>, control: &safe::Socket<Any>) -> Result<()> {
    loop {
        let [ready] = safe::poll([control.poll_in()], Some(LOOK))?;
        if !ready.is_readable() {
            // An error is that with which the proxy has ended.
            handle.statistics()?;
            continue;
        }
        let Some(order) = control.try_recv_multipart()? else {
            continue;
        };
        let order = order.first().map_or(&b""[..], |part| part);
        let mut reply = Multipart::from(safe::Message::new());
        match order {
            b"PAUSE" => handle.pause()?,
            b"RESUME" => handle.resume()?,
            b"STATISTICS" => reply = statistics(handle)?,
            _ => {}
        }
        // Whoever asks for statistics waits for them; a REP has to answer whatever came.
        if order == b"STATISTICS" || control.kind() == SocketKind::Rep {
            match control.try_send_multipart(reply) {
                // The one who asked has gone, or cannot be answered on this type of socket.
                Err(refused)
                    if !matches!(
                        refused.kind(),
                        ErrorKind::WouldBlock | ErrorKind::NotSupported | ErrorKind::Dropped
                    ) =>
                {
                    return Err(refused.error.into());
                }
                _ => {}
            }
        }
        if order == b"TERMINATE" {
            return Ok(());
        }
    }
}

/// Eight numbers, as in `zmq_proxy_steerable(3)`.
fn statistics(handle: &ProxyHandle<Any, Any>) -> Result<Multipart> {
    let all = handle.statistics()?;
    let numbers = [all.frontend, all.backend].into_iter().flat_map(|side| {
        [side.received, side.sent]
            .into_iter()
            .flat_map(|count| [count.messages, count.bytes])
    });
    Ok(numbers
        .map(|number| safe::Message::from(number.to_ne_bytes()))
        .collect())
}
