//! A whole gateway in the test's own process, on free ports and a folder of its own.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use channels::Channel;
use channels::settings::Environment;
use jiff::Timestamp;
use pmm_gateway::app::{App, own_hook_secret};
use pmm_gateway::case::Case;
use pmm_gateway::clock::{SetClock, SystemRng};
use pmm_gateway::config::Config;
use pmm_gateway::desk::GatewayDesk;
use pmm_gateway::store::{CaseStore, Filter};
use pmm_gateway::vault::Vault;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::canary::{Canary, catch_log};

/// The two stores that every behaviour has to hold on.
#[derive(Debug, Clone, Copy)]
pub enum Store {
    Embedded,
    Redis,
}

/// How a gateway is set up.
pub struct Setup {
    folder: TempDir,
    toml: String,
    environment: Environment,
    desk: String,
    redis_folder: Option<PathBuf>,
}

impl Setup {
    /// The defaults, on free ports.
    pub fn new(store: Store) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let desk = super::redis::own_desk();
        let mut setup = Self { folder, toml: String::new(), environment: Environment::new(), desk, redis_folder: None };
        match store {
            Store::Embedded => setup.toml.push_str("store = \"embedded\"\n"),
            Store::Redis => setup = setup.on_redis(super::redis::shared()),
        }
        setup
    }

    /// On a Redis server of the test's own.
    pub fn on_redis(mut self, server: &super::redis::Server) -> Self {
        self.toml = String::from("store = \"redis\"\n");
        let url = secrecy::ExposeSecret::expose_secret(&server.url()).to_owned();
        self.environment.insert("PMM__REDIS__URL".to_owned(), url);
        self.redis_folder = Some(server.folder().to_owned());
        self
    }

    /// Adds settings.
    pub fn with(mut self, toml: &str) -> Self {
        writeln!(self.toml, "{toml}").expect("a string takes everything");
        self
    }

    /// Sets a setting by its environment variable.
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Puts a file beside the configuration.
    pub fn with_file(self, name: &str, content: &str) -> Self {
        std::fs::write(self.folder.path().join(name), content).expect("there is room for a file");
        self
    }

    /// Where the data lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn config(&self) -> Config {
        let file = self.folder.path().join("gateway.toml");
        let listeners =
            "[public]\nlisten = \"127.0.0.1:0\"\nurl = \"https://intake.example.org\"\n[internal]\nlisten = \"127.0.0.1:0\"\n";
        let text = format!("{}\n[desk]\nname = \"{}\"\n{listeners}", self.toml_top(), self.desk) + &self.toml_tables();
        std::fs::write(&file, text).expect("there is room for a file");
        let mut config = Config::load(Some(&file), &self.environment, &own_hook_secret).unwrap_or_else(|error| panic!("{error}"));
        // The test's own program has no such argument.
        config.attachments.cleaner = Some(env!("CARGO_BIN_EXE_pmm-gateway").into());
        config
    }

    fn toml_top(&self) -> String {
        self.toml.lines().take_while(|line| !line.starts_with('[')).fold(String::new(), |text, line| text + line + "\n")
    }

    fn toml_tables(&self) -> String {
        self.toml.lines().skip_while(|line| !line.starts_with('[')).fold(String::new(), |text, line| text + line + "\n")
    }

    /// Starts the gateway.
    pub async fn start(self) -> Gateway {
        catch_log();
        super::init_tls();
        let clock = SetClock::at("2026-11-02T10:20:30Z".parse::<Timestamp>().expect("a time"));
        let app = App::build(self.config(), Arc::new(clock.clone()), Arc::new(SystemRng))
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let public = format!("http://{}", app.public_address());
        let internal = format!("http://{}", app.internal_address());
        let desk = Arc::clone(app.desk());
        let (vault, channels) = (app.vault().cloned(), app.channels().to_vec());
        let stop = CancellationToken::new();
        let running = Some(tokio::spawn(app.with_upkeep_by_hand().run(stop.clone())));
        Gateway {
            setup: Some(self),
            public,
            internal,
            clock,
            desk: Some(desk),
            stop,
            running,
            answers: Mutex::new(Vec::new()),
            client: Client::new(),
            vault,
            channels,
        }
    }
}

/// A running gateway. [`Gateway::finish`] must end every test.
pub struct Gateway {
    setup: Option<Setup>,
    pub public: String,
    pub internal: String,
    /// Moves the gateway's time.
    pub clock: SetClock,
    desk: Option<Arc<GatewayDesk>>,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
    answers: Mutex<Vec<String>>,
    client: Client,
    vault: Option<Arc<Vault>>,
    channels: Vec<Arc<dyn Channel>>,
}

