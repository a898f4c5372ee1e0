"""The halt drill: injects one fault after another and looks from outside at what the servers of the world serve."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from attestations.drills.faults import FAULTS, FaultClass, Signer
from attestations.drills.laboratory import Laboratory, Plan, running
from attestations.drills.probing import Vantage, now, probe_all
from attestations.predicates.halt_drill import Fault, Probe
from attestations.servers.refusal import laboratory_error
from attestations.servers.waiting import wait_until
from attestations.times import Instant
from attestations.zone.practice.signing import PracticeZone

PATIENCE_SECONDS = 90.0
"""how long a version may take on its way, on top of the verifier's time limit"""

SPREAD_SECONDS = 60.0
"""how long a bad version that came out is watched, to tell how far it went"""

WRITTEN_SECONDS = 60.0
"""how long the guard has for putting the last good version on its disk, from which a restart takes it"""

TOLD_SECONDS = 30.0
"""how long the wrapper has for calling whoever is to be told, after the version was put away"""


@dataclass(frozen=True, kw_only=True)
class Drilled:
    """One fault, and the way back to work."""

    fault: Fault
    last_good_serial: int
    """the last good version"""

    @property
    def is_stopped(self) -> bool:
        """Whether publication stopped, stayed stopped, and nobody was served anything but the last good version."""
        fault = self.fault
        after = [probe for probe in fault.probes if probe.at >= fault.injected_on]
        return (
            fault.halted_on is not None
            and fault.restart_survived is not False
            and fault.notification_tried is not False
            and not fault.leaked_serials
            and all(probe.validates for probe in after)
        )


def run_drill(plan: Plan, names: Sequence[str]) -> Iterator[Drilled]:
    """Yield what each fault did, in the order asked; a way back that fails ends the drill.

    Raises InputError (LABORATORY) where the laboratory cannot be set up or breaks.
    """
    signer = Signer(plan.zone)
    serial = int(now().strftime("%Y%m%d")) * 100 + 1
    with running(plan, signer, serial) as laboratory:
        _check_sound(laboratory, serial)
        for name in names:
            drilled = _Injection(laboratory, signer, serial).run(name)
            yield drilled
            if drilled.fault.resumed_on is None:
                return
            serial += 2


def _check_sound(laboratory: Laboratory, serial: int) -> None:
    """What follows means something only where a good version comes through."""
    if not _serve(laboratory.vantages, list(probe_all(laboratory.vantages)), serial):
        raise laboratory_error("a server that does not serve the good version", "a laboratory in order")


def _serve(vantages: Sequence[Vantage], probes: Sequence[Probe], serial: int) -> bool:
    """Return whether each vantage point was served this version, and it validates."""
    good = {probe.vantage for probe in probes if probe.serial == serial and probe.validates}
    return good == {vantage.name for vantage in vantages}


class _Injection:
    """One fault: good, bad and next good version have the serial numbers `serial` and the two after it."""

    def __init__(self, laboratory: Laboratory, signer: Signer, serial: int) -> None:
        self._laboratory = laboratory
        self._signer = signer
        self._good, self._bad, self._next = serial, serial + 1, serial + 2
        self._patience = PATIENCE_SECONDS + laboratory.plan.verifier_seconds
        self._probes: list[Probe] = []
        self._refused = 0

    def run(self, name: str) -> Drilled:
        """Return what was seen from before the fault until work goes on."""
        kind, laboratory = FAULTS[name], self._laboratory
        if kind.restart:
            wait_until(lambda: laboratory.on_disk(self._good) or None, WRITTEN_SECONDS)
        self._watch(self._are_good)
        laboratory.set_verifier(kind.verifier)
        laboratory.set_sink(kind.sink)
        told, injected_on = laboratory.times_told(), now()
        detected_on, halted_on = self._offered(lambda: laboratory.publish(self._bad_zone(kind)))
        held = halted_on is not None and self._holds(kind)
        if self._leaked():
            wait_until(self._has_spread, SPREAD_SECONDS)
        tried = None if kind.sink == "sound" else self._is_told_after(told)
        resumed_on = self._resume()
        fault = Fault(
            fault=name,
            bad_serial=self._bad,
            injected_on=injected_on,
            detected_on=detected_on,
            halted_on=halted_on if held or kind.restart else None,
            unattended=True,
            restart_survived=held if kind.restart else None,
            notification_tried=tried,
            resumed_on=resumed_on,
            probes=tuple(self._probes),
            leaked_serials=(self._bad,) if self._leaked() else (),
        )
        return Drilled(fault=fault, last_good_serial=self._good)

    def _bad_zone(self, kind: FaultClass) -> PracticeZone:
        return self._signer.bad(kind.zone, self._bad, now())

    def _offered(self, offer: Callable[[], None]) -> tuple[Instant | None, Instant | None]:
        """Return when the guard was seen to refuse what it is offered, and when to have put it away.

        The latter counts only if every server serves the last good version after that.
        """
        before = self._laboratory.guard_log()
        offer()
        detected_on = self._watch(lambda _: self._laboratory.guard_log().refused > before.refused)
        halted_on = self._watch(lambda _: self._laboratory.guard_log().dropped > before.dropped)
        return detected_on, halted_on if halted_on and self._watch(self._are_good) else None

    def _holds(self, kind: FaultClass) -> bool:
        """Return whether the halt holds when the bad version is offered again, after a restart where that is asked."""
        if kind.restart and not self._laboratory.restart():
            return False
        return self._offered(self._laboratory.notify)[1] is not None

    def _is_told_after(self, before: int) -> bool:
        return wait_until(lambda: self._laboratory.times_told() > before or None, TOLD_SECONDS) or False

    def _resume(self) -> Instant | None:
        """Repair the verifier and the sink, publish a good version, and return when it is served everywhere."""
        laboratory = self._laboratory
        laboratory.set_verifier("sound")
        laboratory.set_sink("sound")
        self._refused = laboratory.guard_log().refused
        laboratory.publish(self._signer.good(self._next, now()))
        return wait_until(self._is_resumed, self._patience)

    def _is_resumed(self) -> Instant | None:
        """Return when the next version is served everywhere; a verifier that was too slow is asked once more."""
        if (refused := self._laboratory.guard_log().refused) > self._refused:
            self._refused = refused
            self._laboratory.notify()
        return now() if _serve(self._laboratory.vantages, self._look(), self._next) else None

    def _watch(self, seen: Callable[[list[Probe]], bool]) -> Instant | None:
        """Look at the servers until something is seen; return when. None where the bad version came out instead."""

        def state() -> Instant | str | None:
            looked = self._look()
            at = now()
            return "leaked" if self._leaked() else at if seen(looked) else None

        reached = wait_until(state, self._patience)
        return reached if isinstance(reached, Instant) else None

    def _are_good(self, looked: list[Probe]) -> bool:
        return _serve(self._laboratory.vantages, looked, self._good)

    def _look(self) -> list[Probe]:
        looked = list(probe_all(self._laboratory.vantages))
        self._probes += looked
        return looked

    def _leaked(self) -> bool:
        return any(probe.serial == self._bad for probe in self._probes)

    def _has_spread(self) -> bool | None:
        """Return True once every server has given the bad version."""
        self._look()
        leaked_at = {probe.vantage for probe in self._probes if probe.serial == self._bad}
        return True if len(leaked_at) == len(self._laboratory.vantages) else None
