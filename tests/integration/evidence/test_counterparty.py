"""The other party of a deal confirms or disputes it through a link: no account, once, and only what concerns them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.services.people import open_field
from app.accounts.states import Role
from app.core import post
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.desk.queries import todos_of
from app.evidence import services
from app.evidence.models import CounterpartyRequest, Evidence
from app.evidence.states import Kind, State
from tests.factories.accounts import JINAN, Member, make_member, make_organisation
from tests.factories.evidence import AT, BUYER, SELLER, again, make_declared, publish_checks

BrowserOf = Callable[[Member], FlaskClient]
RunJobs = Callable[[], int]
ADDRESS = "office@buyer.example"


@pytest.fixture(name="contract")
def _contract(owner: Member) -> Evidence:
    publish_checks(counterparties='["contract"]', region="370000")
    return make_declared(Kind.CONTRACT, owner)


def letter() -> post.Letter:
    (sent,) = [one for one in post.in_memory() if isinstance(one, post.Letter)]
    return sent


def link(body: str) -> str:
    found = re.search(r"/evidence/answer/\S+", body)
    assert found
    return found[0]


def requests() -> list[CounterpartyRequest]:
    query = select(CounterpartyRequest).order_by(CounterpartyRequest.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def ask(browser: FlaskClient, contract: Evidence, **changed: str) -> int:
    data = {"party": BUYER, "email": ADDRESS, **changed}
    return browser.post(f"/evidence/{contract.code}/ask", data=data).status_code


def line(contract: Evidence) -> str:
    return next(one["outcome"] for one in (again(contract).verdict or {})["lines"] if one["reason"] == "counterparty")


def test_a_counterparty_confirms_without_an_account(
    owner: Member, contract: Evidence, browser_of: BrowserOf, client: FlaskClient, run_jobs: RunJobs
) -> None:
    browser = browser_of(owner)
    assert SELLER in browser.get(f"/evidence/{contract.code}/ask").text
    assert line(contract) == "unknown"
    assert ask(browser, contract) == 302
    run_jobs()
    sent = letter()
    assert (sent.to, sent.subject) == (ADDRESS, "请确认一项技术交易")
    (request,) = requests()
    assert (request.token_sealed, request.mailed_at is not None) == (None, True)
    assert ADDRESS.encode() not in (request.email_sealed or b"")

    page = client.get(link(sent.body)).text
    assert BUYER in page
    assert owner.person.name in page
    assert "技术经理人的份额" not in page
    assert "60" not in re.findall(r">(\d+\.?\d*)%<", page)
    answered = client.post(link(sent.body), data={"said": "confirmed"})

    assert answered.status_code == 200
    assert "感谢您的答复" in answered.text
    assert (again(contract).state, line(contract)) == (State.CONFIRMED, "met")
    assert requests()[0].email_sealed is None
    event = session.scalars(select(Event).where(Event.kind == "evidence.counterparty_confirmed")).one()
    assert (event.actor_id, event.data) == (None, {"request": request.code})
    assert client.get(link(sent.body)).status_code == 404
    assert client.post(link(sent.body), data={"said": "confirmed"}).status_code == 404


def test_a_dispute_needs_its_reason_and_comes_before_the_authority(
    owner: Member, checker: Member, contract: Evidence, browser_of: BrowserOf, client: FlaskClient, run_jobs: RunJobs
) -> None:
    ask(browser_of(owner), contract)
    run_jobs()
    address = link(letter().body)

    assert client.post(address, data={}).status_code == 422
    assert client.post(address, data={"said": "disputed", "reason": " "}).status_code == 422
    assert client.post(address, data={"said": "disputed", "reason": "我方未签订该合同。"}).status_code == 200

    assert (again(contract).state, line(contract), again(contract).standing) == (State.DECLARED, "not", "not")
    assert again(contract).disputed_at is not None
    assert "evidence.disputed" in {todo.kind for todo in todos_of(checker.actor)}
    assert "对方当事人对这条记录提出异议" in browser_of(owner).get(f"/evidence/{contract.code}").text


def test_a_new_link_ends_the_earlier_one_and_a_day_has_a_limit(
    owner: Member, contract: Evidence, browser_of: BrowserOf, client: FlaskClient, run_jobs: RunJobs
) -> None:
    browser = browser_of(owner)
    ask(browser, contract)
    run_jobs()
    first = link(letter().body)

    assert [ask(browser, contract) for _time in range(3)] == [302, 302, 429]

    assert client.get(first).status_code == 404
    assert [one.ended_at is None for one in requests()] == [False, False, True]
    assert [one.email_sealed is None for one in requests()] == [True, True, False]
    run_jobs()
    assert len(post.in_memory()) == 2, "a link that has ended is not mailed"
    with unit_of_work():
        session.execute(update(CounterpartyRequest).values(sent_at=real_now() - timedelta(hours=25)))
    assert ask(browser, contract) == 302


def test_a_link_runs_out_by_security_time(
    owner: Member, contract: Evidence, browser_of: BrowserOf, client: FlaskClient, run_jobs: RunJobs
) -> None:
    ask(browser_of(owner), contract)
    run_jobs()
    with unit_of_work():
        session.execute(update(CounterpartyRequest).values(expires_at=real_now()))

    assert client.get(link(letter().body)).status_code == 404
    assert "已失效" in browser_of(owner).get(f"/evidence/{contract.code}/ask").text


def test_a_link_to_a_withdrawn_record_opens_nothing(
    owner: Member, contract: Evidence, browser_of: BrowserOf, client: FlaskClient, run_jobs: RunJobs
) -> None:
    ask(browser_of(owner), contract)
    run_jobs()
    with unit_of_work():
        services.withdraw(again(contract), reason="填错", by=owner.actor, at=AT)

    assert client.get(link(letter().body)).status_code == 404
    assert ask(browser_of(owner), contract) == 409


@pytest.mark.one_database
def test_nobody_confirms_their_own_record(owner: Member, contract: Evidence, browser_of: BrowserOf) -> None:
    own = open_field(owner.person, "person.email") or ""

    assert ask(browser_of(owner), contract, email=own.upper()) == 422
    assert ask(browser_of(owner), contract, email="nonsense") == 422
    assert ask(browser_of(owner), contract, email="") == 422
    assert ask(browser_of(owner), contract, party="别的公司") == 422
    assert requests() == []


@pytest.mark.one_database
def test_a_checker_does_not_ask(contract: Evidence, checker: Member, browser_of: BrowserOf) -> None:
    assert ask(browser_of(checker), contract) == 403


def test_a_confirmation_by_the_counterparty_does_not_replace_that_of_the_person(
    owner: Member, contract: Evidence, browser_of: BrowserOf, client: FlaskClient, run_jobs: RunJobs
) -> None:
    del contract
    admin = make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN))
    entered = make_declared(Kind.SERVICE, owner, by=admin)
    assert ask(browser_of(admin), entered) == 302
    run_jobs()

    client.post(link(letter().body), data={"said": "confirmed"})

    assert (again(entered).state, again(entered).accepted_at) == (State.DECLARED, None)


@pytest.mark.one_database
def test_guessed_links_open_nothing(client: FlaskClient, owner: Member) -> None:
    del owner
    assert client.get("/evidence/answer/abc").status_code == 404
    assert client.post("/evidence/answer/abc", data={"said": "confirmed"}).status_code == 404
