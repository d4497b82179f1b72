"""Whoever is recused from a case gets, at every door, the answer of a record that does not exist."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.accounts.states import Role
from app.assessment.titles import queries as titles
from app.assessment.titles.models import TitleApplication
from app.core import clock
from app.core.columns import new_code
from app.core.db import unit_of_work
from app.core.room import rooms
from app.desk import services as desk
from app.desk.queries import count_todos, todos_of
from app.panels.models.draws import Panel
from app.panels.queries import draws, meetings
from app.panels.services import offers
from app.panels.services.draws import Plan
from app.panels.services.recusal import keep, leave_cases
from app.panels.states import Conflict
from tests.factories import panels as making
from tests.factories.accounts import JINAN, NATION, SHANDONG, Member, make_member, make_person
from tests.factories.titles import (
    AT,
    MET_AT,
    Scene,
    call_vote,
    hold_meeting,
    make_accepted,
    make_applicant,
    make_open,
)

NAME = "司徒望岳"
BrowserOf = Callable[[Member], FlaskClient]
TOKEN = re.compile(r'(name="csrf_token" value=|nonce=)"[^"]*"')
TYPED = re.compile(r'<input[^>]*name="q"[^>]*>')
"""What a person typed is shown to them again."""
LISTS = (
    *("/home", "/inbox", "/messages", "/my/panels", "/panels", "/meetings", "/ballots", "/titles/rounds"),
    *("/cases", "/evidence", "/evidence/mine.csv", "/search?q={name}", "/search/suggest?q={name}", "/search?q={code}"),
    *("/titles/rounds/{round}/scores", "/titles/rounds/{round}/scores.csv"),
    *("/titles/rounds/{round}", "/panels/{panel}", "/meetings/{meeting}", "/ballots/{ballot}"),
)
"""What an expert of the case reads or takes along: pages, exports, search, counts, to-dos and notices."""
DETAILS: dict[str, dict[str, tuple[str, ...]]] = {
    "titles": {"code": ("application", "round")},
    "panels": {"code": ("panel", "meeting"), "case": ("case",), "item": ("item",)},
    "ballots": {"code": ("ballot",), "question": ("question",)},
    "evidence": {"code": ("evidence",)},
    "cases": {"code": ("application",)},
    "api": {"code": ("application", "evidence"), "number": ("application",)},
}
"""Which codes may stand in an argument of a room's addresses."""
OF_THE_CASE = ("application", "case", "item", "question", "evidence")


@dataclass
class Case:
    """One case on its way through the rooms: the codes by which it is asked for, and the expert recused from it."""

    scene: Scene
    expert: Member
    codes: dict[str, str]


def drawn(scene: Scene, *cases: TitleApplication) -> Panel:
    """Put applications before drawn experts, all three of the pool."""
    with unit_of_work():
        chosen = [f"{titles.TYPE}:{one.code}" for one in cases]
        plan = Plan("评审专家组", "Panel", 3)
        planned = offers.plan(scene.office.pool, plan, chosen, by=scene.office.secretary.actor, at=AT)
    return making.draw(planned, scene.office)


@pytest.fixture(name="app", scope="module")
def _app(kept_app: Flask) -> Flask:
    """Give one database to all tests here: they look at the same case and change nothing of it."""
    return kept_app


@pytest.fixture(scope="module")
def case(app: Flask) -> Case:
    """Bring an application before a panel, a meeting and a ballot; the expert is recused before the meeting."""
    del app
    with unit_of_work():
        clock.set_clock(MET_AT)
    scene = make_open()
    one = make_accepted(scene, make_member(Role.TRAINEE, JINAN, person=make_person(name=NAME)))
    other = make_accepted(scene, make_applicant())
    panel = drawn(scene, one, other)
    expert = making.acting(scene.experts[1])
    subject = titles.subject(one)
    with unit_of_work():
        desk.open_todo("titles.check", subject, url="/x", at=AT, person_id=expert.person.id, params={"name": "甲"})
        of_a_role = partial(desk.open_todo, role=Role.REGULATOR, region_code=SHANDONG)
        of_a_role("titles.confirm", subject, url="/x", at=AT, params={"name": "甲"})
        keep(subject, expert.person, kind=Conflict.IMPOSED, reason="同一单位", by=None, at=AT)
        leave_cases(subject, expert.person, at=AT)
    meeting = hold_meeting(scene)
    house = call_vote(scene)
    item = next(row for row in meetings.all_items(meeting.id) if row.subject == subject)
    codes = {
        "application": one.code,
        "round": scene.round_code,
        "panel": panel.code,
        "case": next(row.code for row in draws.all_cases(panel.id) if row.subject == subject),
        "meeting": meeting.code,
        "item": item.code,
        "ballot": house.ballot.code,
        "question": next(row.code for row in house.fresh().questions if row.reference == one.code),
        "evidence": titles.picked(one)[0].code,
    }
    return Case(scene, expert, codes)


