"""A holder reads which issuer listed, opened or took away their certificate; of a body nobody is named."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import jobs
from app.core.access_log import AccessLook, Purpose
from app.core.db import session, unit_of_work
from app.credentials import services
from app.credentials.models import Batch
from app.credentials.queries import steps
from app.credentials.states import RevocationReason
from tests.factories.accounts import Member, make_person
from tests.factories.credentials import Office, issue, make_batch, make_request

DURING = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
Browser = Callable[[Member], FlaskClient]


@pytest.fixture(autouse=True)
def _during(at_time: Callable[[datetime], None]) -> None:
    at_time(DURING)


def looks_at(person_id: int | None) -> list[tuple[str, Purpose]]:
    query = select(AccessLook.record_type, AccessLook.purpose).where(AccessLook.person_id == person_id)
    return [(record, purpose) for record, purpose in session.execute(query.order_by(AccessLook.id))]


@pytest.mark.parametrize(
    ("path", "record"),
    [
        ("/issuing/certificates", "certificate_list"),
        ("/issuing/certificates.csv", "certificate_list"),
        ("/issuing/certificates.xlsx", "certificate_list"),
        ("/issuing/certificates/{code}", "certificate"),
    ],
)
def test_each_look_of_an_issuer_is_on_record(office: Office, browser_of: Browser, path: str, record: str) -> None:
    certificate = issue(office, make_person())
    answer = browser_of(office.first).get(path.format(code=certificate.code))
    assert answer.status_code == 200
    assert looks_at(certificate.person_id) == [(record, Purpose.CERTIFICATION)]


def test_whoever_waits_to_be_certified_is_seen_by_name(office: Office, browser_of: Browser) -> None:
    asked = make_request(office, make_person())
    assert browser_of(office.first).get("/issuing").status_code == 200
    assert looks_at(asked.person_id) == [("certificate_list", Purpose.CERTIFICATION)]


BATCH = [("certificate_batch", Purpose.CERTIFICATION)]


def test_whoever_is_in_a_batch_or_was_taken_out_of_it_is_seen_by_name_on_the_page_that_shows_them(
    office: Office, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "PER_PAGE", 2)
    first, second, third, taken = [make_request(office) for _one in range(4)]
    page = f"/issuing/batches/{make_batch(office).code}"
    with unit_of_work():
        services.withdraw(taken, reason=RevocationReason.FALSE_PAPERS, at=DURING)
    browser = browser_of(office.second)

    assert browser.get(page).status_code == 200
    assert [looks_at(one.person_id) for one in (first, second, third, taken)] == [BATCH, BATCH, [], BATCH]
    assert browser.get(f"{page}?page=2").status_code == 200
    assert looks_at(third.person_id) == BATCH


@pytest.mark.parametrize("until", ["prepared", "approved", "issued"])
def test_a_batch_of_many_sends_no_more_statements_than_one_of_two(
    office: Office, browser_of: Browser, count_statements: Callable[[], list[str]], until: str
) -> None:
    def statements(people: int) -> list[str]:
        taken, *_others = [make_request(office) for _one in range(people + 1)]
        batch = make_batch(office)
        page = f"/issuing/batches/{batch.code}"
        with unit_of_work():
            services.withdraw(taken, reason=RevocationReason.FALSE_PAPERS, at=DURING)
        if until != "prepared":
            with unit_of_work():
                row = session.get_one(Batch, batch.id)
                services.approve_batch(row, vouched=True, by=office.second.actor, at=DURING)
        if until == "issued":
            jobs.work()
        sent.clear()
        assert browser.get(page).status_code == 200
        shown_by = [one for one in sent if "clock_setting" not in one]
        assert session.get_one(Batch, batch.id, populate_existing=True).state == until
        return shown_by

    browser, sent = browser_of(office.second), count_statements()
    assert len(statements(2)) == len(statements(9)) < 12
    looks = session.scalars(select(AccessLook).where(AccessLook.record_type == "certificate_batch")).all()
    assert len(looks) == 3 + 10


def test_a_page_beyond_the_last_is_the_last(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "PER_PAGE", 2)
    last = [make_request(office) for _one in range(3)][-1]
    page = steps.waiting_page(office.body.id, 9)
    assert (page.rows, page.page, page.pages, page.total) == ([last], 2, 2, 3)
    assert steps.waiting_page(0, 9) == steps.Page([], 1, 1, 0)
