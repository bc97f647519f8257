//! The Lua scripts, each of which is one atomic change or reading.

use redis::Script;

/// Every script, with the functions they share put before it.
pub(super) struct Scripts {
    pub(super) push: Script,
    pub(super) admit: Script,
    pub(super) claim: Script,
    pub(super) heartbeat: Script,
    pub(super) release: Script,
    pub(super) complete: Script,
    pub(super) append: Script,
    pub(super) messages: Script,
    pub(super) get: Script,
    pub(super) list: Script,
    pub(super) language: Script,
    pub(super) waiting: Script,
    pub(super) forget: Script,
    pub(super) announce: Script,
    pub(super) wraps: Script,
    pub(super) move_wraps: Script,
    pub(super) expire: Script,
    pub(super) unlink: Script,
    pub(super) ready: Script,
    pub(super) hold_part: Script,
    pub(super) stale_parts: Script,
    pub(super) parts_filed: Script,
    pub(super) part_added: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        let script = |body: &str| Script::new(&[include_str!("queue.lua"), body].join("\n"));
        Self {
            push: script(include_str!("push.lua")),
            admit: script(include_str!("admit.lua")),
            claim: script(include_str!("claim.lua")),
            heartbeat: script(include_str!("heartbeat.lua")),
            release: script(include_str!("release.lua")),
            complete: script(include_str!("complete.lua")),
            append: script(include_str!("append.lua")),
            messages: script(include_str!("messages.lua")),
            get: script(include_str!("get.lua")),
            list: script(include_str!("list.lua")),
            language: script(include_str!("language.lua")),
            waiting: script(include_str!("waiting.lua")),
            forget: script(include_str!("forget.lua")),
            announce: script(include_str!("announce.lua")),
            wraps: script(include_str!("wraps.lua")),
            move_wraps: script(include_str!("move.lua")),
            expire: script(include_str!("expire.lua")),
            unlink: script(include_str!("unlink.lua")),
            ready: script(include_str!("ready.lua")),
            hold_part: script(include_str!("hold_part.lua")),
            stale_parts: script(include_str!("stale_parts.lua")),
            parts_filed: script(include_str!("parts_filed.lua")),
            part_added: script(include_str!("part_added.lua")),
        }
    }
}
