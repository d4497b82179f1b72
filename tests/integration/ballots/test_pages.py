"""The pages of a ballot: who sees what, what each may do, and no choice in any address, page or log."""

import json
import logging
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.accounts.states import Role
from app.ballots.models import BallotVote
from app.ballots.rules.bulletin import verify
from app.ballots.states import BallotState, Choice
from app.core.db import db, session
from tests.factories import ballots as make
from tests.factories.accounts import GUANGDONG, SHANDONG, Member, make_member
from tests.submit import submit

BrowserOf = Callable[[Member], FlaskClient]
AtTime = Callable[[datetime], None]
pytestmark = pytest.mark.usefixtures("app")
MOST = 10
JSON = {"Accept": "application/json"}


def url(house: make.House, page: str = "") -> str:
    return f"/ballots/{house.ballot.code}{page}"


def sent(house: make.House, member: Member, choice: Choice = Choice.APPROVE) -> dict[str, str]:
    return {"voter": house.voter(member).pseudonym, "vote": make.vote_text(house, member, choice)}


def test_a_voter_votes_by_page_and_finds_the_hash_on_the_bulletin(browser_of: BrowserOf, at_time: AtTime) -> None:
    house = make.make_open(experts=2)
    at_time(make.OPENS)
    browser, member = browser_of(house.experts[0]), house.experts[0]
    page = browser.get(url(house, "/vote"))
    assert house.voter(member).pseudonym in page.text
    assert "必须启用JavaScript" in page.text

    answer = browser.post(url(house, "/vote"), json=sent(house, member), headers=JSON)

    assert answer.status_code == 201
    hashed = answer.json["hash"] if answer.json else ""
    assert [one.hash for one in session.scalars(select(BallotVote))] == [hashed]
    receipt = browser.get(url(house, "/vote"))
    assert hashed in receipt.text
    assert "ballot-form" not in receipt.text
    assert "这张选票在清单中" in browser.get(url(house, f"/bulletin?hash={hashed}")).text
    assert "没有这个哈希值" in browser.get(url(house, "/bulletin?hash=00")).text


@pytest.mark.one_database
def test_a_refused_vote_says_why_and_what_to_do(browser_of: BrowserOf, at_time: AtTime) -> None:
    house = make.make_open(experts=2)
    at_time(make.OPENS)
    member, other = house.experts[0], house.experts[1]
    browser = browser_of(member)
    stolen = {**sent(house, other), "voter": house.voter(member).pseudonym}

    for body, status in (
        (stolen, 422),
        ({"voter": "x"}, 422),
        ([], 422),
        ({**sent(house, member), "more": 1}, 422),
        (sent(house, other), 404),
    ):
        answer = browser.post(url(house, "/vote"), json=body, headers=JSON)
        assert answer.status_code == status
        assert answer.json
        assert answer.json["detail"]
    assert browser.post(url(house, "/vote"), data="{", headers=JSON).status_code == 422
    assert not list(session.scalars(select(BallotVote)))


@pytest.mark.one_database
def test_no_choice_is_logged_or_shown_when_a_vote_is_cast(
    browser_of: BrowserOf, at_time: AtTime, caplog: pytest.LogCaptureFixture
) -> None:
    house = make.make_open(experts=2)
    at_time(make.OPENS)
    caplog.set_level(logging.DEBUG)
    answers = set()
    for member, choice in zip(house.voters, Choice, strict=True):
        answer = browser_of(member).post(url(house, "/vote"), json=sent(house, member, choice), headers=JSON)
        answers.add((answer.status_code, len(answer.data), tuple(sorted(answer.headers.keys()))))

    assert len(answers) == 1
    assert not [line for line in caplog.messages if any(choice.value in line for choice in Choice)]


@pytest.mark.one_database
def test_the_page_says_when_the_vote_is_not_open_or_over(browser_of: BrowserOf, at_time: AtTime) -> None:
    house = make.make_ready(experts=2)
    at_time(make.OPENS)
    browser = browser_of(house.chair)
    assert "投票未开放" in browser.get(url(house, "/vote")).text

    assert submit(browser, url(house, "/open"), page=url(house), minutes="30").status_code == 302
    assert "ballot-form" in browser.get(url(house, "/vote")).text
    at_time(make.CLOSES)
    late = house.fresh().closes_at
    assert late
    at_time(late)
    assert browser.post(url(house, "/vote"), json=sent(house, house.chair), headers=JSON).status_code == 409
    assert "投票未开放" in browser.get(url(house, "/vote")).text
    assert "委员会主任结束投票" in browser.get(url(house)).text


