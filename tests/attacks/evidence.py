"""Changes to one piece of evidence that several families share."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from world.pieces import Change, Piece
from world.registry import World

from attacks.model import Side

VALIDATORS = ("zone-bind.json", "zone-native.json")


def statement(name: str, *changes: Change, world: World | None = None) -> World:
    """Return the world with the statement of one piece changed before it is signed."""
    return (world or World()).with_piece(
        name, lambda piece: replace(piece, statement_changes=(*piece.statement_changes, *changes))
    )


def predicate(name: str, *changes: Change) -> World:
    """Return the world with the predicate of one piece changed before it is signed."""
    return World().with_predicate(name, *changes)


def subjects(name: str, *found: dict[str, Any]) -> World:
    """Return the world with the subjects of one piece replaced."""
    return statement(name, lambda said: said.update(subject=list(found)))


def text(name: str, change: Callable[[str], str], encoding: str = "utf-8") -> World:
    """Return the world with the text of one statement changed, for what a JSON writer would not write."""
    return statement(name, lambda said: change(json.dumps(said)).encode(encoding))


def both_validators(change: Change) -> World:
    """Return the world with the predicates of both external validators changed."""
    world = World()
    for name in VALIDATORS:
        world = world.with_predicate(name, change)
    return world


def signed_by(name: str, *signers: str) -> World:
    """Return the world with one piece signed by others."""
    return World().with_piece(name, lambda piece: replace(piece, signers=signers))


def edited(name: str, before: bytes, after: bytes, code: str) -> Side:
    """Return the base world with one place of a document written by hand, which must be wrong usage."""

    def files() -> dict[str, bytes]:
        base = World().files()
        if base[name].count(before) != 1:
            raise ValueError(f"{before!r} stands {base[name].count(before)} times in {name}")
        return {**base, name: base[name].replace(before, after)}

    return Side(files=files, exit=2, codes=(code,))


def copy_of(name: str, **fields: Any) -> Piece:
    """Return a piece of the base world with some of its fields replaced."""
    return replace(World().pieces[name], **fields)
