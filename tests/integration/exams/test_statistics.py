"""Statistics of a session: computed after marking, once; flagged items go to reviewers; the rule pack decides."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from app.accounts.models import Person
from app.accounts.states import Role
from app.assessment.exams.models import (
    ExamSession,
    ItemCalibration,
    ItemDif,
    ItemFlag,
    ItemStatistic,
    MarkingRun,
    PersonFit,
    StatisticsRun,
)
from app.assessment.exams.queries import marking as marking_queries
from app.assessment.exams.queries import parameters
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import statistics as queries
from app.assessment.exams.rules.information import CALIBRATED, ESTIMATED
from app.assessment.exams.rules.rulings import Ruling
from app.assessment.exams.services import regrading
from app.assessment.exams.services import statistics as services
from app.assessment.exams.services.subjects import of_statistics
from app.assessment.exams.states import RunState
from app.assessment.exams.statistics_states import FlagState, Model
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import timeline
from app.desk.queries import todos_of
from app.items.models import Item, ItemVersion
from app.items.states import ItemState
from app.rulebook.models import RulePack
from tests.factories.accounts import Member, make_member, make_organisation
from tests.factories.exams import CLOSES, House, make_prepared, said
from tests.factories.statistics import Marked, make_marked
from tests.submit import submit

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
AFTER = CLOSES + timedelta(minutes=5)
RIGHT = (12, 11, 11, 10, 9, 8, 8, 7, 5, 3)


@pytest.fixture(name="marked")
def _marked(app: Flask) -> Marked:
    del app
    return make_marked(RIGHT)


def runs() -> list[StatisticsRun]:
    return list(session.scalars(select(StatisticsRun).order_by(StatisticsRun.id)))


def item_of(flag: ItemFlag) -> Item:
    query = select(Item).join(Item.versions).where(ItemVersion.id == flag.item_version_id)
    return session.scalars(query).one()


def ask(marked: Marked, model: Model | None, *, minutes: int = 0) -> None:
    with unit_of_work():
        held = sessions_queries.exam_session(marked.session.code, marked.house.examiner.actor)
        services.ask(held, model, by=marked.house.examiner.actor, at=AFTER + timedelta(minutes=minutes))
    jobs.work()


def test_statistics_follow_the_marking_by_themselves(marked: Marked) -> None:
    (run,) = runs()

    assert (run.persons, run.items, run.model) == (10, 12, Model.CTT)
    assert run.mean == pytest.approx(sum(RIGHT) / 10 * 2.5)
    assert 0 < (run.alpha or 0) < 1
    assert sum(count for _low, _high, count in run.summary["bins"]) == 10
    assert run.key_hash == marked.session.paper.content_hash
    facility = session.scalars(select(ItemStatistic.facility).order_by(ItemStatistic.position)).all()
    assert facility[0] == pytest.approx(1.0)
    assert facility[11] == pytest.approx(0.1)


def test_the_same_answers_under_the_same_model_are_computed_once(marked: Marked) -> None:
    ask(marked, Model.RASCH)
    ask(marked, Model.RASCH, minutes=2)
    ask(marked, None, minutes=4)

    assert [run.model for run in runs()] == [Model.CTT, Model.RASCH]
    told = [event.kind for event in timeline(of_statistics(marked.session))]
    assert told.count("exams.statistics_computed") == 2


def test_after_a_new_marking_statistics_are_taken_again_and_the_old_ones_say_that_their_key_is_old(
    marked: Marked, browser_of: Browser
) -> None:
    ask(marked, Model.RASCH)
    (before, rasch) = runs()
    first, second = marked.house.examiner, marked.house.examiner2
    with unit_of_work():
        held = sessions_queries.exam_session(marked.session.code, first.actor)
        run = regrading.propose(held, {1: Ruling(void=True)}, reason="第1题作废", by=first.actor, at=AFTER)
    jobs.work()
    with unit_of_work():
        regrading.confirm(marking_queries.run(run.code, second.actor), by=second.actor, at=AFTER)
    browser, address = browser_of(first), f"/exams/sessions/{marked.session.code}/statistics"
    assert said("Figures of an older key") not in browser.get(address).text

    jobs.finish(f"exams.regrade_apply:{run.code}")

    for page in ("", "/items/2", "/groups", "/persons"):
        assert said("Figures of an older key") in browser.get(address + page).text, page
    jobs.work()
    assert said("Figures of an older key") not in browser.get(address).text
    assert said("Figures of an older key") in browser.get(f"{address}?run={before.code}").text
    again = runs()[2:]
    assert {one.model for one in again} == {before.model, rasch.model}
    assert {one.key_hash for one in again} == {run.key_hash}


def test_figures_are_older_too_where_the_same_key_read_late_answers(marked: Marked) -> None:
    (run,) = runs()
    assert queries.newer_marking(None) is None
    assert queries.newer_marking(run) is None
    with unit_of_work():
        first = marking_queries.first_run(marked.session.id)
        session.add(
            MarkingRun(
                session_id=first.session_id,
                number=2,
                state=RunState.APPLIED,
                rulings={},
                void_policy=first.void_policy,
                lower_policy=first.lower_policy,
                rule_pack=first.rule_pack,
                key_hash=first.key_hash,
                reason="断网",
                asked_by_id=marked.house.examiner.person.id,
                asked_at=AFTER,
                confirmed_by_id=marked.house.examiner2.person.id,
                confirmed_at=AFTER,
                applied_at=run.computed_at + timedelta(minutes=1),
            )
        )
    newer = queries.newer_marking(run)
    assert newer is not None
    assert newer.number == 2


def test_a_model_leaves_parameters_for_the_items_that_have_them(marked: Marked) -> None:
    ask(marked, Model.RASCH)

    run = runs()[-1]
    fitted = session.scalars(select(ItemCalibration).where(ItemCalibration.run_id == run.id)).all()
    assert len(fitted) == 12 - run.summary["left_out"]
    assert run.summary["left_out"] == 3
    assert {one.a for one in fitted} == {1.0}
    assert run.log_likelihood is not None


def test_papers_are_weighed_by_parameters_from_enough_answers_and_by_estimates_before(
    marked: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(marked, Model.RASCH)
    fitted = {one.item_version_id: one.b for one in session.scalars(select(ItemCalibration))}
    wanted = session.scalars(select(ItemStatistic.item_version_id).distinct()).all()

    assert {one.source for one in parameters.parameters_of(wanted).values()} == {ESTIMATED}
    monkeypatch.setattr(parameters, "FEWEST_PERSONS", len(RIGHT))
    known = parameters.parameters_of(wanted)
    assert {key: one.b for key, one in known.items() if one.source == CALIBRATED} == pytest.approx(fitted)
    assert {one.source for key, one in known.items() if key not in fitted} == {ESTIMATED}


def test_a_run_never_changes(marked: Marked) -> None:
    del marked
    for change in (update(StatisticsRun).values(alpha=0.9), delete(ItemStatistic)):
        with pytest.raises(Exception, match="append-only"), unit_of_work():
            session.execute(change)


def test_without_a_rule_pack_the_reason_is_told(app: Flask) -> None:
    del app
    marked = make_marked(RIGHT, pack=None)

    assert runs() == []
    (refused, *_asked) = timeline(of_statistics(marked.session))
    assert refused.kind == "exams.statistics_refused"
    assert refused.reason


def test_one_sitting_gives_no_statistics_and_says_why(app: Flask, browser_of: Browser) -> None:
    del app
    marked = make_marked((5,))

    page = browser_of(marked.house.examiner).get(f"/exams/sessions/{marked.session.code}/statistics").text

    assert runs() == []
    assert str(timeline(of_statistics(marked.session))[0].reason) in page


def test_nothing_can_be_asked_for_before_the_marking(house: House, browser_of: Browser) -> None:
    planned, _trainees = make_prepared(house)
    address = f"/exams/sessions/{planned.code}/statistics"

    refused = submit(browser_of(house.examiner), address, page="/home", model="")

    assert refused.status_code == 409
    assert browser_of(house.examiner).get(address).status_code == 200


@pytest.fixture(name="house")
def _house(marked: Marked) -> House:
    return marked.house


def test_a_flagged_item_goes_to_the_reviewers_of_its_bank_and_one_decides_with_a_reason(
    app: Flask, browser_of: Browser
) -> None:
    del app
    marked = make_marked(RIGHT, pack={"least_persons": 5})
    reviewer = make_member(Role.REVIEWER, organisation=marked.house.body)
    flags = list(session.scalars(select(ItemFlag).order_by(ItemFlag.position)))
    assert [flag.reasons[0] for flag in flags][:1] == ["easy"]
    assert [todo.kind for todo in todos_of(reviewer.actor)] == ["exams.flagged_items"]
    browser = browser_of(reviewer)
    listed = browser.get(f"/exams/flags/{marked.session.code}").text
    assert listed.count("/exams/flags/items/") >= len(flags)

    without = submit(browser, f"/exams/flags/items/{flags[0].code}", page="/home", decision="keep")
    for flag in flags:
        decision = "retire" if flag is flags[0] else "keep"
        address = f"/exams/flags/items/{flag.code}"
        assert submit(browser, address, page=address, decision=decision, reason="已复核题干与答案").status_code == 302

    assert without.status_code == 422
    session.expire_all()
    states = session.scalars(select(ItemFlag.state).order_by(ItemFlag.position)).all()
    assert states == [FlagState.RETIRED] + [FlagState.KEPT] * (len(flags) - 1)
    assert item_of(flags[0]).state is ItemState.RETIRED
    assert todos_of(reviewer.actor) == []
    again = submit(browser, f"/exams/flags/items/{flags[0].code}", page="/home", decision="keep", reason="再次处理")
    assert again.status_code == 409


def test_who_wrote_an_item_does_not_decide_what_its_statistics_mean(app: Flask, browser_of: Browser) -> None:
    del app
    marked = make_marked(RIGHT, pack={"least_persons": 5})
    flag = session.scalars(select(ItemFlag)).first()
    assert flag
    author = session.get_one(Person, item_of(flag).author_id)
    reviewer = make_member(Role.REVIEWER, organisation=marked.house.body, person=author)

    address = f"/exams/flags/items/{flag.code}"
    refused = submit(browser_of(reviewer), address, page=address, decision="keep", reason="题目没有问题")

    assert refused.status_code == 403
    assert session.scalar(select(func.count()).select_from(ItemFlag).where(ItemFlag.state != FlagState.OPEN)) == 0


def test_reviewers_of_another_organisation_find_nothing(app: Flask, browser_of: Browser) -> None:
    del app
    marked = make_marked(RIGHT, pack={"least_persons": 5})
    stranger = browser_of(make_member(Role.REVIEWER, organisation=make_organisation()))
    flag = session.scalars(select(ItemFlag)).first()
    assert flag

    for address in (f"/exams/flags/{marked.session.code}", f"/exams/flags/items/{flag.code}"):
        assert stranger.get(address).status_code == 404


def test_a_regrade_flags_again_and_the_same_key_does_not(app: Flask) -> None:
    del app
    marked = make_marked(RIGHT, pack={"least_persons": 5})
    before = session.scalar(select(func.count()).select_from(ItemFlag))

    ask(marked, Model.RASCH)

    assert before
    assert session.scalar(select(func.count()).select_from(ItemFlag)) == before


def test_groups_and_misfitting_persons_are_listed_as_evidence(app: Flask, browser_of: Browser) -> None:
    del app
    chance = Random(4)
    right = [chance.sample(range(1, 13), size) for size in chance.choices((5, 6, 7, 8), k=28)]
    marked = make_marked(
        [*right, *[list(range(1, 10))] * 6, [10, 11, 12]], pack={"least_group": 5, "person_fit": "-0.50"}
    )
    ask(marked, Model.RASCH)
    browser = browser_of(marked.house.examiner)
    address = f"/exams/sessions/{marked.session.code}/statistics"

    assert session.scalar(select(func.count()).select_from(ItemDif))
    groups = browser.get(f"{address}/groups").text
    persons = browser.get(f"{address}/persons").text
    assert groups.count("/statistics/items/") >= 5
    assert "/statistics/items/" not in browser.get(f"{address}/groups?grouping=base").text
    fit = session.scalars(select(PersonFit).order_by(PersonFit.lz)).first()
    assert fit
    assert fit.lz <= -0.5
    assert f"{fit.lz:.2f}" in persons
    assert browser.get(f"{address}/groups?dif_class=C&grouping=region").status_code == 200


def test_the_page_sorts_filters_and_shows_each_run(marked: Marked, browser_of: Browser) -> None:
    ask(marked, Model.TWO)
    browser = browser_of(marked.house.examiner)
    address = f"/exams/sessions/{marked.session.code}/statistics"

    page = browser.get(address).text
    hardest = browser.get(f"{address}?sort=facility").text
    old = browser.get(f"{address}?run={runs()[0].code}&sort=-b").text

    assert "data-chart" in page
    assert page.index("0.100") > page.index("1.000")
    assert hardest.index("0.100") < hardest.index("1.000")
    assert old
    assert browser.get(f"{address}?flagged=yes").status_code == 200
    assert browser.get(f"{address}?run=nowhere").status_code == 404
    assert browser.get(f"{address}/items/5").text.count("data-chart") == 3
    assert browser.get(f"{address}/items/1").text.count("data-chart") == 1
    assert browser.get(f"{address}/items/99").status_code == 404


def test_examiners_of_another_body_see_no_statistics(marked: Marked, browser_of: Browser) -> None:
    stranger = browser_of(make_member(Role.EXAMINER, organisation=make_organisation()))
    address = f"/exams/sessions/{marked.session.code}/statistics"

    for path in (address, f"{address}/items/1", f"{address}/groups", f"{address}/persons"):
        assert stranger.get(path).status_code == 404


def test_the_examiner_asks_for_another_model_from_the_page(marked: Marked, browser_of: Browser) -> None:
    browser = browser_of(marked.house.examiner)
    address = f"/exams/sessions/{marked.session.code}/statistics"

    wrong = submit(browser, address, page=address, model="4pl")
    submit(browser, address, page=address, model="1pl")
    waiting = browser.get(address).text
    jobs.work()

    assert wrong.status_code == 422
    assert "data-poll" in waiting
    assert [run.model for run in runs()] == [Model.CTT, Model.ONE]


def test_late_answers_under_the_same_key_are_a_run_of_their_own(marked: Marked) -> None:
    found = session.scalars(select(ExamSession)).one()
    digest = services.compute(found.code, "ctt").found.digest

    assert runs()[0].digest == digest
    with pytest.raises(ConflictError), unit_of_work():
        session.add(
            StatisticsRun(
                session_id=found.id,
                key_hash="k",
                digest=digest,
                model=Model.CTT,
                persons=10,
                items=12,
                summary={},
                rule_pack="x",
                computed_at=AFTER,
            )
        )
    assert marked.session.id == found.id


def test_the_pack_chooses_the_richest_model_that_the_sittings_carry(app: Flask) -> None:
    del app
    make_marked(RIGHT, pack={"least_rasch": 10})

    assert [run.model for run in runs()] == [Model.RASCH]
    assert session.scalar(select(RulePack.code).where(RulePack.kind == "exam_statistics")) == runs()[0].rule_pack
