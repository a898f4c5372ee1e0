"""A tool gets the bytes that were given, unless those make it read other files."""

from dataclasses import replace

import pytest

from attestations.errors import InputError
from attestations.zone.engines.material import descriptor_for_tools, holds
from attestations.zone.reading import zone_from_bytes


@pytest.fixture
def zone(ksk, zsk, now):
    from attestations.zone.practice.signing import practice_zone

    practice = practice_zone([ksk, zsk], now, delegations=1)
    with zone_from_bytes(practice.text, "zone", practice.name) as given:
        yield given


@pytest.fixture
def holding(tmp_path):
    """Return a descriptor of a file with some content."""
    files = []

    def open_with(content):
        files.append((tmp_path / f"{len(files)}").open("w+b", buffering=0))
        files[-1].write(content)
        return files[-1].fileno()

    yield open_with
    for file in files:
        file.close()


def test_the_bytes_as_given_are_the_rule(zone):
    with descriptor_for_tools(zone) as descriptor:
        assert descriptor == zone.original


@pytest.mark.parametrize(
    "line", [b"$INCLUDE /etc/passwd\n", b"\n  $include x\n", b"a A 192.0.2.1\n$Generate 1-2 a A 192.0.2.$\n"]
)
def test_a_zone_with_directives_that_read_or_make_more_is_given_in_flat_form(zone, holding, line):
    with descriptor_for_tools(replace(zone, original=holding(line))) as descriptor:
        assert descriptor == zone.descriptor


def test_a_flat_file_that_hides_such_a_directive_is_rewritten_and_so_refused(zone, holding):
    hidden = holding(zone.read(0, zone.size) + b"$INCLUDE /etc/passwd\n")
    with pytest.raises(InputError), descriptor_for_tools(replace(zone, original=hidden, descriptor=hidden)):
        pytest.fail("no tool may see it")


@pytest.mark.parametrize("line", [b'a TXT "$INCLUDE x"\n', b"$ORIGIN include.\n", b"\\$include A 192.0.2.1\n"])
def test_what_only_looks_like_it_is_left_alone(zone, holding, line):
    descriptor = holding(line)
    with descriptor_for_tools(replace(zone, original=descriptor)) as given:
        assert given == descriptor


def test_a_match_across_two_blocks_is_found(holding):
    import re

    block = 1024 * 1024
    for length in (block - 9, block - 5, block - 1, block):
        assert holds(holding(b"x" * length + b"\n$INCLUDE y"), re.compile(rb"\n\$INCLUDE"))
    assert not holds(holding(b"x" * 3 * block), re.compile(rb"\n\$INCLUDE"))
