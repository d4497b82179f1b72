"""Pages of credit through the browser: officers, the subject, the public; wrong input beside its field."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from app.accounts.models import Person
from app.accounts.states import Role
from app.assessment.credit import personal_data
from app.assessment.credit.models import CreditRecord, CreditRepair
from app.assessment.credit.queries import ratings
from app.assessment.credit.states import Gravity, RecordState
from app.core.clock import day_of
from app.core.db import db, session
from tests.factories.accounts import GUANGDONG, Member, make_member
from tests.factories.certification import decided as award_decided
from tests.factories.certification import make_award
from tests.factories.credit import NOW, PDF, again, asked, days, entered, entry, make_record, make_subject, rated
from tests.integration.credit.conftest import Field
from tests.page_lint import lint_page

Browser = Callable[[Member], FlaskClient]


@pytest.fixture(autouse=True)
def _now(field: Field, at_time: Callable[[datetime], None]) -> None:
    del field
    at_time(NOW)


def fields(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - form fields
    given = {
        "token": "t",
        "number": "",
        "polarity": "negative",
        "gravity": "ordinary",
        "conduct": "提供虚假合同材料",
        "result": "予以通报。",
        "deciding_body": "山东省科学技术厅",
        "basis": "鲁科信〔2026〕3号",
        "effective_on": "2026-05-04",
        "file": (BytesIO(PDF), "决定书.pdf"),
    }
    return {**given, **changed}


def send(client: FlaskClient, path: str, **data: Any) -> TestResponse:  # noqa: ANN401 - form fields
    return client.post(path, data=data, content_type="multipart/form-data")


def test_an_officer_enters_a_second_confirms_and_the_subject_reads(field: Field, browser_of: Browser) -> None:
    award = award_decided(make_award())
    first, second = (browser_of(one) for one in field.officers)
    assert first.get("/credit/records/new").status_code == 200

    answer = send(first, "/credit/records/new", **fields(number=award.unified_number))
    assert answer.status_code == 302
    assert send(first, "/credit/records/new", **fields(number=award.unified_number)).location == answer.location
    path = answer.location
    assert "Wait" not in first.get(path).text
    assert f"{path}/confirm" not in first.get(path).text
    assert first.post(f"{path}/confirm").status_code == 403
    assert f"{path}/confirm" in second.get(path).text
    assert second.post(f"{path}/confirm").status_code == 302
    assert second.post(f"{path}/confirm").status_code == 409

    (record,) = session.scalars(select(CreditRecord))
    subject = browser_of(make_member(Role.TRAINEE, person=session.get_one(Person, record.person_id)))
    page = subject.get(path)
    assert "credit.objection" in page.text
    assert record.conduct in subject.get("/credit/mine").text
    file = subject.get(f"{path}/files/{record.file.sha256}")
    assert (file.data, file.headers["Content-Disposition"][:10]) == (PDF, "attachment")
    assert subject.get(f"{path}/files/nothing").status_code == 404


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"number": "JJC0000"}, "number-error"),
        ({"gravity": ""}, "gravity-error"),
        ({"effective_on": "2026-06-02"}, "effective_on-error"),
        ({"conduct": "长" * 201}, "conduct-error"),
        ({"file": (BytesIO(b"plain"), "a.txt")}, "file-error"),
        ({"file": (BytesIO(b""), "a.pdf")}, "file-error"),
    ],
)
def test_wrong_input_is_said_beside_its_field_and_nothing_typed_is_lost(
    field: Field, browser_of: Browser, changed: dict[str, Any], said: str
) -> None:
    award = award_decided(make_award())
    given = fields(**{"number": award.unified_number, **changed})

    answer = send(browser_of(field.officers[0]), "/credit/records/new", **given)

    assert answer.status_code in {404, 422}
    assert said in answer.text
    assert "予以通报。" in answer.text
    assert session.scalars(select(CreditRecord)).all() == []


@pytest.mark.one_database
def test_my_credit_and_the_desk_say_where_a_repair_and_an_old_record_are(field: Field, browser_of: Browser) -> None:
    minor = make_record(field.subject.person, field.officers, entry(Gravity.MINOR))
    client = browser_of(field.subject)
    assert "您现在可以申请修复一条记录" in client.get("/credit/mine").text

    asked(minor, field.subject, at=NOW)
    make_record(make_subject().person, field.officers, entry(Gravity.ORDINARY, on=date(2024, 1, 8)))

    assert "您的修复申请待作出决定" in client.get("/credit/mine").text
    desk = browser_of(field.officers[0]).get("/credit/records").text
    assert "期限届满已终止" in desk


def test_the_list_filters_pages_and_exports_without_formulas(field: Field, browser_of: Browser) -> None:
    for _ in range(27):
        make_record(make_member(Role.TRAINEE).person, field.officers)
    make_record(make_member(Role.TRAINEE).person, field.officers, entry(None))
    client = browser_of(field.officers[0])

    assert 'rel="next"' in client.get("/credit/records").text
    assert "获评年度优秀技术经理人" in client.get("/credit/records?gravity=positive").text
    assert "获评年度优秀技术经理人" not in client.get("/credit/records?gravity=ordinary&state=confirmed").text
    assert "提供虚假合同材料" in client.get("/credit/records?text=虚假&page=99").text
    file = client.post("/credit/records/export?gravity=ordinary")
    assert file.data.decode("utf-8-sig").count("\n") == 28
    assert client.post("/credit/records/export?state=entered").data.decode("utf-8-sig").count("\n") == 1


@pytest.mark.one_database
def test_another_region_and_another_person_find_nothing(field: Field, browser_of: Browser) -> None:
    record = make_record(field.subject.person, field.officers)
    rating = rated(field.subject.person, field.officers[0])
    paths = [
        f"/credit/records/{record.code}",
        f"/credit/records/{record.code}/repair",
        f"/credit/ratings/{rating.code}",
    ]

    for member in (make_member(Role.CREDIT, GUANGDONG), make_member(Role.TRAINEE)):
        assert {browser_of(member).get(path).status_code for path in paths} == {404}
    assert browser_of(field.officers[0]).get(paths[1]).status_code == 404


def test_the_subject_does_not_see_what_is_not_confirmed(field: Field, browser_of: Browser) -> None:
    record = entered(field.subject.person, field.officers[0])
    path = f"/credit/records/{record.code}"
    assert browser_of(field.subject).get(path).status_code == 404
    second = browser_of(field.officers[1])

    assert second.post(f"{path}/reject", data={"reject-reason": ""}).status_code == 422
    assert second.post(f"{path}/reject", data={"reject-reason": "材料不全。"}).status_code == 302

    assert again(record).state is RecordState.REJECTED
    assert "材料不全。" in browser_of(field.officers[0]).get(path).text


def test_an_officer_corrects_a_record_from_its_page(field: Field, browser_of: Browser) -> None:
    record = make_record(field.subject.person, field.officers)
    client = browser_of(field.officers[0])
    path = f"/credit/records/new?corrects={record.code}"
    assert record.basis in client.get(path).text

    answer = send(client, path, **fields(number="-", gravity="minor"))

    assert answer.status_code == 302
    (new,) = session.scalars(select(CreditRecord).where(CreditRecord.corrects_id == record.id))
    assert (new.person_id, new.gravity) == (record.person_id, Gravity.MINOR)
    assert f"corrects={record.code}" not in client.get(f"/credit/records/{record.code}").text


def test_the_public_list_is_redacted_and_shows_what_is_published_only(
    field: Field, browser_of: Browser, client: FlaskClient, at_time: Callable[[datetime], None]
) -> None:
    record = make_record(field.subject.person, field.officers)
    make_record(field.subject.person, field.officers, entry(Gravity.MINOR, on=date(2026, 5, 5)))
    anyway = entry(Gravity.MINOR, on=date(2026, 5, 6), publish_anyway=True)
    make_record(field.subject.person, field.officers, anyway)
    name = field.subject.person.name

    page = client.get("/credit/published").text
    assert name not in page
    assert name[0] + "*" in page
    assert page.count(record.conduct) == 2
    assert record.conduct not in client.get("/credit/published?text=别的").text
    assert record.conduct in browser_of(field.subject).get("/credit/published").text

    at_time(datetime(2027, 5, 3, 2, 0, tzinfo=NOW.tzinfo))
    assert record.conduct in client.get("/credit/published").text
    at_time(datetime(2027, 5, 4, 2, 0, tzinfo=NOW.tzinfo))
    assert record.conduct not in client.get("/credit/published").text


@pytest.mark.one_database
def test_my_credit_says_the_grade_why_and_what_can_be_done_from_when(field: Field, browser_of: Browser) -> None:
    client = browser_of(field.subject)
    assert client.get("/credit/mine").status_code == 200
    make_record(field.subject.person, field.officers)
    rating = rated(field.subject.person, field.officers[0])

    page = client.get("/credit/mine").text

    assert "2026年8月4日" in page
    assert rating.pack in page
    assert f"about={rating.code}" in page
    assert "一般失信记录" in page
    assert "每满1扣15分，最多扣45分" in page
    assert [f">{brought}<" in page for brought in ("+100", "−15", "85")] == [True] * 3
    assert "项条件中已满足" not in page
    assert client.get(f"/cases/new?kind=credit.review&about={rating.code}").status_code == 200


def test_the_subject_applies_and_an_officer_decides_in_the_browser(field: Field, browser_of: Browser) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.MINOR))
    path = f"/credit/records/{record.code}"
    subject, officer = browser_of(field.subject), browser_of(field.officers[0])
    assert f"{path}/repair" in subject.get(path).text
    english = subject.get(f"{path}/repair", headers={"Accept-Language": "en"})
    assert (english.status_code, lint_page(english.text, "en")) == (200, [])
    assert send(subject, f"{path}/repair", commitment="", file=(BytesIO(PDF), "a.pdf")).status_code == 422
    wrong = send(subject, f"{path}/repair", commitment="承诺守信。", file=(BytesIO(b"x"), "a.txt"))
    assert (wrong.status_code, "承诺守信。" in wrong.text) == (422, True)

    assert send(subject, f"{path}/repair", commitment="承诺守信。", file=(BytesIO(PDF), "a.pdf")).status_code == 302
    (repair,) = session.scalars(select(CreditRepair))
    act = f"/credit/repairs/{repair.code}/decide"
    assert officer.post(act, data={}).status_code == 422
    unchecked = {"decision-outcome": "grant", "decision-reason": "已核实。"}
    assert "decision-corrected-error" in officer.post(act, data=unchecked).text
    assert officer.post(act, data={**unchecked, "decision-corrected": "y"}).status_code == 302

    assert again(record).state is RecordState.REPAIRED
    assert ratings.latest(record.person_id) is not None
    assert subject.get(f"{path}/repair").status_code == 200
    assert (
        officer.post("/credit/repairs/nobody/decide", data=unchecked | {"decision-corrected": "y"}).status_code == 404
    )


@pytest.mark.one_database
def test_a_repair_before_its_day_is_not_offered(field: Field, browser_of: Browser) -> None:
    record = make_record(field.subject.person, field.officers)
    client, path = browser_of(field.subject), f"/credit/records/{record.code}"

    assert f"{path}/repair" not in client.get(path).text
    assert "<form" not in client.get(f"{path}/repair").text.split("<main")[1].split("</main")[0]
    assert send(client, f"{path}/repair", commitment="承诺。", file=(BytesIO(PDF), "a.pdf")).status_code == 422


def test_a_cycle_is_started_and_watched(field: Field, browser_of: Browser, run_jobs: Callable[[], int]) -> None:
    client = browser_of(field.officers[0])
    assert client.get("/credit/cycles").status_code == 200
    assert client.post("/credit/cycles", data={"token": "a", "on": ""}).status_code == 422
    assert client.post("/credit/cycles", data={"token": "a", "on": "2026-06-01"}).status_code == 422
    make_record(field.subject.person, field.officers)

    answer = client.post("/credit/cycles", data={"token": "a", "on": "2026-06-01"})
    assert client.get(answer.location).status_code == 200
    run_jobs()

    page = client.get(answer.location).text
    assert field.subject.person.name in page
    assert answer.location in client.get("/credit/cycles").text
    assert browser_of(make_member(Role.CREDIT, GUANGDONG)).get(answer.location).status_code == 404


def test_an_officer_rates_again_and_the_older_rating_says_so(field: Field, browser_of: Browser) -> None:
    make_record(field.subject.person, field.officers)
    rating = rated(field.subject.person, field.officers[0])
    client = browser_of(field.officers[0])

    answer = client.post(f"/credit/ratings/{rating.code}/again")

    assert answer.status_code == 302
    assert f"/credit/ratings/{rating.code}/again" not in client.get(f"/credit/ratings/{rating.code}").text
    assert f"{answer.location}/again" in client.get(answer.location).text


@pytest.mark.one_database
def test_pages_stand_in_english_too(field: Field, browser_of: Browser) -> None:
    record = make_record(field.subject.person, field.officers, entry(Gravity.SERIOUS))
    rating = rated(field.subject.person, field.officers[0])
    asked_record = make_record(field.subject.person, field.officers, entry(Gravity.MINOR))
    asked(asked_record, field.subject, at=NOW)
    english = {"Accept-Language": "en"}
    own = ("/credit/mine", f"/credit/records/{record.code}", f"/credit/ratings/{rating.code}", "/credit/published")
    desk = ("/credit/records", "/credit/records/new", "/credit/cycles", f"/credit/records/{asked_record.code}")

    for member, paths in ((field.subject, own), (field.officers[0], desk)):
        client = browser_of(member)
        for path in paths:
            assert 'lang="en"' in client.get(path, headers=english).text


@pytest.mark.one_database
def test_a_page_costs_a_fixed_number_of_statements(field: Field, browser_of: Browser) -> None:
    sent: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))

    def cost(member: Member, path: str) -> int:
        client = browser_of(member)
        client.get(path)
        sent.clear()
        assert client.get(path).status_code == 200
        return sum(not one.startswith(("BEGIN", "PRAGMA", "INSERT")) for one in sent)

    record = make_record(field.subject.person, field.officers, entry(Gravity.SERIOUS))
    rating = rated(field.subject.person, field.officers[0])
    officer = field.officers[0]
    pages = [
        (field.subject, "/credit/mine"),
        (officer, "/credit/records"),
        (officer, f"/credit/records/{record.code}"),
        (officer, f"/credit/ratings/{rating.code}"),
        (officer, "/credit/published"),
    ]
    before = [cost(*page) for page in pages]
    for _ in range(3):
        make_record(field.subject.person, field.officers)
        make_record(make_member(Role.TRAINEE).person, field.officers)
    rated(field.subject.person, officer, at=NOW + timedelta(hours=1))

    after = [cost(*page) for page in pages]
    assert after == before
    assert max(after) <= 11, dict(zip([page[1] for page in pages], after, strict=True))


def test_the_export_of_personal_data_holds_records_and_ratings_and_keeps_what_is_used(field: Field) -> None:
    record = make_record(field.subject.person, field.officers)
    rated(field.subject.person, field.officers[0])
    records, scores = personal_data.PERSONAL_DATA
    person_id = field.subject.person.id

    assert [row["code"] for row in records.collect(person_id)] == [record.code]
    assert [row["grade"] for row in scores.collect(person_id)] == ["B"]
    assert records.reckoned is not None
    assert [hold.until for hold in records.reckoned(person_id, day_of(NOW))] == [date(2027, 5, 3)]
    assert list(records.reckoned(person_id, day_of(days(400)))) == []
