"""`attest rollback-drill` with real tokens, signer, secondary and resolvers, and what the real gate makes of it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from attestations.digest import sha256
from attestations.drills.rollback.archive import BIG_STEP
from attestations.drills.rollback.ways import WAYS
from gatekeeper.documentation.schemas import pages
from gatekeeper.finding import Outcome

pytestmark = pytest.mark.needs("knotd", "keymgr", "nsd", "unbound", "softhsm2-util", "setpriv")
NAMES = tuple(WAYS)


@pytest.fixture(scope="session")
def lost(make_hsms, drill):
    """The old key was destroyed in one HSM before."""
    return drill(make_hsms("a1"), "--way=archived-zone")


@pytest.fixture(scope="session")
def withdrawn(hsms, drill):
    """The rollover withdrew the old key at once."""
    return drill(hsms, "--way=archived-zone", "--old-key-stays=0s")


@pytest.fixture(scope="session")
def forced(hsms, drill):
    """The only way that was walked does not raise the serial number."""
    return drill(hsms, "--way=forced-transfer")


def against(judged):
    return [finding.found.partition(": ")[2] for finding in judged.findings if finding.outcome is not Outcome.MET]


def test_every_way_leads_back_to_a_valid_version(sound):
    assert (sound.code, sound.document["verdict"], sound.document["faults"]) == (0, "valid", [])
    assert [(one["way"], one["verdict"], one["failure"]) for one in sound.document["ways"]] == [
        (name, "restored", None) for name in NAMES
    ]


@pytest.mark.parametrize("name", NAMES)
def test_each_way_begins_with_the_bad_version_and_ends_with_a_valid_one(sound, name):
    way = next(one for one in sound.predicate.ways if one.way == name)
    first, last = way.probes[0], way.probes[-1]
    assert (first.serial, first.validates) == (way.serial_from, False)
    assert (last.serial, last.validates) == (way.serial_to, True)
    assert way.decided_on <= first.at <= last.at <= way.restored_on


@pytest.mark.parametrize("name", NAMES)
def test_resolvers_refuse_during_the_outage_and_nothing_after_a_flush(sound, name):
    view = next(one for one in sound.predicate.ways if one.way == name).resolver
    assert view.before.servfail == 0
    assert view.outage.servfail > view.outage.asked / 2
    assert view.after_flush.servfail == 0
    assert view.before.asked == view.outage.asked == view.after.asked == view.after_flush.asked


def test_a_resolver_that_nobody_flushes_goes_on_refusing_for_a_while(sound):
    assert any(way.resolver.after.servfail for way in sound.predicate.ways)


def test_the_archive_goes_up_by_a_big_step_the_signer_by_a_small_one_and_a_forced_transfer_down(sound):
    steps = {way.way: way.serial_to - way.serial_from for way in sound.predicate.ways}
    assert steps["archived-zone"] == BIG_STEP
    assert 0 < steps["old-key"] < BIG_STEP
    assert steps["forced-transfer"] < 0
    assert [one["raisesSerial"] for one in sound.document["ways"]] == [True, True, False]


def test_both_old_keys_are_proved_in_every_hsm_and_published(sound, hsms):
    keys = sound.predicate.previous_keys
    assert [(set(key.hsm_serials), key.still_published) for key in keys] == [(set(hsms.serials), True)] * 2
    assert [(one["role"], one["missingIn"]) for one in sound.document["keys"]] == [("ksk", []), ("zsk", [])]


def test_the_summary_is_that_of_a_way_that_forces_nobody(sound):
    predicate = sound.predicate
    assert predicate.restored_by == sound.document["stated"] == "archived-zone"
    assert (predicate.left.release, predicate.restored.release) == ("3.0.1", "2.9.4")
    assert predicate.restored.serial == predicate.left.serial + BIG_STEP
    assert predicate.validated_after is True


def test_the_restored_zone_was_validated_and_that_statement_lies_beside(sound):
    validated, restored = sound.validated, sound.predicate.restored
    assert sound.predicate.validation_digest == sha256(sound.validation)
    assert (validated.zone.serial, validated.zone.sha256) == (restored.serial, restored.zone_digest)
    assert (validated.validator.verdict, validated.coverage.mode) == ("valid", "full")
    assert validated.counts.rrsigs == validated.counts.ok > 100


def test_the_gate_finds_its_requirement_met_by_the_statement_alone(sound):
    judged = sound.judged()
    assert against(judged) == []
    assert judged.outcome is Outcome.MET


def test_the_gate_finds_it_unmet_where_the_backup_will_not_live_long_enough(sound):
    judged = sound.judged(lambda said: _expect(said).update(backup_valid_for="20d"))
    assert judged.outcome is Outcome.UNMET
    assert [found.partition(" in ")[0] for found in against(judged)] == ["the backup's first signature expires"]
    assert sound.judged(lambda said: _expect(said).update(backup_valid_for="13d")).outcome is Outcome.MET


def test_a_key_that_one_hsm_lost_leads_back_and_is_told_all_the_same(lost):
    assert (lost.code, lost.way("archived-zone")["verdict"]) == (10, "restored")
    assert [len(one["missingIn"]) for one in lost.document["keys"]] == [0, 1]
    assert [fault for fault in lost.document["faults"] if "is not in" in fault and "(R44)" in fault]
    judged = lost.judged()
    assert judged.outcome is Outcome.UNMET
    zsk = lost.predicate.previous_keys[1]
    assert against(judged) == [f"key {zsk.fingerprint[:16]}… in 2 of 3 HSMs"]


def test_a_key_that_is_published_no_longer_is_told_and_refused(withdrawn):
    assert (withdrawn.code, withdrawn.way("archived-zone")["verdict"]) == (10, "restored")
    assert [one["stillPublished"] for one in withdrawn.document["keys"]] == [True, False]
    judged = withdrawn.judged()
    assert judged.outcome is Outcome.UNMET
    zsk = withdrawn.predicate.previous_keys[1]
    assert against(judged) == [f"key {zsk.fingerprint[:16]}… in 3 of 3 HSMs"]


def test_a_way_that_does_not_raise_the_serial_number_is_not_enough_by_itself(forced):
    assert (forced.code, forced.way("forced-transfer")["verdict"]) == (10, "restored")
    assert ["no way raised the serial number" in fault for fault in forced.document["faults"]] == [True]
    drill = forced.predicate
    judged = forced.judged()
    assert judged.outcome is Outcome.UNMET
    assert against(judged) == [f"serial {drill.left.serial} to {drill.restored.serial}"]


def test_tokens_of_its_own_are_never_taken_for_the_hsms_of_the_environment(drill):
    ended = drill(None, "--way=old-key")
    assert (ended.code, ended.document["verdict"]) == (0, "valid")
    judged = ended.judged()
    assert judged.outcome is Outcome.UNMET
    assert {found.partition("… ")[2] for found in against(judged)} == {"in 0 of 3 HSMs"}


def test_what_is_printed_fits_its_published_schema(sound, lost):
    schema = json.loads(pages()["schemas/rollback-drill-report.schema.json"])
    for ended in (sound, lost):
        assert list(Draft202012Validator(schema).iter_errors(ended.document)) == []


def test_the_drill_leaves_no_key_of_its_own_and_no_pin_anywhere(sound, hsms):
    pin = (hsms.folder / "pin").read_text()
    assert pin not in json.dumps(sound.document) + sound.talk
    assert pin.encode() not in sound.statement + sound.validation
    assert objects_in(hsms) == {"a1", "b2"}


def objects_in(hsms):
    """The CKA_IDs in the first token."""
    program = (
        "import sys, pkcs11; lib = pkcs11.lib(sys.argv[1]); "
        "token = next(s.get_token() for s in lib.get_slots(token_present=True) "
        "if s.get_token().serial.decode() == sys.argv[2]); "
        "session = token.open(user_pin=open(sys.argv[3]).read()); "
        "print(*{o[pkcs11.Attribute.ID].hex() for o in session.get_objects()})"
    )
    call = [sys.executable, "-c", program, hsms.options[0].partition("=")[2], hsms.serials[0], hsms.folder / "pin"]
    run = subprocess.run(call, capture_output=True, check=True, text=True, env=os.environ | hsms.settings)
    return set(run.stdout.split())


def _expect(said):
    return next(one for one in said["spec"]["requirements"] if one["id"] == "way-back")["expect"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_server_and_no_pin_is_left_however_the_drill_ends(hsms, call, processes_about, tmp_path, private, number):
    folder, out = tmp_path / "laboratory", tmp_path / "rollback.json"
    words = call(hsms.world, out, *hsms.options, "--folder", folder, "--resolver-seconds=600", "--way=old-key")
    settings = hsms.settings | {"TMPDIR": str(private)}
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | settings)
    resolver = folder / "old-key" / "flushed" / "pid"
    wait_for(lambda: resolver.exists() or process.poll() is not None)
    assert len(processes_about(folder)) >= len(("attest", "knotd", "nsd", "unbound"))
    process.send_signal(number)
    _, talk = process.communicate(timeout=60)
    assert process.returncode == (1 if number != signal.SIGKILL else -number), talk.decode()
    wait_for(lambda: processes_about(folder) == [])
    assert not out.exists()
    pin = (hsms.folder / "pin").read_bytes()
    left = [path for place in (private, folder) for path in place.rglob("*") if path.is_file()]
    assert left
    assert [path for path in left if pin in path.read_bytes()] == []


@pytest.fixture
def private():
    """Where a drill puts what is temporary; a short path, unlike that of pytest."""
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        yield Path(folder)


def wait_for(state):
    deadline = time.monotonic() + 90
    while not state():
        assert time.monotonic() < deadline
        time.sleep(0.02)
