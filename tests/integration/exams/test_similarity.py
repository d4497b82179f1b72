"""Similar sittings: listed as evidence, decided by two experts who did not ask, told by an event only then."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.assessment.exams.administration_states import ConductState
from app.assessment.exams.models import (
    Attempt,
    ConductRecord,
    Registration,
    SimilarityOpinion,
    SimilarityPair,
    SimilarityRun,
)
from app.assessment.exams.queries import similarity as queries
from app.assessment.exams.services import conduct, sealing
from app.assessment.exams.services import similarity as services
from app.assessment.exams.services.subjects import of_comparison, of_pair
from app.assessment.exams.statistics_states import PairState
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, NotFoundError
from app.core.events import Event, timeline
from app.courses.models import Cohort, CohortLecturer
from app.desk.queries import todos_of
from app.panels.models.draws import Panel, Recusal
from app.panels.models.pools import PoolExpert
from app.panels.queries import draws
from app.panels.services import recusal
from app.panels.states import Conflict
from tests.factories.accounts import Member, make_member, make_organisation
from tests.factories.exams import attempt_of, make_pack, said
from tests.factories.panels import Office, acting, draw, make_experts, make_office
from tests.factories.similarity import AFTER, ask, call, drawn, make_compared, the_pair
from tests.factories.statistics import Marked, make_marked
from tests.integration.exams.conftest import Cost
from tests.submit import submit

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
REASON = "错题一致，且一分钟内先后保存"


@pytest.fixture(name="compared")
def _compared(app: Flask) -> Marked:
    """Return a small session whose first two candidates answered everything alike, compared."""
    del app
    return make_compared()


@pytest.fixture(name="office")
def _office(compared: Marked) -> Office:
    """An authority with a pool of five experts."""
    del compared
    office = make_office()
    make_experts(office, 5)
    return office


@pytest.fixture(name="experts")
def _experts(compared: Marked, office: Office) -> list[Member]:
    """Three experts drawn for the pairs of the session."""
    return drawn(compared, office)


def pools_of(office: Office) -> list[PoolExpert]:
    query = select(PoolExpert).where(PoolExpert.pool_id == office.pool.id)
    return list(session.scalars(query.order_by(PoolExpert.id)))


def kinds(member: Member) -> list[str]:
    return [one.kind for one in todos_of(member.actor)]


def judge(browser: FlaskClient, similar: str) -> int:
    address = f"/exams/similarity/pairs/{the_pair().code}"
    return submit(browser, address, page=address, similar=similar, reason=REASON).status_code


def test_the_pair_that_agrees_is_listed_with_its_evidence_and_the_expert_group_is_asked(
    compared: Marked, experts: list[Member], browser_of: Browser
) -> None:
    run, pair = session.scalars(select(SimilarityRun)).one(), the_pair()

    assert (run.persons, run.pairs) == (16, 120)
    assert (pair.matches, pair.same_wrong, pair.evidence["within"]) == (12, 6, 6)
    alike = {attempt_of(one).id for one in compared.trainees[:2]}
    assert {pair.first_id, pair.second_id} == alike
    assert set(kinds(experts[0])) == {"exams.similarity", "panels.declare"}
    assert "exams.similarity_group" not in kinds(compared.house.examiner)
    page = browser_of(experts[1]).get(f"/exams/similarity/{compared.session.code}").text
    assert pair.code in page
    told = browser_of(experts[1]).get(f"/exams/similarity/pairs/{pair.code}").text
    assert compared.trainees[0].person.name not in told
    assert browser_of(experts[1]).get("/exams/similarity").text.count(compared.session.code) >= 1


def test_a_confirmed_similarity_is_conduct_of_both_signed_by_the_two_experts(
    compared: Marked, experts: list[Member], browser_of: Browser
) -> None:
    pack = make_pack("exam_conduct", "exam-conduct-2017.toml")
    judge(browser_of(experts[0]), "yes")
    assert session.scalars(select(ConductRecord)).all() == []
    judge(browser_of(experts[1]), "yes")

    records = session.scalars(select(ConductRecord).order_by(ConductRecord.id)).all()
    pair = the_pair()
    sittings = select(Attempt.registration_id).where(Attempt.id.in_((pair.first_id, pair.second_id)))
    assert {one.registration_id for one in records} == set(session.scalars(sittings))
    assert {(one.conduct, one.state, one.rule_pack) for one in records} == {
        ("similar_answers", ConductState.SIGNED, pack.code)
    }
    assert {records[0].recorded_by_id, records[0].witnessed_by_id} == {experts[0].person.id, experts[1].person.id}
    assert REASON in records[0].description
    assert conduct.consequence_of(records[0]).code == "subject_void"
    assert {todo.kind for todo in todos_of(compared.house.examiner.actor)} >= {"exams.notify"}
    with unit_of_work():
        candidate = session.get_one(Registration, records[0].registration_id)
        experts_again = conduct.Experts(experts[0].person.id, experts[1].actor, REASON)
        again = conduct.record_similarity(compared.session, candidate, experts_again, at=AFTER)
    assert again is None


def test_without_a_rule_on_conduct_a_confirmed_similarity_opens_nothing(
    compared: Marked, experts: list[Member], browser_of: Browser
) -> None:
    del compared
    judge(browser_of(experts[0]), "yes")
    judge(browser_of(experts[1]), "yes")

    assert the_pair().state is PairState.CONFIRMED
    assert session.scalars(select(ConductRecord)).all() == []


def test_two_experts_who_agree_confirm_and_only_then_the_event_is_recorded(
    compared: Marked, experts: list[Member], browser_of: Browser
) -> None:
    confirmed = select(Event).where(Event.kind == "exams.similarity_confirmed")

    judge(browser_of(experts[0]), "yes")
    assert the_pair().state is PairState.LISTED
    assert session.scalars(confirmed).all() == []
    judge(browser_of(experts[1]), "yes")

    pair = the_pair()
    assert pair.state is PairState.CONFIRMED
    assert {pair.decided_by_id, pair.seconded_by_id} == {experts[0].person.id, experts[1].person.id}
    happened = session.scalars(confirmed).one()
    assert happened.data["session"] == compared.session.code
    assert len(happened.data["attempts"]) == 2
    assert timeline(of_pair(pair))[0].kind == "exams.similarity_confirmed"
    page = browser_of(compared.house.examiner).get(f"/exams/similarity/pairs/{pair.code}").text
    assert experts[0].person.name in page
    assert REASON in page


def test_experts_who_disagree_need_a_third(compared: Marked, experts: list[Member], browser_of: Browser) -> None:
    judge(browser_of(experts[0]), "yes")
    judge(browser_of(experts[1]), "no")
    assert the_pair().state is PairState.LISTED

    judge(browser_of(experts[2]), "no")

    pair = the_pair()
    assert pair.state is PairState.DISMISSED
    assert {pair.decided_by_id, pair.seconded_by_id} == {experts[1].person.id, experts[2].person.id}
    assert compared.session.code


def test_nobody_sees_another_opinion_before_the_pair_is_decided(experts: list[Member], browser_of: Browser) -> None:
    judge(browser_of(experts[0]), "yes")
    address = f"/exams/similarity/pairs/{the_pair().code}"

    assert REASON in browser_of(experts[0]).get(address).text
    assert REASON not in browser_of(experts[1]).get(address).text


def test_the_pages_of_similar_sittings_send_ten_statements_at_most(
    compared: Marked, experts: list[Member], browser_of: Browser, cost: Cost
) -> None:
    browsers = [browser_of(one) for one in (compared.house.examiner, *experts[:2])]
    addresses = (f"/exams/similarity/{compared.session.code}", f"/exams/similarity/pairs/{the_pair().code}")
    with unit_of_work():
        sealing.open_due(at=AFTER)

    def most() -> int:
        return max(cost(browser, address) for browser in browsers for address in addresses)

    listed = most()
    judge(browsers[1], "yes")
    judged = most()
    judge(browsers[2], "yes")
    decided = most()

    assert the_pair().state is PairState.CONFIRMED
    assert max(listed, judged, decided) <= 10, (listed, judged, decided)


def test_one_person_has_one_opinion_and_needs_a_reason(experts: list[Member], browser_of: Browser) -> None:
    address = f"/exams/similarity/pairs/{the_pair().code}"
    browser = browser_of(experts[0])

    without = submit(browser, address, page=address, similar="yes", reason="")
    judge(browser, "yes")
    again = submit(browser, address, page="/home", similar="yes", reason=REASON)

    assert without.status_code == 422
    assert again.status_code == 409
    assert len(session.scalars(select(SimilarityOpinion)).all()) == 1


def test_who_asked_for_the_comparison_decides_nothing(compared: Marked) -> None:
    examiner = compared.house.examiner
    pair = queries.pair(the_pair().code, examiner.actor)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.give_opinion(pair, similar=True, reason=REASON, by=examiner.actor, at=AFTER)


def test_a_decided_pair_stays_decided(experts: list[Member], browser_of: Browser) -> None:
    address = f"/exams/similarity/pairs/{the_pair().code}"
    for expert in experts[:2]:
        judge(browser_of(expert), "no")

    late = submit(browser_of(experts[2]), address, page="/home", similar="yes", reason=REASON)

    assert late.status_code == 409


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"state": "confirmed", "decided_at": AFTER}, "two_experts"),
        ({"decided_at": AFTER}, "decided"),
    ],
)
def test_the_database_holds_the_rule_of_two(compared: Marked, values: dict[str, object], rule: str) -> None:
    one = compared.house.examiner2.person.id
    with pytest.raises(ConflictError, match=rule), unit_of_work():
        session.execute(update(SimilarityPair).values(**values))
    both = {"state": "confirmed", "decided_at": AFTER, "decided_by_id": one, "seconded_by_id": one}
    with pytest.raises(ConflictError, match="two_people"), unit_of_work():
        session.execute(update(SimilarityPair).values(**both))
    asked = {**both, "seconded_by_id": compared.house.examiner.person.id}
    with pytest.raises(ConflictError, match="not_who_flagged"), unit_of_work():
        session.execute(update(SimilarityPair).values(**asked))


def test_the_same_answers_are_compared_once_and_the_to_do_goes_when_all_is_decided(
    compared: Marked, experts: list[Member]
) -> None:
    ask(compared, minutes=3)
    assert len(session.scalars(select(SimilarityRun)).all()) == 1

    for code in session.scalars(select(SimilarityPair.code)).all():
        for expert in experts[:2]:
            with unit_of_work():
                found = queries.pair(code, expert.actor, lock=True)
                services.give_opinion(found, similar=False, reason=REASON, by=expert.actor, at=AFTER)

    assert kinds(experts[2]) == ["panels.declare"]


def test_few_sittings_cannot_be_compared_and_the_page_says_why(app: Flask, browser_of: Browser) -> None:
    del app
    marked = make_marked((5, 6, 7))
    browser = browser_of(marked.house.examiner)
    address = f"/exams/similarity/{marked.session.code}"

    submit(browser, address, page=address)
    waiting = browser.get(address).text
    jobs.work()

    (refused, *_rest) = timeline(of_comparison(marked.session))
    assert "data-poll" in waiting
    assert str(refused.reason) in browser.get(address).text


def test_another_organisation_sees_no_pair(compared: Marked, browser_of: Browser) -> None:
    stranger = browser_of(make_member(Role.EXAMINER, organisation=make_organisation()))

    assert stranger.get(f"/exams/similarity/{compared.session.code}").status_code == 404
    assert stranger.get(f"/exams/similarity/pairs/{the_pair().code}").status_code == 404
    assert compared.session.code not in stranger.get("/exams/similarity").text


def test_before_a_group_is_called_an_examiner_is_asked_and_nobody_gives_an_opinion(
    compared: Marked, office: Office, browser_of: Browser
) -> None:
    address = f"/exams/similarity/{compared.session.code}"
    browser = browser_of(compared.house.examiner)
    assert "exams.similarity_group" in kinds(compared.house.examiner)
    assert f"{address}/group" in browser.get(address).text

    few = submit(browser, f"{address}/group", page=f"{address}/group", pool=office.pool.code, field="", seats=2)
    none = submit(browser, f"{address}/group", page=f"{address}/group", pool="", field="", seats=3)
    done = submit(browser, f"{address}/group", page=f"{address}/group", pool=office.pool.code, field="", seats=3)
    again = submit(browser, f"{address}/group", page=address, pool=office.pool.code, field="", seats=3)

    assert (few.status_code, none.status_code, done.location, again.status_code) == (422, 422, address, 409)
    assert said("The expert group is drawn") in browser.get(address).text
    assert f"{address}/group" not in browser.get(address).text
    assert "exams.similarity_group" not in kinds(compared.house.examiner)
    panel = session.scalars(select(Panel)).one()
    assert [one.subject for one in draws.all_cases(panel.id)] == [
        of_pair(one) for one in session.scalars(select(SimilarityPair).order_by(SimilarityPair.id))
    ]
    draw(panel, office)
    assert said("The drawn experts give their opinions, each without seeing those of the others") in (
        browser.get(address).text
    )
    assert panel.code in browser.get(address).text


def test_who_taught_one_of_the_two_or_works_at_their_base_is_never_drawn(compared: Marked, office: Office) -> None:
    experts = pools_of(office)
    teacher, colleague = experts[0], experts[1]
    cohort = session.scalars(select(Cohort)).one()
    with unit_of_work():
        session.add(CohortLecturer(cohort_id=cohort.id, person_id=teacher.person_id))
    base = session.get_one(Organisation, cohort.base_organisation_id)
    make_member(Role.LECTURER, organisation=base, person=colleague.person)
    make_experts(office, 2)
    above, superior = make_organisation(name_zh="基地所属的学堂"), experts[2]
    make_member(Role.LECTURER, organisation=above, person=superior.person)
    with unit_of_work():
        base.parent_id = above.id

    seated = drawn(compared, office)

    assert {one.person.id for one in seated}.isdisjoint({teacher.person_id, colleague.person_id, superior.person_id})
    known = {(one.person_id, one.kind) for one in session.scalars(select(Recusal))}
    assert {(teacher.person_id, Conflict.STUDENT), (colleague.person_id, Conflict.UNIT)} <= known
    assert (superior.person_id, Conflict.UNIT) in known


def test_who_is_recused_finds_every_door_closed_and_the_next_of_the_draw_is_asked(
    compared: Marked, office: Office, experts: list[Member], browser_of: Browser
) -> None:
    gone, browser = experts[0], browser_of(experts[0])
    pair, address = the_pair(), f"/exams/similarity/pairs/{the_pair().code}"
    assert browser.get(address).status_code == 200
    panel = session.scalars(select(Panel)).one()
    for case in draws.all_cases(panel.id):
        with unit_of_work():
            recusal.declare(session.merge(case), reason="与考生相识", by=gone.actor, at=AFTER)

    assert browser.get(address).status_code == 404
    assert browser.get(f"/exams/similarity/{compared.session.code}").status_code == 404
    assert compared.session.code not in browser.get("/exams/similarity").text
    assert submit(browser, address, page="/home", similar="yes", reason=REASON).status_code == 404
    assert "exams.similarity" not in kinds(gone)
    now = [acting(seat.expert) for seat in draws.seated(panel.id)]
    (substitute,) = [one for one in now if one.person.id not in {two.person.id for two in experts}]
    assert "exams.similarity" in kinds(substitute)
    assert browser_of(substitute).get(address).status_code == 200
    assert pair.code in browser_of(substitute).get(f"/exams/similarity/{compared.session.code}").text
    assert office.pool.code


def test_where_too_few_are_left_who_could_agree_another_group_is_called(
    compared: Marked, office: Office, experts: list[Member]
) -> None:
    pair, panel = the_pair(), session.scalars(select(Panel)).one()
    for _turn in range(4):
        gone = acting(draws.seated(panel.id)[0].expert)
        for case in draws.all_cases(panel.id):
            with unit_of_work():
                recusal.declare(session.merge(case), reason="与考生相识", by=gone.actor, at=AFTER)

    assert "exams.similarity_group" in kinds(compared.house.examiner)
    with pytest.raises(NotFoundError):
        queries.pair(pair.code, experts[0].actor)
    again = call(compared, office)
    assert of_pair(pair) in [one.subject for one in draws.all_cases(again.id)]
    assert "exams.similarity_group" not in kinds(compared.house.examiner)


def test_an_expert_who_is_not_of_the_group_sees_and_says_nothing(
    compared: Marked, office: Office, experts: list[Member], browser_of: Browser
) -> None:
    (other, *_rest) = [one for one in pools_of(office) if one.person_id not in {two.person.id for two in experts}]
    stranger, marker = acting(other), make_member(Role.MARKER, organisation=compared.house.body)

    assert browser_of(stranger).get(f"/exams/similarity/pairs/{the_pair().code}").status_code == 404
    assert compared.session.code not in browser_of(stranger).get("/exams/similarity").text
    assert browser_of(marker).get("/exams/similarity").status_code == 403
    found = queries.pair(the_pair().code, experts[0].actor)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.give_opinion(found, similar=True, reason=REASON, by=stranger.actor, at=AFTER)
