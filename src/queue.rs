//! Queue of the long requests of a client.
//!
//! Browsers open six connections per host over HTTP/1.1, and a request that waits for one of them uses up its timeout.
//! The client therefore limits its own requests: the first entries of the queue run, and the others wait in order.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

/// Queue of the requests of a client. Clones share their entries.
#[derive(Debug, Clone)]
pub struct Queue {
    limit: usize,
    entries: Rc<RefCell<Entries>>,
}

#[derive(Debug, Default)]
struct Entries {
    next_id: u64,
    /// The running requests, then the waiting ones.
    in_order: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    id: u64,
    /// Wakes the waiting request.
    waker: Option<Waker>,
}

impl Queue {
    /// Creates an empty queue with a maximum number of running requests, at least 1.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit: limit.max(1) as usize, entries: Rc::default() }
    }

    /// Returns the maximum number of running requests.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Adds a request at the end.
    #[must_use]
    pub fn join(&self) -> Place {
        let mut entries = self.entries.borrow_mut();
        let id = entries.next_id;
        entries.next_id = id.wrapping_add(1);
        entries.in_order.push_back(Entry { id, waker: None });
        Place { id, queue: self.clone() }
    }
}

/// Place of a request in the queue. Dropping it lets the next request run.
#[derive(Debug)]
pub struct Place {
    id: u64,
    queue: Queue,
}

impl Place {
    /// Returns true if the request can run.
    #[must_use]
    pub fn is_first(&self) -> bool {
        let entries = self.queue.entries.borrow();
        entries.in_order.iter().take(self.queue.limit).any(|entry| entry.id == self.id)
    }

    /// Sets the waker to wake when the request can run.
    pub fn wake_with(&self, waker: &Waker) {
        let mut entries = self.queue.entries.borrow_mut();
        if let Some(entry) = entries.in_order.iter_mut().find(|entry| entry.id == self.id) {
            entry.waker = Some(waker.clone());
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut entries = self.queue.entries.borrow_mut();
        entries.in_order.retain(|entry| entry.id != self.id);
        // Only the last request that can run may have moved up. A running request has no waker.
        let last = self.queue.limit.saturating_sub(1);
        let waker = entries.in_order.get_mut(last).and_then(|entry| entry.waker.take());
        drop(entries);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
