"""A process of its own that appends to a ledger and, when told so, dies or runs out of disk in the middle of it.

appender.py LEDGER KEY HOW COUNT: writes a line per entry after append has returned, the code of an InputError
otherwise.
"""

import os
import resource
import signal
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from securesystemslib.signer import CryptoSigner

from attestations.errors import InputError
from attestations.keys import read_public_key
from attestations.signers import KeySigner
from gatekeeper.ledger.store import open_ledger

LESS_THAN_ONE_ENTRY = 6000  # bytes of SQLite's write-ahead log


def say(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingSigner(KeySigner):
    """Dies when it should sign: the entry is written then, its checkpoint is not."""

    def sign(self, data: bytes) -> bytes:
        die()
        return data


def signer_from(path: str, how: str) -> KeySigner:
    private = serialization.load_pem_private_key(Path(path).read_bytes(), password=None)
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    kind = DyingSigner if how == "kill-before-checkpoint" else KeySigner
    return kind(public=read_public_key(pem, path), _library=CryptoSigner(private))


def main(path: str, key: str, how: str, count: str) -> None:
    signer = signer_from(key, how)
    with open_ledger(f"sqlite:{path}", signer.public) as ledger:
        if how == "kill-before-commit":
            ledger._connection.set_trace_callback(lambda statement: die() if statement == "COMMIT" else None)
        if how == "full":
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (LESS_THAN_ONE_ENTRY,) * 2)
        for number in range(int(count)):
            receipt = ledger.append(b"%d of %d" % (number, os.getpid()), "decision", signer)
            if how == "kill-after-commit":
                die()
            say(receipt.index)


try:
    main(*sys.argv[1:])
except InputError as error:
    say(error.code)
