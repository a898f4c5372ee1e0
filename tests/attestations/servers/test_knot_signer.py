"""Knot as a signer with keys in SoftHSM tokens: what it signs, and what it does not notice."""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from attestations.errors import InputError
from attestations.operations import knot
from attestations.servers.files import write_file
from attestations.servers.knot_signer import Keystore, KnotSigner, SignerPlan
from attestations.servers.ports import LOOPBACK, free_ports
from attestations.servers.waiting import wait_until
from attestations.times import Instant
from attestations.zone.engines import ENGINES
from attestations.zone.reading import zone_from_file, zone_from_transfer
from attestations.zone.reading.transfer import Server
from attestations.zone.validation.anchors import read_anchors

pytestmark = pytest.mark.needs("knotd", "keymgr", "kzonesign", "softhsm2-util", "setpriv")
MODULE = "/usr/lib/softhsm/libsofthsm2.so"
KSK, ZSK = "b2", "a1"
SECONDS = 60.0
ZONE = b"""\
example. 3600 SOA ns1.example. hostmaster.example. 1 7200 3600 1209600 3600
example. 3600 NS ns1.example.
ns1.example. 3600 A 192.0.2.1
a.example. 3600 NS ns.a.example.
"""


def tokens(folder, *options):
    """Three tokens with keys as the rollover agent makes them."""
    call = [sys.executable, "-m", "attestations", "laboratory", folder, "--tokens=softhsm", "--output=json", *options]
    run = subprocess.run(call, capture_output=True, check=True)
    return folder / "softhsm", json.loads(run.stdout)["serials"]


@pytest.fixture(scope="module")
def correct(tmp_path_factory):
    return tokens(tmp_path_factory.mktemp("correct"))


@pytest.fixture(scope="module")
def defective(tmp_path_factory):
    return tokens(tmp_path_factory.mktemp("defective"), "--defect=one-key-pair-per-hsm")


@pytest.fixture
def sockets():
    with tempfile.TemporaryDirectory(prefix="attest-") as folder:
        yield Path(folder)


@pytest.fixture
def planned(tmp_path, sockets):
    """Return the plan of a signer with one of the tokens."""

    def plan(made, unit=0):
        softhsm, serials = made
        keystore = Keystore(
            module=MODULE,
            serial=serials[unit],
            pin_file=softhsm / "pin",
            environment={"SOFTHSM2_CONF": str(softhsm / "softhsm2.conf")},
        )
        write_file(tmp_path / "zone", ZONE)
        return SignerPlan(
            folder=tmp_path / f"signer-{unit}",
            zone="example.",
            zone_file=tmp_path / "zone",
            keystore=keystore,
            port=free_ports("signer")["signer"],
            socket=sockets / f"signer-{unit}",
        )

    return plan


def with_keys(plan):
    signer = KnotSigner(plan)
    signer.import_key(KSK, ksk=True)
    signer.import_key(ZSK, ksk=False)
    return signer


def now():
    return Instant.of(datetime.now(UTC))


def verdict(zone, ds):
    anchors = read_anchors(ds, "ds", "example.", "DS")
    with zone:
        return ENGINES["native"].validate(zone, anchors, now(), jobs=1).verdict


def signed_once(signer):
    return zone_from_file(signer.sign_once(), "example.")


def served(signer):
    """Return what it serves now; None where it serves nothing."""
    try:
        return zone_from_transfer(Server(host=LOOPBACK, port=signer.plan.port), "example.")
    except InputError:
        return None


def serial_of(signer):
    zone = served(signer)
    if zone is None:
        return None
    with zone:
        return zone.serial


def test_a_signing_run_with_any_token_gives_a_zone_that_validates(planned, correct):
    for unit in range(3):
        signer = with_keys(planned(correct, unit))
        assert verdict(signed_once(signer), signer.ds(KSK)) == "valid"


def test_the_signer_does_not_notice_another_private_key_under_the_same_id(planned, defective):
    first, second = with_keys(planned(defective, 0)), KnotSigner(planned(defective, 1))
    shutil.copytree(first.database, second.database, dirs_exist_ok=True)
    assert verdict(signed_once(first), first.ds(KSK)) == "valid"
    assert verdict(signed_once(second), first.ds(KSK)) == "invalid"


def test_the_ds_names_the_key_of_the_token(planned, correct):
    signer = with_keys(planned(correct))
    fields = (correct[0].parent / "ds.zone").read_text().split()
    assert " ".join(fields[4:]).lower() in signer.ds(KSK).decode()


def test_the_pin_is_in_no_file_of_the_signer_and_in_no_refusal(planned, correct):
    signer = with_keys(planned(correct))
    signer.sign_once()
    pin = (correct[0] / "pin").read_bytes()
    files = [file for file in signer.plan.folder.rglob("*") if file.is_file()]
    assert [file for file in files if pin in file.read_bytes()] == []
    with pytest.raises(InputError) as refusal:
        signer.import_key("ffff", ksk=False)
    assert refusal.value.code == "LABORATORY"
    assert "import-pkcs11 ffff" in refusal.value.found
    assert pin.decode() not in str(refusal.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"serial": "00000000ffffffff"}, "token not available"),
        ({"module": "/nowhere/module.so"}, "failed to load PKCS #11 module"),
        ({"pin_file": Path("/nowhere/pin")}, "not exists"),
    ],
    ids=["no such token", "no module", "no PIN"],
)
def test_a_token_that_cannot_be_used_is_refused_when_its_keys_are_imported(planned, correct, changed, said):
    plan = planned(correct)
    signer = KnotSigner(replace(plan, keystore=replace(plan.keystore, **changed)))
    with pytest.raises(InputError) as refusal:
        signer.import_key(KSK, ksk=True)
    assert refusal.value.code == "LABORATORY"
    assert said in refusal.value.found


def test_a_running_signer_signs_a_change_with_the_next_serial_number(planned, correct):
    signer = with_keys(planned(correct))
    signer.server.start()
    try:
        assert signer.server.wait_until_ready(lambda: serial_of(signer) is not None)
        before = serial_of(signer) or 0
        for command in (
            knot.zone_begin("example.", signer.control),
            knot.zone_set("example.", ("new", 3600, "NS", "ns.example."), signer.control),
            knot.zone_commit("example.", signer.control),
        ):
            signer.run(command)
        assert wait_until(lambda: (serial_of(signer) or 0) > before or None, SECONDS)
        assert verdict(served(signer), signer.ds(KSK)) == "valid"
    finally:
        signer.server.stop()


def test_a_signer_that_is_told_whom_to_notify_starts(planned, correct):
    ports = free_ports("a", "b")
    signer = with_keys(replace(planned(correct), notify=tuple(ports.values()), opt_out=True))
    assert verdict(signed_once(signer), signer.ds(KSK)) == "valid"
