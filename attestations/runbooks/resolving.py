"""Runbook `resolver`: for operators of validating resolvers while a zone is bogus, and how each measure ends."""

from attestations.operations import bind, unbound
from attestations.records import ZoneName
from attestations.runbooks.model import Action, Paste, Runbook, Step
from attestations.runbooks.settings import SERVE_STALE, domain_insecure, wrong_settings
from attestations.times import Duration

_HOUR = Duration(hours=1)

_NEEDS = (
    "a shell on the resolver",
    "a contact of the zone's operator that does not depend on the zone",
    "a ticket with an owner and an end for every exception",
)
_RESTS_ON = (
    "Unbound 1.17.1 and BIND 9.18.49 on loopback, trust anchor at the parent, every signature of the child wrong",
    (
        "read, not run: Unbound from 1.22.0 keeps a good expired answer instead of a bogus new one "
        "(NLnetLabs/unbound, pull request 1143)"
    ),
)
_SOURCES = (
    "RFC 7646: negative trust anchors",
    "RFC 8767: serving stale data",
    "RFC 8914: extended DNS errors",
    "unbound-control(8), unbound.conf(5)",
    "rndc(8), BIND 9.18 reference",
)


def runbook(zone: ZoneName) -> Runbook:
    """Return the runbook for a zone."""
    return Runbook(
        name="resolver",
        title="A zone is bogus: what a resolver operator can do",
        use_when="Your validating resolver answers SERVFAIL for a zone, and users call.",
        first="Find out whether validation is the cause (step 1). Then change nothing before step 2 is answered.",
        zone=zone,
        needs=_NEEDS,
        steps=(_classify(zone), _rule_out_attack(), _except(zone), _watch(zone), _stale(), _end(zone)),
        wrong=wrong_settings(zone),
        rests_on=_RESTS_ON,
        sources=_SOURCES,
    )


def _classify(zone: ZoneName) -> Step:
    return Step(
        do="Ask twice, with and without validation.",
        actions=(
            Action(
                commands=(
                    ("dig", "@RESOLVER", zone, "SOA", "+dnssec"),
                    ("dig", "@RESOLVER", zone, "SOA", "+dnssec", "+cd"),
                    ("dig", "@RESOLVER", zone, "DNSKEY", "+dnssec"),
                ),
                see="SERVFAIL, then NOERROR: validation fails. A DNSKEY answer with `ad` says that chain and keys "
                "are in order and the signatures over the data are not",
                otherwise="SERVFAIL both times: servers cannot be reached, and nothing below helps but stale "
                "answers (step 5)",
            ),
        ),
        beware=(
            "A missing `ad` flag in an answer to +cd proves nothing. Ask for several names: the SOA may be good.",
            "Extended errors are hints: BIND 9.18 gave none here, Unbound gave 6.",
        ),
    )


def _rule_out_attack() -> Step:
    return Step(
        do="Rule out an attack. A negative trust anchor switches the protection off that the zone paid for.",
        actions=(
            Action(
                see="the zone's operator says, over a channel that you know, that it is a mistake of theirs; and "
                "resolvers in other networks see the same",
                otherwise="leave validation on. SERVFAIL is what validation is for",
            ),
        ),
    )


def _except(zone: ZoneName) -> Step:
    return Step(
        do="Except this zone and no other from validation, for an hour; prolong rather than start long.",
        actions=(*_excepted_by_unbound(zone), _excepted_by_bind(zone)),
        beware=(
            (
                "Unbound: without flush_zone it went on answering SERVFAIL. It has no end, and a restart or reload "
                "forgets it: set an alarm, repeat after a restart."
            ),
            "BIND: it survives a restart, and ends early once the zone validates again (nta-recheck, 5 minutes).",
            "Not the parent and not the root. Not with `-force`.",
        ),
    )


def _excepted_by_unbound(zone: ZoneName) -> tuple[Action, ...]:
    return (
        Action(
            server="unbound",
            commands=(
                unbound.insecure_add(zone),
                unbound.flush_zone(zone),
                unbound.flush_bogus(),
                unbound.list_insecure(),
            ),
            see=f"{zone} in the list; NOERROR without `ad` for its names, `ad` still for others",
            otherwise=f"a trust anchor at {zone} itself overrides it: seen. Take that anchor out",
        ),
        Action(
            server="unbound",
            paste=Paste(where="unbound.conf, only where a restart is to be expected", text=domain_insecure(zone)),
            commands=(("unbound-checkconf",),),
            see="no errors; the line counts from the next start on",
            otherwise="take the line out again",
        ),
    )


def _excepted_by_bind(zone: ZoneName) -> Action:
    return Action(
        server="bind",
        commands=(bind.nta(zone, _HOUR), bind.flushtree(zone), bind.nta_dump()),
        see="the zone with its end (local time of the server) in the list; NOERROR without `ad` for its names",
        otherwise="a trust anchor below the zone goes on counting",
    )


def _watch(zone: ZoneName) -> Step:
    return Step(
        do="Watch for the end: ask with validation by a resolver that has no exception, every few minutes.",
        actions=(
            Action(
                commands=(("dig", "@OTHER-RESOLVER", zone, "SOA", "+dnssec"),),
                see="SERVFAIL for now. NOERROR with `ad`: go to step 6",
                otherwise="no second resolver: run one without exceptions beside the first",
            ),
        ),
    )


def _stale() -> Step:
    return Step(
        do="Serve stale only where servers do not answer. It is no remedy for a bogus zone.",
        actions=tuple(
            Action(
                server=server,
                paste=Paste(where=where, text=text),
                see=see,
                otherwise="named-checkconf or unbound-checkconf says which line is wrong",
            )
            for server, where, text, see in SERVE_STALE
        ),
        beware=(
            (
                "Against wrong signatures, with good data in the cache: Unbound 1.17.1 gave the old answer once, "
                "with `ad`, then SERVFAIL, because the bogus answer had replaced it; with "
                "serve-expired-client-timeout SERVFAIL at once. BIND 9.18.49 gave SERVFAIL at once; with "
                "stale-answer-client-timeout 0 the old answer once."
            ),
            "While it is on, the first answer after a flush may still be the old one: seen with Unbound. Ask twice.",
        ),
    )


def _end(zone: ZoneName) -> Step:
    return Step(
        do="End it: the zone validates elsewhere, so validate it here again, and prove it.",
        actions=(
            Action(
                server="unbound",
                commands=(
                    unbound.insecure_remove(zone),
                    unbound.flush_zone(zone),
                    unbound.flush_bogus(),
                    unbound.list_insecure(),
                ),
                see=f"{zone} is not in the list; NOERROR with `ad`",
                otherwise="a line `domain-insecure` in the configuration: take it out and reload",
            ),
            Action(
                server="bind",
                commands=(bind.nta_remove(zone), bind.flushtree(zone), bind.nta_dump()),
                see="an empty list; NOERROR with `ad`",
                otherwise="`validate-except` in named.conf: take it out; it has no end of its own",
            ),
        ),
        beware=(
            (
                "Unbound: without the flush, what was taken without validation is given out until its TTL ends. "
                "BIND: it was validated again at once."
            ),
        ),
    )
