#!/bin/sh
# Runs a verifier of zones and ends with 0 only if it did; with 1 whatever else becomes of it: another exit code, a
# signal, the time limit, a program that is not there. NSD 4.6.1 publishes a zone whose verifier is ended by a signal.
#
#     fail_closed.sh SECONDS PROGRAM [ARGUMENT ...]
#
# One thing it cannot do: survive its own SIGKILL. So it is small, and what it runs is the first to go when memory is short.

for signal in HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM XCPU XFSZ VTALRM PROF SYS; do
    trap 'kill "$verifier" 2>/dev/null; exit 1' "$signal"
done

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
echo "verifier ended with $status: zone ${VERIFY_ZONE:-} refused" >&2
exit 1
