"""in-toto itself is asked the same about every sublayout; where it accepts and we refuse, the case says why."""

import copy
import json

import layouts as l
import pytest
from in_toto.models.metadata import Metadata
from in_toto.verifylib import in_toto_verify
from world.keys import digest

from attestations.errors import InputError
from attestations.layout import read_chain, verify_chain, write_chain
from attestations.layout.chain import MAX_DEPTH
from attestations.layout.files import read_document, read_part
from attestations.strict import read_json
from attestations.times import Instant

# in-toto 3.1.0 uses a name of pathspec that this is about to give up.
pytestmark = pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")

NOW = Instant.parse("2026-04-10T12:00:00Z")
FORMS = pytest.mark.parametrize("form", [l.in_envelope, l.in_metablock], ids=["DSSE", "Metablock"])
LATER = "2126-01-31T00:00:00Z"  # in-toto asks the clock
ANY = [["ALLOW", "*"], ["DISALLOW", "*"]]
SWAPPED = {**l.BUILT, "signer": {"sha256": digest("swapped")}}
BUILDERS = l.LINKS[:2]


def root(**more):
    return l.layout(expires=LATER, **more)


def packaging(**more):
    return l.packaging(**{"expires": LATER, **more})


def changed(said, index, **more):
    said["steps"][index].update(more)
    return said


def one_step(name, by, **more):
    keys = {l.key_id(each): l.named_key(each) for each in by}
    return root(steps=[l.step(name, by, ANY, ANY, **more)], keys=keys)


class Asked:
    """Chains of one form, each asked of both."""

    def __init__(self, form, folder):
        self.form, self.folder = form, folder

    def chain(self, *links, said=None):
        return l.chain(said or root(), links, form=self.form)

    def sublayout(self, said=None, links=l.PACKAGING_LINKS, by="packager", name="package"):
        return l.sublayout(said or packaging(), links, by, name, self.form)

    def built_by(self, builder, worker, name="compile", said=None):
        link = (l.link(name, l.SOURCE, l.BUILT, command=l.BUILD), worker)
        return self.sublayout(said or one_step(name, (worker,)), (link,), builder, "build")

    def nested(self, depth, last):
        """Helpers who hand the step on, one below the other."""
        worker, boss = f"helper-{depth}", "packager" if depth == 2 else f"helper-{depth - 1}"
        above, name = "package" if depth == 2 else f"step-{depth - 1}", f"step-{depth}"
        part = (l.link(name, l.BUILT, l.BUILT), worker) if depth == last else self.nested(depth + 1, last)
        return self.sublayout(one_step(name, (worker,)), (part,), boss, above)


def written(chain, folder):
    """Write a chain as the files that in-toto reads."""
    folder.mkdir(exist_ok=True)
    for part in chain["links"]:
        signed = part.get("layout", part)
        step = part["step"] if "step" in part else named(signed)
        for signature in signed["signatures"]:
            name = f"{step}.{signature['keyid'][:8]}"
            (folder / f"{name}.link").write_text(json.dumps(signed))
            if "layout" in part:
                written(part, folder / name)


def named(signed):
    said = signed["signed"] if "signed" in signed else json.loads(l.base64_bytes(signed["payload"]))
    return said["name"]


def theirs(raw, folder):
    value = json.loads(raw)
    written(value, folder)
    (folder / "root.layout").write_text(json.dumps(value["layout"]))
    try:
        layout = Metadata.load(str(folder / "root.layout"))
        in_toto_verify(layout, {l.key_id("project"): l.named_key("project")}, link_dir_path=str(folder))
    except Exception as error:  # noqa: BLE001 - whatever it raises, it did not verify
        return type(error).__name__
    return "accepted"


def ours(raw):
    try:
        verify_chain(read_chain(read_json(raw, "layout.json")), NOW)
    except InputError as error:
        return error.code
    return "accepted"


