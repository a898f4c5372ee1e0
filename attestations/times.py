"""Instants and durations as people write them in requests, policies and statements."""

import re
from datetime import UTC, datetime, timedelta
from typing import Self

# Newer Pythons take 24:00:00 for the next day, older ones refuse it.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Instant(datetime):
    """A moment in UTC, written as RFC 3339 ending in `Z`.

    Any other offset is refused: the published end times of 5 May 2026 make sense only as local time (INC-01).
    """

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return the instant that `text` names; raise ValueError for anything but RFC 3339 in UTC with `Z`."""
        if not isinstance(text, str) or _INSTANT.fullmatch(text) is None:
            raise ValueError(f"{text!r} is not a UTC time such as 2026-05-05T19:30:00Z")
        return cls.fromisoformat(text)

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """Return `moment` (aware) as an instant."""
        return cls.fromtimestamp(moment.timestamp(), UTC)

    def __str__(self) -> str:
        text = f"{self.year:04}-{self.month:02}-{self.day:02}T{self.hour:02}:{self.minute:02}:{self.second:02}"
        fraction = f".{self.microsecond:06}".rstrip("0") if self.microsecond else ""
        return f"{text}{fraction}Z"


class Duration(timedelta):
    """A span of time, written as a whole number and one unit: `90s`, `15m`, `72h`, `30d`."""

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return the duration that `text` names; raise ValueError for any other spelling."""
        match = _DURATION.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise ValueError(f"{text!r} is not a duration such as 90s, 15m, 72h or 30d")
        return cls(**{_UNITS[match[2]]: int(match[1])})

    def __str__(self) -> str:
        seconds = int(self.total_seconds())
        for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
            if seconds and seconds % size == 0:
                return f"{seconds // size}{unit}"
        return f"{seconds}s"
