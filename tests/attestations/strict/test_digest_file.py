"""A component is known by its bytes, however large; what is no file is refused and never waited for."""

import hashlib
import os

import pytest

from attestations.errors import InputError
from attestations.strict import digest_file


def test_the_digest_is_that_of_the_bytes_and_a_link_leads_to_them(tmp_path):
    file, link = tmp_path / "signer", tmp_path / "link"
    file.write_bytes(b"x" * 3_000_000)
    link.symlink_to(file)
    assert digest_file(file) == digest_file(link) == hashlib.sha256(b"x" * 3_000_000).hexdigest()


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="PATH"):
        digest_file(tmp_path / "pipe")


@pytest.mark.parametrize(("name", "code"), [("missing", "FILE"), (".", "PATH"), ("a\0b", "PATH")])
def test_what_is_no_file_is_refused(tmp_path, name, code):
    with pytest.raises(InputError) as refused:
        digest_file(tmp_path / name)
    assert refused.value.code == code
