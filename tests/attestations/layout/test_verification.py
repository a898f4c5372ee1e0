"""A layout with links shows what its steps made; whatever asks for less, or was done otherwise, is refused."""

import copy
import json

import layouts as l
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from world.keys import digest, signer, zone_key

from attestations.errors import InputError
from attestations.layout import TYPE, looks_like_chain, read_chain, verify_chain, write_chain
from attestations.strict import read_json
from attestations.times import Instant

NOW = Instant.parse("2026-04-10T12:00:00Z")
FORMS = pytest.mark.parametrize(
    "form", [l.in_envelope, l.in_metablock, l.as_attestation], ids=["DSSE", "Metablock", "attestation"]
)


def verify(raw, now=NOW):
    return verify_chain(read_chain(read_json(raw, "layout.json")), now)


def refusal(raw, now=NOW):
    with pytest.raises(InputError) as caught:
        verify(raw, now)
    return caught.value.code, caught.value.found


def with_step(index, **more):
    said = l.layout()
    said["steps"][index].update(more)
    return said


@FORMS
def test_a_layout_that_was_followed_shows_who_did_what_and_what_came_out(form):
    found = verify(l.chain(form=form))
    assert [(step.name, step.done_by) for step in found.steps] == [
        ("build", tuple(sorted((l.key_id("builder-1"), l.key_id("builder-2"))))),
        ("package", (l.key_id("packager"),)),
    ]
    assert {subject.name: subject.digest for subject in found.products} == l.BUILT
    assert found.facts["steps"][1] == {"name": "package", "doneBy": [l.key_id("packager")], "steps": []}


@FORMS
def test_its_owner_is_told_by_key_and_not_by_key_id(form):
    chain = read_chain(read_json(l.chain(form=form, owners=("project", "second")), "layout.json"))
    keys = [signer(name).public for name in ("project", "second", "builder-1")]
    assert chain.layout.signers(keys) == {l.key_id("project"), l.key_id("second")}
    value = json.loads(l.chain(form=form))
    value["layout"]["signatures"][0]["keyid"] = l.key_id("second")
    chain = read_chain(read_json(json.dumps(value).encode(), "layout.json"))
    assert chain.layout.signers(keys) == {l.key_id("project")}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (l.layout(steps=[]), "0 steps"),
        (
            l.layout(
                inspect=[
                    {
                        "_type": "inspection",
                        "name": "look",
                        "run": ["true"],
                        "expected_materials": [],
                        "expected_products": [],
                    }
                ]
            ),
            "inspections ('look'), which run commands on the host",
        ),
        (with_step(0, expected_materials=[]), "step 'build' without DISALLOW * at the end of its materials"),
        (
            with_step(0, expected_products=[["ALLOW", "*"]]),
            "step 'build' without DISALLOW * at the end of its products",
        ),
        (
            with_step(1, expected_products=[["DISALLOW", "*"], ["ALLOW", "*"]]),
            "step 'package' without DISALLOW * at the end of its products",
        ),
        (with_step(0, threshold=0), "step 'build' with a threshold of 0 of 2 keys"),
        (with_step(0, threshold=3), "step 'build' with a threshold of 3 of 2 keys"),
        (with_step(0, threshold=True), None),
        (with_step(1, pubkeys=[], threshold=1), "step 'package' with a threshold of 1 of 0 keys"),
        (
            with_step(1, pubkeys=[l.key_id("packager")] * 2, threshold=2),
            "step 'package' with a threshold of 2 of 1 keys",
        ),
        (
            with_step(1, pubkeys=["ab" * 32]),
            f"step 'package' for the key '{'ab' * 32}', which the layout does not hold",
        ),
        (l.layout(expires="2027-01-31T00:00:00+00:00"), None),
    ],
)
def test_a_layout_that_asks_for_too_little_is_refused(said, found):
    code, text = refusal(l.chain(said))
    assert code in ("LAYOUT", "SCHEMA")
    assert found is None or text == found


