#!/bin/sh
# Publishes a zone file only after a verifier has said yes to these very bytes. Whatever fails leaves the released file,
# and what the server serves, as they were; it ends with 0 only where the candidate is released.
#
#     staged_release.sh CANDIDATE RELEASED VERIFIER RELOAD [ARGUMENT ...]
#
# VERIFIER is called with the file in question; RELOAD lets the server read RELEASED, and is run again until it succeeds.
set -eu

candidate=$1 released=$2 verifier=$3
shift 3
exec 9>"$released.lock"
flock 9 # another run may be verifying
if ! cmp -s -- "$candidate" "$released"; then
    new=$released.new
    cp -- "$candidate" "$new"
    "$verifier" "$new"
    sync -- "$new"
    mv -f -- "$new" "$released"
fi
exec "$@"
