"""Whatever evidence says, no format lets it be more than text (threat E5, INJECT)."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError, Location
from attestations.inert import LIMIT, json_text, visible
from gatekeeper.report import FORMATS, render, render_error
from gatekeeper.report.inert import markdown_code, sarif_text
from gatekeeper.report.json_document import document
from tests.gatekeeper.report.reading import Page, markdown_tokens, workflow_commands, xml
from tests.gatekeeper.report.samples import HOSTILE, speaking

TEXTS = st.text() | st.lists(st.sampled_from([*HOSTILE[:-1], *"#:`<>&[](){}|\\\"'\n\r\x1b%,@=!*_~$ "])).map("".join)
COMMANDS = ["error", "error", "error", "warning", "notice"]
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "div", "p", "b", "code", "br"}
TABLES = {"table", "caption", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "scope"}
MARKDOWN = {"inline", "text", "code_inline", "strong_open", "strong_close", "softbreak"} | {
    f"{block}_{end}" for block in ("heading", "paragraph", "bullet_list", "list_item") for end in ("open", "close")
}


def error(text):
    return InputError("SCHEMA", found=text, wanted=text, fix=text, where=Location(file=text, line=3))


def outputs(name, text):
    return render(name, speaking(text)), render_error(name, error(text))


def check_characters(made):
    assert all(character == "\n" or character.isprintable() for character in made)
    assert "##[" not in made
    assert "##vso[" not in made
    assert "##teamcity[" not in made


def check_text(text):
    for made in outputs("text", text):
        assert workflow_commands(made) == []
    assert len(text) > 1000 or visible(text) in render("text", speaking(text))


def check_json(text):
    report = speaking(text)
    made = render("json", report)
    assert made.isascii()
    assert json.loads(made) == document(report)
    assert json.loads(render_error("json", error(text)))["errors"][0]["found"] == text


def check_markdown(text):
    for made in outputs("markdown", text):
        tokens = list(markdown_tokens(made))
        assert {token.type for token in tokens} - MARKDOWN == set()
        assert not [t.content for t in tokens if t.type == "text" and re.search(r"[@`<>\[\]|\\]|://|www\.", t.content)]
        codes = [token.content for token in tokens if token.type == "code_inline"]
        if text.strip() and text.isprintable():
            assert visible(text) in codes


def check_github(text):
    made, failed = outputs("github", text)
    commands = workflow_commands(made)
    assert [name for name, _, _ in commands] == COMMANDS
    assert [name for name, _, _ in workflow_commands(failed)] == ["error"]
    assert workflow_commands(failed)[0][1]["file"] == visible(text)
    assert all(set(properties) <= {"file", "line", "title"} for _, properties, _ in commands)


def check_junit(text):
    made, failed = outputs("junit", text)
    cases = list(xml(made).iter("testcase"))
    assert [len(case) for case in cases] == [1, 1, 1, 1, 0]
    assert len(list(xml(failed).iter())) == 4


def check_sarif(text):
    made, failed = outputs("sarif", text)
    results = json.loads(made)["runs"][0]["results"]
    assert len(results) == 4
    messages = [result["message"]["text"] for result in results]
    messages += [json.loads(failed)["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]]
    for message in messages:
        assert re.fullmatch(r"(?:[^\[\]{}\\]|\\[\[\]\\]|\{\{|\}\})*", message)
        assert all(character == "\n" or character.isprintable() for character in message)


def check_gitlab(text):
    made, failed = outputs("gitlab-codequality", text)
    issues = json.loads(made) + json.loads(failed)
    assert len(issues) == 6
    assert all(issue["description"].isprintable() for issue in issues)
    assert all(re.fullmatch("[0-9a-f]{64}", issue["fingerprint"]) for issue in issues)


def check_dotenv(text):
    for made in outputs("dotenv", text):
        assert all(re.fullmatch(r"GATEKEEPER_[A-Z_]+=[A-Za-z0-9.,:_-]*", line) for line in made.splitlines())
        assert made.splitlines() == made.removesuffix("\n").split("\n")


def check_html(text):
    for made in outputs("html", text):
        page = Page(made)
        assert {tag for tag, _ in page.tags} - TAGS - TABLES == set()
        assert {name for _, attributes in page.tags for name in attributes} - ATTRIBUTES == set()
        assert not [cell for cell in page.cells if cell[:1] in "=+-@\t"]
        assert not text or f" {visible(text)}" in page.texts


CHECKS = {
    "text": check_text,
    "json": check_json,
    "markdown": check_markdown,
    "github": check_github,
    "junit": check_junit,
    "sarif": check_sarif,
    "gitlab-codequality": check_gitlab,
    "dotenv": check_dotenv,
    "html": check_html,
}


def test_every_format_is_checked():
    assert set(CHECKS) == set(FORMATS)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_stays_text(name, text):
    for made in outputs(name, text):
        check_characters(made)
    CHECKS[name](text)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25)
@given(text=TEXTS)
def test_any_text_stays_text(name, text):
    for made in outputs(name, text):
        check_characters(made)
    CHECKS[name](text)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "dotenv"])  # which shows no text from outside
def test_plain_text_is_shown_as_it_is(name):
    text = "level 3 of 4: ok (see log #7) & more"
    made = render(name, speaking(text))
    assert (text.replace("&", "&amp;") if name in ("html", "junit") else text) in made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc\x1bd\x7f", "a␉b␊c␛d␡"),
        ("\x85\u202e\u00ad\ufeff\U000e0041", r"\u0085\u202e\u00ad\ufeff\U000e0041"),
        ("\u3164\u034f\ufe0f\u2800", r"\u3164\u034f\ufe0f\u2800"),
        ("##[x] ### #", r"#\u0023[x] #\u0023\u0023 #"),
        ("\udc80", r"\udc80"),
        ("Grüße → 例 ✓", "Grüße → 例 ✓"),
        ("x" * LIMIT, "x" * LIMIT),
        ("x" * (LIMIT + 1), "x" * LIMIT + "… (1 more characters)"),
    ],
)
def test_what_hides_or_steers_becomes_a_symbol(text, shown):
    assert visible(text) == shown


@given(TEXTS)
def test_what_was_made_visible_stays_as_it_is(text):
    shown = visible(text)
    assert shown.isprintable()
    assert len(shown) > LIMIT or visible(shown) == shown


@given(
    st.recursive(
        TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=5
    )
)
@settings(max_examples=30)
def test_json_parses_to_the_very_same_value(value):
    made = json_text(value)
    assert json.loads(made) == value
    check_characters(made)


@pytest.mark.parametrize(
    ("text", "code"),
    [("a", "`a`"), ("", "`-`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), (" a", "`  a `"), ("``", "``` `` ```")],
)
def test_a_code_span_holds_any_text(text, code):
    assert markdown_code(text) == code


def test_sarif_text_has_no_placeholder_and_no_link():
    assert sarif_text(r"[a](b) {0} \x") == r"\[a\](b) {{0}} \\x"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_colour_adds_nothing_but_colour(text):
    report = speaking(text)
    painted = render("text", report, colour=True)
    assert re.sub(r"\x1b\[(?:3[1235]|0)m", "", painted) == render("text", report)
    assert "\x1b[31m■ FROZEN" in painted
