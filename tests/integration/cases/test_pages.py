"""The pages of cases and restrictions as people use them, with what they must not see."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pypdf import PdfWriter
from sqlalchemy import event, select

from app.accounts.states import Role
from app.cases import services
from app.cases.models import Case, Restriction
from app.cases.queries import cases as queries
from app.cases.queries import notices
from app.cases.states import CaseState
from app.cases.views import blueprint as uploads
from app.core import files
from app.core.db import db, session, unit_of_work
from app.core.errors import ForbiddenError
from app.core.events import Event
from tests.factories.accounts import GUANGDONG, NATION, SHANDONG, Member, make_member, make_person
from tests.factories.cases import (
    NOW,
    accepted,
    again,
    decided,
    make_body,
    make_clocks,
    make_complaint,
    make_objection,
    make_officer,
    make_publicity,
    restrict,
)
from tests.factories.exams import said

Browser = Callable[[Member], FlaskClient]
MOST = 10


@pytest.fixture(name="author")
def _author(app: Flask, at_time: Callable[[datetime], None]) -> Member:
    del app
    make_clocks()
    at_time(NOW)
    return make_member(Role.TRAINEE)


def pdf_of(pages: int) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return out.getvalue()


def only_case() -> Case:
    return session.scalars(select(Case)).one()


def here(page: str) -> set[str]:
    """Return which entry of the menu the page says that it lies under."""
    return set(re.findall(r'class="nav-item" href="([^"]*)" aria-current="page"', page))


def new_address(body_slug: str) -> str:
    return f"/cases/new?kind=cases.complaint&about={body_slug}"


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_case_is_raised_with_its_evidence(author: Member, browser_of: Browser) -> None:
    browser, body = browser_of(author), make_body()
    form = {
        "facts": "班次取消。",
        "token": "t-1",
        "files": [(io.BytesIO(pdf_of(1)), "凭证.pdf"), (io.BytesIO(b"plain"), "说明.txt")],
    }

    assert browser.get(new_address(body.slug)).status_code == 200
    answer = browser.post(new_address(body.slug), data=form, content_type="multipart/form-data")

    case = only_case()
    assert answer.location == f"/cases/{case.code}"
    assert [case.opened(one.title_kept) for one in queries.files_of(case)] == ["凭证.pdf", "说明.txt"]
    page = browser.get(answer.location)
    assert "班次取消。" in page.text
    assert "2026年3月5日" in page.text
    assert case.code in browser.get("/cases").text


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("name", "data", "status"),
    [("virus.exe", b"MZ", 422), ("空.pdf", b"", 422), ("大.txt", b"x" * 11, 413)],
)
def test_a_file_that_is_not_taken_is_refused_and_nothing_typed_is_lost(
    author: Member, browser_of: Browser, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, status: int
) -> None:
    monkeypatch.setattr(uploads, "FILE_LIMIT", 10)
    form = {"facts": "打出来的字。", "token": "t-1", "files": [(io.BytesIO(data), name)]}

    page = browser_of(author).post(new_address(make_body().slug), data=form, content_type="multipart/form-data")

    assert page.status_code == status
    assert "打出来的字。" in page.text
    assert session.scalars(select(Case)).all() == []


@pytest.mark.one_database
def test_too_many_files_are_refused(author: Member, browser_of: Browser) -> None:
    many = [(io.BytesIO(b"x"), f"{number}.txt") for number in range(11)]

    page = browser_of(author).post(
        new_address(make_body().slug), data={"facts": "事实。", "files": many}, content_type="multipart/form-data"
    )

    assert page.status_code == 422


def test_a_draft_is_kept_and_only_its_author_sees_it(author: Member, browser_of: Browser) -> None:
    browser, body = browser_of(author), make_body()
    assert browser.post(new_address(body.slug), data={"facts": "", "token": "t-1", "act": "raise"}).status_code == 422
    kept = browser.post(new_address(body.slug), data={"facts": "", "token": "t-1", "act": "draft"})
    code = only_case().code

    assert kept.location == f"/cases/{code}/draft"
    assert browser.get(f"/cases/{code}").location == kept.location
    assert browser_of(make_officer()).get(f"/cases/{code}").status_code == 404
    assert browser.post(kept.location, data={"facts": ""}).status_code == 422
    assert browser.post(kept.location, data={"facts": "写好了。", "act": "draft"}).status_code == 302
    assert "写好了。" in browser.get(kept.location).text
    assert browser.post(kept.location, data={"facts": "写好了。"}).location == f"/cases/{code}"
    for repeated in (browser.post(kept.location, data={"facts": "写好了。"}), browser.get(kept.location)):
        assert repeated.location == f"/cases/{code}"
    assert only_case().state is CaseState.RAISED


def test_a_second_click_raises_no_second_case(author: Member, browser_of: Browser) -> None:
    browser, body = browser_of(author), make_body()
    answers = [browser.post(new_address(body.slug), data={"facts": "事实。", "token": "t-1"}) for _ in range(2)]

    case = only_case()
    assert case.state is CaseState.RAISED
    assert {one.location for one in answers} == {f"/cases/{case.code}"}
    other = browser_of(make_member(Role.TRAINEE))
    assert other.post(new_address(body.slug), data={"facts": "事实。", "token": "t-1"}).status_code == 409


def test_a_repeated_supply_adds_nothing_and_is_answered_as_the_first(author: Member, browser_of: Browser) -> None:
    officer = make_officer()
    case = accepted(make_complaint(author.actor), officer)
    with unit_of_work():
        services.ask_for_materials(case, what="请补充缴费凭证。", by=officer.actor, at=NOW)
    given = {"supply-facts": "凭证见下。", "supply-token": "s-1"}

    answers = [browser_of(author).post(f"/cases/{case.code}/supply", data=given) for _ in range(2)]

    assert {one.location for one in answers} == {f"/cases/{case.code}"}
    assert only_case().facts.count("凭证见下。") == 1


def test_a_body_is_found_by_a_part_of_its_name(author: Member, browser_of: Browser) -> None:
    make_body(name_zh="齐鲁培训基地", name_en="Qilu base")
    browser = browser_of(author)

    assert "齐鲁培训基地" in browser.get("/cases/complain?name=齐鲁").text
    assert "齐鲁培训基地" not in browser.get("/cases/complain").text


def test_the_officer_walks_a_case_to_its_decision(author: Member, browser_of: Browser) -> None:
    case = make_complaint(author.actor)
    officer, own = browser_of(make_officer()), browser_of(author)
    page = f"/cases/{case.code}"

    assert [here(officer.get(page).text), here(own.get(page).text)] == [{"/cases/desk"}, {"/cases"}]
    assert here(officer.get(f"{page}/decide").text) == {"/cases/desk"}
    assert officer.post(f"{page}/accept").status_code == 302
    assert officer.post(f"{page}/act/ask", data={"ask-reason": ""}).status_code == 422
    assert officer.post(f"{page}/act/ask", data={"ask-reason": "请补充凭证。"}).status_code == 302
    assert "请补充" in own.get("/home").text + said("Supply materials")
    assert own.post(f"{page}/supply", data={}).status_code == 422
    assert own.post(f"{page}/supply", data={"supply-facts": "已补。"}).status_code == 302
    assert officer.post(f"{page}/decide", data={"outcome": "upheld", "reason": ""}).status_code == 422
    assert officer.post(f"{page}/decide", data={"outcome": "upheld", "reason": "属实。"}).status_code == 302
    assert officer.post(f"{page}/decide", data={"outcome": "upheld", "reason": "属实。"}).status_code == 409
    assert "属实。" in own.get(page).text
    assert again(case).outcome == "upheld"


@pytest.mark.one_database
def test_what_no_longer_fits_is_refused_in_words(author: Member, browser_of: Browser) -> None:
    case = make_complaint(author.actor)
    officer = browser_of(make_officer())

    assert officer.post(f"/cases/{case.code}/act/resume", data={"resume-reason": "继续。"}).status_code == 409
    assert officer.post(f"/cases/{case.code}/act/burn", data={"burn-reason": "x"}).status_code == 404
    assert officer.post(f"/cases/{case.code}/act/decline", data={"decline-reason": "超范围。"}).status_code == 302
    assert said("Why it was not accepted") in officer.get(f"/cases/{case.code}").text


def test_the_author_withdraws_on_the_page(author: Member, browser_of: Browser) -> None:
    case = make_complaint(author.actor)
    browser = browser_of(author)

    assert browser.post(f"/cases/{case.code}/withdraw", data={"withdraw-reason": ""}).status_code == 422
    assert browser.post(f"/cases/{case.code}/withdraw", data={"withdraw-reason": "了结。"}).status_code == 302
    assert again(case).state is CaseState.WITHDRAWN


@pytest.mark.one_database
def test_another_region_and_another_person_find_nothing(author: Member, browser_of: Browser) -> None:
    case = make_complaint(author.actor)

    for stranger in (make_officer(GUANGDONG), make_member(Role.TRAINEE), make_member(Role.EXAMINER)):
        assert browser_of(stranger).get(f"/cases/{case.code}").status_code == 404


@pytest.mark.one_database
def test_the_authority_above_reads_and_does_not_act(author: Member, browser_of: Browser) -> None:
    case = make_complaint(author.actor)
    nation = browser_of(make_officer(NATION))

    assert nation.get(f"/cases/{case.code}").status_code == 200
    assert nation.post(f"/cases/{case.code}/accept").status_code == 403


@pytest.mark.one_database
def test_the_body_complained_of_reads_the_case(author: Member, browser_of: Browser) -> None:
    body = make_body()
    case = make_complaint(author.actor, body)
    staff = browser_of(make_member(Role.BASE, SHANDONG, body))

    assert case.code in staff.get("/cases?as=subject").text
    assert staff.get(f"/cases/{case.code}").status_code == 200


def test_a_party_takes_the_decision_further_on_the_page(author: Member, browser_of: Browser) -> None:
    officer = make_officer()
    case = decided(accepted(make_complaint(author.actor), officer), officer, upheld=False)
    browser = browser_of(author)

    assert browser.get(f"/cases/{case.code}/appeal").status_code == 200
    assert browser.post(f"/cases/{case.code}/appeal", data={"facts": ""}).status_code == 422
    answer = browser.post(f"/cases/{case.code}/appeal", data={"facts": "不服。", "token": "a-1"})
    assert answer.status_code == 302
    assert browser.get(answer.location).status_code == 200
    assert (
        said("This decision was taken further. It stands until it is decided otherwise.")
        in browser.get(f"/cases/{case.code}").text
    )
    assert browser.post(f"/cases/{case.code}/appeal", data={"facts": "不服。", "token": "a-2"}).status_code == 409


def test_a_notice_is_printed_received_and_its_delivery_recorded(author: Member, browser_of: Browser) -> None:
    officer = make_officer()
    case = accepted(make_complaint(author.actor), officer)
    notice = notices.notices_of(case)[0].notice
    page, own, desk = f"/cases/{case.code}/notices/{notice.code}", browser_of(author), browser_of(officer)

    assert own.get(page).status_code == 200
    assert own.post(f"{page}/received").status_code == 302
    assert desk.get(f"{page}/delivery").status_code == 200
    late = {"how": "post", "delivered_on": "2026-03-09", "to_whom": "本人"}
    assert desk.post(f"{page}/delivery", data=late).status_code == 422
    assert desk.post(f"{page}/delivery", data={**late, "delivered_on": ""}).status_code == 422
    good = {**late, "delivered_on": "2026-03-02", "receipt": (io.BytesIO(pdf_of(1)), "回执.pdf")}
    assert desk.post(f"{page}/delivery", data=good, content_type="multipart/form-data").status_code == 302
    assert desk.get(f"/cases/{case.code}/notices/none").status_code == 404
    assert len(notices.notices_of(case)[0].deliveries) == 2


def test_an_exhibit_opens_to_whom_the_case_is_open_and_leaves_an_event(author: Member, browser_of: Browser) -> None:
    with unit_of_work():
        stored = files.store(pdf_of(1), name="凭证.pdf", media_type="application/pdf")
    case = make_complaint(author.actor, files=[(stored, "凭证")])
    path = f"/cases/{case.code}/files/{stored.sha256}"

    answer = browser_of(make_officer()).post(path)

    assert answer.data == pdf_of(1)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert browser_of(make_member(Role.TRAINEE)).post(path).status_code == 404
    assert browser_of(author).post(f"/cases/{case.code}/files/{'0' * 64}").status_code == 404
    assert len(session.scalars(select(Event).where(Event.kind == "cases.exhibit_read")).all()) == 1


def test_the_desk_filters_sorts_and_exports(author: Member, browser_of: Browser, at_time: Callable[..., None]) -> None:
    first, second = make_complaint(author.actor), make_complaint(author.actor, make_body(name_zh="岱宗培训基地"))
    officer = make_officer()
    accepted(first, officer)
    browser = browser_of(officer)

    def rows(query: str) -> list[str]:
        text = browser.get(f"/cases/desk?{query}").text
        return [case.code for case in (first, second) if f"/cases/{case.code}" in text]

    assert rows("") == [first.code, second.code]
    assert rows("state=raised") == [second.code]
    assert rows("state=open&kind=cases.complaint") == [first.code, second.code]
    assert rows("kind=cases.lead") == []
    assert rows("text=岱宗") == [second.code]
    assert rows("overdue=y") == []
    at_time(NOW + timedelta(days=30))
    assert rows("overdue=y&sort=-due") == [first.code, second.code]
    sheet = browser.post("/cases/desk/export?state=raised").data.decode("utf-8-sig")
    assert str(second.number) in sheet
    assert str(first.number) not in sheet


@pytest.mark.one_database
def test_a_case_sends_few_statements_however_much_it_holds(author: Member, browser_of: Browser) -> None:
    officer = make_officer()
    with unit_of_work():
        stored = [(files.store(f"{n}".encode(), name=f"{n}.txt", media_type="text/plain"), f"{n}") for n in range(5)]
    open_case = make_complaint(author.actor, files=stored)
    ended = decided(accepted(make_complaint(author.actor), officer), officer)
    objection = make_objection(make_publicity(), author.actor)
    make_objection(make_publicity(), author.actor)
    desk, own = browser_of(officer), browser_of(author)
    counts = {}
    for browser, name, pages in (
        (desk, "desk", [f"/cases/{case.code}" for case in (open_case, ended, objection)] + ["/cases/desk"]),
        (own, "own", [f"/cases/{case.code}" for case in (open_case, ended, objection)] + ["/cases", "/restrictions"]),
    ):
        for page in pages:
            browser.get(page)
            with counted() as seen:
                assert browser.get(page).status_code == 200
            counts[name, page] = len(seen)

    assert {page: count for page, count in counts.items() if count > MOST} == {}


def test_the_author_of_an_objection_stays_sealed_until_the_officer_gives_a_reason(
    author: Member, browser_of: Browser
) -> None:
    case = make_objection(make_publicity(), author.actor)
    officer = browser_of(make_officer())
    path = f"/cases/{case.code}"

    assert author.person.name not in officer.get(path).text
    assert author.person.name not in browser_of(make_officer(NATION)).get(path).text
    assert officer.post(f"{path}/author", data={"reveal-reason": ""}).status_code == 422
    assert author.person.name in officer.post(f"{path}/author", data={"reveal-reason": "当面核实。"}).text
    assert browser_of(author).get(path).status_code == 200
    assert browser_of(author).post(f"{path}/author", data={"reveal-reason": "x"}).status_code == 403


@pytest.mark.one_database
def test_a_declaration_is_made_on_the_page(author: Member, browser_of: Browser) -> None:
    del author
    marker = make_member(Role.MARKER)
    browser = browser_of(marker)
    address = f"/cases/new?kind=cases.impartiality&about={marker.person.code}-2026"

    assert browser.get(address).status_code == 200
    assert browser.post(address, data={"facts": "无。", "token": "d-1"}).status_code == 302
    case = only_case()
    assert case.state is CaseState.FILED
    assert browser.get(f"/cases/{case.code}").status_code == 200
    assert browser.post(f"/cases/{case.code}/file").status_code == 409


def form(**changes: object) -> dict[str, object]:
    given = {
        "whom": "",
        "kinds": ["exams.sit"],
        "starts_on": "2026-03-02",
        "ends_on": "",
        "determination": "鲁科认〔2026〕3号",
        "reason": "提供虚假材料。",
    }
    return {**given, **changes}


def test_an_authority_imposes_and_lifts_on_the_pages(author: Member, browser_of: Browser) -> None:
    officer = browser_of(make_officer())
    person = author.person.code

    assert officer.get("/restrictions/new").status_code == 200
    for wrong in (
        {"whom": "nobody-at-all"},
        {"whom": person, "kinds": []},
        {"whom": person, "kinds": ["courses.open_cohort"]},
        {"whom": person, "ends_on": "2026-03-01"},
        {"whom": person, "reason": ""},
    ):
        assert officer.post("/restrictions/new", data=form(**wrong)).status_code == 422
    made = officer.post("/restrictions/new", data=form(whom=person))
    assert made.status_code == 302
    assert "鲁科认〔2026〕3号" in officer.get(made.location).text
    assert officer.post(f"{made.location}/lift", data={"lifted_on": "2026-03-01", "reason": "改"}).status_code == 422
    assert officer.post(f"{made.location}/lift", data={"lifted_on": "", "reason": ""}).status_code == 422
    good = {"lifted_on": "2026-03-02", "reason": "整改完成。"}
    assert officer.post(f"{made.location}/lift", data=good).status_code == 302
    assert officer.post(f"{made.location}/lift", data=good).status_code == 409
    assert "整改完成。" in officer.get(made.location).text
    assert author.person.name not in officer.get("/restrictions").text
    assert author.person.name in officer.get("/restrictions?state=all&kind=exams.sit").text


def test_a_restriction_may_stand_on_a_decided_case(author: Member, browser_of: Browser) -> None:
    officer, body = make_officer(), make_body()
    case = decided(accepted(make_complaint(author.actor, body), officer), officer)

    given = form(whom=body.slug, kinds=["courses.open_cohort"], determination=case.code)
    made = browser_of(officer).post("/restrictions/new", data=given)
    again = browser_of(officer).post("/restrictions/new", data={**given, "determination": str(case.number).lower()})

    row = session.scalars(select(Restriction)).one()
    assert (row.case_id, row.organisation_id) == (case.id, body.id)
    assert again.location == made.location, "named by its code or by its number, it is one decision"
    assert str(case.number) in browser_of(officer).get(made.location).text


def test_who_sees_a_restriction(author: Member, browser_of: Browser) -> None:
    found = restrict("exams.sit", author.person, region=SHANDONG, ends_on=date(2026, 12, 31))
    path = f"/restrictions/{found.code}"

    assert browser_of(author).get(path).status_code == 200
    assert browser_of(make_officer()).get(path).status_code == 200
    assert browser_of(make_officer(NATION)).get(path).status_code == 200
    assert browser_of(make_officer(GUANGDONG)).get(path).status_code == 404
    assert browser_of(make_member(Role.TRAINEE)).get(path).status_code == 404
    lift = {"lifted_on": "2026-03-02", "reason": "x"}
    assert browser_of(author).post(f"{path}/lift", data=lift).status_code == 403


@pytest.mark.one_database
def test_another_regions_authority_imposes_nothing_here(author: Member) -> None:
    del author
    with pytest.raises(ForbiddenError):
        restrict("exams.sit", make_person(), region=SHANDONG, by=make_officer(GUANGDONG))
