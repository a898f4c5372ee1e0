"""The story of the laboratory: what is made with real components, in order, and what the gate says of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from attestations.durable import write_durably
from attestations.strict import read_json
from attestations.times import Instant
from gatekeeper.demo import keyless, world
from gatekeeper.demo.runner import Ran, Runner, Started, everything, first_lines
from gatekeeper.documents import read_source
from gatekeeper.environment import load_environment
from gatekeeper.lab.deciding import Gate, Refusal
from gatekeeper.lab.programs import MODULE
from gatekeeper.lab.release import DEFECT, ENVIRONMENT_FILE, ZONE, Release, signs, write_environment

TAG = "33834"
"""the key tag of 5 May 2026"""
FAILED = "zsk-rollover"
FIRST_SCENARIO = 17
"""lines of an exercise's report up to the end of its first scenario"""
FAULTS = ("wrong-key", "expired", "verifier-crash", "restart")
ENGINES = ("native", "bind", "ldns")
TOKENS = ("--module", str(MODULE), "--pin-file", "lab/softhsm/pin")
KSK, ZSK, ZSK_LABEL = "b2", "a1", "practice-zsk"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the story came to."""

    refusals: tuple[Refusal, ...]
    approval: str
    """the file"""
    halt_drills: Mapping[str, str]
    """version -> what the drill printed, as JSON"""
    rollback_drills: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Story:
    """What it takes to tell it."""

    runner: Runner
    now: Callable[[], Instant]

    @cached_property
    def broken(self) -> Release:
        """The release of 5 May 2026."""
        return Release(runner=self.runner, number=1, version="3.0.0", agent=DEFECT)

    @cached_property
    def repaired(self) -> Release:
        """The release with the repaired agent."""
        return Release(runner=self.runner, number=2, version="3.0.1")

    @cached_property
    def gate(self) -> Gate:
        """The gate of the laboratory."""
        return Gate(runner=self.runner)

    def tell(self) -> Told:
        """Play it all; raise InputError (DEMO) where a command ends otherwise than the story needs."""
        sigstore = self._set_up()
        halting = self._start_halt_drills()
        walked = {self.broken.version: self._walk_back()}
        self._exercise_agents()
        self._prove_before()
        self._break()
        halted = self._finish(halting)
        refusals = self._refuse(sigstore)
        walked[self.repaired.version] = self._repair()
        return Told(refusals=refusals, approval=self._approve(sigstore), halt_drills=halted, rollback_drills=walked)

    def _set_up(self) -> keyless.Instance:
        folder, now = self.runner.folder, self.now()
        self._say("THE LABORATORY  three HSMs at two sites, with one zone signing key in all of them")
        world.make_keys(folder / "keys")
        sigstore = keyless.new_instance(now)
        keyless.write_trusted_root(sigstore, folder)
        self._put("trust.yaml", world.trust_root(folder, now))
        self._put("policy.yaml", world.policy(validators=2))
        self.runner.run("attest", "laboratory", "lab", "--tokens", "softhsm", "--key-tag", TAG, show=first_lines(3))
        write_environment(folder)
        self._put("gate.yaml", world.gate_configuration(folder, ("policy.yaml",), ENVIRONMENT_FILE))
        self.broken.prepare(now)
        self.repaired.prepare(now)
        self.gate.open_ledger()
        return sigstore

    def _start_halt_drills(self) -> dict[str, Started]:
        """A drill mostly waits, so both releases are drilled beside all else."""
        self._say("THE HALT DRILLS  begin, and run beside what follows: does a bad version stop by itself?")
        return {
            release.version: self.runner.start(*self._drill("halt-drill", release))
            for release in (self.broken, self.repaired)
        }

    def _walk_back(self) -> str:
        self._say("THE WAY BACK  is walked, with keys in the HSMs")
        return self.runner.run(*self._drill("rollback-drill", self.broken), "--way", "archived-zone").output

    def _finish(self, halting: Mapping[str, Started]) -> dict[str, str]:
        self._say("THE HALT DRILLS  have ended")
        return {version: self._told(drill).output for version, drill in halting.items()}

    def _break(self) -> None:
        self._bring_keys(self.broken)
        self._prove(self.broken, "hsm-after-the-agent", "exercises.json", ends=(10,))
        self._replay(self.broken, ends=(10,))
        self._validate(self.broken, {"last-good": (0,), "offered": (10,)})

    def _refuse(self, sigstore: keyless.Instance) -> tuple[Refusal, ...]:
        self.broken.bring(sigstore, self.now())
        self._say("THE GATE decides three times on 3.0.0: one piece of evidence tells, all others are in order")
        return self.gate.refuse(self.broken, _REFUSED)

    def _approve(self, sigstore: keyless.Instance) -> str:
        self.repaired.bring(sigstore, self.now())
        self._say("THE GATE decides on 3.0.1, records it, and signs the commissioning approval")
        return self.gate.issue(self.repaired, _APPROVED)

    def _exercise_agents(self) -> None:
        """The repaired agent does all scenarios; of the other one failed is enough to see what the gate says."""
        self._say("THE ROLLOVER AGENTS  are driven through rollovers of keys of their own, on all HSMs")
        self._exercise(self.repaired, "exercises.json", (), ends=(0,))
        self._exercise(self.broken, "exercises-3.0.0.json", ("--scenario", FAILED), ends=(10,))
        failed, completed = (self._exercises(name) for name in ("exercises-3.0.0.json", "exercises.json"))
        others = [one for one in completed if one["scenario"] != FAILED]
        world.write_json(self.runner.folder / "exercises-one-failed.json", [*failed, *others])

    def _exercise(self, release: Release, file: str, scenario: tuple[str, ...], ends: tuple[int, ...]) -> None:
        about = ("--environment", ENVIRONMENT_FILE, "--zone", ZONE, "--agent", release.rollover_agent)
        away = ("--hsm-away", "lab/hsm-away", "--hsm-back", "lab/hsm-back")
        call = ("attest", "rollover", *about, *away, *TOKENS, *scenario, "--exercises", file)
        self.runner.run(*call, ends=ends, show=first_lines(FIRST_SCENARIO))

    def _exercises(self, file: str) -> Any:
        return read_json((self.runner.folder / file).read_bytes(), file).value

    def _prove_before(self) -> None:
        self._say("BEFORE the agent of 3.0.0 has done anything, each HSM proves that it holds the published key")
        self._prove(self.broken, "hsm-before-the-agent", "exercises.json", ends=(0,))
        self._prove(self.broken, "hsm-and-failed-rollover", "exercises-one-failed.json", ends=(0,))

    def _bring_keys(self, release: Release) -> None:
        """Two HSMs come back empty, and the agent brings them the key that the first one holds; or so it says."""
        serials = self._serials()
        self._say(f"THE AGENT of {release.version} brings the key to two HSMs that came back empty")
        for action, where in (("remove", serials[1:]), ("generate", serials)):
            variables = {"ROLLOVER_ZONE": ZONE, "ROLLOVER_ALGORITHM": "13", "ROLLOVER_SERIALS": "\n".join(where)}
            tokens = {"PKCS11_MODULE": str(MODULE), "PKCS11_PIN_FILE": "lab/softhsm/pin"}
            call = (release.rollover_agent, action, "zsk", ZSK, ZSK_LABEL)
            self.runner.run(*call, variables=variables | tokens)

    def _prove(self, release: Release, name: str, exercises: str, ends: tuple[int, ...]) -> None:
        keys = ("--keys", f"zsk=id:{ZSK}", "--keys", f"ksk=id:{KSK}", "--dnskey-from", "lab/dnskey.zone")
        out = ("--exercises", exercises, *signs("hsm-lab"), "--out", release.statement(name))
        self.runner.run("attest", "hsm", *release.about, *TOKENS, *keys, *out, ends=ends, show=everything)

    def _replay(self, release: Release, ends: tuple[int, ...]) -> None:
        self._say(f"KNOT SIGNS for {release.version} in every HSM in turn, servers publish, resolvers ask")
        folder = ("--folder", f"{release.version}/replay")
        environment = ("--environment", ENVIRONMENT_FILE)
        self.runner.run("attest", "replay", "lab", *environment, *folder, ends=ends, show=everything)

    def _validate(self, release: Release, versions: Mapping[str, tuple[int, ...]]) -> None:
        """Three code bases, none of which is the signer's, judge each version; side by side."""
        self._say(f"VALIDATORS that share no code with the signer judge what it made for {release.version}")
        started = [
            (self.runner.start(*self._validation(release, version, engine)), ends)
            for version, ends in versions.items()
            for engine in ENGINES
        ]
        for one, ends in started:
            self._told(one, ends=ends, show=first_lines(4))

    def _validation(self, release: Release, version: str, engine: str) -> tuple[str, ...]:
        source = ("--file", f"{release.version}/replay/{version}.zone", "--ds", "lab/ds.zone", "--engine", engine)
        out = (*signs(f"validator-{engine}"), "--out", release.statement(f"zone-{version}-{engine}"))
        return ("attest", "zone", *release.about, *source, *out)

    def _repair(self) -> str:
        """The way back is walked beside all else: neither changes the keys that the other uses."""
        self._bring_keys(self.repaired)
        walking = self.runner.start(*self._drill("rollback-drill", self.repaired))
        self._prove(self.repaired, "hsm", "exercises.json", ends=(0,))
        self._replay(self.repaired, ends=(0,))
        self._validate(self.repaired, {"offered": (0,)})
        self._say("THE WAY BACK  has been walked for 3.0.1")
        return self._told(walking).output

    def _drill(self, kind: str, release: Release) -> tuple[str, ...]:
        own = {
            "halt-drill": [part for fault in FAULTS for part in ("--fault", fault)],
            "rollback-drill": [*TOKENS, "--resolver-seconds", "0"],
        }[kind]
        out = (*signs("operations"), "--out", release.statement(kind), "--folder", f"{release.version}/{kind}")
        return ("attest", kind, *release.about, *own, *out, "--output", "json")

    def _told(self, started: Started, **how: Any) -> Ran:
        self.runner.say(f"  $ {started.text}")
        return self.runner.show(started, **how)

    def _serials(self) -> Sequence[str]:
        inventory = load_environment(read_source(self.runner.folder / ENVIRONMENT_FILE))
        return [hsm.serial for hsm in inventory.record.spec.hsms]

    def _say(self, text: str) -> None:
        self.runner.say(f"\n{text}\n")

    def _put(self, name: str, text: str) -> None:
        write_durably(self.runner.folder / name, text.encode("utf-8"))


def _zone(version: str) -> tuple[str, ...]:
    return tuple(f"zone-{version}-{engine}" for engine in ENGINES)


_ALWAYS = ("provenance", "source-review", "test-result", "halt-drill", "rollback-drill")
_REFUSED = {
    "at the HSM evidence": (*_ALWAYS, "hsm-after-the-agent", *_zone("last-good")),
    "at the cold-parallel rollover": (*_ALWAYS, "hsm-and-failed-rollover", *_zone("last-good")),
    "at the hidden primary": (*_ALWAYS, "hsm-before-the-agent", *_zone("offered")),
}
_APPROVED = (*_ALWAYS, "hsm", *_zone("offered"))
