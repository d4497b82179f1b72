"""Similar sittings beside the items they rest on, told to the candidate, compared again after a new marking."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts.states import Role
from app.assessment.exams.models import ConductRecord, SimilarityPair, SimilarityRun
from app.assessment.exams.queries import incidents, sittings
from app.assessment.exams.queries import marking as marking_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import similarity as queries
from app.assessment.exams.rules.rulings import Ruling
from app.assessment.exams.services import conduct, regrading
from app.assessment.exams.services.subjects import of_comparison
from app.assessment.exams.statistics_states import PairState
from app.core import files, jobs
from app.core.db import session, unit_of_work
from app.core.events import timeline
from app.desk.queries import todos_of
from tests.factories import exams as factories
from tests.factories.accounts import Member, make_member, make_organisation
from tests.factories.exams import attempt_of, make_pack, said
from tests.factories.panels import make_experts, make_office
from tests.factories.pictures import png
from tests.factories.similarity import AFTER, answers, drawn, make_compared, the_pair
from tests.factories.statistics import Marked, make_marked
from tests.submit import submit

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
REASON = "错题一致，且一分钟内先后保存"


@pytest.fixture(name="compared")
def _compared(app: Flask) -> Marked:
    """Return a small session whose first two candidates answered everything alike, compared."""
    del app
    return make_compared()


@pytest.fixture(name="experts")
def _experts(compared: Marked) -> list[Member]:
    """Three experts drawn for the pairs of the session."""
    office = make_office()
    make_experts(office, 5)
    return drawn(compared, office)


def kinds(member: Member) -> list[str]:
    return [one.kind for one in todos_of(member.actor)]


def judge(browser: FlaskClient, similar: str) -> int:
    address = f"/exams/similarity/pairs/{the_pair().code}"
    return submit(browser, address, page=address, similar=similar, reason=REASON).status_code


def test_the_candidate_reads_what_the_experts_looked_at_in_the_letters_of_their_own_paper(
    compared: Marked, experts: list[Member], browser_of: Browser
) -> None:
    make_pack("exam_conduct", "exam-conduct-2017.toml")
    for expert in experts[:2]:
        judge(browser_of(expert), "yes")
    accused, other = compared.trainees[:2]
    sat, pair = attempt_of(accused), the_pair()
    record = session.scalars(select(ConductRecord).where(ConductRecord.registration_id == sat.registration_id)).one()
    with unit_of_work():
        found = incidents.conduct_record(record.code, compared.house.examiner.actor)
        conduct.notify(found, by=compared.house.examiner.actor, at=AFTER)

    page = browser_of(accused).get(f"/exams/mine/conduct/{record.code}").text

    told = queries.against(sat.registration_id)
    assert told
    answers_kept = sittings.kept(sat.id)
    assert [line.letters for line in told.lines] == ["".join(answers_kept[line.number].choice) for line in told.lines]
    assert len(told.lines) == pair.same_wrong
    assert said("What the expert group looked at") in page
    assert said("Question %(number)d", number=told.lines[0].number) in page
    assert other.person.name not in page


STEM = "设 $x^2=4$，下列说法哪一项正确？\n\n| 年份 | 收入 |\n|---|---|\n| 2025 | 120 |\n\n![流程图](stored:{picture})"


def test_the_items_of_a_pair_are_shown_in_full_with_their_files_and_without_their_key(
    app: Flask, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    with unit_of_work():
        picture = files.store(png(), name="figure.png", media_type="image/png").sha256
        other = files.store(b"elsewhere", name="x.txt", media_type="text/plain").sha256
    monkeypatch.setattr(factories, "STEM", STEM.format(picture=picture))
    marked = make_compared()
    address = f"/exams/similarity/pairs/{the_pair().code}"
    browser = browser_of(marked.house.examiner)

    page = browser.get(address).text
    sent = browser.get(f"{address}/files/{picture}")

    assert [
        text for text in ("<math", "<table", 'alt="流程图"', f"{address}/files/{picture}") if text not in page
    ] == []
    assert "$x^2" not in page
    assert said("Right answer") not in page
    assert (sent.status_code, sent.mimetype) == (200, "image/png")
    assert browser.get(f"{address}/files/{other}").status_code == 404
    assert (
        browser_of(make_member(Role.EXAMINER, organisation=make_organisation()))
        .get(f"{address}/files/{picture}")
        .status_code
        == 404
    )


def void(marked: Marked, position: int) -> None:
    """Let two examiners rule a place void, and the work that follows be done."""
    first, second = marked.house.examiner.actor, marked.house.examiner2.actor
    with unit_of_work():
        held = sessions_queries.exam_session(marked.session.code, first)
        run = regrading.propose(held, {position: Ruling(void=True)}, reason="题干有误", by=first, at=AFTER)
    jobs.work()
    with unit_of_work():
        regrading.confirm(marking_queries.run(run.code, second), by=second, at=AFTER)
    jobs.work()


def first_place(pair: SimilarityPair) -> int:
    return int(pair.evidence["places"][0]["position"])


def test_a_new_marking_compares_again_and_a_decided_pair_keeps_decision_and_evidence(
    compared: Marked, experts: list[Member], browser_of: Browser
) -> None:
    before = the_pair()
    code, evidence, first_run = before.code, before.evidence, before.run_id
    for expert in experts[:2]:
        judge(browser_of(expert), "no")

    void(compared, first_place(before))

    runs = session.scalars(select(SimilarityRun).order_by(SimilarityRun.id)).all()
    after = the_pair()
    assert len({one.digest for one in runs}) == 2
    assert runs[1].asked_by_id == runs[0].asked_by_id
    assert (after.code, after.state, after.evidence) == (code, PairState.DISMISSED, evidence)
    assert after.run_id == first_run
    sittings = [(one.first_id, one.second_id) for one in session.scalars(select(SimilarityPair))]
    assert len(sittings) == len(set(sittings)), "no pair is listed twice"
    page = browser_of(compared.house.examiner).get(f"/exams/similarity/pairs/{code}").text
    assert said("The pair is decided, so its evidence stays what the decision stands on.") in page
    assert said("Earlier comparison") in (
        browser_of(compared.house.examiner).get(f"/exams/similarity/{compared.session.code}").text
    )


def test_a_pair_that_nobody_judged_takes_the_evidence_of_the_new_key(compared: Marked, browser_of: Browser) -> None:
    before = the_pair()
    code, place, wrong = before.code, first_place(before), before.same_wrong
    session.rollback()

    void(compared, place)

    after, latest = the_pair(), session.scalars(select(SimilarityRun).order_by(SimilarityRun.id.desc())).first()
    assert latest
    assert (after.code, after.run_id, after.same_wrong) == (code, latest.id, wrong - 1)
    assert place not in [one["position"] for one in after.evidence["places"]]
    assert "exams.similarity_group" in kinds(compared.house.examiner)
    assert said("The session was compared again on %(when)s").split("%")[0] not in (
        browser_of(compared.house.examiner).get(f"/exams/similarity/pairs/{code}").text
    )


def test_a_pair_on_which_an_opinion_was_given_keeps_the_evidence_it_was_given_on(
    compared: Marked, experts: list[Member], browser_of: Browser
) -> None:
    evidence = the_pair().evidence
    judge(browser_of(experts[0]), "yes")

    void(compared, first_place(the_pair()))

    assert the_pair().evidence == evidence
    page = browser_of(experts[1]).get(f"/exams/similarity/pairs/{the_pair().code}").text
    assert said("Opinions were given before that, so the evidence stays what they stand on.") in page


def test_a_pair_that_was_not_listed_before_appears_with_the_new_marking(compared: Marked) -> None:
    listed = the_pair()
    both, place = (listed.first_id, listed.second_id), first_place(listed)
    with unit_of_work():
        session.execute(delete(SimilarityPair))

    void(compared, place)

    pairs = {(one.first_id, one.second_id): one for one in session.scalars(select(SimilarityPair))}
    assert pairs[both].state is PairState.LISTED
    assert pairs[both].flagged_by_id == compared.house.examiner.person.id


def test_a_session_that_was_never_compared_is_not_compared_by_a_new_marking(app: Flask) -> None:
    del app
    marked = make_marked(answers()[:3])

    void(marked, 1)

    assert session.scalars(select(SimilarityRun)).all() == []
    assert timeline(of_comparison(marked.session)) == []
