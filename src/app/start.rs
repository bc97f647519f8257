//! Puts the parts together, in the order in which they need each other.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use channels::Channel;
use channels::config::Parts;
use jiff::SignedDuration;
use secrecy::SecretString;

use super::{App, routes};
use crate::anonymise::{Anonymiser, Tables};
use crate::clock::{Clock, Rng, SystemRng};
use crate::config::{Config, StoreConfig};
use crate::desk::pipeline::Stages;
use crate::desk::{GatewayDesk, Tools};
use crate::group_commit::OpenError;
use crate::journal::Journal;
use crate::keys::{KeyError, Keys};
use crate::locale::Locales;
use crate::notify::Notifier;
use crate::pages::PublicPages;
use crate::server::Listener;
use crate::store::CaseStore;
use crate::store::embedded::EmbeddedStore;
use crate::store::redis::{RedisStore, SetupError};
use crate::telemetry::{Event, Telemetry};
use crate::triage::Rules;

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The journal.
    #[error("the journal in the data directory: {0}; check who owns the folder and how much room there is")]
    Journal(OpenError),
    /// The embedded store.
    #[error("the case store in the data directory: {0}; check who owns the folder and how much room there is")]
    Store(OpenError),
    /// The Redis settings.
    #[error("the case store: {0}")]
    Redis(#[from] SetupError),
    /// The rules, each problem on a line of its own.
    #[error("the triage rules have problems:\n{0}")]
    Rules(String),
    /// The cue tables, each problem on a line of its own.
    #[error("the cue tables have problems:\n{0}")]
    Tables(String),
    /// A port.
    #[error("the {which} listener cannot open {address}: is another program using the port?")]
    Listener {
        /// Which one.
        which: &'static str,
        /// Its configured address.
        address: std::net::SocketAddr,
    },
}

impl Config {
    /// The rules: an admin's own, or those compiled in.
    ///
    /// # Errors
    /// [`StartError::Rules`] lists everything that is wrong with an admin's own.
    pub fn rules(&self) -> Result<Rules, StartError> {
        match &self.rules_dir {
            None => Ok(Rules::built_in()),
            Some(folder) => Rules::load(folder)
                .map_err(|problems| StartError::Rules(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))),
        }
    }

    /// The cue tables: an admin's own, or those compiled in.
    ///
    /// # Errors
    /// [`StartError::Tables`] lists everything that is wrong with an admin's own.
    pub fn tables(&self) -> Result<Tables, StartError> {
        match &self.anonymise.tables_dir {
            None => Ok(Tables::built_in()),
            Some(folder) => Tables::load(folder)
                .map_err(|problems| StartError::Tables(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))),
        }
    }

    /// What reads reports.
    ///
    /// # Errors
    /// See [`Config::rules`] and [`Config::tables`].
    pub fn stages(&self) -> Result<Stages, StartError> {
        let anonymiser = Anonymiser::new(self.desk.phone_regions.clone());
        Ok(Stages {
            anonymiser: anonymiser.with(self.tables()?, self.anonymise.third_parties, &self.anonymise.languages),
            rules: self.rules()?,
        })
    }

    /// Opens the case store. A Redis that is away is no error here.
    ///
    /// # Errors
    /// When the store cannot be set up.
    pub fn open_store(&self, clock: Arc<dyn Clock>) -> Result<OpenStore, StartError> {
        let lease_secs = u32::try_from(self.lease_secs).unwrap_or(u32::MAX);
        match &self.store {
            StoreConfig::Embedded => {
                let store = EmbeddedStore::open(&self.data_dir, clock, lease_secs).map_err(StartError::Store)?;
                Ok(OpenStore { store: Arc::new(store), redis: None })
            }
            StoreConfig::Redis { url, delivery_days } => {
                let kept = SignedDuration::from_hours(i64::try_from(*delivery_days).unwrap_or(30) * 24);
                let store = Arc::new(RedisStore::new(url, &self.desk.name, lease_secs, kept)?);
                Ok(OpenStore { store: Arc::clone(&store) as Arc<dyn CaseStore>, redis: Some(store) })
            }
        }
    }
}

/// An open case store; `redis` is the same one, where it can say more than the contract asks.
pub struct OpenStore {
    /// The store.
    pub store: Arc<dyn CaseStore>,
    /// The same, if it is in Redis.
    pub redis: Option<Arc<RedisStore>>,
}

/// The secret of a channel that has none of its own, made at first use.
///
/// # Errors
/// See [`KeyError`].
pub fn own_hook_secret(data_dir: &Path, channel: &str) -> Result<SecretString, KeyError> {
    Keys::open_or_make(data_dir, &SystemRng)?.hook_secret(channel, &SystemRng)
}

impl App {
    /// Builds the gateway and opens its ports; nothing is answered before [`App::run`].
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn build(mut config: Config, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Result<Self, StartError> {
        let keys = Keys::open_or_make(&config.data_dir, rng.as_ref())?;
        let notifier = config.notify_url.take().map(|url| Notifier::new(url, Arc::clone(&clock)));
        let telemetry = Telemetry::new(notifier);
        let stages = config.stages()?;
        let journal = Journal::open(&config.data_dir, config.journal_max_bytes).await.map_err(StartError::Journal)?;
        let OpenStore { store, redis } = config.open_store(Arc::clone(&clock))?;
        let locales = Arc::new(Locales::built_in());
        let pages = Arc::new(PublicPages::new(Arc::clone(&locales), config.desk.language.clone()));
        let desk = Arc::new(GatewayDesk::new(Tools {
            journal,
            store,
            reader: Box::new(stages),
            keys,
            locales,
            default_language: config.desk.language.clone(),
            receipt_pause: Duration::from_millis(config.limits.receipt_pause_ms),
            telemetry,
            clock,
            rng,
        }));
        let parts = Parts { desk: Arc::clone(&desk) as Arc<dyn channels::Desk>, pages, public_url: config.public.url.clone() };
        let channels: Vec<Arc<dyn Channel>> =
            std::mem::take(&mut config.channels).into_iter().map(|(name, channel)| channel.build(name, &parts)).collect();
        let open = |which, address| async move {
            Listener::open(address, config.limits).await.map_err(|_| StartError::Listener { which, address })
        };
        let public = open("public", config.public.listen).await?;
        let internal = open("internal", config.internal_listen).await?;
        let public_routes = routes::public(&desk, &channels, &config);
        let internal_routes = routes::internal(&desk, &config);
        if let Some(redis) = redis {
            for advice in redis.warnings().await.unwrap_or_default() {
                desk.tools().telemetry.emit(&Event::StoreWarning { advice });
            }
        }
        // What cannot be interrupted is a receipt on its way: its provider has 15 seconds to answer.
        let drain = Duration::from_secs(config.limits.drain_secs.max(5));
        Ok(Self { desk, channels, public: (public, public_routes), internal: (internal, internal_routes), drain })
    }
}