def addresses(app: Flask) -> Iterator[tuple[Rule, dict[str, tuple[str, ...]]]]:
    """Yield the addresses that name a record of a room of the case, and which codes each argument may take."""
    for rule in app.url_map.iter_rules():
        known = DETAILS.get(rule.endpoint.partition(".")[0], {})
        if rule.arguments and rule.arguments & set(known):
            yield rule, {name: known.get(name, ()) for name in rule.arguments}


def built(app: Flask, rule: Rule, values: dict[str, str]) -> str:
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values, method=method_of(rule))


def method_of(rule: Rule) -> str:
    return next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def told(browser: FlaskClient, method: str, url: str, hidden: list[str]) -> tuple[int, str, list[str]]:
    """Return what an address answers: status, headers and body, with codes and tokens taken out."""
    answer = browser.open(url, method=method, data={"reason": "x"})
    body = TOKEN.sub("", answer.text)
    for code in hidden:
        body = body.replace(code, "")
    return answer.status_code, body, sorted(key for key, _value in answer.headers)


@pytest.mark.parametrize("role", [Role.EXPERT, Role.REGULATOR])
def test_every_door_answers_as_for_a_record_that_does_not_exist(
    app: Flask, case: Case, browser_of: BrowserOf, role: Role
) -> None:
    member = case.expert if role is Role.EXPERT else make_member(role, SHANDONG, person=case.expert.person)
    browser = browser_of(member)
    walked = 0
    for rule, choices in addresses(app):
        names = sorted(choices)
        for picked in product(*(choices[name] or ("",) for name in names)):
            if not set(picked) & set(OF_THE_CASE) or (role is Role.REGULATOR and "evidence" in picked):
                continue  # the ledger of a region belongs to no case: an authority reads it as such
            invented = {one: new_code() for one in OF_THE_CASE}
            real = {name: case.codes.get(one, "x") for name, one in zip(names, picked, strict=True)}
            unknown = {
                name: invented.get(one, case.codes.get(one, "x")) for name, one in zip(names, picked, strict=True)
            }
            hidden, method = [*case.codes.values(), *invented.values()], method_of(rule)
            seen = told(browser, method, built(app, rule, real), hidden)
            assert seen == told(browser, method, built(app, rule, unknown), hidden), rule
            walked += 1
    assert walked > 30


def test_no_list_export_search_count_or_notice_betrays_the_case(case: Case, browser_of: BrowserOf) -> None:
    browser, free = browser_of(case.expert), browser_of(making.acting(case.scene.experts[2]))
    secret = [NAME, *(case.codes[one] for one in OF_THE_CASE)]
    for pattern in LISTS:
        page = browser.get(pattern.format(name=NAME, code=case.codes["application"], **case.codes))
        shown = TYPED.sub("", page.text.partition("<main")[2] or page.text)
        assert page.status_code == 200, pattern
        assert [one for one in secret if one in shown] == [], pattern
    for pattern in ("/titles/rounds/{round}", "/panels/{panel}", "/meetings/{meeting}", "/ballots/{ballot}"):
        assert NAME in free.get(pattern.format(**case.codes)).text, pattern
    assert browser.get(f"/meetings/{case.codes['meeting']}/minutes.pdf").status_code == 404


def test_nothing_waits_for_who_is_recused(case: Case) -> None:
    waiting = todos_of(case.expert.actor)
    assert count_todos(case.expert.actor) == len(waiting)
    assert not [one for one in waiting if one.kind == "titles.check" or one.subject_code in case.codes["application"]]


def test_what_waits_for_a_role_does_not_wait_for_who_holds_it_but_is_recused(case: Case) -> None:
    recused, free = (make_member(Role.REGULATOR, NATION, person=one) for one in (case.expert.person, None))
    waits = [[one.kind for one in todos_of(member.actor)].count("titles.confirm") for member in (recused, free)]

    assert waits == [0, 1]
    assert count_todos(recused.actor) == len(todos_of(recused.actor))


def test_the_copy_of_ones_own_data_betrays_nothing_of_the_case_but_that_one_is_recused(case: Case) -> None:
    told = [
        (data.name, row)
        for room in rooms()
        for data in room.personal_data
        for row in data.collect(case.expert.person.id)
    ]
    secret = [NAME, *(case.codes[one] for one in OF_THE_CASE)]

    assert {name for name, _row in told} >= {"todos", "recusals"}
    assert [(name, row) for name, row in told if any(one in str(row) for one in secret)] == []
