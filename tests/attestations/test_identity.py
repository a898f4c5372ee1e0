import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.identity import Identity, check_issuer, check_pattern, matches

GITHUB = "https://token.actions.githubusercontent.com"
WORKFLOW = "https://github.com/registry/signer/.github/workflows/release.yml"
RELEASE = f"{WORKFLOW}@refs/tags/v3.0.1"
ANY_TAG = f"{WORKFLOW}@refs/tags/*"
GOOGLE = "https://accounts.google.com"
PERSON = "release.manager@registry.example"


def identity(subject, issuer=GITHUB):
    return Identity(issuer=issuer, subject=subject, extensions={})


@pytest.mark.parametrize(
    ("issuer", "pattern", "other", "other_issuer"),
    [
        pytest.param(GITHUB, RELEASE, RELEASE.replace("release.yml", "test.yml"), GITHUB, id="other-workflow"),
        pytest.param(GITHUB, RELEASE, RELEASE.replace("registry/", "mallory/"), GITHUB, id="fork"),
        pytest.param(
            GITHUB, f"{WORKFLOW}@refs/heads/main", f"{WORKFLOW}@refs/heads/maintenance", GITHUB, id="other-branch"
        ),
        pytest.param(GITHUB, f"{WORKFLOW}@refs/tags/v3", f"{WORKFLOW}@refs/heads/v3", GITHUB, id="tag-vs-branch"),
        pytest.param(GITHUB, RELEASE, RELEASE.replace("registry/", "reg1stry/"), GITHUB, id="lookalike-org"),
        pytest.param(GITHUB, RELEASE, RELEASE.replace("registry", "r\u0435gistry"), GITHUB, id="lookalike-letter"),
        pytest.param(
            GITHUB, RELEASE, RELEASE, "https://token.actions.githubusercontent.com.example", id="wrong-issuer"
        ),
        pytest.param(GITHUB, RELEASE, RELEASE, GITHUB + "/", id="issuer-with-slash"),
        pytest.param(GITHUB, RELEASE, RELEASE, "", id="no-issuer"),
        pytest.param(GOOGLE, PERSON, PERSON.replace("release", "Release"), GOOGLE, id="email-case"),
        pytest.param(GOOGLE, PERSON, PERSON.upper(), GOOGLE, id="email-upper-case"),
        pytest.param(GITHUB, RELEASE, RELEASE + "\n", GITHUB, id="san-newline-at-the-end"),
        pytest.param(GITHUB, RELEASE, f"{RELEASE}\n{RELEASE}", GITHUB, id="san-newline"),
        pytest.param(GITHUB, ANY_TAG, f"{WORKFLOW}@refs/tags/v3\n", GITHUB, id="san-newline-in-the-wildcard"),
    ],
)
def test_an_identity_that_only_resembles_the_one_named_is_refused(issuer, pattern, other, other_issuer):
    assert not matches(issuer, pattern, identity(other, other_issuer))
    named = pattern.replace("*", "v3.0.1")
    assert matches(issuer, pattern, identity(named, issuer))


def near_misses(text):
    for place in range(len(text) + 1):
        for character in "a1/.@-* \n\x00\u0430":
            yield text[:place] + character + text[place:]
    for place, character in enumerate(text):
        yield text[:place] + text[place + 1 :]
        if character.swapcase() != character:
            yield text[:place] + character.swapcase() + text[place + 1 :]


@pytest.mark.parametrize(("issuer", "subject"), [(GITHUB, RELEASE), (GOOGLE, PERSON)])
def test_no_near_miss_of_subject_or_issuer_matches(issuer, subject):
    assert matches(issuer, subject, identity(subject, issuer))
    assert [miss for miss in near_misses(subject) if matches(issuer, subject, identity(miss, issuer))] == []
    assert [miss for miss in near_misses(issuer) if matches(issuer, subject, identity(subject, miss))] == []


def test_no_near_miss_before_the_wildcard_matches():
    prefix = ANY_TAG.removesuffix("*")
    for miss in near_misses(prefix):
        if not miss.startswith(prefix):  # a longer last segment is what the wildcard is for
            assert not matches(GITHUB, ANY_TAG, identity(f"{miss}v3.0.1"))


@pytest.mark.parametrize("segment", ["v3.0.1", "v", "3", "package@1.0.0", "v1+build.7"])
def test_the_wildcard_is_one_whole_segment(segment):
    assert matches(GITHUB, ANY_TAG, identity(f"{WORKFLOW}@refs/tags/{segment}"))


@pytest.mark.parametrize(
    "rest", ["", "/", "a/b", "a/", "/a", "*", "v*", " ", "v 1", "v\t1", "v\x00", "v\x7f", "v\u2028"]
)
def test_the_wildcard_is_never_less_or_more_than_one_segment(rest):
    assert not matches(GITHUB, ANY_TAG, identity(f"{WORKFLOW}@refs/tags/{rest}"))


@pytest.mark.parametrize("subject", ["v3.0.1", PERSON, "https:", f"{WORKFLOW}@refs/heads/v3.0.1"])
def test_what_stands_before_the_wildcard_is_needed(subject):
    assert not matches(GITHUB, ANY_TAG, identity(subject))


