"""B1 Subject digest confusion."""

import hashlib
from typing import Any

from world.documents import COMPONENTS
from world.keys import digest
from world.pieces import COMMIT
from world.registry import World

from attacks.evidence import statement, subjects
from attacks.model import Attack, Family, allowed, denied

RELEASE = tuple({"name": name, "digest": {"sha256": digest(name)}} for name in COMPONENTS)
STRANGER = {"name": "signer", "digest": {"sha256": digest("another build of the signer")}}


def _every_digest(change: Any) -> World:
    """Return the world in which the halt drill names the components by other digests."""
    return subjects("halt.json", *({"name": name, "digest": change(digest(name))} for name in COMPONENTS))


def _weak(algorithm: str) -> World:
    return _every_digest(lambda sha256: {algorithm: hashlib.new(algorithm, sha256.encode()).hexdigest()})


def _sha512(text: str) -> str:
    return hashlib.sha512(text.encode()).hexdigest()


FAMILY = Family(
    id="B1",
    title="Evidence about another artifact is worthless for this one.",
    attacks=(
        Attack(
            variant="name-match-digest-differs",
            why="The halt drill names the right components, with the digests of other files.",
            deny=denied(_every_digest(lambda sha256: {"sha256": digest(sha256)}), 11, "SUBJ-DIGEST"),
            allow=allowed(subjects("halt.json", *({**part, "name": "renamed"} for part in RELEASE))),
        ),
        Attack(
            variant="sha1-only",
            why="The components are named by SHA-1, for which two files with one digest can be made.",
            deny=denied(_weak("sha1"), 11, "SUBJ-DIGEST"),
        ),
        Attack(
            variant="md5-only",
            why="The components are named by MD5, for which two files with one digest can be made.",
            deny=denied(_weak("md5"), 11, "SUBJ-DIGEST"),
        ),
        Attack(
            variant="upper-case-hex",
            why="The digests are in upper case: comparing them without case would accept two spellings of one digest.",
            deny=denied(_every_digest(lambda sha256: {"sha256": sha256.upper()}), 11, "SUBJ-DIGEST"),
        ),
        Attack(
            variant="truncated",
            why="The digests are cut to 32 characters: a comparison by prefix would let them through.",
            deny=denied(_every_digest(lambda sha256: {"sha256": sha256[:32]}), 11, "SUBJ-DIGEST"),
        ),
        Attack(
            variant="subject-empty",
            why="The statement is about nothing, which a loop over its subjects would take for about everything.",
            deny=denied(statement("halt.json", lambda said: said.update(subject=[])), 11, "SCHEMA"),
        ),
        Attack(
            variant="sha512-right-sha256-wrong",
            why="Each subject has two digests, of which the one that identifies here is another file's.",
            deny=denied(
                _every_digest(lambda sha256: {"sha512": _sha512(sha256), "sha256": digest(sha256)}), 11, "SUBJ-DIGEST"
            ),
            allow=allowed(_every_digest(lambda sha256: {"sha512": _sha512(sha256), "sha256": sha256})),
        ),
        Attack(
            variant="gitcommit-equals-hex",
            why="The digest of the file stands under `gitCommit`, where it is said of another kind of thing.",
            deny=denied(_every_digest(lambda sha256: {"gitCommit": sha256}), 11, "SUBJ-DIGEST"),
            allow=allowed(_every_digest(lambda sha256: {"gitCommit": COMMIT, "sha256": sha256})),
        ),
        Attack(
            variant="second-subject-only",
            why="One subject of several is of this release: the drill was run on another signer beside its old module.",
            deny=denied(subjects("halt.json", STRANGER, *RELEASE[1:]), 11, "SUBJ-DIGEST"),
            allow=allowed(subjects("halt.json", STRANGER, *RELEASE)),
        ),
        Attack(
            variant="tests-of-three-components",
            why="The test result is about every component but the rollover agent, which failed on 5 May 2026.",
            deny=denied(subjects("tests.json", RELEASE[0], *RELEASE[2:]), 11, "SUBJ-DIGEST"),
        ),
    ),
)
