"""A sample audit: drawn by a seed nobody chose, repeated by anyone, found by one officer, confirmed by another."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event, Subject
from app.desk.queries import todos_of
from app.evidence import services
from app.evidence.models import Evidence, SampleAudit, SampleItem
from app.evidence.queries.audits import population
from app.evidence.rules.sampling import draw, population_digest
from app.evidence.states import Finding, Kind, State
from tests.factories.accounts import GUANGDONG, JINAN, QINGDAO, SHANDONG, Member, make_member
from tests.factories.evidence import AT, again, make_checked, make_checker, make_declared, make_owner

BrowserOf = Callable[[Member], FlaskClient]
PERIOD = {"since": "2026-03-01", "until": "2026-03-31"}


@pytest.fixture(name="declared")
def _declared(owner: Member) -> list[Evidence]:
    kinds = (Kind.WORK, Kind.AWARD, Kind.TRAINING, Kind.SERVICE)
    return [make_declared(kind, owner) for kind in kinds]


def drawn(checker: Member, size: int = 2, region: str = SHANDONG) -> SampleAudit:
    with unit_of_work():
        return services.draw_sample(
            region_code=region, since=date(2026, 3, 1), until=date(2026, 3, 31), size=size, by=checker.actor, at=AT
        )


def items() -> list[SampleItem]:
    query = select(SampleItem).order_by(SampleItem.place)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def test_a_sample_is_drawn_by_page_and_can_be_drawn_again(
    declared: list[Evidence], checker: Member, browser_of: BrowserOf
) -> None:
    browser = browser_of(checker)
    assert browser.get("/evidence/audits/new").status_code == 200

    response = browser.post("/evidence/audits/new", data={"region": SHANDONG, **PERIOD, "size": "3"})

    audit = session.scalars(select(SampleAudit)).one()
    codes = [one.code for one in declared]
    assert response.location == f"/evidence/audits/{audit.code}"
    assert audit.population_digest == population_digest(codes)
    assert [again(session.get_one(Evidence, one.evidence_id)).code for one in items()] == draw(
        codes, seed=audit.seed, size=3
    )
    page = browser.get(response.location).text
    assert audit.seed in page
    assert audit.population_digest in page
    assert "抽取结果可复算" in page
    lines = browser.get(f"{response.location}/population.txt").get_data(as_text=True)
    assert lines.split("\n") == sorted(codes)
    assert "4条中的3条" in browser.get("/evidence/audits").text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"size": "5"}, 422),
        ({"size": "0"}, 422),
        ({"size": ""}, 422),
        ({"until": "2026-02-01"}, 422),
        ({"since": "2020-01-01", "until": "2020-12-31"}, 422),
        ({"region": GUANGDONG}, 422),
        ({"region": JINAN}, 302),
        ({"region": QINGDAO}, 422),
    ],
)
def test_a_draw_needs_a_region_of_ones_own_a_period_and_a_size_that_fit(
    declared: list[Evidence], checker: Member, browser_of: BrowserOf, changed: dict[str, str], status: int
) -> None:
    assert declared
    data = {"region": SHANDONG, **PERIOD, "size": "2", **changed}

    assert browser_of(checker).post("/evidence/audits/new", data=data).status_code == status


def test_a_period_is_whole_days_of_shanghai(declared: list[Evidence]) -> None:
    assert len(population(SHANDONG, date(2026, 3, 2), date(2026, 3, 2))) == len(declared)
    assert population(SHANDONG, date(2026, 3, 3), date(2026, 3, 3)) == {}
    assert population(GUANGDONG, date(2026, 3, 2), date(2026, 3, 2)) == {}


def test_a_finding_is_recorded_by_who_was_given_the_record_and_confirmed_by_a_second(
    declared: list[Evidence], checker: Member, browser_of: BrowserOf
) -> None:
    second = make_checker()
    audit = drawn(checker, size=1)
    (item,) = items()
    assert declared
    address = f"/evidence/audits/{audit.code}/{item.code}"
    one, other = browser_of(checker), browser_of(second)

    assert one.post(f"{address}/find", data=finding(item, "conforms")).status_code == 403
    assert one.post(f"{address}/assign", data={"officer": checker.person.code}).status_code == 302
    assert "evidence.sample" in {todo.kind for todo in todos_of(checker.actor)}
    assert one.post(f"{address}/find", data=finding(item, "conforms", "")).status_code == 422
    assert one.post(f"{address}/confirm").status_code == 409
    assert one.post(f"{address}/find", data=finding(item, "conforms")).status_code == 302
    assert "evidence.sample" not in {todo.kind for todo in todos_of(checker.actor)}
    assert "evidence.second" in {todo.kind for todo in todos_of(second.actor)}
    assert one.post(f"{address}/confirm").status_code == 403
    assert other.post(f"{address}/confirm").status_code == 302
    assert other.post(f"{address}/confirm").status_code == 302

    assert (items()[0].found_by_id, items()[0].confirmed_by_id) == (checker.person.id, second.person.id)
    assert again(session.get_one(Evidence, item.evidence_id)).state is State.DECLARED
    assert "evidence.second" not in {todo.kind for todo in todos_of(second.actor)}
    kinds = [event.kind for event in session.scalars(select(Event).where(Event.subject_code == audit.code))]
    assert kinds.count("evidence.sample_confirmed") == 1
    assert one.post(f"{address}/assign", data={"officer": second.person.code}).status_code == 409
    assert one.post(f"{address}/find", data=finding(item, "defect")).status_code == 409
    assert "全部结论已复核" in one.get(f"/evidence/audits/{audit.code}").text


def finding(item: SampleItem, found: str, note: str = "与原件逐项比对。") -> dict[str, str]:
    return {f"{item.code}-finding": found, f"{item.code}-note": note}


def test_a_confirmed_defect_withdraws_the_record_and_tells_who_relies_on_it(owner: Member, checker: Member) -> None:
    made = make_checked(Kind.WORK, owner, checker=make_checker())
    with unit_of_work():
        services.use(made.id, Subject("title_application", "t-1"), "titles", AT)
    audit, second = drawn(checker, size=1), make_checker()
    (item,) = items()
    with unit_of_work():
        services.assign(audit, item, officer_id=checker.person.id, by=second.actor, at=AT)
        services.find(audit, item, finding=Finding.DEFECT, note="报告未被采纳。", by=checker.actor, at=AT)
    assert again(made).state is State.CHECKED

    with unit_of_work():
        services.confirm_finding(audit, items()[0], by=second.actor, at=AT + timedelta(hours=1))

    assert (again(made).state, again(made).reason) == (State.WITHDRAWN, "报告未被采纳。")
    event = session.scalars(select(Event).where(Event.kind == "evidence.withdrawn")).one()
    assert [use["code"] for use in event.data["uses"]] == ["t-1"]


def test_who_entered_checked_or_is_the_record_does_not_audit_it(owner: Member) -> None:
    checker = make_checker()
    make_checked(Kind.WORK, owner, checker=checker)
    audit = drawn(checker, size=1)
    (item,) = items()
    both = make_member(Role.CREDIT, SHANDONG, person=owner.person)

    for officer in (checker, both, make_checker(GUANGDONG), make_owner()):
        with pytest.raises(InvalidError), unit_of_work():
            services.assign(audit, item, officer_id=officer.person.id, by=checker.actor, at=AT)
    other = make_checker()
    with unit_of_work():
        services.assign(audit, item, officer_id=other.person.id, by=checker.actor, at=AT)
        services.assign(audit, item, officer_id=other.person.id, by=checker.actor, at=AT)
        services.find(audit, item, finding=Finding.UNCLEAR, note="原件在外地。", by=other.actor, at=AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.confirm_finding(audit, items()[0], by=both.actor, at=AT)


def test_a_record_given_to_another_leaves_the_first_desk(declared: list[Evidence], checker: Member) -> None:
    assert declared
    audit, second = drawn(checker, size=2), make_checker()
    item = items()[0]
    with unit_of_work():
        services.assign(audit, item, officer_id=checker.person.id, by=checker.actor, at=AT)
        services.assign(audit, item, officer_id=second.person.id, by=checker.actor, at=AT)

    assert "evidence.sample" not in {todo.kind for todo in todos_of(checker.actor)}
    assert "evidence.sample" in {todo.kind for todo in todos_of(second.actor)}


def test_the_database_itself_wants_a_second_officer(declared: list[Evidence], checker: Member) -> None:
    assert declared
    audit = drawn(checker, size=1)
    with unit_of_work():
        services.assign(audit, items()[0], officer_id=checker.person.id, by=checker.actor, at=AT)
        services.find(audit, items()[0], finding=Finding.CONFORMS, note="相符", by=checker.actor, at=AT)

    with pytest.raises((IntegrityError, ConflictError)), unit_of_work():
        session.execute(update(SampleItem).values(confirmed_by_id=checker.person.id, confirmed_at=AT))


def test_audits_of_another_region_are_not_found(
    declared: list[Evidence], checker: Member, browser_of: BrowserOf
) -> None:
    assert declared
    audit = drawn(checker)
    stranger = browser_of(make_checker(GUANGDONG))

    assert stranger.get(f"/evidence/audits/{audit.code}").status_code == 404
    assert stranger.post(f"/evidence/audits/{audit.code}/{items()[0].code}/confirm").status_code == 404
    assert browser_of(checker).post(f"/evidence/audits/{audit.code}/nobody/confirm").status_code == 404
    with pytest.raises(ForbiddenError):
        drawn(make_checker(GUANGDONG))


def test_findings_of_two_officers_wait_for_each_of_them(declared: list[Evidence], checker: Member) -> None:
    assert declared
    audit, other = drawn(checker, size=2), make_checker()
    for item, officer in zip(items(), (checker, other), strict=True):
        with unit_of_work():
            services.assign(audit, item, officer_id=officer.person.id, by=checker.actor, at=AT)
            services.find(audit, item, finding=Finding.CONFORMS, note="相符", by=officer.actor, at=AT)

    for officer in (checker, other):
        assert "evidence.second" in {todo.kind for todo in todos_of(officer.actor)}