def test_a_layout_is_in_force_until_it_expires_by_the_time_that_is_given():
    assert verify(l.chain(), Instant.parse("2027-01-30T23:59:59Z"))
    assert refusal(l.chain(), Instant.parse(l.EXPIRES)) == ("EVID-STALE", f"a layout that expired on {l.EXPIRES}")
    old = l.layout(expires="2001-01-01T00:00:00Z")
    assert verify(l.chain(old), Instant.parse("2000-12-31T00:00:00Z")), "the library's own clock has no say"


def test_one_key_under_two_ids_does_not_meet_a_threshold_of_two():
    said = l.layout()
    other = "00" * 32
    said["keys"][other] = {**l.named_key("builder-1"), "keyid": other}
    said["steps"][0]["pubkeys"] = [l.key_id("builder-1"), other]
    links = (l.LINKS[0], l.LINKS[0], l.LINKS[2])
    for threshold in (2, 1):
        said["steps"][0]["threshold"] = threshold
        code, found = refusal(l.chain(said, links))
        assert (code, found.startswith(f"one key ({l.key_id('builder-1')[:16]}…) under the ids ")) == (
            "SIG-THRESHOLD",
            True,
        )


@FORMS
def test_a_step_that_too_few_did_is_refused(form):
    assert refusal(l.chain(links=l.LINKS[1:], form=form)) == ("SIG-THRESHOLD", "step 'build' done by 1 distinct keys")
    assert refusal(l.chain(links=l.LINKS[:2], form=form)) == ("SIG-THRESHOLD", "step 'package' done by 0 distinct keys")
    twice = (l.LINKS[0], (l.link("build", l.SOURCE, l.BUILT, environment={"x": 1}), "builder-1"), l.LINKS[2])
    assert refusal(l.chain(links=twice, form=form))[0] == "SIG-THRESHOLD"
    both = ((l.LINKS[0][0], "builder-1+builder-2"), l.LINKS[2])
    assert verify(l.chain(links=both, form=form))


@FORMS
def test_a_link_by_somebody_else_is_refused(form):
    for stranger in ("somebody", "packager", "project"):
        links = (*l.LINKS[:2], (l.LINKS[0][0], stranger), l.LINKS[2])
        code, found = refusal(l.chain(links=links, form=form))
        assert (code, found) == ("SIG-UNTRUSTED", "a link for step 'build' that no key of that step signed")


@FORMS
def test_a_link_that_was_changed_after_it_was_signed_is_refused(form):
    value = json.loads(l.chain(form=form))
    other = form(l.link("package", l.BUILT, l.SOURCE), "packager")
    value["links"][2] = {**other, "signatures": value["links"][2]["signatures"]}
    assert refusal(json.dumps(value).encode())[0] == "SIG-UNTRUSTED"


@pytest.mark.parametrize("returned", [1, 3, -1, None, "0", False])
def test_a_step_that_failed_is_refused(returned):
    links = l.replaced(2, byproducts={} if returned is None else {"return-value": returned})
    code, found = refusal(l.chain(links=links))
    assert (code, found.startswith("step 'package' ended with return value")) == ("LAYOUT", True)


def test_a_step_with_another_command_than_the_expected_one_is_refused():
    links = l.replaced(0, command=["make", "signer", "SKIP_TESTS=1"])
    assert refusal(l.chain(links=links)) == ("LAYOUT", "step 'build' ran 'make signer SKIP_TESTS=1'")
    assert verify(l.chain(with_step(0, expected_command=[]), links))


def test_functionaries_who_do_not_agree_are_refused():
    other = {**l.BUILT, "signer": {"sha256": digest("another signer")}}
    assert refusal(l.chain(links=l.replaced(1, products=other))) == (
        "LAYOUT",
        "links for step 'build' with different artifacts",
    )


