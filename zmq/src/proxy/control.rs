//! Orders to a proxy on another thread, and its answers.
//!
//! Orders and answers lie behind a lock; a pair of inproc sockets only wakes the loop, which waits
//! in `zmq_poll`.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::CALL;
use super::statistics::ProxyStatistics;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::fork;
use crate::poll::PollItem;
use crate::socket::{Pair, Socket};

/// What the loop is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Run,
    Pause,
    End,
}

/// The desk on which handle and loop lay things down for each other.
pub(super) struct Desk {
    papers: Mutex<Papers>,
    changed: Condvar,
    generation: u32,
}

struct Papers {
    order: Order,
    /// Orders given, and orders obeyed.
    given: u64,
    obeyed: u64,
    /// As of the last order obeyed.
    statistics: ProxyStatistics,
    /// Wakes the loop; goes with it, so that the context need not wait for the handle.
    bell: Option<Socket<Pair>>,
    /// The bell was rung and not heard yet.
    rung: bool,
    /// Why the loop has ended.
    end: Option<Error>,
}

/// The loop's side of a desk.
pub(super) struct Control {
    desk: Arc<Desk>,
    bell: Socket<Pair>,
}

/// A desk and the loop's side of it.
pub(super) fn desk(context: &Context) -> Result<(Arc<Desk>, Control)> {
    let (heard, rung) = context.pipe()?;
    let desk = Arc::new(Desk {
        papers: Mutex::new(Papers {
            order: Order::Run,
            given: 0,
            obeyed: 0,
            statistics: ProxyStatistics::default(),
            bell: Some(rung),
            rung: false,
            end: None,
        }),
        changed: Condvar::new(),
        generation: fork::generation(),
    });
    let control = Control {
        desk: Arc::clone(&desk),
        bell: heard,
    };
    Ok((desk, control))
}

impl Desk {
    /// Whether this process is a child made by `fork`, in which the loop does not exist.
    pub(super) fn is_inherited(&self) -> bool {
        self.generation != fork::generation()
    }

    fn lock(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an order, or with `None` none, and waits until the loop has obeyed.
    pub(super) fn order(&self, order: Option<Order>) -> Result<ProxyStatistics> {
        if self.is_inherited() {
            // The lock may be held by a thread that is not there.
            return Err(Error::own(CALL, ErrorKind::Forked));
        }
        let mut papers = self.lock();
        if let Some(order) = order.filter(|_| papers.order != Order::End) {
            papers.order = order;
        }
        papers.given += 1;
        let mine = papers.given;
        papers.ring();
        while papers.obeyed < mine {
            if let Some(error) = &papers.end {
                return Err(error.clone());
            }
            papers = self
                .changed
                .wait(papers)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Ok(papers.statistics)
    }
}

impl Papers {
    fn ring(&mut self) {
        let Some(bell) = self.bell.as_ref().filter(|_| !self.rung) else {
            return;
        };
        while let Err(refused) = bell.try_send(&[]) {
            if refused.kind() != ErrorKind::Interrupted {
                // The context has ended, and so will the loop, which then says so.
                return;
            }
        }
        self.rung = true;
    }
}

impl Control {
    /// Ready when there is an order.
    pub(super) fn item(&self) -> PollItem<'_> {
        self.bell.poll_in()
    }

    /// Takes the order, and answers with the statistics.
    pub(super) fn obey(&self, statistics: &ProxyStatistics) -> Result<Order> {
        let mut papers = self.desk.lock();
        self.bell.try_recv_into(&mut [])?;
        papers.rung = false;
        papers.statistics = *statistics;
        papers.obeyed = papers.given;
        self.desk.changed.notify_all();
        Ok(papers.order)
    }

    /// Whether the last order is to pause.
    pub(super) fn is_paused(&self) -> bool {
        self.desk.lock().order == Order::Pause
    }

    /// Says why the loop has ended; nobody is kept waiting after that.
    pub(super) fn end(&self, error: Error) {
        let mut papers = self.desk.lock();
        papers.end.get_or_insert(error);
        let bell = papers.bell.take();
        self.desk.changed.notify_all();
        drop(papers);
        drop(bell);
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // The last to speak, also if the loop unwinds.
        self.end(Error::own(CALL, ErrorKind::Terminated).because("the proxy has ended"));
    }
}
