"""Whatever a file holds, the doctor finds something in it or refuses it; it never breaks, and never takes long."""

import copy
import json
import time

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from gatekeeper.pipelines import SYSTEMS, examine
from tests.gatekeeper.pipelines.conftest import FILES, TEMPLATES

YAML = [system for system in SYSTEMS if system != "jenkins"]
WORDS = ["gate", "deploy", "true", "", "always()", "gate.sh issue", "gate.sh verify", "${{ x }}", "$[[ inputs.job ]]"]
KEYS = ["a", "name", "step", "run"]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=5,
)
modest = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def places(value, path=()):
    yield path
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(one, (*path, key))


def with_odd(value, path, odd):
    if not path:
        return odd
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = odd
    return changed


@pytest.mark.parametrize("system", YAML)
@given(data=st.data())
@modest
def test_any_value_anywhere_in_a_template_is_judged_or_refused(system, data, tmp_path):
    paths = []
    changed = data.draw(st.sampled_from(FILES[system]))
    for name in FILES[system]:
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        if name == changed:
            *header, body = text.split("\n---\n")
            value = yaml.load(body, Loader=yaml.BaseLoader)  # noqa: S506  # every scalar stays text
            value = with_odd(value, data.draw(st.sampled_from(list(places(value)))), data.draw(ODD))
            text = "\n---\n".join([*header, json.dumps(value)])
        paths.append(tmp_path / name.rpartition("/")[2])
        paths[-1].write_text(text, encoding="utf-8")
    try:
        found = examine(system, tuple(paths), ("deploy",))
    except InputError:
        return
    assert all(one.rule and one.found and one.wanted for one in found)


@given(
    cut=st.integers(0, 4000),
    put=st.sampled_from(["", "'", '"', "'''", "{", "}", "(", ")", "/*", "/", ";", "\\", "stage"]),
)
@modest
def test_a_broken_jenkinsfile_is_judged_or_refused(cut, put, tmp_path):
    text = (TEMPLATES / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
    path = tmp_path / "Jenkinsfile"
    path.write_text(text[:cut] + put + text[cut + 1 :], encoding="utf-8")
    found = examine("jenkins", (path,), ("deploy",))
    assert all(one.rule and one.found and one.wanted for one in found)


CHAIN = {f".{at}": {"extends": [f".{at + 1}"] * 60} for at in range(200)}
BOMBS = {
    "woodpecker": json.dumps({"steps": [{"name": f"s{at}"} for at in range(6000)]}),
    "buildkite": json.dumps({"steps": ["wait", {"command": "gate.sh issue\n" * 9000}] * 500}),
    "gitlab": json.dumps({"deploy": {"extends": ".0"}, **CHAIN}),
    "github": json.dumps({"jobs": {f"j{at}": {"needs": [f"j{one}" for one in range(at)][-40:]} for at in range(400)}}),
    "azure": json.dumps({"stages": [{"stage": f"s{at}", "jobs": [{"job": f"j{at}"}]} for at in range(900)]}),
    "jenkins": "/*" * 60_000,
}  # fmt: skip


@pytest.mark.parametrize("system", BOMBS)
def test_a_file_made_to_take_long_does_not(system, tmp_path):
    path = tmp_path / "pipeline"
    path.write_text(BOMBS[system][: 250 * 1024], encoding="utf-8")
    begin = time.process_time()
    try:
        assert examine(system, (path,), ("deploy", "j399", "j899"))
    except InputError as error:
        assert error.code in ("LIMIT", "PARSE-YAML")  # noqa: PT017
    assert time.process_time() - begin < 5


def test_two_files_of_one_name_are_refused(tmp_path):
    paths = (tmp_path / "a.yml", tmp_path / "one" / "b.yml", tmp_path / "two" / "b.yml")
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text("jobs: {}\n")
    with pytest.raises(InputError, match="two files named"):
        examine("github", paths, ("deploy",))
