//! Puts the parts together, in the order in which they need each other.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use attachments::Cleaner;
use channels::config::Parts;
use channels::{Channel, FilesKey};
use jiff::SignedDuration;
use secrecy::SecretString;

use super::upkeep::Upkeep;
use super::{App, routes};
use crate::anonymise::{Anonymiser, Tables};
use crate::audit::Audit;
use crate::cli::CHILD;
use crate::clock::{Clock, Rng, SystemRng};
use crate::config::{Config, FilesStore, Role, StoreConfig};
use crate::desk::files::FileDesk;
use crate::desk::pipeline::Stages;
use crate::desk::{GatewayDesk, Tools};
use crate::files::{self, Files, Recipient};
use crate::group_commit::OpenError;
use crate::journal::Journal;
use crate::keys::{KeyError, Keys, ReplyKeys};
use crate::language::Detector;
use crate::locale::Locales;
use crate::notify::Notifier;
use crate::outbox::Outbox;
use crate::pages::PublicPages;
use crate::server::Listener;
use crate::store::CaseStore;
use crate::store::embedded::EmbeddedStore;
use crate::store::redis::{RedisStore, SetupError};
use crate::telemetry::{Event, Telemetry};
use crate::triage::Rules;
use crate::vault::current::CurrentEpoch;
use crate::vault::{Vault, VaultError};

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The vault.
    #[error(transparent)]
    Vault(VaultError),
    /// The journal.
    #[error("the journal in the data directory: {0}; check who owns the folder and how much room there is")]
    Journal(OpenError),
    /// The outbox.
    #[error("the outbox in the data directory: {0}; check who owns the folder and how much room there is")]
    Outbox(OpenError),
    /// The embedded store.
    #[error("the case store in the data directory: {0}; check who owns the folder and how much room there is")]
    Store(OpenError),
    /// Where attachments are kept.
    #[error("the store of attachments cannot be set up: check the folder or [attachments]")]
    Files,
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
            languages: Detector::new(self.desk.languages.clone()),
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
                let threads = SignedDuration::from_hours(self.vault.policy.retention.thread_days * 24);
                let store = RedisStore::new(url, &self.desk.name, lease_secs, kept)?.with_threads_kept(threads);
                let store = Arc::new(store);
                Ok(OpenStore { store: Arc::clone(&store) as Arc<dyn CaseStore>, redis: Some(store) })
            }
        }
    }
}

/// The vault of this configuration.
pub(crate) fn open_vault(
    keys: ReplyKeys,
    config: &Config,
    store: Arc<dyn CaseStore>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
) -> Vault {
    Vault::new(keys, store, Audit::in_folder(&config.data_dir), clock, rng)
}

impl Config {
    /// Where attachments are kept. A remote store that is away is no error here.
    ///
    /// # Errors
    /// [`StartError::Files`] when it cannot be set up.
    pub fn open_files(&self, to: FilesKey) -> Result<Files, StartError> {
        let store = match &self.attachments.store {
            FilesStore::Folder => files::folder(&self.data_dir),
            FilesStore::Remote(settings) => files::remote(settings),
        };
        // The one place where a custodian's key would make originals unreadable at the gateway.
        Ok(Files::new(store.map_err(|_| StartError::Files)?, &self.desk.name, to, Recipient::Gateway))
    }

    fn cleaner(&self) -> Cleaner {
        match &self.attachments.cleaner {
            None => Cleaner::of_this_program(CHILD),
            Some(program) => Cleaner::of_program(program.clone(), CHILD),
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
        // The side that takes reports in must not so much as open the folder of the other.
        let (reply, vault_id) = match config.role {
            Role::Intake => (None, keys.introduced_vault()?),
            Role::All | Role::Reply => {
                let reply = ReplyKeys::open_or_make(&config.vault.reply_dir, keys.vault()?, rng.as_ref())?;
                let id = reply.vault();
                keys.introduce(id)?;
                (Some(reply), id)
            }
        };
        let notifier = config.notify_url.take().map(|url| Notifier::new(url, Arc::clone(&clock)));
        let telemetry = Telemetry::new(notifier);
        let stages = config.stages()?;
        let journal = Journal::open(&config.data_dir, config.journal_max_bytes).await.map_err(StartError::Journal)?;
        let outbox = Outbox::open(&config.data_dir).await.map_err(StartError::Outbox)?;
        let OpenStore { store, redis } = config.open_store(Arc::clone(&clock))?;
        let vault = match reply {
            None => None,
            Some(reply) => {
                let vault = open_vault(reply, &config, Arc::clone(&store), Arc::clone(&clock), Arc::clone(&rng));
                match vault.establish().await {
                    // A store that is away gets its epoch when it is back.
                    Ok(_) | Err(VaultError::Store(_) | VaultError::Busy) => {}
                    Err(error) => return Err(StartError::Vault(error)),
                }
                Some(Arc::new(vault))
            }
        };
        let files_secret = files::open_or_make(&config.data_dir, rng.as_ref())?;
        let files = FileDesk::new(config.cleaner(), config.open_files(files_secret.public())?);
        let locales = Arc::new(Locales::built_in());
        let pages = Arc::new(PublicPages::new(Arc::clone(&locales), config.desk.language.clone()));
        let desk = Arc::new(GatewayDesk::new(Tools {
            journal,
            outbox,
            store,
            reader: Arc::new(stages),
            files,
            keys,
            epoch: vault.as_ref().map_or_else(|| CurrentEpoch::of(vault_id), CurrentEpoch::founded_by),
            custodian: config.custodian,
            time_rounding: config.desk.time_rounding,
            audit: Audit::in_folder(&config.data_dir),
            locales,
            default_language: config.desk.language.clone(),
            receipt_pause: Duration::from_millis(config.limits.receipt_pause_ms),
            parts_wait: Duration::from_secs(config.limits.parts_wait_secs),
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
        let upkeep = Upkeep {
            desk: Some(Arc::clone(&desk)),
            vault,
            policy: config.vault.policy,
            telemetry: desk.tools().telemetry.clone(),
        };
        Ok(Self {
            desk,
            channels,
            upkeep,
            upkeep_by_hand: false,
            public: (public, public_routes),
            internal: (internal, internal_routes),
            drain,
        })
    }
}
