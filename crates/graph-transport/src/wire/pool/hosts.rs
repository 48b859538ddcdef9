//! The idle connections of each host, and who waits for one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hyper::rt::Executor as _;
use hyper_util::rt::TokioExecutor;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::lease::{Key, Leased};

/// All hosts of a pool.
pub(super) struct Hosts {
    /// How long an unused connection is kept.
    keep: Duration,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Few: Graph, the login authority and where downloads come from.
    hosts: Vec<(Key, Host)>,
    /// A task closes what stays idle.
    is_swept: bool,
}

/// The connections of one host that a request may have now.
#[derive(Default)]
struct Host {
    /// HTTP/1.1, the last used at the end.
    idle: Vec<Idle>,
    /// HTTP/2.
    shared: Option<Idle>,
    waiting: VecDeque<oneshot::Sender<Leased>>,
}

struct Idle {
    leased: Leased,
    since: Instant,
}

impl Idle {
    fn is_good(&self, now: Instant, keep: Duration) -> bool {
        self.leased.is_ready() && now.saturating_duration_since(self.since) < keep
    }
}

impl Known {
    fn find(&mut self, key: &Key) -> Option<&mut Host> {
        self.hosts.iter_mut().find(|(known, _)| known == key).map(|(_, host)| host)
    }

    fn host(&mut self, key: &Key) -> &mut Host {
        let at = self.hosts.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
            self.hosts.push((key.clone(), Host::default()));
            self.hosts.len() - 1
        });
        &mut self.hosts[at].1
    }
}

impl Hosts {
    pub(super) fn new(keep: Duration) -> Self {
        Self { keep, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("no panic while the lock is held")
    }

    /// An idle connection, or else a place in line for one.
    pub(super) fn take(&self, key: &Key) -> Result<Leased, oneshot::Receiver<Leased>> {
        let now = Instant::now();
        let mut known = self.known();
        if let Some(host) = known.find(key)
            && let Some(leased) = host.take(now, self.keep)
        {
            return Ok(leased);
        }
        let (tell, told) = oneshot::channel();
        let host = known.host(key);
        host.waiting.retain(|waiting| !waiting.is_closed());
        host.waiting.push_back(tell);
        Err(told)
    }

    /// Gives a connection to the first who waits, or keeps it.
    pub(super) fn put(self: &Arc<Self>, key: &Key, mut leased: Leased) {
        if !leased.is_ready() {
            return;
        }
        leased.is_reused = true;
        let now = Instant::now();
        let mut known = self.known();
        let host = known.host(key);
        let Some(leased) = host.offer(leased) else { return };
        host.idle.push(Idle { leased, since: now });
        self.see_to_sweeping(&mut known);
    }

    /// Lets others have a new connection as well, if it can carry several requests; everybody who waits
    /// gets the same one.
    pub(super) fn share(self: &Arc<Self>, key: &Key, leased: Leased) -> Leased {
        let Some(copy) = leased.share() else { return leased };
        let now = Instant::now();
        let mut known = self.known();
        let host = known.host(key);
        // Another one was made meanwhile: this one serves its request and is closed.
        if host.shared.as_ref().is_some_and(|shared| shared.is_good(now, self.keep)) {
            return leased;
        }
        for waiting in host.waiting.drain(..) {
            if let Some(copy) = copy.share() {
                drop(waiting.send(copy)); // who is gone does not need it
            }
        }
        host.shared = Some(Idle { leased: copy, since: now });
        self.see_to_sweeping(&mut known);
        leased
    }

    /// Idle connections are closed in time although no request comes.
    fn see_to_sweeping(self: &Arc<Self>, known: &mut Known) {
        if std::mem::replace(&mut known.is_swept, true) {
            return;
        }
        let (hosts, keep) = (Arc::downgrade(self), self.keep);
        TokioExecutor::new().execute(async move {
            loop {
                sleep(keep).await;
                let Some(hosts) = hosts.upgrade() else { return };
                if hosts.sweep(Instant::now()) {
                    return;
                }
            }
        });
    }

    /// Closes what has been idle for too long; true when nothing is left to be closed.
    fn sweep(&self, now: Instant) -> bool {
        let mut known = self.known();
        known.hosts.retain_mut(|(_, host)| {
            host.idle.retain(|idle| idle.is_good(now, self.keep));
            host.shared.take_if(|shared| !shared.is_good(now, self.keep));
            host.waiting.retain(|waiting| !waiting.is_closed());
            !host.idle.is_empty() || host.shared.is_some() || !host.waiting.is_empty()
        });
        known.is_swept = !known.hosts.is_empty();
        !known.is_swept
    }
}

impl Host {
    fn take(&mut self, now: Instant, keep: Duration) -> Option<Leased> {
        if let Some(shared) = &mut self.shared {
            if shared.is_good(now, keep) {
                shared.since = now;
                return shared.leased.share();
            }
            self.shared = None;
        }
        while let Some(idle) = self.idle.pop() {
            if idle.is_good(now, keep) {
                return Some(idle.leased);
            }
        }
        None
    }

    /// Hands a connection to the first who still waits; back if nobody does.
    fn offer(&mut self, mut leased: Leased) -> Option<Leased> {
        while let Some(waiting) = self.waiting.pop_front() {
            match waiting.send(leased) {
                Ok(()) => return None,
                Err(back) => leased = back,
            }
        }
        Some(leased)
    }
}
