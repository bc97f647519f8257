//! Time and chance, as parameters.
//!
//! The only file in which the real clock and the real generator are read; everybody else is handed one, so that a test
//! can move time instead of waiting for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// How much of the time of a report a mediator sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeRounding {
    /// The hour.
    #[default]
    Hour,
    /// The day.
    Day,
}

impl TimeRounding {
    /// Cuts a time down.
    #[must_use]
    pub fn round(self, time: Timestamp) -> Timestamp {
        let secs = match self {
            Self::Hour => 3600,
            Self::Day => 86_400,
        };
        // Near the end of the calendar there is nothing to cut down to.
        Timestamp::from_second(time.as_second().div_euclid(secs) * secs).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Gives random bytes.
pub trait Rng: Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the real clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The machine's own generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct SetClock(Arc<AtomicI64>);

impl SetClock {
    /// Starts at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_millisecond())))
    }

    /// Moves it on.
    pub fn advance_secs(&self, secs: i64) {
        self.0.fetch_add(secs * 1000, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).expect("a test stays within the calendar")
    }
}
