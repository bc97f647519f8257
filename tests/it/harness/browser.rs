//! A real browser, led over the `WebDriver` protocol: plain JSON over HTTP, as `chromedriver` speaks it.
//!
//! A shell stands between, as with Redis: when its standard input closes, because the test process is done or dead, it ends the
//! driver and whatever browser is still open. Nothing here waits by the clock: the driver itself looks for an element until it is
//! there, and gives up after [`PATIENCE_MS`].

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What to do when there is no browser.
const MISSING: &str = "these tests need a browser and its driver: apt-get install chromium chromium-driver";
/// How long the driver looks for an element, and waits for a page.
const PATIENCE_MS: u32 = 20_000;
/// What the protocol calls a reference to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Runs the driver in a session of its own, so that one signal reaches it and every browser it opened. A browser that is slow to
/// end may still write while its folder is removed, so that is tried again.
const KEEPER: &str = r#"
folder=$1
setsid chromedriver --port=0 2>&1 &
driver=$!
while read -r order; do :; done
kill -TERM -$driver 2>/dev/null
wait $driver 2>/dev/null
kill -KILL -$driver 2>/dev/null
for try in 1 2 3 4 5; do rm -rf "$folder" 2>/dev/null && break; done
"#;

/// A running driver; it ends with the test process.
struct Driver {
    address: SocketAddr,
    folder: PathBuf,
    /// Holds the keeper's standard input open.
    _keeper: Child,
}

/// The driver that all tests share, each with a browser of its own.
fn driver() -> &'static Driver {
    static DRIVER: OnceLock<Driver> = OnceLock::new();
    DRIVER.get_or_init(Driver::start)
}

impl Driver {
    fn start() -> Self {
        let is_installed = Command::new("chromedriver").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(is_installed.is_ok_and(|status| status.success()), "{MISSING}");
        let folder = tempfile::Builder::new().prefix("browser-").tempdir().expect("there is room for a folder").keep();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&folder)
            .envs(["TMPDIR", "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"].map(|name| (name, &folder)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let mut lines = BufReader::new(keeper.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .expect("chromedriver says which port it took");
        // The driver must never wait for somebody to read what it says.
        std::thread::spawn(move || lines.for_each(drop));
        Self { address: SocketAddr::from(([127, 0, 0, 1], port)), folder, _keeper: keeper }
    }
}

/// An open browser with one page; it closes when this is dropped.
pub struct Browser {
    client: reqwest::Client,
    session: String,
    profile: PathBuf,
}

/// A request that a page made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    pub method: String,
    pub url: String,
}

impl Browser {
    /// Opens a phone's browser, 360 by 740, with scripts allowed.
    pub async fn phone() -> Self {
        Self::open(&json!({})).await
    }

    /// Opens a phone's browser that forbids scripts, as careful people's browsers do.
    pub async fn phone_without_scripts() -> Self {
        Self::open(&json!({ "profile.managed_default_content_settings.javascript": 2 })).await
    }

