#!/bin/sh
# The release build, run as its user runs it: `make run` twice on one folder. A compiler can be right in debug and wrong in
# release (it has been), so the program that people run is run here too.
set -eu
program="$PWD/target/release/pmm-gateway"
folder=$(mktemp -d)
gateway=""
trap 'kill "$gateway" 2>/dev/null || true; rm -rf "$folder"' EXIT
fail() {
    echo "release: $1" >&2
    cat "$folder/log" >&2 || true
    exit 1
}

start() {
    (cd "$folder" && exec env PMM__PUBLIC__LISTEN=127.0.0.1:18080 PMM__PUBLIC__URL=http://127.0.0.1:18080 \
        PMM__INTERNAL__LISTEN=127.0.0.1:18081 "$program" serve) > "$folder/welcome" 2> "$folder/log" &
    gateway=$!
    for _ in $(seq 200); do
        curl -sf -o /dev/null http://127.0.0.1:18080/health/ready && return
        kill -0 "$gateway" 2>/dev/null || fail "serve ended by itself"
        sleep 0.05
    done
    fail "serve did not open"
}
stop() {
    kill "$gateway"
    wait "$gateway" || fail "serve did not stop in order"
}

start
command=$(sed -n '/^  curl/,/[^\\]$/p' "$folder/welcome")
answer=$(cd "$folder" && sh -c "$command" 2> /dev/null) || fail "the printed curl does not work"
reference=$(printf %s "$answer" | sed -n 's/.*"reference":"\([^"]*\)".*/\1/p')
[ -n "$reference" ] || fail "there is no reference in the answer"
stop
keys=$(cat "$folder"/data/keys/*)
start
[ "$keys" = "$(cat "$folder"/data/keys/*)" ] || fail "the second start made new keys"
case $(cd "$folder" && "$program" cases show "$reference") in
*"critical"*"[phone-1]"*) ;;
*) fail "the case is not there, or not as it should be" ;;
esac
stop
! grep -rq "905550123" "$folder/data" "$folder/log" || fail "the sender's number is on disk"
[ "$(stat -c %a "$folder/data/keys/pepper")" = 600 ] || fail "the keys can be read by others"
echo "release: make run works, twice"
