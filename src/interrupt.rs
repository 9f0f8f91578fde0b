//! SIGINT and SIGTERM.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::{SigId, flag, low_level};
use zmq::{Context, ErrorKind};

/// Shuts a context down at the first SIGINT or SIGTERM, so that whatever waits in it ends with an
/// error: of kind `Interrupted` on the thread that the system chose for the signal, else of kind
/// `Terminated`. A second signal ends the process at once.
///
/// The signals are taken by a thread, which ends when this value is dropped. Declare it after the
/// context: the thread holds a handle of it, and `main` is to be the last one to let go.
///
/// ```
/// let context = zmq::Context::new()?;
/// let interrupt = zguide::Interrupt::watch(&context).expect("signals");
/// let socket = context.socket(zmq::REP)?;
/// socket.bind("tcp://127.0.0.1:*")?;
/// # context.shutdown()?; // stands for the signal
/// let result = socket.recv(); // waits for a request or a signal
/// assert_eq!(result.unwrap_err().kind(), zmq::ErrorKind::Terminated);
/// # assert!(!interrupt.came());
/// # Ok::<(), zmq::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "dropped at once, it watches nothing"]
pub struct Interrupt {
    came: Arc<AtomicBool>,
    registered: Vec<SigId>,
    signals: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Interrupt {
    /// Begins to watch for signals.
    ///
    /// # Errors
    /// Those of the system: no thread, no file descriptor.
    pub fn watch(context: &Context) -> io::Result<Interrupt> {
        let came = Arc::new(AtomicBool::new(false));
        let mut registered = Vec::new();
        for signal in [SIGINT, SIGTERM] {
            // In this order: what the first signal sets makes the second one the last. It is set in
            // the handler itself, before any call gives `Interrupted`.
            registered.push(flag::register_conditional_default(
                signal,
                Arc::clone(&came),
            )?);
            registered.push(flag::register(signal, Arc::clone(&came))?);
        }
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let handle = signals.handle();
        let thread = thread::Builder::new().name("signals".into()).spawn({
            let context = context.clone();
            move || {
                for _ in &mut signals {
                    // Fails only in a child made by fork, which has no such thread.
                    let _ = context.shutdown();
                }
            }
        })?;
        Ok(Interrupt {
            came,
            registered,
            signals: handle,
            thread: Some(thread),
        })
    }

    /// Whether a signal came.
    pub fn came(&self) -> bool {
        self.came.load(Ordering::SeqCst)
    }

    /// The end of a program that runs until it is interrupted: after a signal, `Interrupted` and
    /// `Terminated` are no errors.
    ///
    /// # Errors
    /// Any other error, and those without a signal.
    pub fn ends(&self, result: zmq::Result<()>) -> zmq::Result<()> {
        match result.as_ref().map_err(zmq::Error::kind) {
            Err(ErrorKind::Interrupted | ErrorKind::Terminated) if self.came() => Ok(()),
            _ => result,
        }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            low_level::unregister(id);
        }
        self.signals.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
