"""A Knot relay that validates, as docs/halt-integrations.md configures it."""

import subprocess

import pytest
from halt_chain import ZONE, Chain, block, put

from attestations.drills.faults import Signer
from attestations.drills.probing import now
from attestations.servers.files import write_file


def knot_relay(chain):
    """The relay of the page; what is added is where it keeps its things."""
    ports, folder = chain.ports, chain.folder / "guard"
    changes = {
        "server:\n": f"server:\n    rundir: {folder}\n    udp-workers: 1\n    tcp-workers: 1\n",
        "192.0.2.10@53": f"127.0.0.1@{ports['guard']}",
        "198.51.100.1@53": f"127.0.0.1@{ports['primary']}",
        "address: 198.51.100.1\n": "address: 127.0.0.1\n",
        "[192.0.2.20]": "127.0.0.1",
        "zone:\n": f"database:\n    storage: {folder}\nlog:\n  - target: stderr\n    any: info\nzone:\n",
        "  - domain: example.\n": f"  - domain: example.\n    storage: {folder}\n",
    }
    return put(block("dnssec-validation: on"), changes)


@pytest.fixture
def relay(tmp_path, stack):
    """A hidden primary and the Knot relay behind it, which serves the first version."""
    chain = Chain(tmp_path, stack)
    chain.relay = chain.run("guard", knot_relay(chain), "knotd", "-c", "server.conf")
    chain.wait_for(lambda: chain.served() == (1, True))
    return chain


def refusals(chain):
    return chain.relay.log.count(b"zone event 'refresh' failed")


@pytest.mark.needs("knotd", "setpriv")
def test_a_knot_relay_refuses_what_is_wrong_over_a_restart_too_and_takes_what_is_right(relay):
    for serial, kind in enumerate(("wrong-key", "one-wrong-signature", "not-yet-valid", "missing-denial", "expired")):
        refused = refusals(relay)
        relay.bad(2 * serial + 2, kind)
        relay.wait_for(lambda: refusals(relay) > refused)  # noqa: B023
        assert relay.served() == (2 * serial + 1, True)
        if kind == "wrong-key":
            relay.wait_for(lambda: b"zone file updated" in relay.relay.log)
            relay.relay.stop()
            relay.relay.start()
            relay.wait_for(lambda: relay.served() is not None)
            assert relay.served() == (1, True)
        relay.good(2 * serial + 3)
        relay.wait_for(lambda: relay.served() == (2 * serial + 3, True))  # noqa: B023


@pytest.mark.needs("knotd", "setpriv")
def test_a_knot_relay_does_not_look_at_the_ds_of_the_parent(relay):
    relay.publish(Signer(ZONE).good(2, now()))  # in order by itself, with keys of a stranger
    relay.wait_for(lambda: relay.served() == (2, False))


@pytest.mark.needs("knotd", "knotc", "setpriv")
def test_knot_understands_the_configuration(tmp_path, stack):
    write_file(tmp_path / "knot.conf", block("dnssec-validation: on").encode())
    check = subprocess.run(["knotc", "-c", tmp_path / "knot.conf", "conf-check"], capture_output=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
