//! The closed list of what can stand in the log.
//!
//! The only file in which `tracing`'s macros are allowed. `error` means that somebody must act, `warn` that the gateway
//! coped, `info` that a case moved.

use std::net::SocketAddr;

use channels::{ChannelError, ChannelName, SentState, TurnedAway};

use crate::case::Reference;
use crate::language::Language;
use crate::notify::Wake;
use crate::triage::Severity;
use crate::vault::VaultError;
use crate::vault::current::EpochError;

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// Both listeners are open.
    Started {
        /// The public listener.
        public: SocketAddr,
        /// The internal listener.
        internal: SocketAddr,
    },
    /// The side that answers is open.
    ReplySideStarted {
        /// The internal listener.
        internal: SocketAddr,
    },
    /// The gateway was asked to stop; no new requests are taken.
    Stopping,
    /// Everything in hand is finished.
    Stopped,
    /// A report is on disk.
    ReportAccepted {
        /// The channel.
        channel: &'a ChannelName,
    },
    /// A delivery came again while its report was still being worked on.
    ReportRepeated {
        /// The channel.
        channel: &'a ChannelName,
    },
    /// A request was turned away.
    TurnedAway {
        /// The channel.
        channel: &'a ChannelName,
        /// Why.
        why: TurnedAway,
    },
    /// An authentic request that nobody can read is kept, sealed.
    Quarantined {
        /// The channel.
        channel: &'a ChannelName,
    },
    /// A report has become a case.
    CaseStored {
        /// The channel.
        channel: &'a ChannelName,
        /// The case.
        reference: &'a Reference,
        /// How urgent.
        severity: Severity,
        /// In which language.
        language: Language,
        /// Whether it triggers mediation by itself.
        auto_trigger: bool,
        /// From acceptance to the store.
        duration_ms: u64,
    },
    /// A delivery came again after its case was stored.
    CaseKnown {
        /// The channel.
        channel: &'a ChannelName,
        /// The case.
        reference: &'a Reference,
    },
    /// A stage failed on a report; it is tried again.
    StageFailed {
        /// How often it was tried.
        attempt: u32,
    },
    /// A report failed for good; it is kept for a person.
    SetAside,
    /// The case store does not answer; reports wait in the journal.
    StoreAway,
    /// The case store answers again.
    StoreBack,
    /// The case store works, but not as safely as it could.
    StoreWarning {
        /// A fixed sentence.
        advice: &'static str,
    },
    /// The journal has reached its bound; providers are told to come again.
    JournalFull,
    /// The disk does not take reports; providers are told to come again.
    JournalFailed,
    /// The receipt went out by the provider's API.
    ReceiptSent {
        /// The channel.
        channel: &'a ChannelName,
        /// The case.
        reference: &'a Reference,
    },
    /// The receipt could not be sent.
    ReceiptFailed {
        /// The channel.
        channel: &'a ChannelName,
        /// The case.
        reference: &'a Reference,
        /// Why.
        error: ChannelError,
    },
    /// A provider says what became of a message that was sent.
    SentReported {
        /// The channel.
        channel: &'a ChannelName,
        /// What became of it.
        state: SentState,
    },
    /// Somebody wants no more messages.
    OptedOut {
        /// The channel.
        channel: &'a ChannelName,
    },
    /// Nothing can be sealed, so reports wait in the journal.
    NoEpoch {
        /// Why.
        error: EpochError,
    },
    /// A new epoch has begun, and what was forgotten before is out of reach for good.
    EpochBegun {
        /// How many wraps were moved.
        n_moved: u64,
        /// How many nobody can open any more.
        n_lost: u64,
    },
    /// The nightly work on keys is not done.
    UpkeepFailed {
        /// A fixed sentence.
        error: &'a VaultError,
    },
    /// Somebody should have been woken, and the notification did not go out.
    WakeFailed,
    /// A handler panicked; the request was answered with 500.
    HandlerPanicked,
}

impl Event<'_> {
    /// Who must be woken, and for what.
    #[must_use]
    pub fn wakes(&self) -> Option<Wake> {
        match self {
            Self::CaseStored { reference, severity, auto_trigger, .. } => (*severity == Severity::Emergency || *auto_trigger)
                .then(|| Wake::Case { reference: (*reference).clone(), severity: *severity }),
            Self::SetAside => Some(Wake::SetAside),
            Self::StoreAway => Some(Wake::StoreAway),
            Self::JournalFull => Some(Wake::JournalFull),
            Self::JournalFailed => Some(Wake::JournalFailed),
            Self::NoEpoch { .. } | Self::UpkeepFailed { .. } => Some(Wake::VaultFailed),
            Self::Started { .. }
            | Self::ReplySideStarted { .. }
            | Self::Stopping
            | Self::Stopped
            | Self::ReportAccepted { .. }
            | Self::ReportRepeated { .. }
            | Self::TurnedAway { .. }
            | Self::Quarantined { .. }
            | Self::CaseKnown { .. }
            | Self::StageFailed { .. }
            | Self::StoreBack
            | Self::StoreWarning { .. }
            | Self::ReceiptSent { .. }
            | Self::ReceiptFailed { .. }
            | Self::SentReported { .. }
            | Self::OptedOut { .. }
            | Self::EpochBegun { .. }
            | Self::WakeFailed
            | Self::HandlerPanicked => None,
        }
    }
}

