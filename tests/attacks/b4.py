"""B4 JSON oddities."""

import json
from collections.abc import Callable

from world.registry import World

from attacks.evidence import statement, text
from attacks.model import Attack, Family, allowed, denied

BEFORE = '"backupMinRemainingSeconds": 900000'


def _number(token: str) -> World:
    """Return the world in which the rollback drill writes the remaining life of the backup as `token`."""
    return text("rollback.json", lambda said: said.replace(BEFORE, f'"backupMinRemainingSeconds": {token}'))


def _test_name(escaped: str) -> World:
    """Return the world in which the name of a passed test holds an escape."""
    return text("tests.json", lambda said: said.replace('"test-8"', f'"test-8 {escaped}"'))


def _raw(change: Callable[[str], bytes]) -> World:
    return statement("tests.json", lambda said: change(json.dumps(said)))


FAMILY = Family(
    id="B4",
    title="NaN compares false with everything, so that `age > max` is false and old evidence looks fresh.",
    attacks=(
        Attack(
            variant="nan",
            why="The signatures of the backup live for NaN seconds, which is never less than what the policy asks.",
            deny=denied(_number("NaN"), 11, "PARSE-JSON"),
            allow=allowed(_number("900001")),
        ),
        Attack(
            variant="infinity",
            why="The signatures of the backup live for ever.",
            deny=denied(_number("Infinity"), 11, "PARSE-JSON"),
        ),
        Attack(
            variant="1e400",
            why="The number is legal JSON and becomes infinity in most readers.",
            deny=denied(_number("1e400"), 11, "PARSE-JSON"),
        ),
        Attack(
            variant="int-5000-digits",
            why="The number has 5,000 digits, which costs some readers time that grows with its square.",
            deny=denied(_number("9" * 5000), 11, "PARSE-JSON"),
        ),
        Attack(
            variant="lone-surrogate",
            why="A string holds half of a surrogate pair, which breaks whatever prints it.",
            deny=denied(_test_name("\\ud800"), 11, "PARSE-JSON"),
            allow=allowed(_test_name("\\ud83d\\udd11")),
        ),
        Attack(
            variant="utf-16",
            why="The statement is in UTF-16, which some readers detect and others refuse.",
            deny=denied(_raw(lambda said: said.encode("utf-16")), 11, "PARSE-JSON"),
            allow=allowed(_raw(str.encode)),
        ),
        Attack(
            variant="bom",
            why="The statement begins with a byte-order mark.",
            deny=denied(_raw(lambda said: b"\xef\xbb\xbf" + said.encode()), 11, "PARSE-JSON"),
        ),
        Attack(
            variant="trailing-data",
            why="A second value follows the statement; a reader of JSON lines would take the last.",
            deny=denied(_raw(lambda said: said.encode() + b"{}"), 11, "PARSE-JSON"),
            allow=allowed(_raw(lambda said: said.encode() + b" \n")),
        ),
    ),
)
