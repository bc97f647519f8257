//! The connection to Redis: made when it is first needed, made anew when it breaks, and never quoted.
//!
//! What the server says in an error stays here: it may repeat a value.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, ErrorKind, FromRedisValue, Pipeline, RedisError, ScriptInvocation};

use crate::store::StoreError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The server answers after its own fsync, which a busy disk can hold up.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection shared by all callers.
#[derive(Clone)]
pub(super) struct Link(ConnectionManager);

impl Link {
    /// Connects to nothing yet.
    pub(super) fn lazy(client: Client) -> Result<Self, RedisError> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_min_delay(Duration::from_millis(50))
            .set_number_of_retries(1);
        ConnectionManager::new_lazy_with_config(client, config).map(Self)
    }

    /// Runs a script; a second time if the connection broke, because each of our scripts may be repeated.
    pub(super) async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, StoreError> {
        let mut connection = self.0.clone();
        match script.invoke_async(&mut connection).await {
            Err(error) if broke(&error) => script.invoke_async(&mut connection).await,
            other => other,
        }
        .map_err(|error| store_error(&error))
    }

    /// Reads without a script.
    pub(super) async fn query<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, StoreError> {
        let mut connection = self.0.clone();
        match pipeline.query_async(&mut connection).await {
            Err(error) if broke(&error) => pipeline.query_async(&mut connection).await,
            other => other,
        }
        .map_err(|error| store_error(&error))
    }
}

fn broke(error: &RedisError) -> bool {
    error.is_io_error() || error.is_unrecoverable_error()
}

fn store_error(error: &RedisError) -> StoreError {
    const NO_WRITES: [&str; 5] = ["READONLY", "OOM", "MISCONF", "NOREPLICAS", "NOPERM"];
    // Redis before 7 wraps what went wrong in a script: `ERR Error running script … -OOM command not allowed`.
    let is_wrapped =
        |code: &&str| error.code() == Some("ERR") && error.detail().is_some_and(|text| text.contains(&format!("-{code} ")));
    if NO_WRITES.iter().any(|code| error.code() == Some(*code) || is_wrapped(code)) {
        return StoreError::ReadOnly;
    }
    match error.kind() {
        ErrorKind::UnexpectedReturnType => StoreError::Unreadable,
        _ if error.code() == Some("WRONGTYPE") => StoreError::Unreadable,
        _ => StoreError::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use redis::make_extension_error;

    use super::*;

    #[test]
    fn a_server_that_refuses_writes_is_told_from_one_that_is_away() {
        let told = |code: &str, detail: &str| store_error(&make_extension_error(code.into(), Some(detail.into())));
        assert_eq!(told("OOM", "command not allowed"), StoreError::ReadOnly);
        assert_eq!(told("MISCONF", "cannot persist"), StoreError::ReadOnly);
        assert_eq!(told("ERR", "Error running script: -OOM command not allowed"), StoreError::ReadOnly);
        assert_eq!(told("LOADING", "the dataset"), StoreError::Unreachable);
        assert_eq!(told("WRONGTYPE", "Operation against a key"), StoreError::Unreadable);
    }
}
