"""The signatures of a zone as a picture (SVG): which key made what share of them, and which keys nobody published.

Every state has a word and a pattern; colour only repeats them. No script, nothing from elsewhere, legible on any page.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal
from xml.sax.saxutils import escape

from attestations.inert import visible
from attestations.predicates.zone_validation import KeyUse, SigningKey, TagUse, Verdict, ZoneValidation

MAX_BARS = 40
_WIDTH, _MARGIN, _LINE, _BAR, _TRACK = 860, 20, 22, 16, 620
_NAME = 100

Kind = Literal["published", "wrong", "unknown"]

_STYLE = """
.zone-keys-back { fill: #fff }
.zone-keys text { fill: #111; font: 14px system-ui, sans-serif }
.zone-keys .head { font-weight: bold }
.zone-keys .track { fill: none; stroke: #777 }
.zone-keys .published { fill: #1d6fb8 }
.zone-keys .ink { fill: #c4371f }
.zone-keys .dot { fill: #777 }
@media (prefers-color-scheme: dark) {
.zone-keys-back { fill: #161616 }
.zone-keys text { fill: #eee }
.zone-keys .published { fill: #5aa9e6 }
.zone-keys .ink { fill: #ff7a5c }
}
"""
"""the picture brings its background, so that it is legible on any page; the names keep it from styling the page"""
_PATTERNS = (
    '<pattern id="zone-keys-hatched" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="ink" width="5" height="8"/></pattern>'
    '<pattern id="zone-keys-dotted" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<circle class="dot" cx="3" cy="3" r="2"/></pattern>'
)
_FILLS: dict[Kind, str] = {
    "published": 'class="published"',
    "wrong": 'fill="url(#zone-keys-hatched)"',
    "unknown": 'fill="url(#zone-keys-dotted)"',
}


@dataclass(frozen=True, kw_only=True)
class _Bar:
    tag: int
    algorithm: int
    kind: Kind
    signatures: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Who signed a zone, as far as somebody looked."""

    zone: str
    serial: int
    verdict: Verdict
    is_whole: bool
    """all signatures of the zone were looked at"""
    by_key: tuple[KeyUse, ...]
    by_tag: tuple[TagUse, ...]
    keys: tuple[SigningKey, ...] = ()
    """the private keys, where they were looked for: then shares are of the signatures that were looked at"""
    unattributed: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """signatures of no known key, by tag and algorithm"""


def signed_by_statement(said: ZoneValidation) -> Signed:
    """Return what a statement says of who signed."""
    failing = {(use.tag, use.algorithm): use.not_verified for use in said.by_tag}
    for key in said.signing_keys:
        if not (key.published and key.tag == key.real_tag) and (key.tag, key.algorithm) in failing:
            failing[key.tag, key.algorithm] -= key.signatures
    return Signed(
        zone=said.zone.name,
        serial=said.zone.serial,
        verdict=said.validator.verdict,
        is_whole=said.coverage.mode == "full",
        by_key=said.by_key,
        by_tag=said.by_tag,
        keys=said.signing_keys,
        unattributed={tag: rest for tag, rest in failing.items() if rest > 0},
    )


def picture(signed: Signed) -> str:
    """Return the picture as one SVG element, to stand in a file of its own or in an HTML page.

    Private keys that nobody published have bars of their own, with the HSM that holds them where that is known.
    """
    bars = tuple(_bars_of_keys(signed) if signed.keys else _bars_of_uses(signed))
    total = sum(bar.signatures for bar in bars)
    drawn = _Canvas()
    drawn.text(f"Who signed {signed.zone} serial {signed.serial}", "head")
    drawn.text(_subtitle(signed, total))
    for (tag, algorithm), group in groupby(bars[:MAX_BARS], key=lambda bar: (bar.tag, bar.algorithm)):
        drawn.gap()
        drawn.text(f"key tag {tag}, algorithm {algorithm}", "head")
        for bar in group:
            drawn.bar(bar, total)
    if len(bars) > MAX_BARS:
        drawn.text(f"and {len(bars) - MAX_BARS} more keys")
    return drawn.svg(f"Which keys signed what share of {signed.zone}", (bar.words for bar in bars[:MAX_BARS]))


def _subtitle(signed: Signed, total: int) -> str:
    if not total:
        return "no signatures"
    return f"{total} signatures, {'all' if signed.is_whole else 'not all'} of the zone; verdict {signed.verdict}"


def _bars_of_keys(signed: Signed) -> Iterator[_Bar]:
    tags = {(key.tag, key.algorithm) for key in signed.keys} | signed.unattributed.keys()
    for tag, algorithm in sorted(tags):
        for key in signed.keys:
            if (key.tag, key.algorithm) == (tag, algorithm):
                is_right = key.published and key.tag == key.real_tag
                yield _Bar(
                    tag=tag,
                    algorithm=algorithm,
                    kind="published" if is_right else "wrong",
                    signatures=key.signatures,
                    words=", ".join(_words_of(key)),
                )
        if rest := signed.unattributed.get((tag, algorithm), 0):
            yield _unknown(tag, algorithm, rest, "NO KEY KNOWN: damaged, or by a key that signatures do not show")


def _words_of(key: SigningKey) -> Iterator[str]:
    is_astray = key.published and key.tag != key.real_tag
    yield "PUBLISHED UNDER ANOTHER TAG" if is_astray else "published key" if key.published else "NOT PUBLISHED"
    yield f"SHA-256 {key.fingerprint[:16]}..."
    if key.tag != key.real_tag:
        yield f"real tag {key.real_tag}"
    if key.held_by:
        yield f"in {'/'.join(key.held_by)}"


def _bars_of_uses(signed: Signed) -> Iterator[_Bar]:
    for use in signed.by_tag:
        tag, algorithm = use.tag, use.algorithm
        keys = [key for key in signed.by_key if (key.tag, key.algorithm) == (tag, algorithm) and key.verified]
        for key in keys:
            words = f"published key, SHA-256 {key.fingerprint[:16]}..."
            yield _Bar(tag=tag, algorithm=algorithm, kind="published", signatures=key.verified, words=words)
        if rest := use.verified - sum(key.verified for key in keys):
            yield _unknown(tag, algorithm, rest, "published key, AT THE WRONG TIME OR REVOKED")
        if use.not_verified:
            yield _unknown(tag, algorithm, use.not_verified, "VERIFIED BY NO PUBLISHED KEY")


def _unknown(tag: int, algorithm: int, signatures: int, words: str) -> _Bar:
    return _Bar(tag=tag, algorithm=algorithm, kind="unknown", signatures=signatures, words=words)


class _Canvas:
    """Grows downwards, line by line."""

    def __init__(self) -> None:
        self._elements: list[str] = []
        self._y = _MARGIN

    def text(self, words: str, style: str = "plain", x: int = _MARGIN) -> None:
        """Write a line."""
        self._y += _LINE
        self._elements.append(f'<text class="{style}" x="{x}" y="{self._y - 6}">{escape(_cut(words))}</text>')

    def gap(self) -> None:
        """Leave some room."""
        self._y += _LINE // 2

    def bar(self, bar: _Bar, total: int) -> None:
        """Draw one bar under its words, with its share beside it; whatever signed at all is seen."""
        self.text(bar.words)
        place = f'x="{_MARGIN}" y="{self._y}" height="{_BAR}"'
        filled = max(2, round(_TRACK * bar.signatures / total))
        self._elements.append(f'<rect {place} width="{filled}" {_FILLS[bar.kind]}/>')
        self._elements.append(f'<rect class="track" {place} width="{_TRACK}"/>')
        share = f"{bar.signatures} ({100 * bar.signatures / total:.1f} %)"
        self.text(share, x=_MARGIN + _TRACK + 10)

    def svg(self, title: str, described: Iterable[str]) -> str:
        """Return the picture; what it shows is also said, for those who hear it."""
        height = self._y + _MARGIN
        size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        elements = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="zone-keys" role="img" {size}>',
            f"<title>{escape(visible(title))}</title><desc>{escape(visible('; '.join(described)))}</desc>",
            f"<style>{_STYLE}</style><defs>{_PATTERNS}</defs>",
            f'<rect class="zone-keys-back" width="{_WIDTH}" height="{height}"/>',
            *self._elements,
            "</svg>",
        )
        return "\n".join(elements) + "\n"


def _cut(words: str) -> str:
    shown = visible(words)
    return shown if len(shown) <= _NAME else f"{shown[:_NAME]}..."