/// An answer, kept for the search at the end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Gateway {
    /// A post to the public listener.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.public))
    }

    /// A request to the public listener.
    pub fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.public))
    }

    /// A page of the internal listener.
    pub async fn internal(&self, path: &str) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.internal))).await
    }

    /// Sends a request and keeps the answer for the search at the end.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response: Response = request.send().await.expect("the gateway answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.text().await.expect("the answer is whole");
        self.answers.lock().expect("unpoisoned").push(format!("{headers:?}\n{body}"));
        Answer { status, headers, body }
    }

    /// The secret that the gateway made for a webhook.
    pub fn hook_secret(&self, channel: &str) -> String {
        std::fs::read_to_string(self.folder().join("data/keys").join(format!("hook-{channel}")))
            .expect("it was made")
            .trim()
            .to_owned()
    }

    /// Sends an SMS the way `make run` shows.
    pub async fn send_sms(&self, id: &str, from: &str, text: &str) -> Answer {
        let body = serde_json::json!({ "id": id, "from": from, "text": text });
        self.send(self.post("/hooks/sms").bearer_auth(self.hook_secret("sms")).json(&body)).await
    }

    /// The store, as a mediator's program has it.
    pub fn store(&self) -> &dyn CaseStore {
        self.desk.as_ref().expect("running").tools().store.as_ref()
    }

    /// The desk.
    pub fn desk(&self) -> &GatewayDesk {
        self.desk.as_ref().expect("running")
    }

    /// A channel, as whoever answers has it.
    pub fn channel(&self, name: &str) -> &dyn Channel {
        self.channels.iter().find(|channel| channel.name().as_str() == name).expect("it is configured").as_ref()
    }

    /// The environment that a command beside the gateway needs.
    pub fn environment(&self) -> Vec<(String, String)> {
        let setup = self.setup.as_ref().expect("running");
        setup.environment.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Runs a command beside the gateway. Says whether it went well, and what it printed on both outputs.
    pub fn command(&self, arguments: &[&str]) -> (bool, String) {
        let setup = self.setup.as_ref().expect("running");
        let done = super::process::try_run(arguments, &setup.folder().join("gateway.toml"), &self.environment());
        self.answers.lock().expect("unpoisoned").push(done.1.clone());
        done
    }

    /// The same for a command that is meant to print what nobody else may see.
    pub fn command_unsearched(&self, arguments: &[&str]) -> (bool, String) {
        let done = self.command(arguments);
        self.answers.lock().expect("unpoisoned").pop();
        done
    }

    /// The side that answers.
    pub fn vault(&self) -> &Vault {
        self.vault.as_ref().expect("this gateway is both sides")
    }

    /// The name of the desk in Redis keys.
    pub fn desk_name(&self) -> &str {
        &self.setup.as_ref().expect("running").desk
    }

    /// Every case there is.
    pub async fn cases(&self) -> Vec<Case> {
        let page = self.store().list(&Filter::default(), None, 1000).await.expect("the store answers");
        page.rows.into_iter().map(|row| row.case).collect()
    }

    /// Waits until no report is left in the journal.
    pub async fn drained(&self) {
        let journal = &self.desk().tools().journal;
        let is_drained = super::eventually(async || {
            // Asking the file lets the writer's thread go first.
            let _ = journal.check().await;
            journal.waiting().reports == 0
        });
        assert!(is_drained.await, "the journal did not drain: {:?}", journal.waiting());
        let outbox = &self.desk().tools().outbox;
        let is_sent = super::eventually(async || {
            let _ = journal.check().await;
            outbox.n_open() == 0
        });
        assert!(is_sent.await, "the outbox did not drain: {}", outbox.n_open());
    }

    /// The folder with configuration and data.
    pub fn folder(&self) -> &Path {
        self.setup.as_ref().expect("running").folder()
    }

    /// Stops the gateway and starts another on the same folder.
    pub async fn restart(mut self) -> Gateway {
        let answers = std::mem::take(&mut *self.answers.lock().expect("unpoisoned"));
        let setup = self.stop().await;
        let gateway = setup.start().await;
        *gateway.answers.lock().expect("unpoisoned") = answers;
        gateway
    }

    async fn stop(&mut self) -> Setup {
        self.desk = None;
        self.vault = None;
        self.channels.clear();
        self.stop.cancel();
        self.running.take().expect("running").await.expect("the gateway stops in order");
        self.setup.take().expect("running")
    }

    /// Stops the gateway and searches everything it wrote for the canaries.
    pub async fn finish(mut self, canaries: &[&Canary]) {
        let answers = std::mem::take(&mut *self.answers.lock().expect("unpoisoned"));
        let setup = self.stop().await;
        for canary in canaries {
            canary.assert_not_in_log();
            canary.assert_not_on_disk(setup.folder());
            canary.assert_not_in_answers(&answers);
            if let Some(redis) = &setup.redis_folder {
                canary.assert_not_on_disk(redis);
            }
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop.cancel();
        assert!(self.running.is_none() || std::thread::panicking(), "a test ended without searching for its canary: call finish");
    }
}
