"""attestations.hsm.published: DNSKEYs from a file and from a real server."""

import base64
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.message
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.hsm.published import MAX_KEYS, PublishedKey, published_keys


def line(flags: int = 256, algorithm: int = 15, key: bytes | None = None, owner: str = "example.") -> str:
    public_key = key or Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return f"{owner} 3600 IN DNSKEY {flags} 3 {algorithm} {base64.b64encode(public_key).decode()}\n"


def read(text: str, folder: Path) -> tuple[PublishedKey, ...]:
    (folder / "keys").write_text(text)
    return published_keys(str(folder / "keys"), "example.")


@contextmanager
def server(text: str) -> Iterator[str]:
    """Answer one query over TCP with the records of `text`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer, args=(listener, text))
        thread.start()
        yield f"127.0.0.1@{listener.getsockname()[1]}"
        thread.join(10)


def _answer(listener: socket.socket, text: str) -> None:
    connection, _ = listener.accept()
    with connection:
        query = dns.message.from_wire(connection.recv(4096)[2:])
        answer = dns.message.make_response(query)
        if text:
            rdatas = [record.split(" IN DNSKEY ")[1] for record in text.splitlines()]
            answer.answer = [dns.rrset.from_text("example.", 3600, "IN", "DNSKEY", *rdatas)]
        wire = answer.to_wire()
        connection.sendall(struct.pack("!H", len(wire)) + wire)


def test_a_file_and_a_server_give_the_same_keys_in_the_same_order(tmp_path: Path) -> None:
    ksk, zsk = line(257), line(256)
    from_file = read(zsk + ksk, tmp_path)
    with server(ksk + zsk) as address:
        assert published_keys(address, "example.") == from_file
    assert [key.role for key in from_file] == ["ksk", "zsk"]


def test_ttl_and_class_may_be_left_out_and_other_records_are_left_aside(tmp_path: Path) -> None:
    text = "example. DNSKEY" + line(257).split("DNSKEY")[1] + "example. 60 IN TXT x\n" + line(owner="sub.example.")
    assert [key.flags for key in read(text, tmp_path)] == [257]


def test_a_record_given_twice_is_one_key(tmp_path: Path) -> None:
    one = line()
    assert len(read(one + one, tmp_path)) == 1


@pytest.mark.parametrize(("count", "accepted"), [(0, False), (1, True), (MAX_KEYS, True), (MAX_KEYS + 1, False)])
def test_the_number_of_keys_is_bounded(count: int, accepted: bool, tmp_path: Path) -> None:
    text = "; keys\n" + "".join(line() for _ in range(count))
    if accepted:
        assert len(read(text, tmp_path)) == count
        return
    with pytest.raises(InputError) as refused:
        read(text, tmp_path)
    assert refused.value.code == "DNSKEY"


@pytest.mark.parametrize(
    "text", ["$INCLUDE /etc/passwd\n", "$GENERATE 1-4000000000 a$ A 192.0.2.1\n", "example. DNSKEY 256 3\n", "\0"]
)
def test_text_that_is_no_plain_list_of_records_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(line() + text, tmp_path)
    assert refused.value.code == "DNSKEY"


@pytest.mark.parametrize("algorithm", [5, 253])
def test_a_key_that_signatures_cannot_be_verified_with_is_refused(algorithm: int, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(line(algorithm=algorithm), tmp_path)
    assert refused.value.code == "DNS-ALG"


def test_a_server_without_keys_and_one_that_is_not_there_are_refused() -> None:
    with server("") as address, pytest.raises(InputError, match="0 DNSKEY records"):
        published_keys(address, "example.")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(InputError, match="no answer"):
        published_keys(f"127.0.0.1@{port}", "example.")


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
@settings(max_examples=60)
def test_arbitrary_text_is_refused_as_bad_input(text: str) -> None:
    file = Path(os.environ.get("TMPDIR", "/tmp")) / f"keys-{os.getpid()}"  # noqa: S108  # hypothesis has no tmp_path
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        with pytest.raises(InputError):
            published_keys(str(file), "example.")
    finally:
        file.unlink()
