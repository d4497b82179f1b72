"""Hostile PDF files and pictures get a code and bounded work, whatever they hold."""

import base64
import io
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import segno
from PIL import Image, ImageFile
from pypdf import PdfWriter

from app.core.errors import UnavailableError
from app.credentials import confined, confined_worker
from app.credentials.confined import Reader
from app.credentials.rules.document import DocumentError
from app.credentials.rules.sheets import FILES
from tests.unit.credentials import pdfs

ADDRESS = "http://localhost:8000/credentials/7m3x9kq2c4v8b1n5d6f0g7h2jp"
MEGABYTES = 1024 * 1024


@pytest.fixture(scope="module")
def reader() -> Reader:
    return confined.reader


@pytest.fixture(autouse=True)
def _as_the_program_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Pillow be what the program finds: it lowers the limit of pixels for itself, and loads no WeasyPrint.

    WeasyPrint lets Pillow take pictures that were cut off, for its whole process.
    """
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)


def test_the_program_is_the_one_beside_us_and_reads_the_files_that_a_result_holds() -> None:
    assert Path(confined_worker.__file__) == confined.PROGRAM
    assert confined_worker.RESULT_NAMES == FILES


def picture(text: str = ADDRESS, kind: str = "png", **how: object) -> bytes:
    out = io.BytesIO()
    segno.make(text).save(out, kind="png", scale=4, border=4)
    if kind == "png" and not how:
        return out.getvalue()
    changed = io.BytesIO()
    Image.open(out).convert("RGB").save(changed, kind.upper(), **how)
    return changed.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def with_files(*attached: tuple[str, bytes]) -> bytes:
    writer = PdfWriter(io.BytesIO(pdfs.honest(None)))
    for name, content in attached:
        writer.add_attachment(name, content)
    return pdfs.written(writer)


def test_what_an_honest_pdf_carries_and_shows(reader: Reader) -> None:
    found = reader.ask("pdf", pdfs.honest(b'{"a": "b"}', "First line", "Second line"))

    assert found["text"].split("\n")[:2] == ["First line", "Second line"]
    assert (found["pages"], found["notes"], found["signatures"]) == (1, 0, [])
    assert len(found["credentials"]) == 1


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "millions of operators": (pdfs.operator_bomb, "too-much-work"),
    "a stream of zeros": (pdfs.stream_bomb, "too-much-work"),
    "a tree of pages that contains itself": (pdfs.page_loop, "pdf-broken"),
    "thousands of attachments": (lambda: pdfs.many_attachments(3000), "pdf-too-many-attachments"),
    "a password": (lambda: pdfs.honest(password="secret"), "pdf-encrypted"),
    "an attachment of half a megabyte": (lambda: pdfs.honest(bytes(500_000)), "too-large"),
    "cut short": (lambda: pdfs.honest()[:300], "pdf-broken"),
    "nothing but a head": (lambda: b"%PDF-1.7", "pdf-broken"),
    "dictionaries nested without end": (lambda: b"%PDF-1.7\n" + b"<<" * 500_000, "pdf-broken"),
    "noise": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 2000, "pdf-broken"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pdf_is_refused_and_the_next_one_is_read(reader: Reader, name: str) -> None:
    make, code = HOSTILE[name]

    with pytest.raises(DocumentError) as refused:
        reader.ask("pdf", make())

    assert refused.value.code == code
    assert reader.ask("pdf", pdfs.honest())["pages"] == 1


@pytest.mark.parametrize(
    ("task", "raw", "code"),
    [
        ("pdf", pdfs.many_attachments(confined_worker.MAX_ATTACHMENTS + 1), "pdf-too-many-attachments"),
        ("result", pdfs.many_attachments(confined_worker.MAX_ATTACHMENTS + 1), "pdf-too-many-attachments"),
        ("pdf", pdfs.honest(password="secret"), "pdf-encrypted"),
        ("result", pdfs.honest(password="secret"), "pdf-encrypted"),
        ("pdf", pdfs.honest(bytes(confined_worker.MAX_ATTACHMENT + 1)), "too-large"),
        ("pdf", b"%PDF-1.7", "pdf-broken"),
        ("result", b"%PDF-1.7", "result-broken"),
        ("result", with_files(("rows.json", b"[]"), ("rows.json", b"[1]")), "result-broken"),
        ("result", with_files(("rows.json", bytes(confined_worker.MAX_RESULT + 1))), "result-broken"),
    ],
)
def test_what_is_wrong_with_a_pdf_has_a_code_of_its_own(task: str, raw: bytes, code: str) -> None:
    assert confined_worker.answer(task, raw)["refused"] == code


def test_as_many_attachments_as_are_looked_at_and_those_of_other_names_refuse_nothing() -> None:
    most = pdfs.many_attachments(confined_worker.MAX_ATTACHMENTS)
    assert confined_worker.answer("pdf", most)["credentials"] == []
    assert confined_worker.answer("result", most)["files"] == {}
    assert len(confined_worker.answer("pdf", pdfs.honest(bytes(confined_worker.MAX_ATTACHMENT)))["credentials"]) == 1


def test_a_result_is_read_with_its_rows_and_the_same_file_twice_is_one() -> None:
    raw = with_files(("result-sheet.jws", b"a.b.c"), ("rows.json", b"[]"), ("rows.json", b"[]"), ("else.txt", b"-"))

    found = confined_worker.answer("result", raw)

    assert {name: base64.b64decode(one) for name, one in found["files"].items()} == {
        "result-sheet.jws": b"a.b.c",
        "rows.json": b"[]",
    }
    assert found["signatures"] == []


def test_forms_that_draw_forms_cost_no_more_than_the_limit(reader: Reader) -> None:
    assert reader.ask("pdf", pdfs.fan_out())["pages"] == 1


def test_two_different_credentials_are_both_told_and_the_same_twice_once() -> None:
    one = pdfs.honest(b'{"a": 1}')

    assert len(confined_worker.answer("pdf", pdfs.with_another_credential(one, b'{"a": 1}'))["credentials"]) == 1
    assert len(confined_worker.answer("pdf", pdfs.with_another_credential(one, b'{"a": 2}'))["credentials"]) == 2


def test_a_document_of_many_pages_is_counted_and_not_read() -> None:
    raw = pdfs.honest(b"{}", "a")
    for _number in range(confined_worker.MAX_PAGES):
        raw = pdfs.with_page(raw, "more")

    found = confined_worker.answer("pdf", raw)

    assert (found["pages"], found["text"], found["drawing"]) == (confined_worker.MAX_PAGES + 1, "", "")


def test_drawing_is_the_same_after_repacking_and_another_after_any_stroke() -> None:
    raw = pdfs.honest(b"{}", "A certificate")
    drawing = [confined_worker.answer("pdf", one)["drawing"] for one in (raw, pdfs.repacked(raw))]
    covered = confined_worker.answer("pdf", pdfs.with_overlay(raw, b"1 1 1 rg 20 270 200 20 re f"))

    assert drawing[0] == drawing[1] != covered["drawing"]
    assert covered["text"].strip() == "A certificate"


def test_a_note_laid_over_the_page_is_counted_and_read() -> None:
    found = confined_worker.answer("pdf", pdfs.with_note(pdfs.honest(), "2099-12-31"))

    assert found["notes"] == 1
    assert "2099-12-31" in found["text"]


def test_signatures_are_told_with_their_key_and_what_came_after() -> None:
    good = pdfs.sealed(pdfs.honest())

    (whole,) = confined_worker.answer("pdf", good)["signatures"]
    (updated,) = confined_worker.answer("pdf", pdfs.updated(good))["signatures"]
    flipped = bytearray(good)
    flipped[good.index(b"/MediaBox") + 12] ^= 1
    (broken,) = confined_worker.answer("pdf", bytes(flipped))["signatures"]

    assert (whole["intact"], whole["coverage"], whole["key"]) == (True, "ENTIRE_FILE", pdfs.key_of().hex())
    assert (updated["intact"], updated["coverage"], updated["changed"]) == (True, "ENTIRE_REVISION", "OTHER")
    assert broken["intact"] is False


def test_a_signature_that_cannot_be_read_is_a_broken_one() -> None:
    good = pdfs.sealed(pdfs.honest())
    place = good.index(b"/Contents <") + 20
    damaged = good[:place] + b"zz" + good[place + 2 :]

    (found,) = confined_worker.answer("pdf", damaged)["signatures"]

    assert found["intact"] is False


@pytest.mark.parametrize(
    "raw",
    [picture(), picture(kind="jpeg", quality=40), picture(kind="webp"), picture(kind="gif"), picture(kind="bmp")],
    ids=["png", "jpeg", "webp", "gif", "bmp"],
)
def test_the_code_in_a_picture_is_read(raw: bytes) -> None:
    assert confined_worker.answer("picture", raw) == {"codes": [ADDRESS]}


def test_the_code_in_a_turned_dim_photo_is_read(reader: Reader) -> None:
    photo = Image.new("L", (1600, 1200), 150)
    photo.paste(Image.open(io.BytesIO(picture())).convert("L").point(lambda light: 60 + light // 3), (500, 400))
    out = io.BytesIO()
    photo.rotate(17, fillcolor=150).save(out, "JPEG", quality=60)

    assert reader.ask("picture", out.getvalue()) == {"codes": [ADDRESS]}


def test_a_transparent_picture_is_read_on_white() -> None:
    out = io.BytesIO()
    segno.make(ADDRESS).save(out, kind="png", scale=4, border=4, light=None)

    assert confined_worker.answer("picture", out.getvalue()) == {"codes": [ADDRESS]}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (png_claiming(60_000, 60_000), "picture-too-large"),
        (png_claiming(7_000, 6_000), "picture-too-large"),
        (png_claiming(2_000, 2_000), "picture-broken"),
        (picture()[:200], "picture-broken"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "picture-broken"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n" + bytes(100), "picture-broken"),
    ],
    ids=["billions of pixels", "too many pixels", "fewer than claimed", "cut", "a head alone", "a program"],
)
def test_a_hostile_picture_is_refused(raw: bytes, code: str) -> None:
    assert confined_worker.answer("picture", raw)["refused"] == code


def test_a_picture_without_code_has_none() -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(out, "PNG")

    assert confined_worker.answer("picture", out.getvalue()) == {"codes": []}


def limited(code: str, seconds: int) -> subprocess.CompletedProcess[bytes]:
    """Run a line in a process that limits itself as a reading child does."""
    script = f"import sys; sys.path.insert(0, {str(Path(confined_worker.__file__).parent)!r})\n"
    script += f"import confined_worker as w; w.CPU_SECONDS = {seconds}; w.limit()\n{code}"
    return subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("code", "seconds", "ends"),
    [
        ("while True: pass", 1, -signal.SIGKILL),
        ("bytearray(2 * 1024 ** 3)", 30, 1),
        ("import tempfile; f = tempfile.TemporaryFile(buffering=0); f.write(b'x')", 30, 1),
    ],
    ids=["processor", "memory", "files"],
)
def test_the_kernel_holds_a_child_to_its_limits(code: str, seconds: int, ends: int) -> None:
    assert limited(code, seconds).returncode == ends


def test_a_child_that_was_ended_for_its_cost_is_said_so() -> None:
    """The answer is missing, and the next file is read by the same program."""
    own = Reader()
    own._exchange("pdf", b"%PDF-")
    assert own._process is not None
    first = own._process.pid
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Reader, "_exchange", lambda *_given: b"")
            with pytest.raises(DocumentError, match="too-much-work"):
                own.ask("pdf", pdfs.honest())
        assert own.ask("pdf", pdfs.honest())["pages"] == 1
        assert own._process.pid == first
    finally:
        own.close()


def test_a_program_that_died_is_started_again() -> None:
    own = Reader()
    try:
        assert own.ask("pdf", pdfs.honest())["pages"] == 1
        assert own._process is not None
        own._process.kill()
        own._process.wait()
        assert own.ask("pdf", pdfs.honest())["pages"] == 1
    finally:
        own.close()


def test_too_many_at_once_are_asked_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Reader()
    monkeypatch.setattr(confined, "WAIT_SECONDS", 0)
    for _number in range(confined.AT_ONCE):
        own._free.acquire()
    with pytest.raises(UnavailableError):
        own.ask("pdf", b"")


def test_a_machine_that_cannot_start_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object, **_more: object) -> None:
        raise OSError

    own = Reader()
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", refuse)
        with pytest.raises(UnavailableError):
            own.ask("pdf", b"")
    own.close()


def test_an_endless_answer_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = socket.socketpair()
    monkeypatch.setattr(confined, "LONGEST_ANSWER", 10)
    with mine, theirs:
        theirs.sendall(b"x" * 20)
        with pytest.raises(DocumentError):
            confined._all_of(mine)


def test_the_program_sees_no_secret_and_stays_small(reader: Reader) -> None:
    reader.ask("pdf", pdfs.honest())
    assert reader._process is not None
    place = Path(f"/proc/{reader._process.pid}")
    if not place.exists():
        pytest.skip("needs /proc")
    assert place.joinpath("environ").read_bytes() == b""
    resident = int(place.joinpath("statm").read_text().split()[1]) * resource.getpagesize()
    assert resident < 150 * MEGABYTES
    assert reader._process.pid != os.getpid()


def test_a_parser_that_runs_out_of_memory_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(_raw: bytes) -> confined_worker.Answer:
        raise MemoryError

    monkeypatch.setitem(confined_worker.TASKS, "pdf", greedy)
    assert confined_worker.answer("pdf", b"") == {"refused": "too-much-work"}


def test_the_program_answers_along_a_socket() -> None:
    """What a child does, in this process: it reads a request to its end and answers in JSON."""
    mine, theirs = socket.socketpair()
    with mine:
        mine.sendall(b"pdf\n" + pdfs.honest())
        mine.shutdown(socket.SHUT_WR)
        confined_worker.handle(theirs)
        assert json.loads(mine.makefile("rb").read())["pages"] == 1
