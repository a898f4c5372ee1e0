"""Runbook `tell`: what to say to the registry, the parent and the public, and what not to say."""

from attestations.records import ZoneName
from attestations.runbooks.model import Action, Paste, Runbook, Step


def runbook(zone: ZoneName) -> Runbook:
    """Return the runbook for a zone."""
    return Runbook(
        name="tell",
        title="Tell the registry, the parent and the public",
        use_when="From the first bad answer on. Resolver operators decide by what you say whether it is an attack.",
        first="Send the first notice (step 1) within 15 minutes, with what is known and what is not.",
        zone=zone,
        needs=(
            (
                "channels that do not depend on the zone: status page, mailing lists, telephone numbers under other "
                "domains"
            ),
            "one person who speaks and writes the log; not the one who repairs",
        ),
        steps=(_first(zone), _parent(zone), _resolvers(zone), _restored(zone), _report(zone)),
        rests_on=("templates; drilled by nobody yet",),
        sources=("RFC 7646: when resolver operators may make exceptions", "reports on INC-01, INC-04, INC-13"),
    )


def _notice(where: str, text: str, see: str, otherwise: str) -> tuple[Action, ...]:
    return (Action(paste=Paste(where=where, text=text), see=see, otherwise=otherwise),)


def _first(zone: ZoneName) -> Step:
    text = f"""\
{zone} DNSSEC validation failures, notice 1, YYYY-MM-DDThh:mmZ
Since hh:mmZ, NUMBER of NUMBER signatures in {zone} (serial SERIAL) do not verify with a published key.
Affected: validating resolvers, for NUMBER of NUMBER delegations, unsigned ones included: YES/NO.
Cause: a mistake of ours / not known yet. Attack: ruled out by WHAT / not ruled out.
Done: publication stopped at hh:mmZ. Last good version: serial SERIAL.
The DNSKEY answer validates: DS and KSK are correct and stay (or: it does NOT validate, the chain is broken).
Next notice: hh:mmZ, even if nothing is new."""
    return Step(
        do="First notice: registry, on-call staff of the registrars, operators' lists, status page.",
        actions=_notice(
            "the notice",
            text,
            "it is on the status page, under a name outside the zone",
            "read it out by telephone to the first three on the list",
        ),
        beware=(
            "No `majority`, `some users`, `briefly`: numbers, with what they were counted over.",
            "No local time. No cause that was not proved. No `ruled out` without the check that did.",
            "No advice to switch validation off.",
        ),
    )


def _parent(zone: ZoneName) -> Step:
    text = f"""\
To the operator of the parent of {zone}, YYYY-MM-DDThh:mmZ
{zone} has wrong signatures since hh:mmZ. Its DNSKEY answer validates: DS and KSK are in order.
Please change NOTHING.
We shall ask in writing, by two named people, should a change be needed. On call: NAME, NUMBER."""
    return Step(
        do="Tell the parent that the DS stays, where the DNSKEY answer validates (runbook resolver, step 1). A "
        "DS that is withdrawn lives on in caches for its TTL, and an unsigned zone under a cached DS is bogus "
        "everywhere (INC-13).",
        actions=_notice(
            "the message", text, "the parent confirms that nothing is changed", "call again; no ticket alone"
        ),
        beware=(
            "No unsigned emergency zone, ever, while a DS may be cached (INC-04).",
            (
                "Where the DNSKEY answer does not validate, DS and KSK do not fit: say which DS is right, and who "
                "asks for it."
            ),
        ),
    )


def _resolvers(zone: ZoneName) -> Step:
    text = f"""\
To operators of validating resolvers, YYYY-MM-DDThh:mmZ
{zone}: wrong signatures are our mistake; an attack is ruled out by WHAT (or: is NOT ruled out, keep validating).
If you must, except {zone} alone, for one hour at a time, and flush: step by step at URL-OF-THE-RUNBOOK-RESOLVER.
We tell you here when to end it. Proof of this message: it is also at URL-OUTSIDE-THE-ZONE."""
    return Step(
        do="Tell resolver operators whether it is a mistake: only then may they make an exception (RFC 7646).",
        actions=_notice("the message", text, "it is sent from an address outside the zone", "use the status page"),
        beware=("While an attack is possible, say so, and ask them to keep validating.",),
    )


def _restored(zone: ZoneName) -> Step:
    text = f"""\
{zone} restored, notice N, YYYY-MM-DDThh:mmZ
Since hh:mmZ every server gives serial SERIAL; NUMBER of NUMBER signatures verify, judged by TWO CODE BASES.
Resolvers may still answer SERVFAIL for about a minute, or until they flush. Exceptions can end now.
Not done yet: WHAT, by WHOM, until WHEN."""
    return Step(
        do="Tell that it is over when every server was judged from outside, not when the repair was made.",
        actions=_notice(
            "the notice", text, "numbers from `attest zone`, of every server", "wait: nobody needs it twice"
        ),
    )


def _report(zone: ZoneName) -> Step:
    text = f"""\
# {zone}, DATE: report
Timeline (UTC): introduced | first bad signature served | detected, by what | stopped | restored | caches clean
Scope: signatures wrong/all; delegations affected/all; servers; resolvers' SERVFAIL share, how measured
Cause, shown by: | Ruled out, by which check: | Not known:
Which control should have stopped it, and why it did not: lab, key ceremony, hidden primary, halt
Measures of the night: began, ended, who, evidence (digest)
Actions: WHAT | OWNER (a person) | DUE (date) | DONE WHEN (a test)"""
    return Step(
        do="Write the report within a week: numbers, UTC, action items with an owner, a date and a test each.",
        actions=_notice(
            "the report",
            text,
            "each action has one owner who agreed",
            "an action without an owner is taken out, and said",
        ),
        beware=("`We will improve monitoring` is not an action. What stops the next one without a human is.",),
    )