/// The word for a reason in logs and counters.
#[must_use]
pub const fn turned_away_word(why: TurnedAway) -> &'static str {
    match why {
        TurnedAway::Unsigned => "unsigned",
        TurnedAway::BadSignature => "bad_signature",
        TurnedAway::Stale => "stale",
        TurnedAway::Malformed => "malformed",
        TurnedAway::TooLarge => "too_large",
        TurnedAway::Overloaded => "overloaded",
    }
}

/// The word for what became of a message, in logs and counters.
#[must_use]
pub const fn sent_word(state: SentState) -> &'static str {
    match state {
        SentState::OnItsWay => "on_its_way",
        SentState::Delivered => "delivered",
        SentState::Failed => "failed",
    }
}

/// The notifier's own trouble, told from its task.
pub(crate) fn log_wake_failed() {
    log(&Event::WakeFailed);
}

/// A panic, told from the thread it happens on: where in the program, and no word of what it says.
pub(super) fn log_panic(file: &str, line: u32) {
    tracing::error!(file, line, "The program has a fault at this place; please report it.");
}

/// Writes an event to the log. A line bears its exact time, so it names no case: case, minute and somebody's call list
/// together would name the reporter.
pub(super) fn log(event: &Event<'_>) {
    match event {
        Event::Started { public, internal } => tracing::info!(%public, %internal, "The gateway is open."),
        Event::ReplySideStarted { internal } => tracing::info!(%internal, "The side that answers is open."),
        Event::Stopping => tracing::info!("Stopping: no new requests, finishing what is in hand."),
        Event::Stopped => tracing::info!("Stopped."),
        Event::ReportAccepted { channel } => tracing::info!(%channel, "A report is on disk."),
        Event::ReportRepeated { channel } => tracing::info!(%channel, "A delivery came again."),
        Event::TurnedAway { channel, why } => {
            tracing::warn!(%channel, reason = turned_away_word(*why), "A request was turned away.");
        }
        Event::Quarantined { channel } => tracing::warn!(%channel, "An unreadable request is kept in quarantine."),
        Event::CaseStored { channel, reference: _, severity, language, auto_trigger, duration_ms } => tracing::info!(
            %channel,
            verdict.severity = severity.as_str(),
            verdict.auto_trigger = auto_trigger,
            %language,
            duration_ms,
            "A report has become a case."
        ),
        Event::CaseKnown { channel, reference: _ } => {
            tracing::info!(%channel, "A delivery came again; its case is stored.");
        }
        Event::StageFailed { attempt } => tracing::warn!(attempt, "A stage failed on a report; trying again."),
        Event::SetAside => tracing::error!("A report failed for good and is set aside: run `pmm-gateway check`."),
        Event::StoreAway => tracing::error!("The case store does not answer; reports wait in the journal."),
        Event::StoreBack => tracing::info!("The case store answers again."),
        Event::StoreWarning { advice } => tracing::warn!(advice, "The case store could be safer."),
        Event::JournalFull => tracing::error!("The journal is full; providers are told to come again."),
        Event::JournalFailed => tracing::error!("The disk takes no reports; providers are told to come again."),
        Event::ReceiptSent { channel, reference: _ } => {
            tracing::info!(%channel, "The receipt is sent.");
        }
        Event::ReceiptFailed { channel, reference: _, error } => {
            tracing::warn!(%channel, %error, "The receipt could not be sent.");
        }
        Event::SentReported { channel, state } => {
            tracing::info!(%channel, state = sent_word(*state), "A provider says what became of a message.");
        }
        Event::OptedOut { channel } => tracing::info!(%channel, "Somebody wants no more messages; their contact is forgotten."),
        Event::NoEpoch { error } => tracing::error!(%error, "Nothing can be sealed; reports wait in the journal."),
        Event::EpochBegun { n_moved, n_lost: 0 } => {
            tracing::info!(n_moved, "A new epoch has begun; the old secret is destroyed.");
        }
        Event::EpochBegun { n_moved, n_lost } => {
            tracing::warn!(n_moved, n_lost, "A new epoch has begun; some sealed contacts or originals can be opened by nobody.");
        }
        Event::UpkeepFailed { error } => tracing::error!(%error, "The nightly work on keys is not done."),
        Event::WakeFailed => tracing::error!("A notification did not go out; somebody should be awake and is not."),
        Event::HandlerPanicked => tracing::error!("A handler panicked."),
    }
}
