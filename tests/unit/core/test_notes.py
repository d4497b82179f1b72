"""A checkpoint is a signed note that other programs read: its form and its key id are those of C2SP."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core import notes
from app.core.signing import FileSigner, create_key

HEAD = notes.Head("jijing.example/log/audit", 7, b"r" * 32)


@pytest.fixture(name="signer")
def _signer(tmp_path: Path) -> FileSigner:
    return create_key(tmp_path, "log")


def test_a_checkpoint_says_origin_size_and_root(signer: FileSigner) -> None:
    note = notes.sign(HEAD, signer)

    lines = note.splitlines()
    assert lines[:2] == ["jijing.example/log/audit", "7"]
    assert lines[3] == ""
    assert lines[4].startswith("\u2014 jijing.example/log/audit ")
    assert notes.read(note, signer.public_key) == HEAD


def test_the_verifier_key_names_the_key_by_its_digest(signer: FileSigner) -> None:
    name, digest, key = notes.verifier_key("log", signer.public_key).split("+", 2)

    assert name == "log"
    assert digest == notes.key_id("log", signer.public_key).hex()
    assert len(key) == 44


def test_a_key_bears_one_name_only(signer: FileSigner) -> None:
    assert notes.key_id("a", signer.public_key) != notes.key_id("b", signer.public_key)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n7\n", "\n8\n"),
        ("jijing", "jijink"),
        ("\n\n", "\n"),
        ("\u2014 ", "- "),
        ("\n7\n", "\n07\n"),
        ("\n7\n", "\nx\n"),
    ],
)
def test_a_changed_checkpoint_is_refused(signer: FileSigner, old: str, new: str) -> None:
    note = notes.sign(HEAD, signer).replace(old, new, 1)

    with pytest.raises(notes.NoteError):
        notes.read(note, signer.public_key)


def test_another_key_and_a_broken_signature_are_refused(signer: FileSigner, tmp_path: Path) -> None:
    note = notes.sign(HEAD, signer)
    other = create_key(tmp_path, "other")

    with pytest.raises(notes.NoteError):
        notes.read(note, other.public_key)
    with pytest.raises(notes.NoteError):
        notes.read(note[:-3] + "!!\n", signer.public_key)


def test_a_key_in_one_line_is_read_as_it_was_written(signer: FileSigner) -> None:
    line = notes.verifier_key("log.example/certificates", signer.public_key)

    assert notes.read_verifier_key(line) == ("log.example/certificates", signer.public_key)


@pytest.mark.parametrize(
    "change",
    [
        lambda _line: "",
        lambda line: line.replace("+", " "),
        lambda line: line + " ",
        lambda line: line.replace("log.", "other."),
        lambda line: line[:-8],
        lambda line: line.rpartition("+")[0] + "+" + base64.b64encode(b"\x01" + bytes(31)).decode(),
    ],
    ids=["nothing", "no parts", "a blank more", "another name", "cut short", "a shorter key"],
)
def test_a_line_that_is_no_key_of_a_log_is_refused(signer: FileSigner, change: Callable[[str], str]) -> None:
    line = notes.verifier_key("log.example/certificates", signer.public_key)

    with pytest.raises(notes.NoteError):
        notes.read_verifier_key(change(line))
