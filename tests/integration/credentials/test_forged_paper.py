"""A sheet that shows another name than the certified one is refused, or said to be unproven: never valid."""

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from app.core import files
from app.core.db import session, unit_of_work
from app.credentials import paper, queries, verification
from app.credentials.models import Certificate
from app.credentials.offline import verify_with
from app.credentials.rules.openbadge import Holder, read_certificate
from app.credentials.rules.verdict import CheckName, Verdict
from app.credentials.services.templates import layout_of
from app.credentials.verification import Answer
from tests.factories.credentials import issued_before
from tests.submit import submit
from tests.unit.credentials import pdfs
from tests.unit.credentials.forged import FORGED, Begun
from tests.unit.credentials.test_verifiers import GOOD, table

pytestmark = pytest.mark.one_database

DURING = datetime(2026, 11, 23, tzinfo=UTC)
CERTIFIED, SHOWN = "Anna Weber", "Eve Weber"
TITLE = "Sheets made up"


@dataclass(frozen=True)
class Desk:
    """A certificate with its genuine sheet, and a folder with the trust bundle."""

    app: Flask
    record: Certificate
    begun: Begun
    folder: Path

    def online(self, raw: bytes) -> Answer:
        found = verification.verify_input(raw, at=DURING)
        assert isinstance(found, Answer)
        return found

    def offline(self, raw: bytes) -> Result:
        (self.folder / "sheet.pdf").write_bytes(raw)
        trust = ("--offline", "--trust", str(self.folder / "trust.zip"))
        words = ["credentials", "verify", str(self.folder / "sheet.pdf"), *trust]
        return self.app.test_cli_runner().invoke(args=words)

    def judged(self, raw: bytes) -> list[str]:
        """Return how a sheet is answered with network and without, and by which checks of its paper."""
        online = self.online(raw).verdict
        without = verify_with(raw, [(self.folder / "trust.zip").read_bytes()], at=DURING).verdict
        return [said for found in (online, without) for said in (_answer(found), _codes(found))]


def _answer(found: Verdict) -> str:
    return "valid" if found.valid else "refused" if found.failed else "undecided"


def _codes(found: Verdict) -> str:
    return ", ".join(found.check(name).code for name in (CheckName.TEXT, CheckName.SEAL))


@pytest.fixture(name="desk")
def _desk(app: Flask, with_paper: None, tmp_path: Path) -> Desk:
    del with_paper
    _office, record = issued_before("forged-paper", at=DURING, holder=CERTIFIED, number="JJC372026000001E")
    stored = queries.pdf_of(record)
    assert stored is not None
    other = replace(read_certificate(record.document), holder=Holder(SHOWN))
    redrawn = paper.draw_sheet(other, layout_of(record), qr=record.qr, credential=record.credential)
    assert app.test_cli_runner().invoke(args=["credentials", "trust", str(tmp_path / "trust.zip")]).exit_code == 0
    return Desk(app, record, Begun(files.load(stored), redrawn, CERTIFIED, SHOWN), tmp_path)


@pytest.mark.timeout(300)
def test_no_sheet_that_was_made_up_is_valid_with_network_or_without(desk: Desk) -> None:
    """Of those that hide the certified name each holds every certified value, so that no text alone tells."""
    found = {name: desk.judged(make(desk.begun)) for name, make in FORGED.items()}
    found[GOOD] = desk.judged(desk.begun.genuine)

    assert table(TITLE) == found
    assert {name for name, row in found.items() if "valid" in row} == {GOOD}
    assert {row[0] for name, row in found.items() if name != GOOD} == {"refused"}
    assert {row[3] for name, row in found.items() if "certified name" in name} == {"text-unproven, seal-none"}


def test_the_command_says_that_the_sheet_is_not_proven_and_ends_undecided(desk: Desk) -> None:
    genuine = desk.offline(desk.begun.genuine)
    unproven = desk.offline(FORGED["another name on a cover"](desk.begun))

    assert (genuine.exit_code, unproven.exit_code) == (0, 3)
    assert genuine.stdout.splitlines()[-1] == "有效"
    assert unproven.stdout.splitlines()[-1] == "数字凭证有效，但此证书页未获证明"


def test_a_sheet_of_a_certificate_that_was_issued_without_one_was_made_by_somebody_else(
    desk: Desk, client: FlaskClient
) -> None:
    made_up = pdfs.unsealed(desk.begun.genuine)
    with unit_of_work():
        session.get_one(Certificate, desk.record.id).pdf_file_id = None

    answer = desk.online(made_up).verdict
    page = submit(client, "/verify", file=(io.BytesIO(made_up), "a.pdf"), content_type="multipart/form-data").text

    assert [one.code for one in answer.checks if one.result.value == "fail"] == ["sheet-never-issued"]
    assert "证书无效" in page
    assert "签发时没有PDF" in page
    assert desk.online(desk.begun.genuine).verdict.valid


def test_a_sheet_that_the_register_cannot_compare_is_unproven_on_the_page(
    desk: Desk, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "pdf_of", lambda _record: None)
    file = (io.BytesIO(FORGED["certified name in white"](desk.begun)), "a.pdf")

    page = submit(client, "/verify", file=file, content_type="multipart/form-data").text

    assert "证书有效，但此证书页未获证明" in page
    assert CERTIFIED in page