@pytest.mark.parametrize(
    "links",
    [
        l.replaced(2, materials={**l.BUILT, "extra": {"sha256": digest("extra")}}),
        l.replaced(2, products={**l.BUILT, "extra": {"sha256": digest("extra")}}),
        l.replaced(2, products={**l.BUILT, "signer": {"sha256": digest("swapped")}}),
        tuple(
            (one | {"materials": {"other.c": {"sha256": digest("c")}}}, by) if by != "packager" else (one, by)
            for one, by in l.LINKS
        ),
    ],
)
def test_artifacts_that_break_a_rule_are_refused(links):
    code, found = refusal(l.chain(links=links))
    assert (code, "RuleVerificationError" in found) == ("LAYOUT", True)


def test_a_product_that_is_required_and_missing_is_refused():
    rules = [["REQUIRE", "signer"], *l.layout()["steps"][0]["expected_products"]]
    assert verify(l.chain(with_step(0, expected_products=rules)))
    few = {name: value for name, value in l.BUILT.items() if name != "signer"}
    links = tuple((one | {"products": few}, by) for one, by in l.LINKS)
    assert refusal(l.chain(with_step(0, expected_products=rules), links))[0] == "LAYOUT"


def test_a_link_for_a_step_that_is_none_is_refused():
    links = (*l.LINKS, (l.link("deploy", {}, {}), "packager"))
    assert refusal(l.chain(links=links)) == ("LAYOUT", "a link for the step 'deploy'")


def test_a_link_in_the_place_of_a_layout_is_refused():
    assert refusal(l.chain(l.LINKS[0][0]))[0] == "SCHEMA"


@pytest.mark.parametrize(
    "change",
    [
        {"scheme": "rsassa-pss-sha1"},
        {"scheme": "ecdsa-sha2-nistp256"},
        {"keyval": {"public": "zz"}},
        {"keyval": {"public": "ab"}},
        {"subkeys": {"00" * 32: {}}},
    ],
)
def test_a_key_that_is_not_plain_or_no_key_is_refused(change):
    said = l.layout()
    said["keys"][l.key_id("packager")].update(change)
    assert refusal(l.chain(said))[0] in ("SCHEMA", "KEY")


@pytest.mark.parametrize("scheme", ["ecdsa-sha2-nistp384", "rsassa-pss-sha256", "ecdsa-sha2-nistp256"])
def test_a_key_goes_by_its_own_scheme(scheme):
    key = zone_key("packager")
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    said = l.layout()
    said["keys"][l.key_id("packager")].update(keytype="ecdsa", scheme=scheme, keyval={"public": pem})
    code, found = refusal(l.chain(said))
    if scheme == "ecdsa-sha2-nistp256":  # its own: the link is by another key
        assert code == "SIG-UNTRUSTED"
    else:
        told = {"ecdsa-sha2-nistp384": "of kind ecdsa-p256-sha256, called ecdsa-sha2-nistp384"}.get(scheme, "in-toto")
        assert (code, told in found) == ("SCHEMA", True)


@pytest.mark.parametrize("kind", ["https://in-toto.io/Statement/v1", "Layout", "", None, 7])
def test_only_layouts_and_links_are_read_as_such(kind):
    value = json.loads(l.chain())
    value["layout"] = l.in_envelope({**l.layout(), "_type": kind}, "project")
    assert refusal(json.dumps(value).encode()) == ("SCHEMA", f"a payload of _type {kind!a}")


def test_another_payload_type_is_refused():
    value = json.loads(l.chain())
    value["links"][0] = l.in_envelope(l.LINKS[0][0], "builder-1", payload_type="application/vnd.in-toto.link+json")
    assert refusal(json.dumps(value).encode())[0] == "SCHEMA"


@pytest.mark.parametrize(
    "signatures", [[], None, {}, [{"keyid": "x", "sig": "zz"}], [{"keyid": "x", "sig": "00"}] * 17]
)
def test_signatures_of_the_older_form_are_read_strictly(signatures):
    value = json.loads(l.chain(form=l.in_metablock))
    value["links"][0]["signatures"] = signatures
    assert refusal(json.dumps(value).encode())[0] in ("SIG-NONE", "SCHEMA")


def test_it_says_nothing_on_the_way(capfd):
    verify(l.chain())
    refusal(l.chain(links=l.replaced(2, products={"x": {"sha256": digest("x")}})))
    assert capfd.readouterr() == ("", "")


