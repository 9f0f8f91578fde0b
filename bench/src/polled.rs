//! Sockets of which one has a message, to be polled in C and through `zmq`.

use zmq::{PollItem, Poller, Pull, Push, Socket, SocketKind};

use crate::{Outcome, Peer, Twin, twin};

/// A way of polling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polling {
    /// `zmq_poll` on an array that stays.
    C,
    /// `zmq::poll` on a slice of items that stays.
    Slice,
    /// `Poller::wait`.
    Poller,
}

impl Polling {
    /// All of them.
    pub const ALL: [Polling; 3] = [Polling::C, Polling::Slice, Polling::Poller];

    /// A name for tables.
    pub fn name(self) -> &'static str {
        match self {
            Polling::C => "C",
            Polling::Slice => "slice",
            Polling::Poller => "poller",
        }
    }
}

/// Sockets, as many for C as for us, of which the one in the middle has a message.
#[derive(Debug)]
pub struct Polled {
    sockets: Vec<Socket<Pull>>,
    twins: Vec<Twin>,
    _senders: (Socket<Push>, Twin),
}

impl Polled {
    /// So many sockets for each side.
    pub fn new(count: usize) -> Outcome<Polled> {
        let context = zmq::Context::new()?;
        context.set_max_sockets(u32::try_from(2 * count + 10)?)?;
        let sockets = (0..count)
            .map(|_| context.socket(zmq::PULL))
            .collect::<zmq::Result<Vec<_>>>()?;
        let twins = (0..count)
            .map(|_| Twin::open(&context, SocketKind::Pull, 1000))
            .collect::<Outcome<Vec<_>>>()?;
        let sender = context.socket(zmq::PUSH)?;
        sockets[count / 2].bind("inproc://ours")?;
        sender.connect("inproc://ours")?;
        sender.send("message")?;
        let twin = Twin::open(&context, SocketKind::Push, 1000)?;
        twins[count / 2].bind("inproc://twin")?;
        twin.connect("inproc://twin")?;
        twin.send(crate::Form::Buffer, b"message", 1)?;
        Ok(Polled {
            sockets,
            twins,
            _senders: (sender, twin),
        })
    }

    /// Runs `measure` on what polls so many rounds and gives how many sockets it found ready; what
    /// it needs is made before.
    pub fn with<R>(
        &self,
        polling: Polling,
        measure: impl FnOnce(&mut dyn FnMut(usize) -> Outcome<u64>) -> R,
    ) -> Outcome<R> {
        Ok(match polling {
            Polling::C => {
                let mut pointers: Vec<_> = self.twins.iter().map(Twin::as_ptr).collect();
                measure(&mut |rounds| {
                    // SAFETY: the sockets are live while `self` is, and this thread's alone.
                    unsafe { twin::poll(&mut pointers, rounds) }
                })
            }
            Polling::Slice => {
                let items: Vec<PollItem<'_>> = self.sockets.iter().map(Socket::poll_in).collect();
                measure(&mut |rounds| {
                    let mut found = 0;
                    for _ in 0..rounds {
                        let events = zmq::poll(&items[..], None)?;
                        found += events.iter().filter(|event| event.is_readable()).count() as u64;
                    }
                    Ok(found)
                })
            }
            Polling::Poller => {
                let mut poller = Poller::new();
                for (index, socket) in self.sockets.iter().enumerate() {
                    poller.add(index, socket.poll_in())?;
                }
                measure(&mut |rounds| {
                    let mut found = 0;
                    for _ in 0..rounds {
                        for event in poller.wait(None)? {
                            found += u64::from(event.is_readable());
                        }
                    }
                    Ok(found)
                })
            }
        })
    }
}
