"""The court-ready file of a case: everything in a fixed order, what can be read drawn, every original enclosed."""

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from app.accounts.states import Role
from app.cases import dossier
from app.cases.models import Case
from app.cases.rules.legible import Room
from app.cases.services import dossiers
from app.core import files, jobs
from app.core.db import session, unit_of_work, writing
from app.core.events import Event
from app.core.jobs import Job
from tests.factories.accounts import Member, make_member
from tests.factories.cases import NOW, accepted, decided, make_clocks, make_complaint, make_officer
from tests.factories.exams import said
from tests.integration.cases.test_pages import pdf_of, picture

Browser = Callable[[Member], FlaskClient]


@pytest.fixture(name="author")
def _author(app: Flask, at_time: Callable[[datetime], None]) -> Member:
    del app
    make_clocks()
    at_time(NOW)
    return make_member(Role.TRAINEE)


@pytest.mark.one_database
def test_the_court_ready_file_holds_everything_in_a_fixed_order(author: Member, browser_of: Browser) -> None:
    with unit_of_work():
        exhibits = [
            (files.store(pdf_of(2), name="合同.pdf", media_type="application/pdf"), "合同"),
            (files.store(picture(), name="照片.png", media_type="image/png"), "照片"),
            (files.store(b"%PDF-1.4 broken", name="坏.pdf", media_type="application/pdf"), "损坏的文件"),
            (files.store(b"a,b\nflow-meter,7", name="表.csv", media_type="text/csv"), "表格.csv"),
            (files.store(b"PK old", name="信.doc", media_type="application/msword"), "来信.doc"),
            (files.store(pdf_of(3), name="发票.pdf", media_type="application/pdf"), "发票2026.3.5"),
        ]
    officer = make_officer()
    case = decided(accepted(make_complaint(author.actor, files=exhibits), officer), officer)
    browser, path = browser_of(author), f"/cases/{case.code}/file"

    assert browser.get(path).status_code == 200
    assert browser.post(f"{path}/download").status_code == 404
    for _ in range(2):
        assert browser.post(path).status_code == 302
    assert len(session.scalars(select(Job).where(Job.kind == "cases.file")).all()) == 1
    assert browser.get(path).status_code == 200
    jobs.work()
    assert said("The file holds everything up to now.") in browser.get(path).text
    data = browser.post(f"{path}/download").data

    reader = PdfReader(io.BytesIO(data))
    text = "\n".join(page.extract_text() for page in reader.pages)
    heads = ["Contents", "Facts", "Timeline", "Decision", "Rules of the clocks", "Hashes"]
    places = [text.index(f"\n{said(head)}\n") for head in heads]
    assert places == sorted(places)
    assert "经查属实。" in text
    assert all(stored.sha256[:20] in text.replace("\n", "") for stored, _title in exhibits)
    assert "flow-meter" in text
    assert text.count(said("not drawn here; its original is enclosed in this file")) == 2, (
        "the broken file and the letter"
    )
    assert {name: kept[0] for name, kept in reader.attachments.items()} == {
        f"exhibit-{number}{ending}": files.load(stored)
        for number, ((stored, _title), ending) in enumerate(
            zip(exhibits, (".pdf", ".png", ".pdf", ".csv", ".doc", ".pdf"), strict=True), start=1
        )
    }
    assert len(reader.pages[-1].extract_text()) == 0
    assert len(reader.pages) > 5 + 5
    first_merged = len(reader.pages) - 4
    assert f"第{first_merged}页" in text.replace(" ", "").replace("\u2009", "")
    assert len(session.scalars(select(Event).where(Event.kind == "cases.file_downloaded")).all()) == 1
    assert browser_of(make_member(Role.TRAINEE)).get(path).status_code == 404


@pytest.mark.one_database
def test_what_would_make_the_file_too_large_is_known_by_its_hash_and_said(
    author: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MEGABYTE", 1)
    with unit_of_work():
        exhibits = [
            (files.store(b"1" * 90, name="大.doc", media_type="application/msword"), "大.doc"),
            (files.store(b"2" * 20, name="中.doc", media_type="application/msword"), "中.doc"),
            (files.store(b"3" * 10, name="小.doc", media_type="application/msword"), "小.doc"),
        ]
    case = make_complaint(author.actor, files=exhibits)

    reader = PdfReader(io.BytesIO(dossier.build(case)))
    text = "".join(page.extract_text() for page in reader.pages)

    assert list(reader.attachments) == ["exhibit-1.doc", "exhibit-3.doc"]
    assert text.count(said("not enclosed")) == 1
    assert said("not drawn here; its content is known by its hash") in text


@pytest.mark.one_database
def test_exhibits_share_the_room_of_the_file_and_the_rest_is_told(
    author: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dossier, "A_FILE", Room(characters=12, cells=9))
    with unit_of_work():
        exhibits = [
            (files.store(words.encode(), name="x.txt", media_type="text/plain"), title)
            for title, words in (("甲.txt", "firstly"), ("乙.txt", "secondly"), ("丙.txt", "thirdly"))
        ]
    case = make_complaint(author.actor, files=exhibits)

    reader = PdfReader(io.BytesIO(dossier.build(case)))
    text = "".join(page.extract_text() for page in reader.pages)

    assert [word in text for word in ("firstly", "secon", "secondly", "thirdly")] == [True, True, False, False]
    assert text.count(said("Only the beginning is drawn here. The whole of it is in its original.")) == 1
    assert text.count(said("not drawn here; its original is enclosed in this file")) == 1
    assert len(reader.attachments) == 3


@pytest.mark.one_database
def test_no_write_is_held_up_while_the_file_is_drawn(author: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    case, drawn = make_complaint(author.actor), list[bool]()

    def build(_case: Case) -> bytes:
        drawn.append(writing())
        return b"%PDF-1.7"

    monkeypatch.setattr(dossier, "build", build)
    with unit_of_work():
        dossiers.ask_for_file(case, by=author.actor, at=NOW)
    jobs.work()

    made = dossiers.made_file(dossiers.latest_job(case))
    assert drawn == [False]
    assert made
    assert files.load(made) == b"%PDF-1.7"


@pytest.mark.one_database
def test_a_file_made_before_the_case_went_on_says_so(author: Member, browser_of: Browser) -> None:
    case = make_complaint(author.actor)
    browser, path = browser_of(author), f"/cases/{case.code}/file"
    browser.post(path)
    jobs.work()
    accepted(case, make_officer())

    assert said("Something happened in the case since this file was made.") in browser.get(path).text
    browser.post(path)
    jobs.work()
    assert said("The file holds everything up to now.") in browser.get(path).text
