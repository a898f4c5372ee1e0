"""The story in four acts. Every act runs the real commands and must end as the incident, or its repair, demands."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from attestations.durable import write_durably
from attestations.times import Instant
from gatekeeper.demo import keyless, world
from gatekeeper.demo.runner import Runner, everything, first_lines, last_lines
from gatekeeper.documents import read_source
from gatekeeper.environment import load_environment

PROVENANCE = "evidence/provenance.sigstore.json"
POLICIES = ("policy.yaml", "policy-short.yaml")
ENVIRONMENT = "practice-laboratory"
SOFTHSM = "SoftHSM2 tokens; to run the commands yourself:  export SOFTHSM2_CONF=$PWD/lab/softhsm/softhsm2.conf"
ONE_VALIDATOR = "; with bind9-utils or ldnsutils installed the demo asks for two, as the shipped policy does"
SELECTORS = ("--keys", "zsk=id:a1", "--keys", "ksk=id:b2")


@dataclass(frozen=True, kw_only=True)
class Story:
    """What there is to play with on this machine."""

    runner: Runner
    now: Callable[[], Instant]
    engines: tuple[str, ...]
    module: str | None
    """the PKCS#11 module of SoftHSM2, where it is installed"""

    @property
    def folder(self) -> Path:
        """Where everything lies, and stays for the reader to play with."""
        return self.runner.folder

    @cached_property
    def sigstore(self) -> keyless.Instance:
        """The instance with which the builder signs."""
        return keyless.new_instance(self.now())

    def tell(self) -> None:
        """Play all acts."""
        self._set_up()
        self._incident()
        self._repair()
        self._host()

    def _set_up(self) -> None:
        say, now = self.runner.say, self.now()
        world.make_keys(self.folder / "keys")
        keyless.write_trusted_root(self.sigstore, self.folder)
        self._put("trust.yaml", world.trust_root(self.folder, now))
        self._put("policy.yaml", world.policy(validators=min(2, len(self.engines))))
        self._put("policy-short.yaml", world.short_lived(validators=min(2, len(self.engines))))
        say(f"  folder      {self.folder} (keys, documents, evidence: yours to play with)")
        say(f"  HSMs        {SOFTHSM if self.module else 'software stands in: SoftHSM2 is not installed'}")
        say(f"  validators  {', '.join(self.engines)}{ONE_VALIDATOR if len(self.engines) == 1 else ''}")
        say("  Sigstore    a private instance, in this process; its log, authority and trusted root need no network")
        say("  made up     provenance, source review, test results and drills, as other teams would bring them\n")

    def _incident(self) -> None:
        say = self.runner.say
        say("ACT 1  5 May 2026: the rollover agent makes one key pair in each HSM instead of one for all\n")
        self._laboratory("--defect", "one-key-pair-per-hsm")
        self._put("gate.yaml", world.gate_configuration(self.folder, POLICIES, "lab/environment.yaml"))
        self._bring("3.0.0", 1)
        say("  The HSMs are asked to prove that they hold the published key:")
        self._probe(ends=(10,))
        say("  Validators that share no code with the signer look at the zone:")
        self._validate(ends=(10,))
        say("  The gate decides:")
        self.runner.run("gatekeeper", "evaluate", *_case("policy.yaml"), ends=(10,), show=everything)

    def _repair(self) -> None:
        say = self.runner.say
        say("ACT 2  The agent is repaired: one key pair, loaded into every HSM\n")
        self._laboratory()
        self._bring("3.0.1", 2)
        self._probe(ends=(0,))
        self._validate(ends=(0,))
        say("  The builder keeps no key; who signed, and when, is proven by the bundle alone:")
        self._verify_bundle("3.0.1")
        say("  Two people look at the case, and sign the digest that they were shown:")
        for person in world.PEOPLE:
            self._sign_off(person)
        say("  The gate decides, records, and signs the commissioning approval:")
        url, origin = "sqlite:ledger.db", "registry.example/demo"
        self.runner.run("gatekeeper", "log", "init", "--ledger", url, "--origin", origin, *_signs("ledger"))
        self._issue("policy.yaml", "approval.json", "--case-file", "r-2.case", "--report", "text")

    def _host(self) -> None:
        say = self.runner.say
        say("ACT 3  On the signer's host, before it starts\n")
        self._verify("approval.json", ends=(0,))
        say("  Somebody swaps the rollover agent after the approval:")
        installed = self.folder / "release" / "rollover-agent"
        approved = installed.read_bytes()
        installed.write_bytes(approved + b"one small improvement\n")
        self._verify("approval.json", ends=(11,))
        installed.write_bytes(approved)
        say("  An approval that lived for one second (another policy, for the demo only, which asks nobody):")
        self._issue("policy-short.yaml", "expired.json")
        time.sleep(1.1)
        self._verify("expired.json", ends=(11,))
        say("ACT 4  Two years later, an auditor has one file\n")
        self.runner.run("gatekeeper", "replay", "r-2.case", show=everything)
        key = ("--key", "keys/ledger.pem")
        self.runner.run("gatekeeper", "log", "verify", "--ledger", "sqlite:ledger.db", *key, show=everything)

    def _laboratory(self, *defect: str) -> None:
        tokens = ("--tokens", "softhsm") if self.module else ()
        self.runner.run("attest", "laboratory", "lab", *tokens, *defect, show=first_lines(4))

    def _bring(self, version: str, number: int) -> None:
        """Write the request for a release, and sign what other teams bring along (made up for the demo)."""
        world.make_release(self.folder / "release", version)
        for path in (self.folder / "evidence").glob("*.json"):
            path.unlink()
        (self.folder / "evidence").mkdir(exist_ok=True)
        wish = world.Wish(number=number, version=version, stage="canary")
        self._put("request.yaml", world.request(self.folder / "release", wish, self.now(), ENVIRONMENT))
        environment = {"name": ENVIRONMENT, "digest": world.digest_of(self.folder / "lab/environment.yaml")}
        subjects = [part for name in world.COMPONENTS for part in ("--subject", f"release/{name}")]
        drills = world.drills(version, environment, self._serials(), self.now())
        for name, (kind, signer, predicate) in {
            "tests": ("test-result", "ci-tests", world.test_result()),
            **drills,
        }.items():
            self._sign(name, kind, signer, predicate, subjects)
        statement = world.provenance(self.folder / "release", version)
        write_durably(self.folder / PROVENANCE, keyless.sign(self.sigstore, statement, version, self.now()))
        review = ("--subject-digest", f"signer=gitCommit:{world.COMMIT}")
        self._sign("source-review", "source-review", "source-verifier", world.source_review(self.now()), review)

    def _probe(self, ends: tuple[int, ...]) -> None:
        real = ("--module", self.module, "--pin-file", "lab/softhsm/pin") if self.module else None
        tokens = real or ("--software", "lab/tokens")
        about = ("--environment", "lab/environment.yaml", "--request", "request.yaml", "--zone", "example.")
        what = (*SELECTORS, "--dnskey-from", "lab/dnskey.zone", "--exercises", "lab/exercises.json")
        out = ("--out", "evidence/hsm.json")
        self.runner.run("attest", "hsm", *about, *tokens, *what, *_signs("hsm-lab"), *out, ends=ends, show=everything)

    def _validate(self, ends: tuple[int, ...]) -> None:
        about = ("--environment", "lab/environment.yaml", "--request", "request.yaml", "--zone", "example.")
        source = ("--file", "lab/zone.signed", "--ds", "lab/ds.zone")
        for engine in self.engines:
            name = f"validator-{engine}"
            out = ("--engine", engine, *_signs(name), "--out", f"evidence/zone-{engine}.json")
            self.runner.run("attest", "zone", *about, *source, *out, ends=ends, show=first_lines(6))

    def _verify_bundle(self, version: str) -> None:
        signer = ("--certificate-identity", f"{keyless.IDENTITY}v{version}")
        vouched = ("--certificate-oidc-issuer", keyless.ISSUER, "--trusted-root", str(keyless.TRUSTED_ROOT))
        call = ("attest", "verify-bundle", "--bundle", PROVENANCE, *signer, *vouched, "release/signer")
        self.runner.run(*call, show=everything)

    def _sign(self, name: str, kind: str, signer: str, predicate: object, subjects: Sequence[str]) -> None:
        world.write_json(self.folder / "brought" / f"{name}.json", predicate)
        what = ("--type", kind, "--predicate", f"brought/{name}.json", *subjects)
        self.runner.quietly("attest", "sign", *what, *_signs(signer), "--out", f"evidence/{name}.json")

    def _sign_off(self, person: str) -> None:
        out = f"evidence/sign-off-{person}.json"
        call = ("gatekeeper", "sign-off", *_case("policy.yaml"), "--as", person, *_signs(person), "--out", out)
        shown = self.runner.run(*call, show=last_lines(3)).output
        self.runner.run(*call, "--confirm", shown.split()[-1], show=everything)

    def _issue(self, policy: str, approval: str, *more: str) -> None:
        keys = (*_signs("gate"), "--gate", "gate.yaml", "--ledger", "sqlite:ledger.db")
        out = ("--ledger-key", "file:keys/ledger.key", "--approval", approval, *more)
        self.runner.run("gatekeeper", "issue", *_case(policy), *keys, *out, show=first_lines(6))

    def _verify(self, approval: str, ends: tuple[int, ...]) -> None:
        here = ("--trust", "trust.yaml", "--environment", ENVIRONMENT, "--stage", "canary")
        files = [part for name in world.COMPONENTS for part in ("--component", f"{name}=release/{name}")]
        call = ("gatekeeper", "verify", "--approval", approval, *here, *files)
        self.runner.run(*call, ends=ends, show=everything)

    def _serials(self) -> tuple[str, ...]:
        inventory = load_environment(read_source(self.folder / "lab/environment.yaml"))
        return tuple(hsm.serial for hsm in inventory.record.spec.hsms)

    def _put(self, name: str, text: str) -> None:
        write_durably(self.folder / name, text.encode("utf-8"))


def _case(policy: str) -> tuple[str, ...]:
    files = ("--request", "request.yaml", "--environment", "lab/environment.yaml", "--policy", policy)
    return (*files, "--trust", "trust.yaml", "--evidence", "evidence")


def _signs(name: str) -> tuple[str, str]:
    return "--sign-with", f"file:keys/{name}.key"
