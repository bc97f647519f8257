//! A Redis server of the tests' own, on a socket in a temporary folder.
//!
//! A shell stands between: it takes orders on its standard input, and when that closes, because the test process is done or
//! dead, it kills the server and removes the folder. So nothing is left running, and the shared server may be a static.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use secrecy::SecretString;

/// Kills without mercy: what the server has answered must survive that.
const KEEPER: &str = r#"
folder=$1
run() {
    redis-server --port 0 --unixsocket "$folder/socket" --dir "$folder" --appendonly yes --appendfsync always \
        --save "" --rdbcompression no --loglevel warning >/dev/null 2>&1 &
    server=$!
}
end() { kill -9 $server 2>/dev/null; wait $server 2>/dev/null; rm -f "$folder/socket"; }
run
while read -r order; do
    case $order in
        stop) end ;;
        start) run ;;
    esac
    echo done
done
end
rm -rf "$folder"
"#;

/// A running server; it ends when this is dropped.
pub struct Server {
    folder: PathBuf,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    keeper: Child,
}

impl Server {
    /// Starts a server of one's own, to be stopped, starved or misconfigured.
    pub fn start() -> Self {
        let is_installed = Command::new("redis-server").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(
            is_installed.is_ok_and(|status| status.success()),
            "these tests need a Redis server: install the package `redis-server` (6.2 or newer), or put its program on the PATH"
        );
        let folder = tempfile::Builder::new().prefix("redis-").tempdir().expect("there is room for a folder").keep();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let orders = keeper.stdin.take();
        let answers = BufReader::new(keeper.stdout.take().expect("it is piped"));
        let server = Self { folder, orders, answers, keeper };
        server.wait_until_ready();
        server
    }

    /// Where its files lie.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Where it listens.
    pub fn url(&self) -> SecretString {
        format!("unix://{}", self.folder.join("socket").display()).into()
    }

    /// A plain connection, as a program of somebody else's would have one.
    pub async fn connect(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(secrecy::ExposeSecret::expose_secret(&self.url())).expect("the address is right");
        client.get_multiplexed_async_connection().await.expect("the server is up")
    }

    /// Kills the server as a power cut would.
    pub fn kill(&mut self) {
        self.order("stop");
    }

    /// Starts it again on what it had on disk.
    pub fn start_again(&mut self) {
        self.order("start");
        self.wait_until_ready();
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders.as_mut().expect("it is open until the drop"), "{order}").expect("the keeper listens");
        self.answers.read_line(&mut String::new()).expect("the keeper answers");
    }

    fn wait_until_ready(&self) {
        for _ in 0..1000 {
            if self.answers_ping() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the test's own Redis server did not start within five seconds");
    }

    fn answers_ping(&self) -> bool {
        let Ok(mut socket) = UnixStream::connect(self.folder.join("socket")) else { return false };
        let mut answer = [0; 5];
        socket.write_all(b"PING\r\n").and_then(|()| socket.read_exact(&mut answer)).is_ok_and(|()| &answer == b"+PONG")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.orders = None;
        drop(self.keeper.wait());
    }
}

/// The server that all tests share, each with a desk of its own.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(Server::start)
}

/// A desk that no other test uses.
pub fn own_desk() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("desk-{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}
