//! A concurrency limit that can grow and shrink while requests are under way.

use std::sync::Mutex;

use tokio::sync::{Semaphore, SemaphorePermit};

/// `max_concurrent_requests`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Concurrency {
    /// At most this many requests at once; the seeds' default is 4.
    Limit(u16),
    /// A controller: grows by one per round trip while the limit is reached, halves on a 429.
    Auto,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self::Limit(4)
    }
}

/// Where `auto` begins and where it stops growing.
const AUTO_START: usize = 8;
const AUTO_MOST: usize = 64;

#[derive(Debug)]
pub(super) struct Limit {
    semaphore: Semaphore,
    /// `None` for a fixed limit.
    controller: Option<Mutex<Controller>>,
}

#[derive(Debug)]
struct Controller {
    limit: usize,
    /// Permits that were taken away while in use: forgotten when they come back.
    owed: usize,
    /// Successes at the limit since it last grew; a round trip is `limit` of them.
    credit: usize,
}

impl Limit {
    pub(super) fn new(concurrency: Concurrency) -> Self {
        match concurrency {
            Concurrency::Limit(limit) => {
                Self { semaphore: Semaphore::new(usize::from(limit)), controller: None }
            }
            Concurrency::Auto => Self {
                semaphore: Semaphore::new(AUTO_START),
                controller: Some(Mutex::new(Controller { limit: AUTO_START, owed: 0, credit: 0 })),
            },
        }
    }

    /// First come, first served (Q5).
    pub(super) async fn acquire(&self) -> Permit<'_> {
        let permit = self.semaphore.acquire().await.expect("the semaphore is never closed");
        Permit {
            limit: self,
            place: Some(permit),
            at_limit: self.semaphore.available_permits() == 0,
        }
    }

    /// Halves an `auto` limit, never below one.
    pub(super) fn shrink(&self) {
        let Some(controller) = &self.controller else { return };
        let mut controller = controller.lock().expect("no panic while the lock is held");
        let smaller = (controller.limit / 2).max(1);
        let surplus = controller.limit - smaller;
        controller.owed += surplus - self.semaphore.forget_permits(surplus);
        (controller.limit, controller.credit) = (smaller, 0);
    }
}

/// A place under the limit; dropping it, for example when a call is cancelled, gives it back.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    limit: &'a Limit,
    place: Option<SemaphorePermit<'a>>,
    at_limit: bool,
}

impl Permit<'_> {
    /// Gives the place back and lets the controller learn from the answer (Q11).
    pub(super) fn release(self, success: bool) {
        let Some(controller) = &self.limit.controller else { return };
        let mut controller = controller.lock().expect("no panic while the lock is held");
        if success && self.at_limit && controller.owed == 0 && controller.limit < AUTO_MOST {
            controller.credit += 1;
            if controller.credit >= controller.limit {
                (controller.limit, controller.credit) = (controller.limit + 1, 0);
                self.limit.semaphore.add_permits(1);
            }
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let Some(controller) = &self.limit.controller else { return };
        // `release` holds this lock only inside its own body, which ends before the permit drops.
        let mut controller = controller.lock().expect("no panic while the lock is held");
        if controller.owed > 0
            && let Some(place) = self.place.take()
        {
            controller.owed -= 1;
            place.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn auto_grows_only_while_the_limit_is_reached() {
        let limit = Limit::new(Concurrency::Auto);
        for _ in 0..100 {
            limit.acquire().await.release(true);
        }
        assert_eq!(limit.semaphore.available_permits(), AUTO_START);
        for _ in 0..2 {
            let mut held = Vec::new();
            while held.len() < AUTO_START {
                held.push(limit.acquire().await);
            }
            for permit in held {
                permit.release(true);
            }
        }
        assert!(limit.semaphore.available_permits() >= AUTO_START);
    }

    #[tokio::test]
    async fn shrinking_takes_permits_in_use_when_they_come_back() {
        let limit = Limit::new(Concurrency::Auto);
        let mut held = Vec::new();
        while held.len() < AUTO_START {
            held.push(limit.acquire().await);
        }
        limit.shrink();
        drop(held);
        assert_eq!(limit.semaphore.available_permits(), AUTO_START / 2);
        limit.shrink();
        limit.shrink();
        limit.shrink();
        assert_eq!(limit.semaphore.available_permits(), 1);
    }
}
