//! What is done now and then, by the clock that was handed in: the vault's nightly work, the change of the pepper, and the
//! emptying of the journal's and the outbox's logs.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;

use crate::audit::Entry;
use crate::desk::GatewayDesk;
use crate::telemetry::{Event, Telemetry};
use crate::vault::{Policy, Vault, VaultError};

/// How often the clock is looked at.
const PAUSE: Duration = Duration::from_mins(1);
/// And how often while something is in the way.
const PAUSE_IN_TROUBLE: Duration = Duration::from_secs(1);

/// Whoever does it.
pub(super) struct Upkeep {
    /// The side that takes reports in.
    pub(super) desk: Option<Arc<GatewayDesk>>,
    /// The side that answers.
    pub(super) vault: Option<Arc<Vault>>,
    pub(super) policy: Policy,
    pub(super) telemetry: Telemetry,
}

impl Upkeep {
    /// Looks at the clock again and again until stopped.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut was_told = false;
        while !stop.is_cancelled() {
            let is_done = self.once(was_told).await;
            was_told = !is_done;
            let pause = if is_done { PAUSE } else { PAUSE_IN_TROUBLE };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Does what is due. Says whether all of it is done; what is in the way is told once.
    pub(super) async fn once(&self, was_told: bool) -> bool {
        let mut is_done = true;
        if let Some(desk) = &self.desk
            && let Err(error) = turn_pepper(desk, self.policy)
        {
            is_done = false;
            if !was_told {
                self.telemetry.emit(&Event::UpkeepFailed { error: &error });
            }
        }
        if let Some(desk) = &self.desk {
            // It fails while somebody reads; the next time will do.
            let _ = desk.tools().journal.tidy().await;
            let _ = desk.tools().outbox.tidy().await;
        }
        if let Some(vault) = &self.vault {
            match vault.upkeep(&self.policy).await {
                Ok(None) => {}
                Ok(Some(rolled)) => {
                    self.telemetry.emit(&Event::EpochBegun { n_moved: rolled.n_moved, n_lost: rolled.n_lost });
                }
                Err(error) => {
                    is_done = false;
                    // A command that is at it right now will do as well; and a store that is away is told by the worker.
                    let is_told = was_told || matches!(error, VaultError::Busy | VaultError::Store(_));
                    if !is_told {
                        self.telemetry.emit(&Event::UpkeepFailed { error: &error });
                    }
                }
            }
        }
        is_done
    }
}

fn turn_pepper(desk: &GatewayDesk, policy: Policy) -> Result<(), VaultError> {
    let tools = desk.tools();
    let now = tools.clock.now();
    let today: Date = TimeZone::UTC.to_datetime(now).date();
    if tools.keys.turn_pepper(today, policy.retention.thread_days, tools.rng.as_ref())? {
        tools.audit.append(&Entry::PepperTurned, now)?;
    }
    Ok(())
}