def test_a_wildcard_in_the_path_does_not_reach_over_the_at_sign():
    pattern = "https://github.com/registry/signer/.github/workflows/*"
    check_pattern(pattern)
    assert not matches(GITHUB, pattern, identity("https://github.com/registry/signer/.github/workflows/a.yml@1f0c"))
    assert matches(GITHUB, pattern, identity("https://github.com/registry/signer/.github/workflows/a.yml"))


@given(st.text(alphabet=string.printable + "\u0430\u2044", max_size=12))
def test_what_the_wildcard_stands_for_has_no_slash_no_space_and_no_star(rest):
    if matches(GITHUB, ANY_TAG, identity(f"{WORKFLOW}@refs/tags/{rest}")):
        assert rest
        assert not set(rest) & set("/* \t\n\r\x0b\x0c")
        assert rest.isascii()


GOOD_PATTERNS = [
    RELEASE,
    ANY_TAG,
    PERSON,
    "release+bot@registry.example",
    "https://gitlab.example/registry/signer//.gitlab-ci.yml@refs/heads/*",
    "spiffe://registry.example/builder/signer",
    "spiffe://registry.example/builder/*",
]


@pytest.mark.parametrize("pattern", GOOD_PATTERNS)
def test_identities_as_people_need_them_are_patterns(pattern):
    check_pattern(pattern)
    assert matches(GITHUB, pattern, identity(pattern.replace("*", "segment")))


WIDE_PATTERNS = {
    "empty": "",
    "star alone": "*",
    "regular expression": ".*",
    "regular expression for the tag": f"{WORKFLOW}@refs/tags/.*",
    "unanchored-regex": "github.com/registry/signer",
    "anchored regex": f"^{RELEASE}$",
    "escaped regex": RELEASE.replace(".", "\\."),
    "alternative": f"{RELEASE}|{RELEASE}",
    "group": f"{WORKFLOW}@refs/(heads|tags)/v3",
    "character class": f"{WORKFLOW}@refs/tags/v[0-9]",
    "one or more": f"{WORKFLOW}@refs/tags/.+",
    "question mark": f"{WORKFLOW}@refs/tags/v?",
    "braces": f"{WORKFLOW}@refs/tags/{{v1,v2}}",
    "part of a segment": f"{WORKFLOW}@refs/tags/v*",
    "the whole ref": f"{WORKFLOW}@*",
    "not the last segment": "https://github.com/*/signer/.github/workflows/release.yml@refs/tags/v3.0.1",
    "two stars": f"{WORKFLOW}@refs/*/*",
    "double star": f"{WORKFLOW}@refs/**",
    "any host": "https://*",
    "any path": "https://github.com/*",
    "empty path": "https://github.com//*",
    "any host of a domain": "https://*.registry.example/builder",
    "any mailbox": "*@registry.example",
    "any domain": "release@*",
    "mail by regular expression": ".+@registry.example",
    "no scheme": RELEASE.removeprefix("https://"),
    "scheme without host": "https:///registry/signer",
    "user in host": "https://github.com@registry.example/signer",
    "leading space": f" {RELEASE}",
    "trailing line feed": f"{RELEASE}\n",
    "tab": f"{RELEASE}\t",
    "NUL": f"{RELEASE}\x00",
    "not ASCII": RELEASE.replace("registry", "r\u0435gistry"),
    "too long": f"{WORKFLOW}@refs/tags/{'v' * 1024}",
}


@pytest.mark.parametrize("pattern", WIDE_PATTERNS.values(), ids=WIDE_PATTERNS.keys())
def test_a_pattern_that_could_be_wider_than_it_was_meant_is_refused_and_matches_nothing(pattern):
    with pytest.raises(InputError) as caught:
        check_pattern(pattern)
    assert caught.value.code == "ID-PATTERN"
    assert str(caught.value).isprintable()
    for subject in (RELEASE, PERSON, pattern, pattern.replace("*", "v3")):
        assert not matches(GITHUB, pattern, identity(subject))


@pytest.mark.parametrize("issuer", [GITHUB, GOOGLE, "https://gitlab.example:8443/oidc"])
def test_an_issuer_is_an_exact_uri(issuer):
    check_issuer(issuer)


@pytest.mark.parametrize(
    "issuer", ["", "*", "https://*", "https://registry.example/*", "token.actions.githubusercontent.com", PERSON, ".*"]
)
def test_there_are_no_patterns_for_issuers(issuer):
    with pytest.raises(InputError) as caught:
        check_issuer(issuer)
    assert caught.value.code == "ID-PATTERN"
    assert not matches(issuer, RELEASE, identity(RELEASE))


def test_identities_are_values_that_can_be_counted():
    told = Identity(issuer=GITHUB, subject=RELEASE, extensions={"build_trigger": "push"})
    assert len({told, Identity(issuer=GITHUB, subject=RELEASE, extensions={"build_trigger": "push"})}) == 1
    assert told != identity(RELEASE)
