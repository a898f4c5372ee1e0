"""PKCS#11 modules in processes of their own: one that crashes or hangs costs the answer of one HSM, and nothing else.

The child is forked before this process loads a module. Only a signer of the statement may have loaded one before; then
the child initialises it anew, as PKCS#11 asks of child processes.
"""

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import TypeVar

from attestations.errors import InputError
from attestations.hsm.pkcs11 import open_tokens
from attestations.hsm.token import Token, TokenError

T = TypeVar("T")

HSM_SECONDS = 30
"""for all that one HSM is asked at once"""

_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True, kw_only=True)
class IsolatedTokens:
    """The tokens of a PKCS#11 module. Each time one is asked, the module is loaded anew, in a child process."""

    module: str
    pin: Callable[[], str] = field(repr=False)
    seconds: float = HSM_SECONDS

    def ask(self, serial: str, work: Callable[[Token], T]) -> T:
        """Return what `work` returns of the token with this serial; raise TokenError where the token does not answer.

        What `work` returns is pickled. Raises InputError (HSM-MODULE, HSM-PIN) where no token can be asked.
        """
        pin = self.pin()  # here and not in the child: a person is asked once, and takes the time that it takes
        return isolated(lambda: open_tokens(self.module, lambda: pin).ask(serial, work), self.seconds)


def isolated(work: Callable[[], T], seconds: float) -> T:
    """Return what `work` returns in a child process, which is gone afterwards; raise its InputError or TokenError.

    Raises TokenError where the child ends without an answer, or gives none within `seconds`.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(work, sender), daemon=True)
    process.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise TokenError(f"the PKCS#11 module gave no answer within {seconds:g} seconds")
        answer, error = receiver.recv()
    except EOFError:
        process.join()
        raise TokenError(f"the PKCS#11 module ended {_how(process.exitcode or 0)}") from None
    finally:
        receiver.close()
        process.kill()  # it may hang in its farewell to the module
        process.join()
    if error is not None:
        raise error
    return answer  # type: ignore[no-any-return]  # what came through the pipe is what `work` returned


def _answer(work: Callable[[], object], sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, too, and ends us
    ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL)
    os.dup2(2, 1)  # a module that talks must not talk into our result
    try:
        sender.send((work(), None))
    except (TokenError, InputError) as error:
        sender.send((None, error))


def _how(exit_code: int) -> str:
    return f"by signal {signal.Signals(-exit_code).name}" if exit_code < 0 else "without an answer"
