"""The shape of layouts and links (in-toto specification v1.0, 4.3 and 4.4): the library does not look at all of it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

_Text = Annotated[str, Meta(min_length=1, max_length=256)]
_Words = Annotated[tuple[Annotated[str, Meta(max_length=4096)], ...], Meta(max_length=256)]
_Artifacts = dict[Annotated[str, Meta(min_length=1, max_length=4096)], dict[str, str]]
_Rule = Annotated[tuple[str, ...], Meta(min_length=2, max_length=16)]


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What a functionary says to have done."""

    type: Literal["link"] = msgspec.field(name="_type")
    name: _Text
    materials: _Artifacts
    products: _Artifacts
    byproducts: dict[str, Any]
    command: _Words
    environment: dict[str, Any] = {}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, by whom, with what and to what end."""

    type: Literal["step"] = msgspec.field(name="_type")
    name: _Text
    pubkeys: Annotated[tuple[_Text, ...], Meta(max_length=64)]
    threshold: int
    expected_command: _Words
    expected_materials: tuple[_Rule, ...]
    expected_products: tuple[_Rule, ...]


class KeyValue(msgspec.Struct, frozen=True, kw_only=True):
    """The key itself."""

    public: Annotated[str, Meta(max_length=16384)]


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as layouts name it."""

    keytype: _Text
    scheme: _Text
    keyval: KeyValue


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """What an owner asks for."""

    type: Literal["layout"] = msgspec.field(name="_type")
    expires: _Text
    steps: tuple[Step, ...]
    inspect: tuple[Any, ...]
    keys: dict[_Text, Key]
    readme: str = ""


SHAPES: dict[str, type] = {"layout": Layout, "link": Link}
