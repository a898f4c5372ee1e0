"""Settings of resolvers: those that do what they promise, and those that circulate after an incident and do not.

Each was put into a real resolver: tests/attestations/runbooks checks every line of this module.
"""

from attestations.records import ZoneName
from attestations.runbooks.model import Server, WrongSetting

SERVE_STALE: tuple[tuple[Server, str, str, str], ...] = (
    (
        "unbound",
        "unbound.conf",
        "server:\n  serve-expired: yes\n  serve-expired-ttl: 86400\n  serve-expired-client-timeout: 1800",
        "old answers, after 1.8 s, while the zone's servers are silent; without serve-expired-ttl they never end",
    ),
    (
        "bind",
        "named.conf, in options",
        "stale-cache-enable yes;\nstale-answer-enable yes;\nmax-stale-ttl 1d;",
        "old answers with extended error 3 while the zone's servers are silent; `rndc serve-stale status` says on",
    ),
)
"""server, place, text, what must be seen"""


def domain_insecure(zone: ZoneName) -> str:
    """Return what excepts a zone in Unbound's configuration, where that must survive restarts."""
    return f'server:\n  domain-insecure: "{zone}"'


def wrong_settings(zone: ZoneName) -> tuple[WrongSetting, ...]:
    """Return the settings that circulate, and what is right."""
    return (*_of_unbound(zone), *_exceptions_of_bind(zone), *_switches_of_bind(zone))


def _of_unbound(zone: ZoneName) -> tuple[WrongSetting, ...]:
    exception = f"unbound-control insecure_add {zone}, or domain-insecure"
    return (
        WrongSetting(
            server="unbound",
            setting=f'server:\n  local-zone: "{zone}" static',
            accepted=True,
            effect="every name of the zone is NXDOMAIN: the zone is gone instead of bogus",
            instead=exception,
        ),
        WrongSetting(
            server="unbound",
            setting=f'server:\n  local-zone: ".{zone}" static',
            accepted=False,
            effect="a name cannot begin with a dot: Unbound does not start",
            instead=exception,
        ),
        WrongSetting(
            server="unbound",
            setting="server:\n  val-permissive-mode: yes",
            accepted=True,
            effect="bogus data of every zone is given out: validation is off for all",
            instead=exception,
        ),
        WrongSetting(
            server="unbound",
            setting="server:\n  val-override: yes",
            accepted=False,
            effect="there is no such option; val-override-date is for tests",
            instead=exception,
        ),
    )


def _exceptions_of_bind(zone: ZoneName) -> tuple[WrongSetting, ...]:
    exception = f"rndc nta -lifetime 3600 {zone}"
    return (
        WrongSetting(
            server="bind",
            setting=f'validate-except {{ "{zone}"; }};',
            accepted=True,
            effect="it does except the zone, and has no end: it is forgotten and stays",
            instead=exception,
        ),
        WrongSetting(
            server="bind",
            setting=f'trust-anchors {{ "{zone}" static-ds 1 13 2 "{"00" * 32}"; }};',
            accepted=True,
            effect="a made-up anchor makes the zone bogus, also once it is good again; as managed-keys the same, "
            "and named "
            "does not start where there is a trust-anchors as well",
            instead=exception,
        ),
    )


def _switches_of_bind(zone: ZoneName) -> tuple[WrongSetting, ...]:
    exception = f"rndc nta -lifetime 3600 {zone}"
    return (
        WrongSetting(
            server="bind",
            setting="dnssec-enable no;",
            accepted=False,
            effect="there is no such option any more: named does not start",
            instead=exception,
        ),
        WrongSetting(
            server="bind",
            setting="dnssec-validation no;",
            accepted=True,
            effect="validation is off for every zone",
            instead=exception,
        ),
        WrongSetting(
            server="bind",
            setting="stale-answer-enable yes;",
            accepted=True,
            effect="alone it does nothing: nothing is kept beyond its TTL without stale-cache-enable",
            instead="both options, and not against a bogus zone",
        ),
        WrongSetting(
            server="bind",
            setting="dnssec-accept-expired yes;",
            accepted=True,
            effect="expired signatures of every zone count again: old data can be replayed",
            instead=exception,
        ),
    )
