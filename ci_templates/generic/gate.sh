#!/bin/sh
# One pipeline step, the same on every CI system: run the gate, leave its reports and outputs, pass its exit code on.
#
#   gate.sh evaluate    decide; for merge requests. Never makes an approval
#   gate.sh issue       decide, record, sign the commissioning approval; for the release pipeline
#   gate.sh verify      may this host start what it has installed? for the deploy job and the host itself
#
# Inputs are variables. Paths; a list has one entry a line.
#   evaluate, issue:  GATE_REQUEST GATE_ENVIRONMENT GATE_POLICY GATE_TRUST [GATE_EVIDENCE: list]
#   issue:            GATE_SIGN_WITH GATE_LEDGER GATE_LEDGER_KEY [GATE_CONFIGURATION]
#   verify:           GATE_APPROVAL GATE_TRUST GATE_ENVIRONMENT_NAME GATE_STAGE GATE_COMPONENTS: list of NAME=FILE
#                     [GATE_LEDGER | GATE_LEDGER_PROOF]
#   GATE_OUT          folder for results, default gatekeeper-results; what an earlier run left there is removed.
#                     verify leaves no results, and lets those of the gate be
#   GATE_SYSTEM       github, forgejo, azure, buildkite, tekton; anything else: files and exit code only,
#                     the outputs as GATEKEEPER_NAME=VALUE in outputs.env
#
# Outputs: decision exit-code reason-codes decision-digest expires-at approval-path casefile-path
# Exit codes: those of gatekeeper, unchanged. Only 0 means yes; a killed or crashed gate keeps its own code.
set -u
umask 022

fail() { # what was found, what to do
    printf 'gate.sh: %s; %s\n' "$1" "$2" >&2
    exit 2
}

need() { # name of a variable that must not be empty
    eval "value=\${$1:-}"
    [ -n "$value" ] || fail "no $1" "set it; the head of gate.sh lists the inputs"
}

mode=${1:-}
case $mode in
    evaluate | issue) inputs='GATE_REQUEST GATE_ENVIRONMENT GATE_POLICY GATE_TRUST' ;;
    verify) inputs='GATE_APPROVAL GATE_TRUST GATE_ENVIRONMENT_NAME GATE_STAGE GATE_COMPONENTS' ;;
    *) fail "mode ${mode:-missing}" 'call it as  gate.sh evaluate|issue|verify' ;;
esac
[ "$mode" != issue ] || inputs="$inputs GATE_SIGN_WITH GATE_LEDGER GATE_LEDGER_KEY"
for name in $inputs; do need "$name"; done

out=${GATE_OUT:-gatekeeper-results}
case $out in # it becomes a line of outputs
    *[!A-Za-z0-9._/-]*) fail 'a GATE_OUT with unusual characters' 'use letters, digits, dots, dashes and slashes' ;;
esac
approval=$out/approval.dsse.json
casefile=$out/decision.case
if [ "$mode" != verify ]; then
    mkdir -p "$out" || fail "no folder $out" 'give another GATE_OUT'
    rm -f "$approval" "$approval.tlog-proof" "$casefile" "$out"/decision.* "$out/outputs.env"
fi

set -- "$mode" --trust "$GATE_TRUST"
case $mode in
    verify)
        set -- "$@" --approval "$GATE_APPROVAL" --environment "$GATE_ENVIRONMENT_NAME" --stage "$GATE_STAGE"
        [ -z "${GATE_LEDGER:-}" ] || set -- "$@" --ledger "$GATE_LEDGER"
        [ -z "${GATE_LEDGER_PROOF:-}" ] || set -- "$@" --ledger-proof "$GATE_LEDGER_PROOF"
        list=$GATE_COMPONENTS option=--component
        ;;
    *)
        set -- "$@" --request "$GATE_REQUEST" --environment "$GATE_ENVIRONMENT" --policy "$GATE_POLICY"
        for format in json markdown junit sarif gitlab-codequality html; do
            set -- "$@" --report "$format=$out/decision.$format"
        done
        set -- "$@" --report "dotenv=$out/outputs.env"
        case ${GATE_SYSTEM:-} in
            github | forgejo) set -- "$@" --report github ;;
            *) set -- "$@" --report text ;;
        esac
        list=${GATE_EVIDENCE:-} option=--evidence
        ;;
