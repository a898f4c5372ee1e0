#!/bin/sh
# Runs a verifier of zones and ends with 0 only if it did; with 1 whatever else becomes of it: another exit code, a
# signal, the time limit, a program that is not there. NSD 4.6.1 publishes a zone whose verifier is ended by a signal.
#
#     fail_closed.sh [--notify PROGRAM] SECONDS PROGRAM [ARGUMENT ...]
#
# The program to notify is called with the zone and how the verifier ended, and has 3 seconds: it hands over and ends. It
# is waited for, because NSD 4.6.1 leaves descriptors to what it runs, and waits itself while anybody holds them.
#
# One thing it cannot do: survive its own SIGKILL. So it is small, and what it runs is the first to go when memory is short.

refuse() {
    trap '' PIPE
    echo "verifier ended with $1: zone ${VERIFY_ZONE:-} refused" >&2
    [ -z "$notify" ] || timeout --kill-after=1 3 "$notify" "${VERIFY_ZONE:-}" "$1" </dev/null >/dev/null 2>&1
    exit 1
}

for signal in HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM XCPU XFSZ VTALRM PROF SYS; do
    trap 'kill "$verifier" 2>/dev/null; refuse "a signal to its wrapper"' "$signal"
done

[ $# -gt 1 ] || exit 1
notify=
if [ "$1" = --notify ]; then
    [ $# -gt 3 ] || exit 1
    notify=$2
    shift 2
fi
limit=$1
shift
# The zone, where NSD feeds it (a background process has no other way to it); else standard input is closed.
if (exec 3<&0) 2>/dev/null; then exec 3<&0; else exec 3</dev/null; fi
(
    { echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null # Linux
    exec timeout --kill-after=2 "$limit" "$@" <&3 3<&-
) &
verifier=$!
exec 3<&-

wait "$verifier"
status=$?
[ "$status" -eq 0 ] && exit 0
refuse "$status"
