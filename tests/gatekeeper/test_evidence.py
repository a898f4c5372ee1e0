"""What was offered is found, named and bounded before anybody looks into it."""

import pytest

from attestations.errors import InputError
from attestations.strict.limits import EVIDENCE
from gatekeeper.evidence import MAX_DEPTH, MAX_FILES, MAX_TOTAL_BYTES, Offered, Unreadable, collect


def refusal(*paths):
    with pytest.raises(InputError) as caught:
        collect(paths)
    return caught.value


def names(*paths):
    return [item.name for item in collect(paths)]


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "evidence"
    path.mkdir()
    return path


def fill(folder, *files):
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file)


def test_files_of_evidence_are_found_in_folders_in_the_order_of_their_names(folder):
    fill(folder, "b.json", "a/z.jsonl", "c.sigstore", "README.md", "a/b/c.json", "json")
    assert names(folder) == ["evidence/a/b/c.json", "evidence/a/z.jsonl", "evidence/b.json", "evidence/c.sigstore"]


def test_a_name_is_the_same_wherever_the_folder_lies(folder, tmp_path):
    fill(folder, "a.json")
    folder.rename(tmp_path / "moved")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "moved").rename(tmp_path / "deeper/evidence")
    assert names(tmp_path / "deeper/evidence") == ["evidence/a.json"]


def test_a_file_that_is_named_itself_counts_whatever_it_is_called(folder):
    fill(folder, "statement")
    assert names(folder / "statement") == ["statement"]


def test_a_file_offered_twice_and_a_content_under_two_names_count_once(folder):
    fill(folder, "a.json")
    (folder / "b.json").write_text("a.json")
    assert names(folder, folder) == ["evidence/a.json"]


def test_nothing_in_a_folder_is_no_evidence(folder):
    assert collect([folder]) == ()
    assert collect([]) == ()


def test_what_does_not_exist_is_a_slip_in_the_call(folder):
    assert refusal(folder / "gone").code == "FILE"


def test_a_file_that_cannot_be_read_is_told_with_the_others(folder):
    fill(folder, "a.json")
    (folder / "b.json").symlink_to("a.json")
    readable, linked = collect([folder])
    assert isinstance(readable, Offered)
    assert isinstance(linked, Unreadable)
    assert (linked.name, linked.error.code) == ("evidence/b.json", "PATH")


@pytest.mark.parametrize("name", ["\x1b[2J.json", "a\nb.json", "\u202ea.json", "\udcff.json", "##[x].json"])
def test_names_are_made_inert(folder, name):
    fill(folder, name) if name != "\udcff.json" else (folder / name).write_bytes(b"x")
    (found,) = names(folder)
    assert found.isprintable()
    assert "##" not in found
    assert found.startswith("evidence/")
    found.encode()


def test_files_are_counted(folder):
    fill(folder, *(f"{number}.json" for number in range(MAX_FILES)))
    assert len(collect([folder])) == MAX_FILES
    fill(folder, "one-more.json")
    assert refusal(folder).code == "LIMIT"


def test_one_file_is_bounded(folder):
    (folder / "a.json").write_bytes(bytes(EVIDENCE.max_bytes))
    (folder / "b.json").write_bytes(bytes(EVIDENCE.max_bytes + 1))
    largest, larger = collect([folder])
    assert len(largest.raw) == EVIDENCE.max_bytes
    assert larger.error.code == "LIMIT"


def test_all_files_together_are_bounded(folder):
    whole = MAX_TOTAL_BYTES // EVIDENCE.max_bytes
    for number in range(whole):
        (folder / f"{number}.json").write_bytes(bytes([number]) * EVIDENCE.max_bytes)
    assert len(collect([folder])) == whole
    fill(folder, "one-more.json")
    assert refusal(folder).code == "LIMIT"


def test_folders_are_followed_to_a_depth(folder):
    deepest = "/".join("d" * MAX_DEPTH)
    fill(folder, f"{deepest}/a.json")
    assert names(folder) == [f"evidence/{deepest}/a.json"]
    fill(folder, f"{deepest}/d/a.json")
    assert refusal(folder).code == "LIMIT"


def test_linked_folders_are_not_followed(folder, tmp_path):
    fill(tmp_path, "elsewhere/a.json")
    (folder / "link").symlink_to("../elsewhere")
    assert collect([folder]) == ()
