"""The files of a pipeline, and how readers ask them for what may or may not be there."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attestations.errors import InputError
from attestations.strict import read_file, read_yaml
from attestations.strict.document import Document
from attestations.strict.limits import CONFIGURATION
from gatekeeper.pipelines.model import Variables

COMMIT = re.compile(r"[0-9a-f]{40}")
IMAGE = re.compile(r".+@sha256:[0-9a-f]{64}")
MAX_JOBS = 1000
MAX_PUT_LENGTH = 1000
"""characters that an input or a parameter puts into a longer text"""


@dataclass(frozen=True, kw_only=True)
class Files:
    """The pipeline's own file, and those that it may call, by their names without folder."""

    name: str
    text: str = field(repr=False)
    others: Mapping[str, str] = field(repr=False)


def read_files(paths: tuple[Path, ...]) -> Files:
    """Return the files, the first as the pipeline's own; raise InputError (FILE, LIMIT, PARSE-YAML)."""
    if twin := next(
        (path.name for at, path in enumerate(paths) if path.name in {one.name for one in paths[:at]}), None
    ):
        found, wanted = f"two files named {twin!a:.120}", "files of different names: the pipeline calls them by name"
        raise InputError("USAGE", found=found, wanted=wanted, fix="give each file once, or rename one")
    texts = [_text(path) for path in paths]
    others = {path.name: text for path, text in zip(paths[1:], texts[1:], strict=True)}
    return Files(name=str(paths[0]), text=texts[0], others=others)


def document(text: str, name: str) -> Document:
    """Return one YAML document, strictly read: what is said twice or by reference cannot be judged."""
    return read_yaml(text.encode("utf-8"), name)


def mapping(value: Any) -> dict[str, Any]:
    """Return the value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty one, and anything else as its only element."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def words(value: Any) -> str:
    """Return a scalar as YAML writes it; nothing is empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def variables(said: Any) -> Variables:
    """Return the variables that a mapping sets, or a list of names with values, or a list of NAME=VALUE."""
    if isinstance(said, dict):
        return tuple(
            (words(name), words(one.get("value") if isinstance(one, dict) else one)) for name, one in said.items()
        )
    return tuple(_variable(one) for one in listed(said))


def environment(job: dict[str, Any]) -> str:
    """Return the name of the environment to which a job says that it deploys."""
    said = job.get("environment")
    return words(said.get("name") if isinstance(said, dict) else said)


def lines(value: Any) -> str:
    """Return a script that is a text or a list of texts, nested or not, as one text."""
    return "\n".join(map(lines, value)) if isinstance(value, list) else words(value)


def refuse_too_many(jobs: Collection[Any], name: str) -> None:
    """Raise InputError (LIMIT) for more jobs than can be compared with each other in a second or two."""
    if len(jobs) > MAX_JOBS:
        found, wanted = f"{len(jobs)} jobs in {name}", f"at most {MAX_JOBS}"
        raise InputError("LIMIT", found=found, wanted=wanted, fix="give the pipeline that deploys, not all of them")


def strange(value: dict[str, Any], known: frozenset[str]) -> str:
    """Return the first key that is not a known one; empty where all are."""
    return next((f"{key}: {value[key]}" for key in value if key not in known), "")


def replaced(value: Any, put: Callable[[str], Any], kept: tuple[str, ...]) -> Any:
    """Return the value with `put` done to every text and key in it, except below the keys that are kept."""
    if isinstance(value, str):
        return put(value)
    if isinstance(value, list):
        return [replaced(one, put, kept) for one in value]
    if isinstance(value, dict):
        return {words(put(key)): one if key in kept else replaced(one, put, kept) for key, one in value.items()}
    return value


def told(name: str, value: Any, *, harmless: tuple[Any, ...] = (None, False, "false")) -> str:
    """Return `name: value` if the value is not a harmless one."""
    return "" if value in harmless else f"{name}: {value}"


def matrix(said: Any) -> Variables:
    """Return the variables that a matrix sets, or a list of them: each name with each of its values."""
    return tuple(
        (words(name), words(one)) for part in listed(said) for name in mapping(part) for one in listed(part[name])
    )


def _variable(said: Any) -> tuple[str, str]:
    if isinstance(said, dict):
        return words(said.get("name")), words(said.get("value"))
    name, _, value = words(said).partition("=")
    return name, value


def _text(path: Path) -> str:
    raw = read_file(path, CONFIGURATION.max_bytes)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(
            "PARSE-YAML", found=f"{path} that is not UTF-8", wanted="a text file", fix="give the pipeline's own file"
        ) from None
