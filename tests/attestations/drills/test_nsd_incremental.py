"""NSD with a verifier that judges what changed, as docs/halt-integrations.md configures it."""

import re
from pathlib import Path

import pytest
from halt_chain import ZONE, Chain, block, put

from attestations.drills import configuration
from attestations.servers.files import write_file


@pytest.fixture
def incremental(tmp_path, stack):
    """A hidden primary and an NSD whose verifier is the one of the page; it serves the first version."""
    chain = Chain(tmp_path, stack)
    state, ports = tmp_path / "state", chain.ports
    write_file(state / "state.key", b"k" * 32)
    changes = {
        "/var/lib/gatekeeper/verify": state,
        "127.0.0.1@5347": f"127.0.0.1@{ports['candidate']}",
        "/etc/nsd/example.ds": tmp_path / "ds",
        # Each report is kept, to see how it was judged.
        "    exit 0\n": "    cat report.json >>reports\n    exit 0\n",
    }
    verifier = chain.script("verifier", put(block("find full"), changes))
    wrapper = tmp_path / "fail_closed.sh"
    write_file(wrapper, (Path(configuration.__file__).parent / "fail_closed.sh").read_bytes(), executable=True)
    values = {**ports, "zone": ZONE, "folder": tmp_path / "guard", "port": ports["guard"], "wrapper": wrapper}
    values |= {"verifier": verifier, "sink": "/bin/true", "seconds": 90, "outer_seconds": 100, "secondary": 1}
    text = configuration.GUARD.format(**values) + block("store-ixfr")
    chain.guard = chain.run("guard", text, "nsd", "-d", "-c", "server.conf")
    chain.wait_for(lambda: chain.served() == (1, True))
    return chain


def judged(chain):
    """How each version that passed was judged."""
    return re.findall(r'"mode": *"(full|delta)"', (chain.folder / "state" / "reports").read_text())


@pytest.mark.needs("nsd", "knotd", "setpriv")
def test_nsd_has_only_the_difference_judged_and_the_whole_where_that_does_not_do(incremental):
    chain = incremental
    chain.good(2)
    chain.wait_for(lambda: chain.served() == (2, True))
    chain.good(3)
    chain.wait_for(lambda: chain.served() == (3, True))
    assert judged(chain) == ["full", "delta", "delta"]
    chain.bad(4, "one-wrong-signature")
    # Stopped sooner, NSD remembers the refused version, and asks for what changed since that.
    chain.wait_for(lambda: b"continuing with old database" in chain.guard.log)
    assert chain.served() == (3, True)
    chain.wait_for(lambda: re.search(rb"\(\s+3 ", (chain.folder / "guard" / "zone").read_bytes()))
    chain.guard.stop()
    chain.guard.start()
    chain.wait_for(lambda: chain.served() == (3, True))
    chain.good(5)
    chain.wait_for(lambda: chain.served() == (5, True))
    assert judged(chain)[:3] == ["full", "delta", "delta"]
    chain.good(6)
    chain.wait_for(lambda: chain.served() == (6, True))
    assert judged(chain)[-1] == "delta"