@pytest.mark.one_database
def test_the_chair_opens_closes_and_calls_off_by_page(browser_of: BrowserOf, at_time: AtTime) -> None:
    house = make.make_ready(experts=2)
    at_time(make.OPENS)
    browser = browser_of(house.chair)
    for minutes in ("", "0", "481", "soon"):
        refused = submit(browser, url(house, "/open"), page=url(house), minutes=minutes)
        assert (refused.status_code, house.fresh().state) == (422, BallotState.READY)
    assert submit(browser, url(house, "/restart"), page=url(house)).status_code == 302
    assert house.fresh().ceremony == 2
    make.make_ready(house)
    assert submit(browser, url(house, "/open"), page=url(house), minutes="30").status_code == 302
    assert submit(browser, url(house, "/call-off"), page=url(house), reason="").status_code == 422
    for member in house.voters:
        make.cast(house, member, Choice.APPROVE, at=house.fresh().opened_at or make.OPENS)
    assert submit(browser, url(house, "/close"), page=url(house)).status_code == 302
    assert browser.post(url(house, "/close")).status_code == 409
    assert submit(browser, url(house, "/call-off"), page=url(house), reason="会议中止。").status_code == 302

    assert house.fresh().state is BallotState.CALLED_OFF
    assert "会议中止。" in browser.get(url(house)).text


def test_a_vote_is_not_opened_by_page_without_a_quorum_and_the_page_keeps_what_was_typed(
    browser_of: BrowserOf, at_time: AtTime
) -> None:
    house = make.make_ready(experts=2, committee_size=9)
    at_time(make.OPENS)

    page = submit(browser_of(house.chair), url(house, "/open"), page=url(house), minutes="45")

    assert (page.status_code, "至少须出席6人" in page.text, 'value="45"' in page.text) == (409, True, True)


@pytest.mark.one_database
def test_only_the_chair_of_this_ballot_conducts_it(browser_of: BrowserOf, at_time: AtTime) -> None:
    house = make.make_ready(experts=2)
    at_time(make.OPENS)
    other = make_member(Role.CHAIR, SHANDONG)
    expert = browser_of(house.experts[0])
    acts = ("/open", "/close", "/restart", "/call-off")

    assert [browser_of(other).post(url(house, act)).status_code for act in acts] == [404] * 4
    assert [expert.post(url(house, act)).status_code for act in acts] == [403] * 4
    assert "只能由委员会主任" in expert.get(url(house)).text


@pytest.mark.one_database
def test_a_chair_who_is_only_a_voter_here_does_not_conduct(browser_of: BrowserOf, at_time: AtTime) -> None:
    guest = make_member(Role.CHAIR, SHANDONG)
    chair, experts = make.make_people(2)
    house = make.make_ready(people=(chair, [*experts, guest]))
    at_time(make.OPENS)
    browser = browser_of(guest)

    assert browser.get(url(house)).status_code == 200
    assert browser.post(url(house, "/open"), data={"minutes": "30"}).status_code == 403
    assert house.fresh().state is BallotState.READY


@pytest.mark.one_database
def test_a_recused_voter_gets_the_404_of_an_unknown_record(browser_of: BrowserOf) -> None:
    house = make.make_decided(5, recused={3: frozenset({"application-1"})})
    first, second = house.fresh().questions
    recused, free = browser_of(house.experts[3]), browser_of(house.experts[2])
    unknown = recused.get(url(house, "/questions/nothing"))

    hidden = recused.get(url(house, f"/questions/{first.code}"))

    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert hidden.text.replace(first.code, "nothing") == unknown.text
    assert recused.get(url(house, f"/questions/{second.code}")).status_code == 200
    assert first.title_zh not in recused.get(url(house)).text
    assert recused.get(url(house, "/bulletin.json")).status_code == 404
    assert free.get(url(house, f"/questions/{first.code}")).status_code == 200


@pytest.mark.one_database
def test_everybody_recused_from_all_and_every_stranger_finds_nothing(browser_of: BrowserOf) -> None:
    gone = frozenset({"application-1", "application-2"})
    house = make.make_decided(5, recused={3: gone})
    strangers = [house.experts[3], make_member(Role.EXPERT, SHANDONG), make_member(Role.SUPERVISOR, GUANGDONG)]
    pages = ("", "/vote", "/bulletin", "/bulletin.json", "/key")

    for member in strangers:
        browser = browser_of(member)
        codes = {browser.get(url(house, page)).status_code for page in pages}
        assert codes <= {403, 404}
        assert 404 in codes
        assert house.ballot.code not in browser.get("/ballots").text