BOTH_ACCEPT = {
    "a step that its functionary divided": lambda a: a.chain(*BUILDERS, a.sublayout()),
    "layouts as deep as we follow": lambda a: a.chain(*BUILDERS, a.nested(2, MAX_DEPTH)),
    "two builders, each with a worker of their own": lambda a: a.chain(
        a.built_by("builder-1", "worker-1"), a.built_by("builder-2", "worker-2"), l.LINKS[2]
    ),
    "a builder who built and one who had it built": lambda a: a.chain(
        a.built_by("builder-1", "worker-1"), BUILDERS[1], l.LINKS[2]
    ),
    "files that are of no concern to the layout above": lambda a: a.chain(
        *BUILDERS,
        a.sublayout(
            changed(changed(packaging(), 0, expected_products=ANY), 1, expected_materials=ANY),
            (
                (l.link("collect", l.BUILT, {**l.BUILT, "list": {"sha256": digest("list")}}), "collector"),
                l.PACKAGING_LINKS[1],
            ),
        ),
    ),
}

BOTH_REFUSE = {
    "a sublayout by a stranger": lambda a: a.chain(*BUILDERS, a.sublayout(by="somebody")),
    "a sublayout by a functionary of another step": lambda a: a.chain(*BUILDERS, a.sublayout(by="builder-1")),
    "a sublayout without links": lambda a: a.chain(*BUILDERS, a.sublayout(links=())),
    "a sublayout that expired": lambda a: a.chain(*BUILDERS, a.sublayout(packaging(expires="2001-01-01T00:00:00Z"))),
    "links by a key of the layout above": lambda a: a.chain(
        *BUILDERS,
        a.sublayout(links=(l.PACKAGING_LINKS[0], (l.PACKAGING_LINKS[1][0], "builder-1"))),
    ),
    "a link above by a key of the sublayout": lambda a: a.chain(
        BUILDERS[0], (BUILDERS[1][0], "wrapper"), a.sublayout()
    ),
    "a file swapped inside": lambda a: a.chain(
        *BUILDERS,
        a.sublayout(links=(l.PACKAGING_LINKS[0], (l.link("wrap", SWAPPED, SWAPPED), "wrapper"))),
    ),
    "a file swapped before": lambda a: a.chain(
        *BUILDERS,
        a.sublayout(
            links=(
                (l.link("collect", SWAPPED, SWAPPED), "collector"),
                (l.link("wrap", SWAPPED, SWAPPED), "wrapper"),
            )
        ),
    ),
    "rules that name a step of the layout above": lambda a: a.chain(
        *BUILDERS,
        a.sublayout(
            changed(packaging(), 0, expected_materials=[["MATCH", "*", "WITH", "PRODUCTS", "FROM", "build"], ANY[1]])
        ),
    ),
    "builders who do not agree": lambda a: a.chain(
        a.built_by("builder-1", "worker-1"),
        (l.link("build", l.SOURCE, SWAPPED), "builder-2"),
        l.LINKS[2],
    ),
    "one of two builders": lambda a: a.chain(a.built_by("builder-1", "worker-1"), l.LINKS[2]),
}


def moved(a):
    """What the packager handed in for `check`, offered as `package`."""
    said = root()
    said["steps"].insert(1, l.step("check", ("packager",), ANY, ANY))
    checked = (l.link("check", l.BUILT, l.BUILT), "packager")
    return a.chain(*BUILDERS, checked, a.sublayout(), said=said)


def key_twice(a):
    said, other = packaging(), "00" * 32
    said["keys"][other] = {**l.named_key("wrapper"), "keyid": other}
    said["steps"][1].update(pubkeys=[l.key_id("wrapper"), other], threshold=2)
    chain = json.loads(a.chain(*BUILDERS, a.sublayout(said, (*l.PACKAGING_LINKS, l.PACKAGING_LINKS[1]))))
    chain["links"][2]["links"][2]["signatures"][0]["keyid"] = other
    return json.dumps(chain).encode()


def again(a):
    said = changed(root(), 1, expected_materials=ANY, expected_products=ANY)
    return a.chain(*BUILDERS, a.sublayout(one_step("build", ("builder-1",)), (BUILDERS[0],)), said=said)


