//! What an operator should change about a Redis server before trusting it with cases.

use std::collections::HashMap;

use redis::{Value, from_redis_value, pipe};

use super::link::Link;
use crate::store::StoreError;

/// Asks the server for its settings and says what is wrong with them.
pub(super) async fn warnings(link: &Link) -> Result<Vec<&'static str>, StoreError> {
    let info: (String,) = link.query(pipe().cmd("INFO")).await?;
    // A managed server may keep its configuration to itself.
    let fsync: Option<HashMap<String, String>> =
        match link.query::<(Value,)>(pipe().cmd("CONFIG").arg("GET").arg("appendfsync")).await {
            Ok((value,)) => from_redis_value(value).ok(),
            Err(_) => None,
        };
    Ok(judge(&info.0, fsync.as_ref().and_then(|settings| settings.get("appendfsync")).map(String::as_str)))
}

fn judge(info: &str, fsync: Option<&str>) -> Vec<&'static str> {
    let value = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let mut warnings = Vec::new();
    if value("redis_version").and_then(version).is_none_or(|version| version < (6, 2)) {
        warnings.push("the Redis server is older than 6.2; claims need commands it does not have");
    }
    if value("aof_enabled") != Some("1") {
        warnings.push("Redis keeps no append-only file; set `appendonly yes`, or a restart loses cases");
    } else if fsync.is_none() {
        warnings.push("Redis does not say how often it syncs its file; make sure that `appendfsync` is `always`");
    } else if fsync != Some("always") {
        warnings.push("Redis does not sync every write; set `appendfsync always`, or a power cut loses the last second");
    }
    if value("maxmemory_policy") != Some("noeviction") {
        warnings.push("Redis may throw keys away when memory is short; set `maxmemory-policy noeviction`");
    }
    warnings
}

fn version(written: &str) -> Option<(u32, u32)> {
    let mut numbers = written.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# Server\r\nredis_version:7.0.15\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n";

    #[test]
    fn a_well_kept_server_raises_no_warning() {
        assert_eq!(judge(GOOD, Some("always")), Vec::<&str>::new());
    }

    #[test]
    fn every_unsafe_setting_is_named() {
        let count = |info: &str, fsync| judge(info, fsync).len();
        assert_eq!(count(&GOOD.replace("7.0.15", "6.0.16"), Some("always")), 1);
        assert_eq!(count(&GOOD.replace("aof_enabled:1", "aof_enabled:0"), Some("everysec")), 1);
        assert_eq!(count(GOOD, Some("everysec")), 1);
        assert_eq!(count(GOOD, None), 1);
        assert_eq!(count(&GOOD.replace("noeviction", "allkeys-lru"), Some("always")), 1);
    }
}
