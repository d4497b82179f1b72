"""Similar sittings beside the items they rest on, told to the candidate, compared again after a new marking."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts.states import Role
from app.assessment.exams.administration_states import ConductState
from app.assessment.exams.models import Attempt, ConductRecord, SimilarityOpinion, SimilarityPair, SimilarityRun
from app.assessment.exams.queries import incidents, sittings
from app.assessment.exams.queries import marking as marking_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import similarity as queries
from app.assessment.exams.rules.rulings import Ruling
from app.assessment.exams.services import conduct, doubts, regrading
from app.assessment.exams.services.subjects import of_comparison, of_pair
from app.assessment.exams.statistics_desk import expected
from app.assessment.exams.statistics_states import PairState
from app.cases import services as cases
from app.core import files, jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import timeline
from app.desk.models import Notice
from app.desk.queries import todos_of
from tests.factories import exams as factories
from tests.factories.accounts import SHANDONG, Member, make_member, make_organisation
from tests.factories.cases import make_clocks
from tests.factories.exams import attempt_of, make_pack, said
from tests.factories.panels import make_experts, make_office
from tests.factories.pictures import png
from tests.factories.similarity import AFTER, RULE, answers, drawn, make_compared, the_pair
from tests.factories.statistics import Marked, make_marked, make_rules
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


def confirmed_then_gone(compared: Marked, experts: list[Member], browser_of: Browser) -> SimilarityPair:
    """Let two experts confirm the pair, then rule places void under a rule by which it stands out no more."""
    for expert in experts[:2]:
        judge(browser_of(expert), "yes")
    make_rules(**{**RULE, "similarity_level": "0.000001", "similarity_needed": 3})
    void(compared, first_place(the_pair()))
    return the_pair()


def records_of(pair: SimilarityPair) -> list[ConductRecord]:
    sittings = select(Attempt.registration_id).where(Attempt.id.in_((pair.first_id, pair.second_id)))
    query = select(ConductRecord).where(ConductRecord.registration_id.in_(sittings)).order_by(ConductRecord.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def test_a_confirmed_pair_that_stands_out_no_more_goes_back_to_its_group_with_what_changed(
    compared: Marked, experts: list[Member], browser_of: Browser
) -> None:
    make_pack("exam_conduct", "exam-conduct-2017.toml")
    pair = confirmed_then_gone(compared, experts, browser_of)

    assert (pair.state, pair.round, pair.same_wrong) == (PairState.RETURNED, 2, 6)
    assert pair.change["same_wrong"] == [6, 5]
    assert pair.change["matches"][0] == pair.matches
    assert pair.change["listed"] is False
    assert all("exams.similarity" in kinds(one) for one in experts)
    assert expected() == {one for one in expected() if one.kind in {"exams.similarity", "exams.similarity_group"}}
    page = browser_of(experts[0]).get(f"/exams/similarity/pairs/{pair.code}").text
    assert said("What the new marking changed") in page
    assert said("Give my opinion") in page
    examiner, code = compared.house.examiner.actor, records_of(pair)[0].code
    session.rollback()
    with pytest.raises(ConflictError), unit_of_work():
        conduct.notify(incidents.conduct_record(code, examiner), by=examiner, at=AFTER)

    for expert in experts[1:]:
        assert judge(browser_of(expert), "no") == 302
    after = the_pair()
    assert (after.state, after.round) == (PairState.DISMISSED, 2)
    assert {one.state for one in records_of(after)} == {ConductState.DISMISSED}
    assert "exams.notify" not in kinds(compared.house.examiner)
    rounds = session.scalars(select(SimilarityOpinion.round).order_by(SimilarityOpinion.id)).all()
    assert rounds == [1, 1, 2, 2]
    about = [one.kind for one in timeline(of_pair(after))]
    assert about.index("exams.similarity_dismissed") < about.index("exams.similarity_returned")


def referred(compared: Marked, pair: SimilarityPair) -> tuple[str, Member]:
    """Put the first record before the authority and let an officer accept the case."""
    first, officer = compared.house.examiner.actor, make_member(Role.REGULATOR, SHANDONG)
    code = records_of(pair)[0].code
    with unit_of_work():
        conduct.notify(incidents.conduct_record(code, first), by=first, at=AFTER)
    with unit_of_work():
        case = conduct.refer(incidents.conduct_record(code, first), by=first, at=AFTER + timedelta(days=10))
        cases.accept(case, by=officer.actor, at=AFTER + timedelta(days=10))
    return case.code, officer


def told(member: Member) -> list[str]:
    query = select(Notice.kind).where(Notice.person_id == member.person.id, Notice.kind.startswith("exams.case_"))
    return list(session.scalars(query.order_by(Notice.id)))


@pytest.mark.parametrize(("opinion", "kind"), [("yes", "exams.case_confirmed_again"), ("no", "exams.case_unfounded")])
def test_a_case_before_the_authority_is_told_that_and_how_its_similarity_was_decided_again(
    compared: Marked, experts: list[Member], browser_of: Browser, opinion: str, kind: str
) -> None:
    make_pack("exam_conduct", "exam-conduct-2017.toml")
    make_clocks()
    for expert in experts[:2]:
        judge(browser_of(expert), "yes")
    case, officer = referred(compared, the_pair())
    make_rules(**{**RULE, "similarity_level": "0.000001", "similarity_needed": 3})
    void(compared, first_place(the_pair()))

    assert told(officer) == ["exams.case_doubted"]
    doubt = said("The similarity that it rests on is before the expert group again")
    page = browser_of(officer).get(f"/cases/{case}").text
    assert doubt in page
    assert said(str(doubts.STANDING["exams.conduct_doubted"])) in page

    for expert in experts[:2]:
        judge(browser_of(expert), opinion)
    jobs.work()
    assert told(officer) == ["exams.case_doubted", kind]
    page = browser_of(officer).get(f"/cases/{case}").text
    assert said(str(doubts.STANDING["exams.conduct_doubted"])) not in page
    states = [one.state for one in records_of(the_pair())]
    assert states[0] is ConductState.REFERRED, "what the authority has is its to decide"
    assert states[1] is (ConductState.SIGNED if opinion == "yes" else ConductState.DISMISSED)
    assert the_pair().state is (PairState.CONFIRMED if opinion == "yes" else PairState.DISMISSED)


def test_a_confirmed_pair_that_still_stands_out_stays_confirmed(
    compared: Marked, experts: list[Member], browser_of: Browser
) -> None:
    for expert in experts[:2]:
        judge(browser_of(expert), "yes")

    void(compared, first_place(the_pair()))

    assert (the_pair().state, the_pair().round, the_pair().change) == (PairState.CONFIRMED, 1, {})
