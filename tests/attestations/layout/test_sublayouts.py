"""A functionary may hand in a layout instead of a link; it says no more than a link by that functionary would."""

import copy
import json

import layouts as l
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world.keys import digest

from attestations.errors import InputError
from attestations.layout import read_chain, verify_chain
from attestations.layout.chain import MAX_DEPTH, MAX_LAYOUTS
from attestations.strict import read_json
from attestations.times import Instant

NOW = Instant.parse("2026-04-10T12:00:00Z")
FORMS = pytest.mark.parametrize(
    "form", [l.in_envelope, l.in_metablock, l.as_attestation], ids=["DSSE", "Metablock", "attestation"]
)
BY_BUILDERS = l.LINKS[:2]


def read(raw):
    return read_chain(read_json(raw, "layout.json"))


def verify(raw, now=NOW):
    return verify_chain(read(raw), now)


def refusal(raw, now=NOW):
    with pytest.raises(InputError) as caught:
        verify(raw, now)
    return caught.value.code, caught.value.found


def with_sublayout(*arguments, root=None, **more):
    """The good layout whose package step was done by a sublayout."""
    return l.chain(root, (*BY_BUILDERS, l.sublayout(*arguments, **more)))


def packaging_step(index, **more):
    said = l.packaging()
    said["steps"][index].update(more)
    return said


def one_step(name, by, rules=None, **more):
    """A layout of one step that anybody of `by` may do."""
    rules = rules or [["ALLOW", "*"], ["DISALLOW", "*"]]
    keys = {l.key_id(each): l.named_key(each) for each in by}
    return l.layout(steps=[l.step(name, by, rules, rules, **more)], keys=keys)


@FORMS
def test_a_step_that_a_functionary_divided_shows_who_did_each_part_and_what_came_out(form):
    raw = l.chain(links=(*BY_BUILDERS, l.sublayout(form=form)), form=form)
    found = verify(raw)
    package = found.steps[1]
    assert (package.name, package.done_by) == ("package", (l.key_id("packager"),))
    assert [(step.name, step.done_by) for step in package.steps] == [
        ("collect", (l.key_id("collector"),)),
        ("wrap", (l.key_id("wrapper"),)),
    ]
    assert {subject.name: subject.digest for subject in found.products} == l.BUILT
    assert found.keys == {l.key_id(name) for name in ("builder-1", "builder-2", "packager", "collector", "wrapper")}
    assert {one["name"]: one["digest"] for one in found.facts["products"]} == l.BUILT
    assert found.facts["steps"][1]["steps"][0] == {"name": "collect", "doneBy": [l.key_id("collector")], "steps": []}


def test_envelopes_of_one_form_may_hold_sublayouts_of_the_other():
    for outer, inner in ((l.in_envelope, l.in_metablock), (l.in_metablock, l.in_envelope)):
        assert verify(l.chain(links=(*BY_BUILDERS, l.sublayout(form=inner)), form=outer))


def test_every_digest_that_was_signed_can_be_taken_back():
    chain = read(with_sublayout())
    inner = chain.sublayouts[0]
    below = {inner.layout.digest, *(link.digest for link in inner.links)}
    assert len(below) == 3
    assert set(chain.digests) == {chain.layout.digest, *(link.digest for link in chain.links), *below}


@pytest.mark.parametrize("by", ["somebody", "builder-1", "project", "collector"])
def test_a_sublayout_by_anybody_but_a_functionary_of_the_step_is_refused(by):
    assert refusal(with_sublayout(by=by)) == (
        "SIG-UNTRUSTED",
        "a sublayout for step 'package' that no key of that step signed",
    )


def test_a_sublayout_that_was_changed_after_it_was_signed_is_refused():
    part, other = l.sublayout(), l.sublayout(l.packaging(readme="another"))
    part["layout"]["payload"] = other["layout"]["payload"]
    assert refusal(l.chain(links=(*BY_BUILDERS, part)))[0] == "SIG-UNTRUSTED"


def test_a_sublayout_for_a_step_that_is_none_is_refused():
    assert refusal(with_sublayout(name="deploy")) == ("LAYOUT", "a link for the step 'deploy'")


