"""Committees: their size, chair and terms are checked; another person files them; expired ones may not sit."""

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.panels.models.pools import Committee
from app.panels.queries import pools as queries
from app.panels.services import committees
from app.panels.states import CommitteeState, Title
from tests.factories.accounts import GUANGDONG, Member, make_member
from tests.factories.panels import (
    AT,
    Office,
    acting,
    file_committee,
    make_committee,
    make_expert,
    make_experts,
)

BrowserOf = Callable[[Member], FlaskClient]
TERM = {"starts_on": "2026-03-02", "ends_on": "2029-03-01"}


def stored(committee: Committee) -> Committee:
    return session.get_one(Committee, committee.id, populate_existing=True)


def test_the_office_prepares_a_committee_and_the_authority_files_it(office: Office, browser_of: BrowserOf) -> None:
    experts = make_experts(office, 11)
    secretary, regulator = browser_of(office.secretary), browser_of(office.regulator)
    charter = {
        "pool": office.pool.code,
        "name_zh": "工程系列评审委员会",
        "name_en": "Engineering committee",
        "series": "工程系列",
        "composition": "specialty",
        "level": "senior",
    }
    assert secretary.get("/committees/new").status_code == 200
    assert secretary.post("/committees/new", data={**charter, "series": ""}).status_code == 422

    path = secretary.post("/committees/new", data=charter).location

    page = path.removesuffix("/members")
    assert "请先导入" not in secretary.get(path).text
    assert "未满足" in regulator.get(page).text
    assert regulator.post(f"{page}/file", data=TERM).status_code == 422
    members = {"members": [one.code for one in experts], "chair": experts[0].code}
    assert secretary.post(path, data={**members, "chair": ""}).status_code == 422
    outside = make_expert(office)
    assert "须为委员之一" in secretary.post(path, data={**members, "chair": outside.code}).text
    assert secretary.post(path, data=members).location == page
    assert regulator.post(f"{page}/file", data={**TERM, "ends_on": "2029-03-02"}).status_code == 422
    assert regulator.post(f"{page}/file", data={}).status_code == 422
    assert regulator.post(f"{page}/file", data=TERM).location == page
    text = regulator.get(page).text
    assert "已备案" in text
    assert "主任委员" in text
    assert "工程系列评审委员会" in secretary.get("/committees").text


@pytest.mark.parametrize(
    ("number", "level", "met"),
    [(11, Title.SENIOR, True), (12, Title.SENIOR, False), (9, Title.SENIOR, False), (9, Title.INTERMEDIATE, True)],
)
def test_numbers_are_odd_and_reach_the_least_of_the_level(office: Office, number: int, level: Title, met: bool) -> None:
    committee = make_committee(office, make_experts(office, number), level=level)
    members = queries.members(committee)

    assert committees.verdict(committee, members, on=AT.date()).met is met


def test_members_whose_term_is_over_stand_against_the_filing(office: Office) -> None:
    committee = make_committee(office, make_experts(office, 3))
    members = queries.members(committee)

    lines = {line.reason: line for line in committees.verdict(committee, members, on=date(2028, 3, 1)).lines}

    assert lines["serving"].outcome == "not"
    assert lines["odd"].outcome == "met"
    assert committees.verdict(committee, [], on=AT.date()).lines[2].outcome == "not"


def test_who_prepared_a_committee_does_not_file_it(office: Office, browser_of: BrowserOf) -> None:
    committee = make_committee(office, make_experts(office, 3))
    both = make_member(Role.REGULATOR, person=office.secretary.person)

    with pytest.raises(ForbiddenError), unit_of_work():
        committees.file(committee, filed_on=AT.date(), filed_until=AT.date(), by=both.actor, at=AT)
    assert "form-" not in browser_of(both).get(f"/committees/{committee.code}").text
    assert stored(committee).state is CommitteeState.DRAFT


def test_a_filing_ends_with_its_last_day_and_is_renewed_under_new_members(
    office: Office, browser_of: BrowserOf
) -> None:
    committee = file_committee(make_committee(office, make_experts(office, 3)), office)

    assert committee.may_sit_on(date(2029, 3, 1))
    assert not committee.may_sit_on(date(2029, 3, 2))
    assert not committee.may_sit_on(date(2026, 3, 1))
    with pytest.raises(ConflictError), unit_of_work():
        committees.set_members(committee, [], chair=None, by=office.secretary.actor, at=AT)
    assert browser_of(office.secretary).post(f"/committees/{committee.code}/renew").status_code == 302
    assert stored(committee).state is CommitteeState.DRAFT
    assert not stored(committee).may_sit_on(AT.date())


def test_members_see_their_committee_and_others_do_not(office: Office, browser_of: BrowserOf) -> None:
    experts = make_experts(office, 4)
    committee = make_committee(office, experts[:3])
    path = f"/committees/{committee.code}"

    assert browser_of(acting(experts[0])).get(path).status_code == 200
    assert browser_of(acting(experts[3])).get(path).status_code == 404
    assert browser_of(make_member(Role.SECRETARY, GUANGDONG)).get(path).status_code == 404
    assert browser_of(make_member(Role.REGULATOR, GUANGDONG)).get(path).status_code == 404
    assert browser_of(office.supervisor).get(path).status_code == 200
