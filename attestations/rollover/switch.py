"""Taking an HSM away in the middle of a rollover, and bringing it back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from attestations.rollover.command_agent import Command


class SwitchError(Exception):
    """An HSM could not be taken away or brought back, and why."""


class Switch(Protocol):
    """Takes an HSM away from everybody, and brings it back."""

    def away(self, serial: str) -> None:
        """Return when nothing reaches the HSM any more; raise SwitchError."""
        ...

    def back(self, serial: str) -> None:
        """Return when the HSM can be reached again; raise SwitchError."""
        ...


@dataclass(frozen=True, kw_only=True)
class CommandSwitch:
    """Two commands of the operator's, which get the serial number; each ends when the HSM is away, or back."""

    away_command: "Command"
    back_command: "Command"

    def away(self, serial: str) -> None:
        """Run the command that takes the HSM away; raise SwitchError where it does not succeed."""
        _run(self.away_command, "--hsm-away", serial)

    def back(self, serial: str) -> None:
        """Run the command that brings the HSM back; raise SwitchError where it does not succeed."""
        _run(self.back_command, "--hsm-back", serial)


def _run(command: "Command", option: str, serial: str) -> None:
    claim = command.run(serial)
    if not claim.done:
        raise SwitchError(f"the command of {option} did not do it: {claim.said}")
