"""Software bills of materials, read: CycloneDX (in-toto spec/predicates/cyclonedx.md) and SPDX 2 (spdx.md there).

Only what tells which code is inside is read; both specifications let a consumer ignore the rest.
"""

from typing import Any, Literal

import msgspec

from attestations.records import Name

TYPE_CYCLONEDX = "https://cyclonedx.org/bom"
TYPE_SPDX = "https://spdx.dev/Document"


class _Bom(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The specifications oblige consumers to ignore members they do not know."""


class CycloneDxComponent(_Bom, frozen=True, kw_only=True):
    """A component; others may lie inside it."""

    type: Name
    name: Name
    purl: str | None = None
    components: tuple["CycloneDxComponent", ...] = ()


class CycloneDx(_Bom, frozen=True, kw_only=True):
    """The CycloneDX predicate."""

    bom_format: Literal["CycloneDX"]
    spec_version: Name
    components: tuple[CycloneDxComponent, ...]


class SpdxReference(_Bom, frozen=True, kw_only=True):
    """A reference out of a package; only package URLs are of interest."""

    reference_category: str
    reference_type: str
    reference_locator: str


class SpdxPackage(_Bom, frozen=True, kw_only=True):
    """A package."""

    name: Name
    version_info: str | None = None
    external_refs: tuple[SpdxReference, ...] = ()


class Spdx(_Bom, frozen=True, kw_only=True):
    """The SPDX predicate."""

    spdx_version: Name
    name: Name
    packages: tuple[SpdxPackage, ...]


def contents(predicate: CycloneDx | Spdx) -> frozenset[str]:
    """Return what is inside, by package URL without version, or by lower-case name where there is none."""
    if isinstance(predicate, Spdx):
        return frozenset(_identity(package.name, _package_url(package)) for package in predicate.packages)
    return frozenset(_cyclonedx(predicate.components))


def _cyclonedx(components: tuple[CycloneDxComponent, ...]) -> frozenset[str]:
    inside = (_cyclonedx(component.components) for component in components)
    own = frozenset(_identity(component.name, component.purl) for component in components)
    return own.union(*inside)


def _package_url(package: SpdxPackage) -> str | None:
    urls: Any = (ref.reference_locator for ref in package.external_refs if ref.reference_type == "purl")
    return next(urls, None)


def _identity(name: str, purl: str | None) -> str:
    """Two versions of a library are the same code base (package-url/purl-spec: version follows `@`)."""
    if purl is None:
        return name.lower()
    return purl.partition("?")[0].partition("#")[0].rpartition("@")[0] or purl
