//! The configuration: one small struct per section, read key by key so that every problem is told at once.
//!
//! `config/default.toml` is compiled in. It is the lowest layer and the reference manual.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use channels::config::ChannelConfig;
use channels::settings::{ConfigProblem, Environment, Section};
use channels::{ChannelName, CustodianKey};
use rlibphonenumber::Region;
use secrecy::SecretString;
use toml::{Table, Value};

use crate::anonymise::ThirdParties;
use crate::clock::TimeRounding;
use crate::files::RemoteSettings;
use crate::keys::KeyError;
use crate::language::Language;
use crate::store::vault::Retention;
use crate::telemetry::LogFormat;
use crate::vault::Policy;

/// The defaults, as an admin reads them.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// Gives the secret that the gateway made for a channel: takes the data directory and the channel's name.
pub type OwnSecret<'a> = dyn Fn(&Path, &str) -> Result<SecretString, KeyError> + 'a;

/// Everything that can be set.
pub struct Config {
    /// Where keys, journal and cases lie.
    pub data_dir: PathBuf,
    /// Which of the two sides this gateway is.
    pub role: Role,
    /// The desk.
    pub desk: DeskConfig,
    /// The public listener.
    pub public: PublicConfig,
    /// The internal listener.
    pub internal_listen: SocketAddr,
    /// Bounds.
    pub limits: LimitsConfig,
    /// Where cases wait.
    pub store: StoreConfig,
    /// Where files are kept.
    pub attachments: AttachmentsConfig,
    /// How long a mediator keeps a case.
    pub lease_secs: u64,
    /// How large the journal may grow.
    pub journal_max_bytes: u64,
    /// How reporters are taken out of texts.
    pub anonymise: AnonymiseConfig,
    /// An admin's own rules.
    pub rules_dir: Option<PathBuf>,
    /// What is kept sealed, for how long, and who holds the key.
    pub vault: VaultConfig,
    /// Who may read originals; without one none is kept.
    pub custodian: Option<CustodianKey>,
    /// The log.
    pub log: LogConfig,
    /// Where to post when somebody must wake up.
    pub notify_url: Option<SecretString>,
    /// The channels.
    pub channels: BTreeMap<ChannelName, ChannelConfig>,
}

/// Which side of a deployment this gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Takes reports in, and can open nothing.
    Intake,
    /// Holds the secrets, rolls them every night, answers and hands out. Takes no reports.
    Reply,
    /// Both, in one process.
    All,
}

/// `[vault]`, and how long `[custodian]` keeps originals.
pub struct VaultConfig {
    /// Where the side that answers keeps its secrets.
    pub reply_dir: PathBuf,
    /// What the nightly run goes by.
    pub policy: Policy,
}

/// `[desk]`.
pub struct DeskConfig {
    /// Its name.
    pub name: String,
    /// The language of receipts and pages when the reporter's is unknown.
    pub language: String,
    /// The languages that reach this desk; empty if there is no telling.
    pub languages: Vec<Language>,
    /// Countries whose numbers are found without a plus sign.
    pub phone_regions: Vec<Region>,
    /// How much of the time of a report a mediator sees.
    pub time_rounding: TimeRounding,
}

/// `[anonymise]`.
#[derive(Debug, Clone)]
pub struct AnonymiseConfig {
    /// Languages that the desk's people mix into others.
    pub languages: Vec<Language>,
    /// What becomes of other people's names.
    pub third_parties: ThirdParties,
    /// An admin's own cue tables.
    pub tables_dir: Option<PathBuf>,
}

/// `[public]`.
pub struct PublicConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How the outside reaches it, without a slash at the end.
    pub url: String,
}

/// `[limits]`.
#[derive(Debug, Clone, Copy)]
pub struct LimitsConfig {
    /// Open connections on each listener.
    pub connections: usize,
    /// Seconds to finish a request's head.
    pub header_timeout_secs: u64,
    /// Seconds to finish a request.
    pub request_timeout_secs: u64,
    /// Seconds a stop waits for requests in hand.
    pub drain_secs: u64,
    /// Milliseconds before a receipt is sent again.
    pub receipt_pause_ms: u64,
    /// How long parts of a message wait for the rest.
    pub parts_wait_secs: u64,
}

/// `store` and `[redis]`.
pub enum StoreConfig {
    /// A file in the data directory.
    Embedded,
    /// A Redis server.
    Redis {
        /// Its address.
        url: SecretString,
        /// How long a delivery is remembered.
        delivery_days: u64,
    },
}

