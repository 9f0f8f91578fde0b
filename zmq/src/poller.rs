//! Waiting again and again for sockets and file descriptors that are registered under keys.

use std::fmt;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::poll::RawItem;
use crate::poll::{PollEvents, PollItem, has_twins, wait};

/// Sockets and file descriptors that are waited for together, each under a key of the caller's.
///
/// What is registered are the items of [`poll`](crate::poll()), so a socket that cannot receive
/// cannot be registered for reading. An event tells the key, which is whatever leads back to the
/// socket best: an index, a name, or a reference to the socket itself, alone or in an enum with
/// one variant for each socket.
///
/// ```
/// use std::time::Duration;
/// use zmq::{Poller, Pull, Socket, Sub};
///
/// #[derive(Clone, Copy, PartialEq)]
/// enum Source<'a> {
///     Tasks(&'a Socket<Pull>),
///     Updates(&'a Socket<Sub>),
/// }
///
/// let context = zmq::Context::new()?;
/// let (tasks, updates) = (context.socket(zmq::PULL)?, context.socket(zmq::SUB)?);
/// # tasks.bind("inproc://tasks")?;
/// # let sender = context.socket(zmq::PUSH)?;
/// # sender.connect("inproc://tasks")?;
/// # sender.send("task")?;
/// let mut poller = Poller::new();
/// poller.add(Source::Tasks(&tasks), tasks.poll_in())?;
/// poller.add(Source::Updates(&updates), updates.poll_in())?;
/// for event in poller.wait(Some(Duration::from_secs(1)))? {
///     match event.key {
///         Source::Tasks(tasks) => println!("{}", tasks.recv()?),
///         Source::Updates(updates) => println!("{}", updates.recv()?),
///     }
/// }
/// # Ok::<(), zmq::Error>(())
/// ```
///
/// It borrows what it watches: a registered socket can be used, but not dropped or moved to another
/// thread, and the poller stays on its thread too. What needs the socket exclusively, such as
/// [`recv_frames`](crate::Socket::recv_frames), [`request`](crate::Socket::request) and
/// [`next_request`](crate::Socket::next_request), goes with [`poll`](crate::poll()).
///
/// Waiting is `zmq_poll(3)`, so its time grows with the number of items. All that are ready are told
/// at once, in the order in which they were added: whoever serves each event before waiting again
/// serves them all in turn.
#[doc(alias = "zmq_poller_new")]
#[doc(alias = "zmq_poller_destroy")]
#[doc(alias = "zpoller")]
#[must_use = "it does nothing until it waits"]
pub struct Poller<'a, K> {
    keys: Vec<K>,
    items: Vec<PollItem<'a>>,
    /// Each one's raw item, which libzmq reads and answers in, kept so that a wait copies nothing.
    raw: Vec<RawItem<'a>>,
    /// Whether a socket is there twice.
    twins: bool,
    events: Vec<PollEvent<K>>,
}

/// That something registered in a [`Poller`] is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[doc(alias = "zmq_poller_event_t")]
pub struct PollEvent<K> {
    /// What it was registered under.
    pub key: K,
    /// What it is ready for; never empty.
    pub events: PollEvents,
}

impl<K> PollEvent<K> {
    /// Whether a message, or bytes, can be received.
    pub fn is_readable(&self) -> bool {
        self.events.is_readable()
    }

    /// Whether there is room to send.
    pub fn is_writable(&self) -> bool {
        self.events.is_writable()
    }
}