    async fn open(preferences: &Value) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let driver = driver();
        let profile = driver.folder.join(format!("profile-{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
        // With touch on, a click in a page without scripts never ends.
        let screen = json!({ "width": 360, "height": 740, "pixelRatio": 2, "touch": false });
        let arguments = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
            "--lang=en",
            format!("--user-data-dir={}", profile.display()),
        ]);
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": preferences,
                "mobileEmulation": { "deviceMetrics": screen },
            },
            "goog:loggingPrefs": { "performance": "ALL", "browser": "ALL" },
            "timeouts": { "implicit": PATIENCE_MS, "pageLoad": PATIENCE_MS, "script": PATIENCE_MS },
        }}});
        let patience = Duration::from_millis(u64::from(PATIENCE_MS) * 2);
        let client = reqwest::Client::builder().no_proxy().timeout(patience).build().expect("a plain client");
        let mut browser = Self { client, session: String::new(), profile };
        let opened = browser.post("", &wanted).await.unwrap_or_else(|error| panic!("{MISSING} ({error})"));
        browser.session = format!("/{}", opened["sessionId"].as_str().expect("a session has an id"));
        browser
    }

    /// Closes the window, as its user does, and hands out every file in which the browser remembers something.
    pub async fn close(self) -> Vec<(PathBuf, Vec<u8>)> {
        let url = format!("http://{}/session{}/window", driver().address, self.session);
        let closed = self.client.delete(url).send().await.expect("the driver answers");
        assert!(closed.status().is_success(), "the window did not close");
        super::canary::files(&self.profile)
    }

    /// Opens an address.
    pub async fn go(&self, url: &str) {
        self.order("/url", json!({ "url": url })).await;
    }

    /// Loads the page again, as the button does; after a post this posts again.
    pub async fn reload(&self) {
        self.order("/refresh", json!({})).await;
    }

    /// Goes back one page.
    pub async fn back(&self) {
        self.order("/back", json!({})).await;
    }

    /// The address bar.
    pub async fn address(&self) -> String {
        as_text(self.ask("/url").await)
    }

    /// The title, as the tab and the history show it.
    pub async fn title(&self) -> String {
        as_text(self.ask("/title").await)
    }

    /// The page as it stands now.
    pub async fn source(&self) -> String {
        as_text(self.ask("/source").await)
    }

    /// Types into a field.
    pub async fn type_into(&self, css: &str, text: &str) {
        let element = self.find(css).await;
        self.order(&format!("/element/{element}/value"), json!({ "text": text })).await;
    }

    /// Clicks on the middle of an element.
    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        self.order(&format!("/element/{element}/click"), json!({})).await;
    }

    /// What a reader sees of an element.
    pub async fn text_of(&self, css: &str) -> String {
        let element = self.find(css).await;
        as_text(self.ask(&format!("/element/{element}/text")).await)
    }

    /// What a screen reader calls an element.
    pub async fn label_of(&self, css: &str) -> String {
        let element = self.find(css).await;
        as_text(self.ask(&format!("/element/{element}/computedlabel")).await)
    }

    /// An attribute of an element.
    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let element = self.find(css).await;
        self.ask(&format!("/element/{element}/attribute/{name}")).await.as_str().map(str::to_owned)
    }

    /// Whatever stands in a field.
    pub async fn value_of(&self, css: &str) -> String {
        let element = self.find(css).await;
        as_text(self.ask(&format!("/element/{element}/property/value")).await)
    }

    /// Runs the body of a function in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.order("/execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Every cookie the browser holds, whoever set it.
    pub async fn cookies(&self) -> Value {
        self.order("/goog/cdp/execute", json!({ "cmd": "Storage.getCookies", "params": {} })).await["cookies"].take()
    }

    /// Saves a picture of the whole page.
    pub async fn screenshot(&self, file: &Path) {
        let params = json!({ "captureBeyondViewport": true });
        let picture = self.order("/goog/cdp/execute", json!({ "cmd": "Page.captureScreenshot", "params": params })).await;
        let bytes = STANDARD.decode(picture["data"].as_str().expect("a picture")).expect("base64");
        std::fs::write(file, bytes).expect("there is room for a picture");
    }

    /// The requests over the network since the last call, of every page this browser had open.
    pub async fn requests(&self) -> Vec<Requested> {
        let mut requests = Vec::new();
        for entry in self.log("performance").await {
            let entry: Value = serde_json::from_str(entry["message"].as_str().expect("a message")).expect("JSON");
            let message = &entry["message"];
            if message["method"] == "Network.requestWillBeSent" {
                let request = &message["params"]["request"];
                let url = as_text(request["url"].clone());
                // The browser's own pages and what stands in the address itself ask nobody.
                if !url.starts_with("chrome://") && !url.starts_with("data:") {
                    requests.push(Requested { method: as_text(request["method"].clone()), url });
                }
            }
        }
        requests
    }

    /// The errors in the browser's console since the last call.
    pub async fn complaints(&self) -> BTreeSet<String> {
        let log = self.log("browser").await;
        log.iter().filter(|entry| entry["level"] == "SEVERE").map(|entry| as_text(entry["message"].clone())).collect()
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let log = self.order("/se/log", json!({ "type": kind })).await;
        log.as_array().expect("a list").clone()
    }

    async fn find(&self, css: &str) -> String {
        let found = self.post("/element", &json!({ "using": "css selector", "value": css })).await;
        match found {
            Ok(element) => as_text(element[ELEMENT].clone()),
            Err(error) => panic!("`{css}` is not on the page: {error}\n{}", self.source().await),
        }
    }

    async fn order(&self, path: &str, body: Value) -> Value {
        self.post(path, &body).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    async fn ask(&self, path: &str) -> Value {
        self.answer(self.client.get(self.url(path))).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.answer(self.client.post(self.url(path)).json(body)).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/session{}{path}", driver().address, self.session)
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value, String> {
        let response = request.send().await.expect("the driver answers");
        let is_success = response.status().is_success();
        let mut body: Value = response.json().await.expect("the driver speaks JSON");
        let value = body["value"].take();
        if is_success { Ok(value) } else { Err(as_text(value["message"].clone())) }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if self.session.is_empty() {
            return;
        }
        // By hand, since nothing can be awaited here. The answer comes when the browser is gone.
        let Ok(mut socket) = TcpStream::connect(driver().address) else { return };
        let head = format!("DELETE /session{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", self.session);
        drop(socket.set_read_timeout(Some(Duration::from_secs(10))));
        drop(socket.write_all(head.as_bytes()).and_then(|()| socket.read(&mut [0])));
        drop(std::fs::remove_dir_all(&self.profile));
    }
}

fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => panic!("the driver answered {other} where a text was due"),
    }
}