/// `[attachments]`.
pub struct AttachmentsConfig {
    /// Where files are kept.
    pub store: FilesStore,
    /// The program that looks into files; this one again, unless a test says otherwise. No setting.
    pub cleaner: Option<PathBuf>,
}

/// Where files are kept.
pub enum FilesStore {
    /// A folder in the data directory.
    Folder,
    /// An S3-compatible store.
    Remote(RemoteSettings),
}

/// `[log]`.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// For people or machines.
    pub format: LogFormat,
    /// How much.
    pub level: String,
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, as the admin named it.
    pub file: String,
    /// Everything that is wrong.
    pub problems: Vec<ConfigProblem>,
}

/// What could be read of a configuration, and what is wrong with it.
pub struct Inspected {
    /// The settings; `None` when the file could not be read at all.
    pub config: Option<Config>,
    /// Everything that is wrong; no problems when all is well.
    pub error: ConfigError,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for problem in &self.problems {
            writeln!(formatter, "{}: {problem}", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the file at `path`, or only the defaults.
    ///
    /// # Errors
    /// [`ConfigError`] names every problem at once.
    pub fn load(path: Option<&Path>, environment: &Environment, own_secret: &OwnSecret<'_>) -> Result<Self, ConfigError> {
        let Inspected { config, error } = Self::inspect(path, environment, own_secret);
        match config {
            Some(config) if error.problems.is_empty() => Ok(config),
            Some(_) | None => Err(error),
        }
    }

    /// Reads as much as can be read, with the defaults in place of what cannot, so that `check` can look at the rest as well.
    #[must_use]
    pub fn inspect(path: Option<&Path>, environment: &Environment, own_secret: &OwnSecret<'_>) -> Inspected {
        let file = path.map_or_else(|| "the defaults".to_owned(), |path| path.display().to_string());
        let base = path.and_then(Path::parent).unwrap_or(Path::new(""));
        let text = path.map_or_else(|| Ok(String::new()), std::fs::read_to_string);
        let (config, problems) = match text {
            Ok(text) => Self::parse(&text, base, environment, own_secret),
            Err(_) => (None, vec![whole_file("the file cannot be read: check its name and who may read it".to_owned())]),
        };
        Inspected { config, error: ConfigError { file, problems } }
    }

    fn parse(
        text: &str,
        base: &Path,
        environment: &Environment,
        own_secret: &OwnSecret<'_>,
    ) -> (Option<Self>, Vec<ConfigProblem>) {
        let own: Table = match text.parse() {
            Ok(own) => own,
            Err(error) => {
                // The library's own words would quote the line, and somebody may have written a secret into it.
                let error: toml::de::Error = error;
                let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
                let advice = format!("line {line} is not valid TOML: texts need double quotes, lists [ ], and each key its =");
                return (None, vec![whole_file(advice)]);
            }
        };
        let mut table: Table = DEFAULTS.parse().expect("the defaults are valid TOML; a test reads them");
        lay_over(&mut table, own);
        let mut root = Section::root(&table, environment, base);
        let config = Self::read(&mut root, base, own_secret);
        (Some(config), root.finish())
    }

    fn read(root: &mut Section<'_>, base: &Path, own_secret: &OwnSecret<'_>) -> Self {
        let data_dir = base.join(root.text("data_dir", "data"));
        let role = root.choice("role", &[("intake", Role::Intake), ("reply", Role::Reply), ("all", Role::All)], Role::All);
        let is_redis = root.choice("store", &[("embedded", false), ("redis", true)], false);
        let desk = root.table("desk", read_desk);
        let public = root.table("public", read_public);
        let internal_listen = root.table("internal", |section| address(section, "listen", "127.0.0.1:8081"));
        let limits = root.table("limits", read_limits);
        let journal_max_bytes = root.table("journal", |section| section.number("max_mib", 512, 1..=1_048_576)) << 20;
        let attachments = root.table("attachments", read_attachments);
        let lease_secs = root.table("queue", |section| section.number("lease_secs", 900, 1..=604_800));
        let (redis_url, delivery_days) = root.table("redis", |section| read_redis(section, is_redis));
        let anonymise = root.table("anonymise", |section| AnonymiseConfig {
            languages: read_languages(section),
            third_parties: section.choice(
                "third_party_names",
                &[("keep", ThirdParties::Keep), ("placeholder", ThirdParties::Placeholder)],
                ThirdParties::Keep,
            ),
            tables_dir: section.path_maybe("tables_dir"),
        });
        let rules_dir = root.table("triage", |section| section.path_maybe("rules_dir"));
        let (custodian, original_days) = root.table("custodian", read_custodian);
        let vault = root.table("vault", |section| read_vault(section, &data_dir, original_days));
        let log = root.table("log", read_log);
        let notify_url = root.table("notify", |section| section.secrets("url").into_iter().next());
        let channels = root.table("channels", |section| read_channels(section, &|name| own_secret(&data_dir, name)));
        let store = match (is_redis, redis_url) {
            (true, Some(url)) => StoreConfig::Redis { url, delivery_days },
            // A Redis without an address is a problem that was noted.
            (false, _) | (true, None) => StoreConfig::Embedded,
        };
        Self {
            data_dir,
            role,
            desk,
            public,
            internal_listen,
            limits,
            store,
            attachments,
            lease_secs,
            journal_max_bytes,
            anonymise,
            rules_dir,
            vault,
            custodian,
            log,
            notify_url,
            channels,
        }
    }
}

fn whole_file(advice: String) -> ConfigProblem {
    ConfigProblem { key: String::new(), advice }
}

/// Puts an admin's settings over the defaults. Channels are taken whole: whoever names channels wants only those.
fn lay_over(base: &mut Table, own: Table) {
    for (key, value) in own {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(own)) if key != "channels" => lay_over(inner, own),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn read_desk(section: &mut Section<'_>) -> DeskConfig {
    let name = section.text("name", "main");
    if ChannelName::parse(&name).is_none() {
        section.refuse("name", "must be 1 to 32 of the characters a-z, 0-9 and -");
    }
    let language = section.text("language", "en");
    if Language::parse(&language).is_none() {
        section.refuse("language", "must be a language code such as \"en\", \"vi\" or \"zh-Hans\"");
    }
    let codes = section.texts("languages", &[]);
    let languages: Vec<Language> = codes.iter().filter_map(|code| Language::parse(code)).collect();
    if languages.len() != codes.len() {
        section.refuse("languages", "must be language codes, such as [\"vi\", \"id\", \"en\"]");
    }
    let codes = section.texts("phone_regions", &[]);
    let phone_regions: Vec<Region> = codes.iter().filter_map(|code| code.parse().ok()).collect();
    if phone_regions.len() != codes.len() {
        section.refuse("phone_regions", "must be two-letter country codes in capitals, such as [\"VN\", \"GB\"]");
    }
    let roundings = [("hour", TimeRounding::Hour), ("day", TimeRounding::Day)];
    let time_rounding = section.choice("time_rounding", &roundings, TimeRounding::Hour);
    DeskConfig { name, language, languages, phone_regions, time_rounding }
}

/// Whom originals are sealed to, and for how many days after closure they are kept.
fn read_custodian(section: &mut Section<'_>) -> (Option<CustodianKey>, i64) {
    let written = section.text_maybe("public_key");
    let key = written.as_deref().and_then(CustodianKey::parse);
    if written.is_some() && key.is_none() {
        section.refuse(
            "public_key",
            "is no custodian's public key, or is mistyped: copy the whole line from custodian.pub, which `pmm-gateway custodian keygen` makes",
        );
    }
    let days = section.number("original_days", 30, 0..=3650);
    (key.filter(|_| days > 0), i64::try_from(days).unwrap_or(30))
}

fn read_vault(section: &mut Section<'_>, data_dir: &Path, original_days: i64) -> VaultConfig {
    let reply_dir = section.path_maybe("reply_dir").unwrap_or_else(|| data_dir.join("reply"));
    let roll_hour = section.number("roll_hour", 2, 0..=23);
    let days = |number: u64| i64::try_from(number).unwrap_or(90);
    let contact_days = days(section.number("contact_days", 90, 0..=3650));
    let thread_days = days(section.number("thread_days", 90, 1..=3650));
    VaultConfig { reply_dir, policy: Policy { roll_hour, retention: Retention { contact_days, original_days, thread_days } } }
}

fn read_languages(section: &mut Section<'_>) -> Vec<Language> {
    let codes = section.texts("languages", &[]);
    let languages: Vec<Language> = codes.iter().filter_map(|code| Language::parse(code)).collect();
    if languages.len() != codes.len() {
        section.refuse("languages", "must be language codes such as [\"vi\", \"zh\"]");
    }
    languages
}

fn read_public(section: &mut Section<'_>) -> PublicConfig {
    let listen = address(section, "listen", "127.0.0.1:8080");
    let url = section.text("url", "http://127.0.0.1:8080");
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if !is_web || url.ends_with('/') || url.contains(['?', '#', '@']) {
        section.refuse("url", "must be an address such as \"https://intake.example.org\", without a slash at its end");
    }
    PublicConfig { listen, url }
}

fn read_limits(section: &mut Section<'_>) -> LimitsConfig {
    LimitsConfig {
        connections: usize::try_from(section.number("connections", 512, 1..=100_000)).unwrap_or(512),
        header_timeout_secs: section.number("header_timeout_secs", 10, 1..=300),
        request_timeout_secs: section.number("request_timeout_secs", 30, 5..=600),
        drain_secs: section.number("drain_secs", 20, 0..=600),
        receipt_pause_ms: section.number("receipt_pause_ms", 1000, 1..=600_000),
        parts_wait_secs: section.number("parts_wait_secs", 180, 1..=86_400),
    }
}

fn read_redis(section: &mut Section<'_>, is_used: bool) -> (Option<SecretString>, u64) {
    let variable = section.variable("url");
    let plain = section.text_maybe("url");
    let has_password = plain.as_deref().is_some_and(|url| url.contains('@'));
    let from_file = section.path_maybe("url_file");
    let url = match (from_file, plain) {
        (Some(file), _) => {
            let url = std::fs::read_to_string(file).ok().map(|text| text.trim().to_owned()).filter(|url| !url.is_empty());
            if url.is_none() && is_used {
                section.refuse(
                    "url_file",
                    "the file cannot be read or is empty: it must hold one address such as redis://user:password@host:6379/0",
                );
            }
            url
        }
        (None, Some(url)) => Some(url),
        (None, None) => None,
    };
    if has_password && !section.is_from_environment("url") {
        section.refuse("url", &format!("holds a password: write it into a file and name it in url_file, or set {variable}"));
    }
    let days = section.number("delivery_days", 30, 1..=3650);
    let fits = url
        .as_deref()
        .is_some_and(|url| ["redis://", "rediss://", "redis+unix://", "unix://"].iter().any(|scheme| url.starts_with(scheme)));
    if is_used && url.is_some() && !fits {
        section.refuse("url", "must begin with redis:// or, with TLS, rediss://");
    }
    (url.map(SecretString::from), days)
}

fn read_attachments(section: &mut Section<'_>) -> AttachmentsConfig {
    let is_remote = section.choice("store", &[("folder", false), ("s3", true)], false);
    let endpoint = section.text_maybe("s3_endpoint").unwrap_or_default();
    let bucket = section.text_maybe("s3_bucket").unwrap_or_default();
    let region = section.text("s3_region", "us-east-1");
    let access_key = section.secrets("s3_access_key").into_iter().next();
    let secret_key = section.secrets("s3_secret_key").into_iter().next();
    let mut store = FilesStore::Folder;
    if is_remote {
        if !(endpoint.starts_with("https://") || endpoint.starts_with("http://")) || endpoint.contains('@') {
            section.refuse("s3_endpoint", "must be an address such as \"https://s3.example.org\"");
        }
        if bucket.is_empty() {
            section.refuse("s3_bucket", "is missing: name the bucket that attachments go to");
        }
        match (access_key, secret_key) {
            (Some(access_key), Some(secret_key)) => {
                store = FilesStore::Remote(RemoteSettings { endpoint, bucket, region, access_key, secret_key });
            }
            _ => section.refuse("s3_secret_key", "both s3_access_key_file and s3_secret_key_file are needed"),
        }
    }
    AttachmentsConfig { store, cleaner: None }
}

fn read_log(section: &mut Section<'_>) -> LogConfig {
    let format = section.choice("format", &[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)], LogFormat::Pretty);
    let level = section.choice("level", &[("error", "error"), ("warn", "warn"), ("info", "info")], "info");
    LogConfig { format, level: level.to_owned() }
}

fn read_channels(
    section: &mut Section<'_>,
    own_secret: &dyn Fn(&str) -> Result<SecretString, KeyError>,
) -> BTreeMap<ChannelName, ChannelConfig> {
    let mut channels = BTreeMap::new();
    let mut n_forms = 0;
    for name in section.names() {
        let Some(channel_name) = ChannelName::parse(&name) else {
            section.table(&name, Section::ignore_rest);
            section.refuse(&name, "a channel's name is 1 to 32 of the characters a-z, 0-9 and -");
            continue;
        };
        let config = section.table(&name, |section| {
            let config = ChannelConfig::read(section, &|| own_secret(&name).map_err(|error| error.to_string()));
            if config.is_none() {
                section.ignore_rest();
            }
            config
        });
        n_forms += usize::from(config.as_ref().is_some_and(ChannelConfig::has_pages));
        if let Some(config) = config {
            channels.insert(channel_name, config);
        }
    }
    if n_forms > 1 {
        section.refuse("", "there can be only one channel of kind \"web\": both would stand at /report");
    }
    channels
}

fn address(section: &mut Section<'_>, key: &str, default: &str) -> SocketAddr {
    section.text(key, default).parse().unwrap_or_else(|_| {
        section.refuse(key, "must be an address and a port, such as \"127.0.0.1:8080\" or \"0.0.0.0:8080\"");
        default.parse().expect("the defaults are addresses")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let environment: Environment = environment.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let own_secret = |_: &Path, _: &str| Ok(SecretString::from("made by the gateway"));
        match Config::parse(text, Path::new(""), &environment, &own_secret) {
            (Some(config), problems) if problems.is_empty() => Ok(config),
            (_, problems) => Err(problems.iter().map(ToString::to_string).collect()),
        }
    }

    fn problems(text: &str) -> Vec<String> {
        load(text, &[]).err().expect("it is refused")
    }

    #[test]
    fn the_defaults_are_complete_and_fit() {
        let config = load("", &[]).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(config.channels.len(), 2);
    }

    #[test]
    fn every_key_that_is_commented_out_exists() {
        // Each `# key = value` line of the manual is tried on its own, in its section.
        let mut section = String::new();
        for line in DEFAULTS.lines() {
            if line.starts_with('[') {
                section = line.to_owned();
            } else if let Some(setting) = line.strip_prefix("# ")
                && let Some((key, _)) = setting.split_once(" = ")
                && key.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.'))
            {
                // Some settings of a text message channel are for one provider only.
                let presets: &[&str] = match section.as_str() {
                    "[channels.sms]" => {
                        &["kind = \"sms\"\n", "kind = \"sms\"\npreset = \"twilio\"\n", "kind = \"sms\"\npreset = \"telnyx\"\n"]
                    }
                    _ => &[""],
                };
                let is_known = presets.iter().any(|preset| {
                    let found = load(&format!("{section}\n{preset}{setting}"), &[]).err().unwrap_or_default();
                    !found.iter().any(|problem| problem.contains("no such key"))
                });
                assert!(is_known, "{section} {key}");
            }
        }
    }

    #[test]
    fn all_problems_are_told_at_once_and_nothing_is_quoted() {
        let found = problems(
            "store = \"hunter2\"\n[public]\nlisten = \"hunter2\"\nurl = \"hunter2\"\n[limits]\nconections = 3\n[channels.a]\nkind = \"sms\"\npreset = \"hunter2\"\n[channels.B]\nkind = \"web\"\n",
        );
        for key in ["store:", "public.listen:", "public.url:", "limits.conections:", "channels.a.preset:", "channels.B:"] {
            assert!(found.iter().any(|problem| problem.starts_with(key)), "{key} is missing in {found:?}");
        }
        assert!(!found.iter().any(|problem| problem.contains("hunter2")), "{found:?}");
    }

    #[test]
    fn a_syntax_error_names_the_line_and_not_its_words() {
        let found = problems("store = \"embedded\"\nsecret = hunter2\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("line 2") && !found[0].contains("hunter2"), "{found:?}");
    }

    #[test]
    fn a_password_in_the_file_is_refused_but_not_one_in_the_environment() {
        assert!(
            problems("store = \"redis\"\n[redis]\nurl = \"redis://u:hunter2@h/0\"")
                .iter()
                .all(|problem| problem.starts_with("redis.url: holds a password"))
        );
        assert!(load("store = \"redis\"", &[("PMM__REDIS__URL", "redis://u:p@h/0")]).is_ok());
    }

    #[test]
    fn own_channels_replace_the_default_ones() {
        let config = load("[channels.only]\nkind = \"web\"", &[]).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert_eq!(config.channels.keys().map(ChannelName::as_str).collect::<Vec<_>>(), ["only"]);
    }
}
