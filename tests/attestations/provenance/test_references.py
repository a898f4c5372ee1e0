"""Tags by version, and builder ids by name."""

import pytest

from attestations.provenance.builder_ids import is_builder, is_generator
from attestations.provenance.references import is_of_version, is_release_tag, is_version

GENERIC = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml"
RUNNER = "https://github.com/actions/runner"


@pytest.mark.parametrize(
    ("tag", "wanted"),
    [
        ("v14.2.3", "v14"),
        ("v14.2.3", "v14.2"),
        ("v14.2.3", "v14.2.3"),
        ("v14", "v14"),
        ("v14", "v14.0"),
        ("v14.2", "v14.2.0"),
        ("v14.2.3+build.7", "v14.2.3"),
        ("v14.2.3-rc.1", "v14.2.3-rc.1"),
        ("v0.0.0", "v0"),
    ],
)
def test_a_tag_is_of_every_version_that_its_leading_parts_name(tag, wanted):
    assert is_of_version(f"refs/tags/{tag}", wanted)


@pytest.mark.parametrize(
    ("ref", "wanted"),
    [
        ("refs/tags/v14.2.3", "v13"),
        ("refs/tags/v14.2.3", "v1"),
        ("refs/tags/v14.2.3", "v14.1"),
        ("refs/tags/v14.2.3", "v14.2.2"),
        ("refs/tags/v14.2.3", "v14.2.30"),
        ("refs/tags/v14", "v14.1"),
        ("refs/tags/v14.2", "v14.2.1"),
        ("refs/tags/v14.2.3-rc.1", "v14"),
        ("refs/tags/v14.2.3-rc.1", "v14.2.3"),
        ("refs/tags/v14.2.3", "v14.2.3-rc.1"),
        ("refs/tags/v14.2.3-rc.1", "v14.2.3-rc.2"),
        ("refs/heads/v14.2.3", "v14"),
        ("v14.2.3", "v14"),
        ("refs/tags/14.2.3", "v14"),
        ("refs/tags/v014.2.3", "v14"),
        ("refs/tags/v14.2.3.4", "v14"),
        ("refs/tags/v14.2.3\n", "v14"),
        ("refs/tags/v14.2.3", "14"),
        ("refs/tags/v14.2.3", "v"),
        ("refs/tags/v14.2.3", ""),
        ("refs/tags/v\u0661\u0664", "v14"),
        (None, "v14"),
    ],
)
def test_another_version_and_what_is_no_version_is_refused(ref, wanted):
    assert not is_of_version(ref, wanted)


def test_a_version_to_ask_for_is_one_that_a_tag_could_have():
    assert all(map(is_version, ("v1", "v1.2", "v1.2.3", "v1.2.3-rc.1", "v1.2.3+b")))
    assert not any(map(is_version, ("1", "v", "v1.", "v1.2.3.4", "v01", "v1-rc", "", "v1\n")))


def test_a_release_tag_has_three_numbers_and_nothing_else():
    assert is_release_tag("refs/tags/v1.20.3")
    for ref in ("refs/tags/v1.2", "refs/tags/v1.2.3-rc.1", "refs/heads/v1.2.3", "v1.2.3", "refs/tags/v1.2.3\n"):
        assert not is_release_tag(ref)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (f"{GENERIC}@refs/tags/v1.2.3", GENERIC),
        (f"{GENERIC}@refs/tags/v1.2.3", f"{GENERIC}@v1.2.3"),
        (f"{GENERIC}@refs/tags/v1.2.3", f"{GENERIC}@refs/tags/v1.2.3"),
        (f"{GENERIC}@refs/heads/main", f"{GENERIC}@refs/heads/main"),
        (
            "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3",
            "https://cloudbuild.googleapis.com/GoogleHostedWorker",
        ),
        ("https://ci.example/builder", "https://ci.example/builder"),
        (f"{RUNNER}/github-hosted", f"{RUNNER}/github-hosted"),
        (f"{RUNNER}/self-hosted", f"{RUNNER}/self-hosted"),
        (RUNNER, RUNNER),
        (RUNNER, f"{RUNNER}/github-hosted"),
    ],
)
def test_a_builder_is_known_by_its_name_and_by_the_version_that_was_asked_for(found, wanted):
    assert is_builder(found, wanted)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (f"{GENERIC}@refs/heads/main", GENERIC),
        (f"{GENERIC}@main", GENERIC),
        (f"{GENERIC}@{'0' * 40}", GENERIC),  # a commit of any fork can be called through this name
        (f"{GENERIC}@v1.2.3-rc.1", GENERIC),
        (f"{GENERIC}@refs/tags/v1", GENERIC),
        (f"{GENERIC}@refs/tags/v1.2.3", f"{GENERIC}@v1.2"),
        (f"{GENERIC}@refs/heads/v1.2.3", f"{GENERIC}@v1.2.3"),
        (f"{GENERIC}x@refs/tags/v1.2.3", GENERIC),
        (f"x{GENERIC}@refs/tags/v1.2.3", GENERIC),
        (f"{GENERIC.upper()}@refs/tags/v1.2.3", GENERIC),
        (f"{RUNNER}/github-hosted", RUNNER),
        (f"{RUNNER}/self-hosted", f"{RUNNER}/github-hosted"),
        (RUNNER, f"{RUNNER}/self-hosted"),
        (RUNNER, f"{RUNNER}2"),
        (f"{RUNNER}/github-hosted", f"{RUNNER}/github-hosted2"),
        ("", GENERIC),
    ],
)
def test_another_builder_and_one_that_was_not_released_is_refused(found, wanted):
    assert not is_builder(found, wanted)


def test_only_released_builders_of_the_generator_may_be_left_unnamed():
    assert is_generator(f"{GENERIC}@refs/tags/v1.2.3")
    for other in (
        GENERIC,
        f"{GENERIC}@refs/heads/main",
        f"{GENERIC.replace('_slsa3', '')}@refs/tags/v1.2.3",
        f"{GENERIC.replace('slsa-framework', 'somebody')}@refs/tags/v1.2.3",
        f"{GENERIC.replace('workflows/', 'workflows/x/')}@refs/tags/v1.2.3",
    ):
        assert not is_generator(other)