esac
if [ "$mode" = issue ]; then
    set -- "$@" --sign-with "$GATE_SIGN_WITH" --ledger "$GATE_LEDGER" --ledger-key "$GATE_LEDGER_KEY"
    set -- "$@" --approval "$approval" --case-file "$casefile"
    [ -z "${GATE_CONFIGURATION:-}" ] || set -- "$@" --gate "$GATE_CONFIGURATION"
fi
while IFS= read -r entry; do # no pipe: a loop in a subshell could not add arguments
    [ -z "$entry" ] || set -- "$@" "$option" "$entry"
done <<LIST
$list
LIST

gatekeeper "$@" # not in a pipe: the exit code of a pipe is that of its last part
code=$?

output() { # name in outputs.env: its value, in the alphabet that dotenv reports have
    [ "$mode" != verify ] && [ -f "$out/outputs.env" ] || return 0
    sed -n "s/^GATEKEEPER_$1=\\([A-Za-z0-9.,:_-]*\\)\$/\\1/p" "$out/outputs.env" | head -n 1
}

if [ "$mode" = verify ]; then
    decision=$([ "$code" -ne 0 ] || echo approve) approval='' casefile=''
else
    decision=$(output DECISION)
fi
if [ "$code" -eq 0 ] && [ "$decision" != approve ]; then
    echo 'gate.sh: the gate ended well without a decision to approve; nothing goes on' >&2
    code=1
fi
if [ "$code" -eq 0 ] && [ "$mode" = issue ] && [ ! -s "$approval" ]; then
    echo 'gate.sh: the gate ended well without an approval; nothing goes on' >&2
    code=1
fi
[ -s "$approval" ] && [ "$code" -eq 0 ] || approval=
[ -s "$casefile" ] || casefile=
if [ "$mode" != verify ]; then # where a CI system has no outputs of its own, they are variables in this file
    printf 'GATEKEEPER_APPROVAL_PATH=%s\nGATEKEEPER_CASEFILE_PATH=%s\n' "$approval" "$casefile" >>"$out/outputs.env"
fi

say() { # name, value: an output of this step, where the CI system looks for it
    case ${GATE_SYSTEM:-} in
        github | forgejo) printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/null}" ;;
        azure) printf '##vso[task.setvariable variable=%s;isOutput=true]%s\n' "$1" "$2" ;;
        buildkite) buildkite-agent meta-data set "gatekeeper-$1" "${2:--}" || code=$((code ? code : 1)) ;;
        tekton) printf '%s' "$2" >"${TEKTON_RESULTS:-/tekton/results}/$1" ;;
    esac
}

say decision "$decision"
say exit-code "$code"
say reason-codes "$(output REASON_CODES)"
say decision-digest "$(output DECISION_DIGEST)"
say expires-at "$(output EXPIRES_AT)"
say approval-path "$approval"
say casefile-path "$casefile"

if [ "$mode" != verify ] && [ -f "$out/decision.markdown" ]; then
    case ${GATE_SYSTEM:-} in
        github | forgejo) cat "$out/decision.markdown" >>"${GITHUB_STEP_SUMMARY:-/dev/null}" ;;
        azure) printf '##vso[task.uploadsummary]%s\n' "$(cd "$out" && pwd)/decision.markdown" ;;
        buildkite)
            style=$([ "$code" -eq 0 ] && echo success || echo error)
            buildkite-agent annotate --style "$style" --context gatekeeper <"$out/decision.markdown"
            ;;
    esac
fi
exit "$code"