def within_itself(a):
    said = one_step("package", ("packager",))
    return a.chain(*BUILDERS, a.sublayout(said, (a.sublayout(said, (l.LINKS[2],)),)))


LOOK = {"_type": "inspection", "name": "look", "run": ["true"], "expected_materials": [], "expected_products": []}

WE_REFUSE_MORE = {
    "nothing of a layout is ever executed": lambda a: a.chain(*BUILDERS, a.sublayout(packaging(inspect=[LOOK]))),
    "what no rule names would pass": lambda a: a.chain(
        *BUILDERS, a.sublayout(changed(packaging(), 1, expected_products=[["ALLOW", "signer"]]))
    ),
    "nothing signed says for which of their steps a functionary meant it": moved,
    "one key is one functionary, whatever its ids": key_twice,
    "a step that failed was not done": lambda a: a.chain(
        *BUILDERS,
        a.sublayout(
            links=((l.PACKAGING_LINKS[0][0] | {"byproducts": {"return-value": 1}}, "collector"), l.PACKAGING_LINKS[1])
        ),
    ),
    "another command is another step": lambda a: a.chain(
        *BUILDERS, a.sublayout(), said=changed(root(), 1, expected_command=["tar", "tf", "signer.tar"])
    ),
    "two whose agreement is asked for did not let one work for both": lambda a: a.chain(
        a.built_by("builder-1", "worker-1"), a.built_by("builder-2", "worker-1", "make"), l.LINKS[2]
    ),
    "two who sign one layout have it done once": lambda a: a.chain(
        a.built_by("builder-1+builder-2", "worker-1"), l.LINKS[2]
    ),
    "one link shows one step": again,
    "a layout within itself says nothing more": within_itself,
    "depth is bounded": lambda a: a.chain(*BUILDERS, a.nested(2, MAX_DEPTH + 1)),
}


@pytest.fixture
def asked(form, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Asked(form, tmp_path / "links")


@FORMS
@pytest.mark.parametrize("make", BOTH_ACCEPT.values(), ids=BOTH_ACCEPT)
def test_what_in_toto_accepts_is_accepted(asked, make):
    raw = make(asked)
    assert (theirs(raw, asked.folder), ours(raw)) == ("accepted", "accepted")


@FORMS
@pytest.mark.parametrize("make", BOTH_REFUSE.values(), ids=BOTH_REFUSE)
def test_what_in_toto_refuses_is_refused(asked, make):
    raw = make(asked)
    assert "accepted" not in (theirs(raw, asked.folder), ours(raw))


@FORMS
@pytest.mark.parametrize("make", WE_REFUSE_MORE.values(), ids=WE_REFUSE_MORE)
def test_what_in_toto_accepts_and_we_do_not(asked, make):
    """The name of each case says why; docs/provenance.md has them in a table."""
    raw = make(asked)
    assert theirs(raw, asked.folder) == "accepted"
    assert ours(raw) != "accepted"


ALL = BOTH_ACCEPT | BOTH_REFUSE | WE_REFUSE_MORE


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_links_as_attestations_are_judged_as_the_links_that_they_are(make, tmp_path):
    """in-toto cannot be asked about these: it is asked about the same links in its own form, above."""
    classic, attested = (make(Asked(form, tmp_path)) for form in (l.in_envelope, l.as_attestation))
    assert ours(attested) == ours(classic)


@FORMS
@pytest.mark.parametrize("make", BOTH_ACCEPT.values(), ids=BOTH_ACCEPT)
def test_the_files_that_in_toto_reads_make_the_same_evidence(asked, make):
    raw = make(asked)
    theirs(raw, asked.folder)
    parts = [read_part(path) for path in sorted(asked.folder.glob("*.link"))]
    again = json.loads(write_chain(read_document(asked.folder / "root.layout"), parts))
    assert sorted_links(again) == sorted_links(json.loads(raw))


def sorted_links(chain):
    chain = copy.deepcopy(chain)
    links = [sorted_links(link) if "layout" in link else link for link in chain["links"]]
    return {**chain, "links": sorted(links, key=json.dumps)}
