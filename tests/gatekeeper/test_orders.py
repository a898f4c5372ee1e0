"""Taking somebody out of the trust root does not lift what they stopped; two who are still in it can."""

from dataclasses import replace

import pytest
from world.keys import signer
from world.pieces import Bindings, freeze, halt
from world.registry import World

from attestations.digest import sha256
from attestations.envelope import read_envelope
from attestations.errors import InputError
from attestations.strict import read_json
from attestations.times import Instant
from gatekeeper.ledger.store import create, open_ledger
from gatekeeper.orders import halts_among, vouched_orders
from gatekeeper.record import record_order

NOON = Instant.parse("2026-04-10T12:00:00Z")
ENVIRONMENT = {"name": "example-production", "digest": "0" * 64}


@pytest.fixture
def ledger_with(tmp_path):
    """Make a ledger that holds some orders."""

    def make(*orders):
        url = f"sqlite:{tmp_path / 'ledger.db'}"
        create(url, "registry.example/gatekeeper", signer("ledger"))
        ledger = open_ledger(url, signer("ledger").public)
        for order in orders:
            record_order(
                ledger, order.make(Bindings(request_digest="0" * 64, environment=ENVIRONMENT)), signer("ledger")
            )
        return ledger

    return make


def trust(change=lambda _: None):
    return World().with_document("trust", change).judge().case.trust


def by_dave():
    return replace(halt(), signers=("dave",))


def without_dave(document):
    document["spec"]["people"] = [person for person in document["spec"]["people"] if person["name"] != "dave"]


def test_orders_of_those_who_are_still_known_are_vouched_for(ledger_with):
    with ledger_with(by_dave(), freeze("signer-release")) as ledger:
        assert len(vouched_orders(ledger, trust(), NOON)) == 2


def test_a_halt_by_somebody_who_is_gone_is_not_lifted_by_that(ledger_with):
    with ledger_with(by_dave()) as ledger, pytest.raises(InputError) as refused:
        vouched_orders(ledger, trust(without_dave), NOON)
    assert refused.value.code == "POL-TRUST"
    assert "halt 'h-1'" in refused.value.found


def end(*signers, **members):
    """Return the end of the halt h-1, in force since 11:30."""
    said = {"state": "ended", "effectiveOn": "2026-04-10T11:45:00Z", **members}
    return replace(halt(), signers=signers or halt().signers).change(lambda predicate: predicate.update(said))


@pytest.mark.parametrize(
    "members", [{}, {"effectiveOn": "2026-04-10T11:30:00Z"}, {"effectiveOn": "2026-04-10T12:00:00Z"}]
)
def test_two_who_are_still_known_can_end_it(ledger_with, members):
    with ledger_with(by_dave(), end(**members)) as ledger:
        assert len(vouched_orders(ledger, trust(without_dave), NOON)) == 1


@pytest.mark.parametrize(
    "order",
    [
        halt(),
        end("carol"),
        end(id="h-2"),
        end(effectiveOn="2026-04-10T11:29:59Z"),
        end(effectiveOn="2026-04-10T12:00:01Z"),
        end(environment={"name": "example-staging", "digest": "0" * 64}),
    ],
    ids=["no end", "one alone", "of another halt", "of an earlier one", "not yet", "elsewhere"],
)
def test_what_does_not_end_a_halt_does_not_end_one_by_somebody_who_is_gone(ledger_with, order):
    with ledger_with(by_dave(), order) as ledger, pytest.raises(InputError, match="POL-TRUST"):
        vouched_orders(ledger, trust(without_dave), NOON)


def test_the_end_of_a_halt_by_somebody_who_is_gone_is_no_order_that_stands(ledger_with):
    with ledger_with(halt(), end("dave")) as ledger:
        assert [order.said.state for order in halts_among(vouched_orders(ledger, trust(without_dave), NOON))] == [
            "halted"
        ]


@pytest.mark.parametrize(("now", "stands"), [("2026-04-30T23:59:59Z", True), ("2026-05-01T00:00:00Z", False)])
def test_a_freeze_by_somebody_who_is_gone_stands_until_it_ends(ledger_with, now, stands):
    with ledger_with(replace(freeze("signer-release"), signers=("dave",))) as ledger:
        if stands:
            with pytest.raises(InputError, match="POL-TRUST"):
                vouched_orders(ledger, trust(without_dave), Instant.parse(now))
        else:
            assert vouched_orders(ledger, trust(without_dave), Instant.parse(now)) == ()


def out_of_use(*names):
    """Change a trust root so that these people's keys are out of use at noon."""

    def change(document):
        for person in document["spec"]["people"]:
            if person["name"] in names:
                person["valid_until"] = "2026-04-10T12:00:00Z"

    return change


def test_a_halt_stays_when_its_author_goes_out_of_use_and_an_end_does_not(ledger_with):
    with ledger_with(by_dave(), end("carol", "erin")) as ledger:
        assert len(vouched_orders(ledger, trust(), NOON)) == 2
        (stays,) = vouched_orders(ledger, trust(out_of_use("dave", "carol")), NOON)
    assert stays.statement.predicate.state == "halted"


def test_an_end_that_is_out_of_use_lets_no_halt_of_somebody_gone_go(ledger_with):
    def gone(document):
        without_dave(document)
        out_of_use("carol")(document)

    with ledger_with(by_dave(), end("carol", "erin")) as ledger:
        assert len(vouched_orders(ledger, trust(without_dave), NOON)) == 1
        with pytest.raises(InputError, match="POL-TRUST"):
            vouched_orders(ledger, trust(gone), NOON)


def test_a_freeze_beside_a_halt_of_somebody_gone_ends_nothing(ledger_with):
    with ledger_with(by_dave(), freeze("signer-release")) as ledger, pytest.raises(InputError, match="POL-TRUST"):
        vouched_orders(ledger, trust(without_dave), NOON)


def revoking(*orders):
    """A trust root that takes back these very orders, by file and by statement."""
    made = [order.make(Bindings(request_digest="0" * 64, environment=ENVIRONMENT)) for order in orders]
    statements = [read_envelope(read_json(raw, "order")).payload for raw in made]
    revoked = [{"sha256": sha256(raw), "reason": "said by mistake"} for raw in (*made, *statements)]
    return trust(lambda document: document["spec"].update(revoked={"attestations": revoked}))


def test_an_end_of_a_halt_that_was_taken_back_ends_nothing(ledger_with):
    with ledger_with(halt(), end()) as ledger:
        assert len(vouched_orders(ledger, trust(), NOON)) == 2
        for gone in (end(), replace(end(), envelope_changes=(lambda envelope: envelope.update(more=1),))):
            (left,) = vouched_orders(ledger, revoking(gone), NOON)
            assert left.statement.predicate.state != "ended"


def test_what_stops_is_ended_by_two_and_taken_back_by_nobody(ledger_with):
    orders = (halt(), freeze("signer-release"))
    with ledger_with(*orders) as ledger:
        assert len(vouched_orders(ledger, revoking(*orders), NOON)) == 2