def test_a_functionary_of_two_steps_says_for_neither_that_a_sublayout_is():
    """Nothing that is signed tells the step: what was handed in for `check` could be offered as `package`."""
    rules = [["ALLOW", "*"], ["DISALLOW", "*"]]
    root = l.layout()
    root["steps"].insert(1, l.step("check", ("packager",), rules, rules))
    checked = (l.link("check", l.BUILT, l.BUILT), "packager")
    assert verify(l.chain(root, (*l.LINKS, checked))), "links do tell"
    assert refusal(l.chain(root, (*BY_BUILDERS, checked, l.sublayout()))) == (
        "LAYOUT",
        "a sublayout for step 'package' by a key that the layout names for other steps too",
    )


def inspecting():
    look = {"_type": "inspection", "name": "look", "run": ["touch", "ran"]}
    return l.packaging(inspect=[{**look, "expected_materials": [], "expected_products": []}])


@pytest.mark.parametrize(
    ("said", "code", "found"),
    [
        (inspecting(), "LAYOUT", "inspections ('look'), which run commands on the host"),
        (l.packaging(steps=[]), "LAYOUT", "0 steps"),
        (l.packaging(expires="2026-04-10T12:00:00Z"), "EVID-STALE", "a layout that expired on 2026-04-10T12:00:00Z"),
        (
            packaging_step(0, expected_materials=[]),
            "LAYOUT",
            "step 'collect' without DISALLOW * at the end of its materials",
        ),
        (packaging_step(1, threshold=2), "LAYOUT", "step 'wrap' with a threshold of 2 of 1 keys"),
        (packaging_step(1, threshold=0), "LAYOUT", "step 'wrap' with a threshold of 0 of 1 keys"),
    ],
)
def test_what_no_layout_may_be_no_sublayout_may_be_either(said, code, found, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refusal(with_sublayout(said)) == (code, found)
    assert not list(tmp_path.iterdir()), "nothing was run"


def test_a_sublayout_is_in_force_until_it_expires():
    said = l.packaging(expires="2026-04-10T12:00:01Z")
    assert verify(with_sublayout(said))
    assert refusal(with_sublayout(said), Instant.parse("2026-04-10T12:00:01Z"))[0] == "EVID-STALE"


def test_the_layout_above_expires_on_its_own():
    root = l.layout(expires="2026-04-10T12:00:00Z")
    assert refusal(with_sublayout(root=root))[0] == "EVID-STALE"


def test_keys_of_the_layout_above_are_no_keys_of_a_sublayout():
    """A builder of the project is nobody to the packager, and the packager is not their own helper by right."""
    for by in ("builder-1", "packager", "project"):
        links = (l.PACKAGING_LINKS[0], (l.link("wrap", l.BUILT, l.BUILT), by))
        assert refusal(with_sublayout(links=links)) == (
            "SIG-UNTRUSTED",
            "a link for step 'wrap' that no key of that step signed",
        )


def test_keys_of_a_sublayout_are_no_keys_of_the_layout_above():
    for links in ((*BY_BUILDERS[:1], (BY_BUILDERS[1][0], "wrapper")), (*BY_BUILDERS, (l.LINKS[2][0], "wrapper"))):
        assert refusal(l.chain(links=(*links, l.sublayout())))[0] == "SIG-UNTRUSTED"


def test_one_key_under_two_ids_in_a_sublayout_does_not_meet_its_threshold():
    said, other = l.packaging(), "00" * 32
    said["keys"][other] = {**l.named_key("wrapper"), "keyid": other}
    said["steps"][1].update(pubkeys=[l.key_id("wrapper"), other], threshold=2)
    assert refusal(with_sublayout(said, (*l.PACKAGING_LINKS, l.PACKAGING_LINKS[1])))[0] == "SIG-THRESHOLD"


def test_a_sublayout_without_its_links_shows_nothing():
    assert refusal(with_sublayout(links=())) == ("SIG-THRESHOLD", "step 'collect' done by 0 distinct keys")
    bare = l.sublayout()["layout"]
    assert refusal(l.chain(links=(*BY_BUILDERS, bare))) == ("SCHEMA", "a layout in the place of a link")


def test_steps_of_a_sublayout_are_no_steps_of_the_layout_above():
    """Whoever names a step of their own like one of the project's has not done the project's."""
    said = one_step("build", ("wrapper",))
    part = l.sublayout(said, ((l.link("build", l.BUILT, l.BUILT), "wrapper"),))
    assert refusal(l.chain(links=(part,))) == ("SIG-THRESHOLD", "step 'build' done by 0 distinct keys")
    found = verify(l.chain(links=(*BY_BUILDERS, part)))
    assert [step.name for step in found.steps] == ["build", "package"]
    assert found.steps[0].done_by == tuple(sorted(map(l.key_id, ("builder-1", "builder-2"))))


def test_rules_of_a_sublayout_see_its_own_steps_alone():
    rules = [["MATCH", "*", "WITH", "PRODUCTS", "FROM", "build"], ["DISALLOW", "*"]]
    said = packaging_step(0, expected_materials=rules)
    assert refusal(with_sublayout(said))[0] == "LAYOUT"


@pytest.mark.parametrize("index", [0, 1])
def test_artifacts_that_break_a_rule_of_a_sublayout_are_refused(index):
    swapped = {**l.BUILT, "signer": {"sha256": digest("swapped")}}
    links = list(l.PACKAGING_LINKS)
    links[index] = (links[index][0] | {"products": swapped}, links[index][1])
    code, found = refusal(with_sublayout(links=links))
    assert (code, "RuleVerificationError" in found) == ("LAYOUT", True)


def test_rules_of_the_layout_above_hold_for_what_went_in_at_first_and_came_out_at_last():
    other = {**l.BUILT, "extra": {"sha256": digest("extra")}}
    rules = [["ALLOW", "*"], ["DISALLOW", "*"]]
    said = l.packaging()
    said["steps"] = [{**step, "expected_materials": rules, "expected_products": rules} for step in said["steps"]]
    for number, what in ((0, "materials"), (1, "products")):
        links = list(l.PACKAGING_LINKS)
        links[number] = (links[number][0] | {what: other}, links[number][1])
        assert refusal(with_sublayout(said, links))[0] == "LAYOUT"
    between = [(l.PACKAGING_LINKS[0][0] | {"products": other}, "collector"), l.PACKAGING_LINKS[1]]
    assert verify(with_sublayout(said, between)), "what is between is the functionary's own"


@pytest.mark.parametrize("returned", [1, None, True])
def test_a_step_of_a_sublayout_that_failed_is_refused(returned):
    for index in (0, 1):
        links = list(l.PACKAGING_LINKS)
        failed = {} if returned is None else {"return-value": returned}
        links[index] = (links[index][0] | {"byproducts": failed}, links[index][1])
        assert refusal(with_sublayout(links=links))[0] == "LAYOUT"


def test_the_command_that_a_step_expects_is_the_last_one_of_its_sublayout():
    root = l.layout()
    root["steps"][1]["expected_command"] = l.PACKAGE
    assert verify(with_sublayout(root=root))
    root["steps"][1]["expected_command"] = ["tar", "tf", "signer.tar"]
    assert refusal(with_sublayout(root=root)) == ("LAYOUT", "step 'package' ran 'tar cf signer.tar signer'")


# Thresholds: the build step asks for two builders who agree.


def building(by, name="compile"):
    return one_step(name, by)


def build_by(builder, worker, said=None, name="compile"):
    """A builder's sublayout for the step `build`, done by one worker."""
    said = said or building((worker,), name)
    return l.sublayout(said, ((l.link(name, l.SOURCE, l.BUILT, command=l.BUILD), worker),), builder, "build")


def built(*parts):
    return l.chain(links=(*parts, l.LINKS[2]))


def test_two_builders_who_had_it_built_apart_are_two():
    assert verify(built(build_by("builder-1", "worker-1"), build_by("builder-2", "worker-2")))
    assert verify(built(build_by("builder-1", "worker-1"), l.LINKS[1]))


def test_reproducible_work_by_two_is_no_copy():
    """Links of the same words by two workers of two builders: whom they were signed by tells them apart."""
    shared = building(("worker-1", "worker-2"))
    assert verify(built(build_by("builder-1", "worker-1", shared), build_by("builder-2", "worker-2", shared)))


def test_a_builder_who_says_it_twice_does_not_hinder_the_other():
    twice = (l.link("build", l.SOURCE, l.BUILT, environment={"again": True}), "builder-1")
    assert verify(built(*BY_BUILDERS, twice))
    assert verify(built(l.LINKS[0], twice, build_by("builder-2", "worker-1")))


def test_where_one_is_enough_another_with_the_same_worker_does_no_harm():
    root = l.layout()
    parts = build_by("builder-1", "worker-1"), build_by("builder-2", "worker-1", name="make"), l.LINKS[2]
    root["steps"][0]["threshold"] = 1
    assert verify(l.chain(root, parts))
    root["steps"][0]["threshold"] = 2
    assert refusal(l.chain(root, parts))[0] == "SIG-THRESHOLD"


def test_two_builders_who_let_the_same_one_build_are_not_two():
    copies = built(build_by("builder-1", "worker-1"), build_by("builder-2", "worker-1"))
    assert refusal(copies) == ("LAYOUT", f"one link by the key {l.key_id('worker-1')[:16]}… in two layouts")
    anew = build_by("builder-2", "worker-1", name="make")
    shared = f"step 'build' done twice with the key {l.key_id('worker-1')[:16]}…, once in a sublayout"
    assert refusal(built(build_by("builder-1", "worker-1"), anew)) == ("SIG-THRESHOLD", shared)


def test_a_builder_who_built_for_the_other_is_not_two():
    by_first = build_by("builder-2", "builder-1")
    code, found = refusal(built(l.LINKS[0], by_first))
    assert (code, found.startswith("step 'build' done twice")) == ("SIG-THRESHOLD", True)
    mutual = build_by("builder-1", "worker-1"), build_by("builder-2", "builder-1")
    assert refusal(built(*mutual))[0] == "SIG-THRESHOLD"


def test_one_sublayout_counts_once_however_many_signed_it():
    both = build_by("builder-1+builder-2", "worker-1")
    assert refusal(built(both)) == ("SIG-THRESHOLD", "step 'build' done by 1 distinct keys")
    root = l.layout()
    root["steps"][0]["threshold"] = 1
    assert verify(l.chain(root, (both, l.LINKS[2])))


def test_two_copies_of_one_sublayout_are_one():
    part = build_by("builder-1", "worker-1")
    assert refusal(built(part, copy.deepcopy(part)))[0] == "LAYOUT"
    assert refusal(built(part, build_by("builder-1", "worker-2")))[0] == "SIG-THRESHOLD"


def test_builders_who_do_not_agree_are_refused_whatever_they_handed_in():
    other = {**l.BUILT, "signer": {"sha256": digest("another signer")}}
    said = building(("worker-1",))
    link = l.link("compile", l.SOURCE, other, command=l.BUILD)
    part = l.sublayout(said, ((link, "worker-1"),), "builder-1", "build")
    assert refusal(built(part, l.LINKS[1])) == ("LAYOUT", "links for step 'build' with different artifacts")


# Links that are used twice, layouts within themselves, depth and number.


def test_a_link_of_the_layout_above_does_not_show_a_step_below():
    """The packager names builder-1 for a step of the same name, and offers what builder-1 signed for the project."""
    said = one_step("build", ("builder-1",))
    again = l.sublayout(said, (l.LINKS[0],))
    root = l.layout()
    rules = [["ALLOW", "*"], ["DISALLOW", "*"]]
    root["steps"][1].update(expected_materials=rules, expected_products=rules)
    code, found = refusal(l.chain(root, (*BY_BUILDERS, again)))
    assert (code, found.endswith("in two layouts")) == ("LAYOUT", True)
    anew = l.sublayout(said, ((l.link("build", l.SOURCE, l.BUILT, environment={"for": "packager"}), "builder-1"),))
    assert verify(l.chain(root, (*BY_BUILDERS, anew)))


def test_a_link_in_another_form_is_the_same_link():
    """Signed as in-toto's own, in an envelope, and as an attestation, as one does who changes tools."""
    said, link = one_step("build", ("builder-1",)), l.LINKS[0][0]
    root = l.layout()
    rules = [["ALLOW", "*"], ["DISALLOW", "*"]]
    root["steps"][1].update(expected_materials=rules, expected_products=rules)
    for form in (l.in_envelope, l.in_metablock, l.as_attestation):
        again = l.sublayout(said, (form(link, "builder-1"),))
        code, found = refusal(l.chain(root, (*BY_BUILDERS, again)))
        assert (code, found.endswith("in two layouts")) == ("LAYOUT", True)


def nested(depth):
    """A packager's layout in which each helper hands the step on to the next, and the last one does it."""
    name = f"step-{depth}"
    worker, boss = f"helper-{depth}", "packager" if depth == 2 else f"helper-{depth - 1}"
    said = one_step(name, (worker,))
    part = (l.link(name, l.BUILT, l.BUILT), worker) if depth == MAX_DEPTH else nested(depth + 1)
    return l.sublayout(said, (part,), boss, "package" if depth == 2 else f"step-{depth - 1}")


def test_layouts_are_followed_to_a_depth_and_no_further():
    found = verify(l.chain(links=(*BY_BUILDERS, nested(2))))
    assert l.key_id(f"helper-{MAX_DEPTH}") in found.keys
    deep = nested(2)
    for _ in range(3):
        deep = l.sublayout(links=(deep,), name="package")
    code, found = refusal(l.chain(links=(*BY_BUILDERS, deep)))
    assert (code, found.split(" with ")[0]) == ("SCHEMA", f"{MAX_DEPTH + 3} layouts, {MAX_DEPTH + 3} deep,")


def test_a_layout_within_itself_is_refused():
    """One who names their own key for a step can sign a layout that stands for its own step."""
    said = one_step("package", ("packager",))
    inner = l.sublayout(said, (l.LINKS[2],))
    assert verify(l.chain(links=(*BY_BUILDERS, inner)))
    assert refusal(l.chain(links=(*BY_BUILDERS, l.sublayout(said, (inner,))))) == ("LAYOUT", "a layout within itself")
    assert refusal(l.chain(said, (inner,), owners=("packager",))) == ("LAYOUT", "a layout within itself")


def divided_into(number):
    """A layout of so many steps, each by a functionary of its own who divided it."""
    names = [f"step-{each}" for each in range(number)]
    keys = {l.key_id(name): l.named_key(name) for name in names}
    rules = [["ALLOW", "*"], ["DISALLOW", "*"]]
    said = l.layout(steps=[l.step(name, (name,), rules, rules) for name in names], keys=keys)
    link = (l.link("do", l.BUILT, l.BUILT), "worker")
    anew = [(link[0] | {"environment": {"for": name}}, link[1]) for name in names]
    parts = (
        l.sublayout(one_step("do", ("worker",)), (link,), name, name) for name, link in zip(names, anew, strict=True)
    )
    return l.chain(said, tuple(parts))


@pytest.mark.parametrize("form", [l.in_envelope, l.in_metablock])
def test_a_layout_in_another_form_is_the_same_layout(form):
    said = one_step("package", ("packager",))
    inner = l.sublayout(said, (l.LINKS[2],), form=form)
    around = l.sublayout(said, (inner,), form=l.in_metablock)
    assert refusal(l.chain(links=(*BY_BUILDERS, around))) == ("LAYOUT", "a layout within itself")


def test_two_layouts_that_stand_within_each_other_are_refused():
    mine, theirs = one_step("help", ("helper",)), one_step("package", ("packager",))
    done = (l.link("help", l.BUILT, l.BUILT), "helper")
    within = l.sublayout(theirs, (l.sublayout(mine, (done,)),), "helper", "help")
    around = l.chain(links=(*BY_BUILDERS, l.sublayout(mine, (within,))))
    assert refusal(around) == ("LAYOUT", "a layout within itself")
    assert verify(l.chain(links=(*BY_BUILDERS, l.sublayout(mine, (done,)))))


def test_layouts_and_links_are_counted_over_all_of_the_file():
    assert len(verify(divided_into(MAX_LAYOUTS - 1)).steps) == MAX_LAYOUTS - 1
    code, found = refusal(divided_into(MAX_LAYOUTS))
    assert (code, found.startswith(f"{MAX_LAYOUTS + 1} layouts, 2 deep")) == ("SCHEMA", True)
    many = tuple(l.sublayout() for _ in range(MAX_LAYOUTS))
    code, found = refusal(l.chain(links=many))
    assert (code, found.startswith(f"{MAX_LAYOUTS + 1} layouts, 2 deep")) == ("SCHEMA", True)
    assert refusal(with_sublayout(links=l.PACKAGING_LINKS * 63)) == ("SCHEMA", "2 layouts, 2 deep, with 129 links")
    most = l.PACKAGING_LINKS * 62 + l.PACKAGING_LINKS[:1]
    assert verify(with_sublayout(links=most)), "3 links above, 125 below"


def test_work_is_counted_over_all_of_the_file_before_any_of_it_is_done():
    many = {f"f{number}": {"sha256": digest("x")} for number in range(1500)}
    rules = [["ALLOW", f"g{number}"] for number in range(170)] + [["ALLOW", "*"], ["DISALLOW", "*"]]
    root, said = one_step("package", ("packager",), rules), one_step("wrap", ("wrapper",), rules)
    links = ((l.link("wrap", many, many), "wrapper"),)
    assert verify(l.chain(said, links, owners=("packager",)))
    assert refusal(l.chain(root, (l.sublayout(said, links),))) == ("LIMIT", f"{4 * 172 * 1500} rules times artifacts")


@pytest.mark.parametrize("step", ["", None, 7, ["package"], "x" * 257])
def test_a_sublayout_names_its_step(step):
    assert refusal(l.chain(links=(*BY_BUILDERS, {**l.sublayout(), "step": step})))[0] == "SCHEMA"


@pytest.mark.parametrize("change", [{"more": 1}, {"links": {}}, {"links": None}, {"layout": 7}, {"links": [7]}])
def test_a_sublayout_has_the_members_it_has_and_no_others(change):
    assert refusal(l.chain(links=(*BY_BUILDERS, l.sublayout() | change)))[0] == "SCHEMA"
    whole = l.sublayout()
    del whole["step"]
    assert refusal(l.chain(links=(*BY_BUILDERS, whole)))[0] == "SCHEMA"
    named = json.loads(with_sublayout()) | {"step": "package"}
    assert refusal(json.dumps(named).encode())[0] == "SCHEMA"


@pytest.mark.parametrize("name", ["../package", "/etc/passwd", "package/../../x", "p", "x" * 256])
def test_names_of_steps_are_no_paths(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = l.layout()
    root["steps"][1]["name"] = name
    link = (l.link(name, l.BUILT, l.BUILT, command=l.PACKAGE), "packager")
    assert verify(l.chain(root, (*BY_BUILDERS, link))).steps[1].name == name
    assert verify(l.chain(root, (*BY_BUILDERS, l.sublayout(name=name))))
    assert not list(tmp_path.iterdir())


def places(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in items:
        yield (*path, name)
        yield from places(each, (*path, name))


ODD = st.sampled_from([None, True, 0, 1, -1, 0.5, "", "x", [], {}, [[]], {"x": 1}, ["DISALLOW", "*"], "ab" * 32])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_change_of_one_member_escapes_as_another_error_or_makes_another_product(data):
    """Signed anew after the change: what a careless or hostile functionary, or a helper, could write."""
    said, links = l.packaging(), [list(each) for each in copy.deepcopy(l.PACKAGING_LINKS)]
    target = data.draw(st.sampled_from([said, *(each[0] for each in links)]))
    path = data.draw(st.sampled_from(sorted(places(target), key=str)))
    part = target
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = data.draw(ODD)
    try:
        found = verify(with_sublayout(said, [tuple(each) for each in links]))
    except InputError:
        return
    assert {subject.digest["sha256"] for subject in found.products} <= {each["sha256"] for each in l.BUILT.values()}
    assert {step.name for step in found.steps} == {"build", "package"}