impl<'a, K> Poller<'a, K> {
    /// A poller of nothing.
    pub const fn new() -> Poller<'a, K> {
        Poller {
            keys: Vec::new(),
            items: Vec::new(),
            raw: Vec::new(),
            twins: false,
            events: Vec::new(),
        }
    }

    /// The number of items.
    #[doc(alias = "zmq_poller_size")]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<'a, K: PartialEq> Poller<'a, K> {
    /// Registers an item under a key that no other has.
    ///
    /// The same socket or descriptor may be registered under several keys.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the key is taken.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let sockets = [context.socket(zmq::PULL)?, context.socket(zmq::PULL)?];
    /// let mut poller = zmq::Poller::new();
    /// for (index, socket) in sockets.iter().enumerate() {
    ///     poller.add(index, socket.poll_in())?;
    /// }
    /// assert_eq!(poller.add(1, sockets[0].poll_in()).unwrap_err().kind(), zmq::ErrorKind::InvalidInput);
    /// # Ok::<(), zmq::Error>(())
    /// ```
    #[doc(alias = "zmq_poller_add")]
    #[doc(alias = "zmq_poller_add_fd")]
    pub fn add(&mut self, key: K, item: impl Into<PollItem<'a>>) -> Result<()> {
        if self.contains(&key) {
            return Err(
                Error::own("Poller::add", ErrorKind::InvalidInput).because("the key is taken")
            );
        }
        let item = item.into();
        self.keys.push(key);
        self.raw.push(item.raw());
        self.items.push(item);
        self.twins = has_twins(&self.items);
        Ok(())
    }

    /// Replaces the item under a key, which keeps its place.
    ///
    /// ```
    /// let context = zmq::Context::new()?;
    /// let (requests, workers) = (context.socket(zmq::ROUTER)?, context.socket(zmq::ROUTER)?);
    /// let mut poller = zmq::Poller::new();
    /// poller.add("requests", requests.poll_in())?;
    /// poller.add("workers", workers.poll_in())?;
    /// // While no worker is free, requests wait in their queue.
    /// let free = 0;
    /// poller.modify(&"requests", requests.poll_in().when(free > 0))?;
    /// # Ok::<(), zmq::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if there is none under the key.
    #[doc(alias = "zmq_poller_modify")]
    #[doc(alias = "zmq_poller_modify_fd")]
    pub fn modify(&mut self, key: &K, item: impl Into<PollItem<'a>>) -> Result<()> {
        let index = self.index("Poller::modify", key)?;
        self.items[index] = item.into();
        self.raw[index] = self.items[index].raw();
        self.twins = has_twins(&self.items);
        Ok(())
    }

    /// Forgets the item under a key. The others keep their order.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if there is none under the key.
    #[doc(alias = "zmq_poller_remove")]
    #[doc(alias = "zmq_poller_remove_fd")]
    pub fn remove(&mut self, key: &K) -> Result<()> {
        let index = self.index("Poller::remove", key)?;
        self.keys.remove(index);
        self.items.remove(index);
        self.raw.remove(index);
        self.twins = has_twins(&self.items);
        Ok(())
    }

    /// Whether there is an item under the key. This, `add`, `modify` and `remove` compare the keys
    /// one by one.
    pub fn contains(&self, key: &K) -> bool {
        self.keys.contains(key)
    }

    fn index(&self, call: &'static str, key: &K) -> Result<usize> {
        self.keys
            .iter()
            .position(|other| other == key)
            .ok_or_else(|| {
                Error::own(call, ErrorKind::NotFound).because("nothing is registered under the key")
            })
    }
}

impl<K: Clone> Poller<'_, K> {
    /// Waits until something is ready, or the timeout is over (`zmq_poll(3)`).
    ///
    /// Gives all that is ready, in the order in which it was added, and nothing when the time ran
    /// out. `None` waits without end. A timeout is rounded up to whole milliseconds. The events lie
    /// in the poller: a loop that changes it meanwhile takes [`wait_into`](Poller::wait_into).
    ///
    /// # Errors
    /// Those of [`poll`](crate::poll()): [`Interrupted`](ErrorKind::Interrupted) by a signal,
    /// [`Terminated`](ErrorKind::Terminated) when the context of a socket ends,
    /// [`InvalidInput`](ErrorKind::InvalidInput) with nothing to wait for and no timeout, or more
    /// items than file descriptors are allowed, [`Forked`](ErrorKind::Forked). Nothing is lost.
    #[doc(alias = "zmq_poller_wait")]
    #[doc(alias = "zmq_poller_wait_all")]
    pub fn wait(&mut self, timeout: Option<Duration>) -> Result<&[PollEvent<K>]> {
        let mut events = std::mem::take(&mut self.events);
        let waited = self.wait_into(&mut events, timeout);
        self.events = events;
        waited?;
        Ok(&self.events)
    }

    /// Waits as [`wait`](Poller::wait) does and puts what is ready in place of what `events` holds;
    /// gives their number. A vector that is used again has the room, so nothing is allocated.
    ///
    /// # Errors
    /// As [`wait`](Poller::wait); `events` is empty then.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let context = zmq::Context::new()?;
    /// let socket = context.socket(zmq::PAIR)?;
    /// # socket.bind("inproc://last")?;
    /// # let peer = context.socket(zmq::PAIR)?;
    /// # peer.connect("inproc://last")?;
    /// # peer.send("END")?;
    /// let mut poller = zmq::Poller::new();
    /// poller.add(&socket, socket.poll_in())?;
    /// let mut events = Vec::new();
    /// while !poller.is_empty() {
    ///     poller.wait_into(&mut events, Some(Duration::from_secs(1)))?;
    ///     for event in &events {
    ///         if event.key.recv()? == "END" {
    ///             poller.remove(&event.key)?;
    ///         }
    ///     }
    /// }
    /// # Ok::<(), zmq::Error>(())
    /// ```
    pub fn wait_into(
        &mut self,
        events: &mut Vec<PollEvent<K>>,
        timeout: Option<Duration>,
    ) -> Result<usize> {
        events.clear();
        let keys = &self.keys;
        wait(
            &self.items,
            &mut self.raw,
            self.twins,
            timeout,
            |index, ready| {
                events.push(PollEvent {
                    key: keys[index].clone(),
                    events: ready,
                });
            },
        )?;
        Ok(events.len())
    }
}

impl<K> Default for Poller<'_, K> {
    fn default() -> Self {
        Poller::new()
    }
}

impl<K: fmt::Debug> fmt::Debug for Poller<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.keys.iter().zip(&self.items))
            .finish()
    }
}