def test_the_bulletin_is_whole_when_the_vote_is_closed_and_verifies(browser_of: BrowserOf) -> None:
    house = make.make_open(experts=2)
    browser = browser_of(house.experts[0])
    for member in house.voters:
        make.cast(house, member, Choice.APPROVE)
    assert browser.get(url(house, "/bulletin.json")).status_code == 409
    make.close(house)
    closed = json.loads(browser.get(url(house, "/bulletin.json")).text)
    make.open_tally(house)

    answer = browser.get(url(house, "/bulletin.json"))

    assert (closed["results"], closed["openings"]) == (None, [])
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [one.passed for one in verify(json.loads(answer.text))] == [True] * 5
    assert [row["hash"] for row in closed["votes"]] == sorted(row["hash"] for row in closed["votes"])


@pytest.mark.one_database
def test_the_result_is_a_list_of_conditions_with_their_rule_and_source(browser_of: BrowserOf) -> None:
    house = make.make_decided(3)
    question = house.fresh().questions[0]

    page = browser_of(house.chair).get(url(house, f"/questions/{question.code}")).text

    assert "事项未通过" in page
    assert "出席5人，同意3人；至少须4人同意" in page
    assert "样例值" in page
    assert "ballot-rules-sample" in page


@pytest.mark.one_database
def test_a_result_not_opened_says_why(browser_of: BrowserOf) -> None:
    house = make.make_open(experts=2)
    make.cast(house, house.chair, Choice.APPROVE)
    make.close(house)

    page = browser_of(house.chair).get(url(house, f"/questions/{house.fresh().questions[0].code}")).text

    assert "本事项未开票" in page


def test_trustees_make_the_key_by_page(browser_of: BrowserOf) -> None:
    house = make.make_called(experts=3)
    browsers = [browser_of(member) for member in house.trustees]
    for act, made in (("join", make.joined), ("deal", make.dealt), ("confirm", make.confirmed)):
        for place, browser in enumerate(browsers, 1):
            assert browser.get(url(house, "/key")).status_code == 200
            answer = browser.post(url(house, f"/key/{act}"), json=made(house, place), headers=JSON)
            assert (answer.status_code, answer.json) == (200, {"done": act})
    voter = browser_of(house.experts[2])

    assert house.fresh().state is BallotState.READY
    assert voter.get(url(house, "/key")).status_code == 404
    assert voter.post(url(house, "/key/join"), json=[], headers=JSON).status_code == 404
    assert browsers[0].post(url(house, "/key/nothing"), json={}, headers=JSON).status_code == 404
    assert browsers[0].post(url(house, "/key/join"), json=[], headers=JSON).status_code == 422
    assert "目前无须办理" in browsers[0].get(url(house, "/key")).text


def test_the_list_is_filtered_by_state(browser_of: BrowserOf) -> None:
    house = make.make_called()
    browser = browser_of(house.chair)

    assert house.ballot.code in browser.get("/ballots?state=keys").text
    assert house.ballot.code not in browser.get("/ballots?state=open").text
    assert "aria-invalid" not in browser.get("/ballots").text
    assert "aria-invalid" in browser.get("/ballots?state=nonsense&page=9").text


@pytest.mark.one_database
def test_a_proxy_sees_for_whom_they_vote(browser_of: BrowserOf, at_time: AtTime) -> None:
    house = make.make_open(experts=2, pack=make.make_pack(proxy="true"))
    at_time(make.OPENS)
    absent = house.experts[1]
    make.attend(house, house.chair, house.experts[0])
    make.appoint(house, absent, house.chair)
    browser, name = browser_of(house.chair), house.voter(absent).pseudonym

    assert f"for={name}" in browser.get(url(house)).text
    assert "委托投票" in browser.get(url(house, f"/vote?for={name}")).text
    assert browser.post(url(house, "/vote"), json=sent(house, absent), headers=JSON).status_code == 201


@pytest.mark.one_database
def test_pages_stay_within_ten_statements_however_many_vote(browser_of: BrowserOf, at_time: AtTime) -> None:
    def statements(browser: FlaskClient, address: str) -> int:
        said: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            said.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        assert browser.get(address).status_code == 200, address
        event.remove(db.engine, "before_cursor_execute", note)
        return len([one for one in said if not one.startswith(("BEGIN", "ROLLBACK"))])

    counted = []
    for experts in (2, 6):
        house = make.make_open(experts=experts)
        at_time(make.OPENS)
        browser = browser_of(house.chair)
        question = house.fresh().questions[0].code
        pages = ("", "/vote", "/key", "/bulletin", f"/questions/{question}")
        for member in house.voters[1:]:
            make.cast(house, member, Choice.APPROVE)
        counted.append([statements(browser, "/ballots"), *(statements(browser, url(house, page)) for page in pages)])

    assert counted[0] == counted[1]
    assert max(counted[0]) <= MOST, counted
