#!/bin/sh
# RunOnReceive for gammu-smsd: posts each message to pmm-gateway and keeps it in a spool until it was taken.
#
#   gammu-smsdrc:  RunOnReceive = /etc/gammu/report.sh
#   beside it:     /etc/gammu/report.conf with   address="https://…/hooks/<channel>/<secret>"   and   spool="/var/spool/pmm"
#   and from cron: */5 * * * * /etc/gammu/report.sh
#
# The address and the words are handed to curl in a file that only this user may read: a command line can be seen by all.
set -eu
umask 077
. "${REPORT_CONF:-/etc/gammu/report.conf}"
mkdir -p "$spool"

# gammu puts what it received into the environment; parts that belong together are joined in DECODED_*.
n_messages=${SMS_MESSAGES:-0}
if [ "$n_messages" -gt 0 ]; then
    text=""
    n_parts=${DECODED_PARTS:-0}
    part=0
    while [ "$part" -lt "$n_parts" ]; do
        eval "text=\"\$text\${DECODED_${part}_TEXT:-}\""
        part=$((part + 1))
    done
    message=1
    if [ "$n_parts" -eq 0 ]; then
        while [ "$message" -le "$n_messages" ]; do
            eval "text=\"\$text\${SMS_${message}_TEXT:-}\""
            message=$((message + 1))
        done
    fi
    stamp=$(date +%s)
    draft=$(mktemp "$spool/draft.XXXXXX")
    printf '%s' "${SMS_1_NUMBER:-}" >"$draft.from"
    printf '%s' "$text" >"$draft.text"
    {
        printf 'data-urlencode = "from@%s.from"\n' "$draft"
        printf 'data-urlencode = "text@%s.text"\n' "$draft"
        printf 'data-urlencode = "id=%s-%s"\n' "$stamp" "${draft##*.}"
        printf 'data-urlencode = "received=%s"\n' "$stamp"
        printf 'data-urlencode = "phone=%s"\n' "$(printf '%s' "${PHONE_ID:-}" | tr -cd 'A-Za-z0-9_-')"
        printf 'url = "%s"\n' "$address"
    } >"$draft"
    mv "$draft" "$draft.ready"
fi

for ready in "$spool"/draft.*.ready; do
    [ -e "$ready" ] || continue
    # What was not taken stays for the next message or for cron.
    if curl --silent --fail --output /dev/null --max-time 30 --config "$ready"; then
        rm -f "$ready" "${ready%.ready}.from" "${ready%.ready}.text"
    fi
done