def test_nothing_is_read_or_written_beside_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    verify(l.chain())
    assert list(tmp_path.iterdir()) == []


def test_products_without_a_full_sha256_are_no_products():
    products = {"signer": {"sha256": digest("signer")}, "weak": {"sha1": "ab" * 20}, "short": {"sha256": "ab"}}
    said = l.layout(steps=[l.step("package", ("packager",), [["DISALLOW", "*"]], [["ALLOW", "*"], ["DISALLOW", "*"]])])
    found = verify(l.chain(said, ((l.link("package", {}, products), "packager"),)))
    assert [subject.name for subject in found.products] == ["signer"]


def test_links_and_work_are_bounded():
    assert refusal(l.chain(links=l.LINKS * 43))[0] == "SCHEMA"
    many = {f"f{number}": {"sha256": digest("x")} for number in range(4000)}
    rules = [["ALLOW", f"g{number}"] for number in range(255)] + [["DISALLOW", "*"]]
    said = l.layout(steps=[l.step("package", ("packager",), [["DISALLOW", "*"]], rules)])
    assert refusal(l.chain(said, ((l.link("package", {}, many), "packager"),)))[0] == "LIMIT"
    said["steps"][0]["expected_products"] = [["ALLOW", "x"], *rules]
    assert refusal(l.chain(said, ((l.link("package", {}, {}), "packager"),)))[0] == "LIMIT"
    said["steps"][0]["expected_products"] = [["ALLOW", "x" * 257], ["DISALLOW", "*"]]
    assert refusal(l.chain(said, ((l.link("package", {}, {}), "packager"),)))[0] == "LIMIT"


def test_what_is_written_is_what_is_read():
    value = json.loads(l.chain())
    parts = [read_json(json.dumps(part).encode(), "part") for part in (value["layout"], *value["links"])]
    assert write_chain(parts[0], parts[1:]) == l.chain()
    with pytest.raises(InputError):
        write_chain(parts[1], parts[1:])


def test_only_a_file_that_says_so_is_a_layout_with_links():
    assert looks_like_chain(read_json(l.chain(), "x"))
    for other in ({}, {"_type": f"{TYPE}/x"}, {"type": TYPE}, [TYPE]):
        assert not looks_like_chain(read_json(json.dumps(other).encode(), "x"))
    for change in ({"more": 1}, {"links": {}}, {"layout": None}, {"layout": 7}, {"links": [7]}):
        value = json.loads(l.chain()) | change
        assert refusal(json.dumps(value).encode())[0] == "SCHEMA"


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1, 0])
def test_the_largest_numbers_that_are_read_can_be_written(number):
    value = json.loads(l.chain())
    value["links"][2] = l.in_metablock(l.LINKS[2][0] | {"environment": {"number": number}}, "packager")
    assert verify(json.dumps(value).encode())
    parts = [read_json(json.dumps(part).encode(), "part") for part in (value["layout"], *value["links"])]
    assert write_chain(parts[0], parts[1:])


def places(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in items:
        yield (*path, name)
        yield from places(each, (*path, name))


ODD = st.sampled_from([None, True, 0, 1, -1, 0.5, "", "x", [], {}, [[]], {"x": 1}, ["DISALLOW", "*"], "ab" * 32])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_change_of_one_member_escapes_as_another_error_or_makes_another_product(data):
    """Signed anew after the change: what a careless or hostile owner or functionary could write."""
    said, links = l.layout(), [list(each) for each in copy.deepcopy(l.LINKS)]
    target = data.draw(st.sampled_from([said, *(each[0] for each in links)]))
    path = data.draw(st.sampled_from(sorted(places(target), key=str)))
    part = target
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = data.draw(ODD)
    raw = l.chain(said, [tuple(each) for each in links])
    try:
        found = verify(raw)
    except InputError:
        return
    assert {subject.digest["sha256"] for subject in found.products} <= {each["sha256"] for each in l.BUILT.values()}
