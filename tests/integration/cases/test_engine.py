"""A case from its draft to its decision: clocks, stops, notices, separation of duties, rungs, escalation."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.states import OrganisationKind, Role
from app.cases import services
from app.cases.models import Case, CaseEscalation, Delivery
from app.cases.queries import cases as queries
from app.cases.queries import kinds, notices
from app.cases.queries.relations import DECLARATION
from app.cases.queries.rungs import next_instance
from app.cases.services import Filing
from app.cases.services.subjects import of_case
from app.cases.states import CaseState, DeliveryHow, Instance, Outcome
from app.core import files
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import timeline
from app.desk.models import Todo
from tests.factories.accounts import GUANGDONG, JINAN, NATION, SHANDONG, Member, make_member
from tests.factories.cases import (
    COMPLAINT,
    NOW,
    accepted,
    again,
    appealed,
    days,
    decided,
    make_body,
    make_clocks,
    make_complaint,
    make_officer,
    make_own_clocks,
)

MONDAY = date(2026, 3, 2)


@pytest.fixture(name="author")
def _author(app: Flask) -> Member:
    del app
    make_clocks()
    return make_member(Role.TRAINEE)


def waiting(case: Case) -> list[str]:
    query = select(Todo.kind).where(Todo.subject_code == case.code, Todo.closed_at.is_(None)).order_by(Todo.id)
    return list(session.scalars(query))


def kinds_of_events(case: Case) -> list[str]:
    return [event.kind for event in reversed(timeline(of_case(case)))]


def test_a_case_waits_for_the_authority_of_its_region_until_the_day_the_pack_sets(author: Member) -> None:
    case = make_complaint(author.actor, make_body(region=JINAN))

    assert case.state is CaseState.RAISED
    assert case.rule_pack == "case-clock-nation-sample.1"
    assert case.accept_by == date(2026, 3, 5)
    assert (case.authority_region, case.region_code) == (SHANDONG, JINAN)
    assert waiting(case) == ["cases.accept"]


def test_a_repeated_request_raises_one_case(author: Member) -> None:
    body = make_body()

    first = make_complaint(author.actor, body, token="once-000001")
    second = make_complaint(author.actor, body, token="once-000001")

    assert first.id == second.id


def test_accepting_starts_the_clock_of_the_decision_and_tells_the_author(author: Member) -> None:
    case = accepted(make_complaint(author.actor), make_officer())

    assert case.decide_by == date(2026, 3, 16)
    assert waiting(case) == ["cases.decide", "cases.read"]
    assert [one.notice.kind for one in notices.notices_of(case)] == ["accepted"]


def test_a_decision_carries_its_reasons_to_both_parties(author: Member) -> None:
    officer, body = make_officer(), make_body()

    case = decided(accepted(make_complaint(author.actor, body), officer), officer)

    assert (case.outcome, case.reasons, case.decided_by_id) == (Outcome.UPHELD, "经查属实。", officer.person.id)
    told = [(one.notice.to_person_id, one.notice.to_organisation_id) for one in notices.notices_of(case)][1:]
    assert told == [(author.person.id, None), (None, body.id)]
    assert "cases.decided" in kinds_of_events(case)


@pytest.mark.parametrize("reasons", ["", "  "])
def test_a_decision_without_reasons_is_none(author: Member, reasons: str) -> None:
    officer = make_officer()
    case = accepted(make_complaint(author.actor), officer)

    with pytest.raises(InvalidError), unit_of_work():
        services.decide(case, upheld=True, reasons=reasons, by=officer.actor, at=NOW)


@pytest.mark.parametrize("region", [NATION, GUANGDONG, JINAN])
def test_only_the_authority_of_the_case_handles_it(author: Member, region: str) -> None:
    case = make_complaint(author.actor)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.accept(again(case), by=make_officer(region).actor, at=NOW)


def test_nobody_handles_the_case_they_raised_in_another_role(app: Flask) -> None:
    del app
    make_clocks()
    officer = make_officer()
    case = make_complaint(officer.actor)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.accept(again(case), by=officer.actor, at=NOW)


def test_materials_stop_the_clock_for_as_many_working_days_as_they_take(author: Member) -> None:
    officer = make_officer()
    case = accepted(make_complaint(author.actor), officer)
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充缴费凭证。", by=officer.actor, at=days(1))
    stopped = queries.running(again(case), date(2026, 12, 1))
    with unit_of_work():
        services.supply(again(case), "见附件。", [], by=author.actor, at=days(4))

    supplied = again(case)
    assert stopped is not None
    assert stopped.stopped
    assert not stopped.overdue
    assert supplied.state is CaseState.ACCEPTED
    assert supplied.decide_by == date(2026, 3, 19)
    assert supplied.facts.endswith("见附件。")


def test_an_officer_may_go_on_without_the_materials_with_a_reason(author: Member) -> None:
    officer = make_officer()
    case = accepted(make_complaint(author.actor), officer)
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充缴费凭证。", by=officer.actor, at=NOW)
    with unit_of_work():
        services.resume(again(case), reason="逾期未补。", by=officer.actor, at=days(1))

    assert again(case).decide_by == date(2026, 3, 17)
    assert waiting(case)[-1] == "cases.decide"


def test_a_case_that_is_not_accepted_says_why_and_ends(author: Member) -> None:
    officer = make_officer()
    case = make_complaint(author.actor)
    with unit_of_work():
        services.decline(again(case), reasons="不属于受理范围。", by=officer.actor, at=NOW)

    assert again(case).state is CaseState.DECLINED
    assert waiting(case) == ["cases.read"]
    with pytest.raises(ConflictError), unit_of_work():
        services.accept(again(case), by=officer.actor, at=NOW)


def test_the_author_withdraws_and_nobody_else(author: Member) -> None:
    case = make_complaint(author.actor)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.withdraw(again(case), reason="了结。", by=make_officer().actor, at=NOW)
    with unit_of_work():
        services.withdraw(again(case), reason="了结。", by=author.actor, at=NOW)

    assert again(case).state is CaseState.WITHDRAWN
    assert waiting(case) == []


def test_a_case_withdrawn_while_it_waits_for_materials_stands_still_no_longer(author: Member) -> None:
    officer = make_officer()
    case = accepted(make_complaint(author.actor), officer)
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充缴费凭证。", by=officer.actor, at=days(1))
    with unit_of_work():
        services.withdraw(again(case), reason="了结。", by=author.actor, at=days(4))

    (pause,) = queries.pauses_of(again(case))
    assert pause.until_day == MONDAY + timedelta(days=4)
    assert waiting(case) == []


def test_materials_are_words_or_files(author: Member) -> None:
    officer = make_officer()
    case = accepted(make_complaint(author.actor), officer)
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充缴费凭证。", by=officer.actor, at=NOW)

    with pytest.raises(InvalidError) as refused, unit_of_work():
        services.supply(again(case), "  ", [], by=author.actor, at=NOW)
    assert refused.value.field == "facts"
    with unit_of_work():
        kept = files.store(b"%PDF-1.4", name="凭证.pdf", media_type="application/pdf")
        services.supply(again(case), "  ", [(kept, "凭证")], by=author.actor, at=NOW)
    assert again(case).state is CaseState.ACCEPTED
    assert again(case).facts == case.facts


def test_a_complaint_of_an_authority_is_heard_by_the_one_above(author: Member) -> None:
    def heard_by(kind: OrganisationKind, region: str) -> str:
        return make_complaint(author.actor, make_body(kind=kind, region=region)).authority_region

    assert heard_by(OrganisationKind.AUTHORITY, JINAN) == SHANDONG
    assert heard_by(OrganisationKind.AUTHORITY, SHANDONG) == NATION
    assert heard_by(OrganisationKind.AUTHORITY, NATION) == NATION
    assert heard_by(OrganisationKind.EXAM_BODY, SHANDONG) == SHANDONG


def test_a_case_that_was_raised_is_no_draft_and_that_of_others_is_not_found(author: Member) -> None:
    case = make_complaint(author.actor)

    assert queries.own_case(case.code, author.actor).id == case.id
    with pytest.raises(NotFoundError):
        queries.own_draft(case.code, author.actor)
    for ask in (queries.own_case, queries.own_draft):
        with pytest.raises(NotFoundError):
            ask(case.code, make_member(Role.TRAINEE).actor)
    assert queries.handled_case(case.code, make_officer().actor).id == case.id
    with pytest.raises(NotFoundError):
        queries.handled_case(case.code, make_officer(GUANGDONG).actor)


def test_only_the_addressee_confirms_a_receipt(author: Member) -> None:
    case = accepted(make_complaint(author.actor), make_officer())
    notice = notices.notices_of(case)[0].notice

    with pytest.raises(ForbiddenError), unit_of_work():
        services.confirm_receipt(again(case), notice, by=make_member(Role.TRAINEE).actor, at=NOW)
    assert session.scalars(select(Delivery)).all() == []


def test_only_staff_declare_their_impartiality_for_a_year(author: Member) -> None:
    about = kinds.case_kind(DECLARATION).about
    officer = make_officer()

    assert about(f"{officer.person.code}-2026").subject.code == f"{officer.person.code}-2026"
    for code in (f"{author.person.code}-2026", f"{officer.person.code}-soon", officer.person.code, "nobody-2026"):
        with pytest.raises(NotFoundError):
            about(code)


def test_an_appeal_goes_to_the_authority_above_and_to_other_people(author: Member) -> None:
    officer = make_officer()
    first = decided(accepted(make_complaint(author.actor), officer), officer, upheld=False)

    second = appealed(first, author.actor, at=days(1))

    assert (second.instance, second.authority_region, second.previous_id) == (Instance.APPEAL, NATION, first.id)
    assert queries.barred(second) == {officer.person.id: "earlier_rung"}


def test_who_decided_before_never_decides_again_by_rule_and_by_schema(author: Member) -> None:
    officer = make_officer()
    first = decided(accepted(make_complaint(author.actor), officer), officer, upheld=False)
    moved = make_member(Role.REGULATOR, NATION, person=officer.person)
    second = accepted(appealed(first, author.actor), make_officer(NATION))

    with pytest.raises(ForbiddenError), unit_of_work():
        services.decide(again(second), upheld=True, reasons="改变决定。", by=moved.actor, at=NOW)
    with pytest.raises((ConflictError, DBAPIError)), unit_of_work():
        session.execute(
            text("UPDATE case_record SET decided_by_id = :person WHERE id = :case"),
            {"person": officer.person.id, "case": second.id},
        )


def test_a_decision_is_taken_further_once_and_by_a_party(author: Member) -> None:
    officer = make_officer()
    first = decided(accepted(make_complaint(author.actor), officer), officer, upheld=False)
    with pytest.raises(ForbiddenError):
        appealed(first, make_member(Role.TRAINEE).actor)
    appealed(first, author.actor)

    with pytest.raises(ConflictError):
        appealed(first, author.actor)


def test_above_the_nation_there_is_the_court_only(author: Member) -> None:
    officer, nation = make_officer(), make_officer(NATION)
    first = decided(accepted(make_complaint(author.actor), officer), officer, upheld=False)
    second = decided(accepted(appealed(first, author.actor), nation), nation, upheld=False)

    assert next_instance(second) is None
    with pytest.raises(ConflictError):
        appealed(second, author.actor)


def test_the_time_to_appeal_counts_from_the_delivery_proved(author: Member) -> None:
    officer = make_officer()
    first = decided(accepted(make_complaint(author.actor), officer), officer, upheld=False)
    # ten working days after delivery: proved on 2 March they end on 16 March, deemed on 9 March on 23 March
    notice = notices.notices_of(first)[1].notice
    with unit_of_work():
        services.confirm_receipt(again(first), notice, by=author.actor, at=NOW)

    with pytest.raises(InvalidError):
        appealed(first, author.actor, at=datetime(2026, 3, 17, 1, tzinfo=UTC))
    assert appealed(first, author.actor, at=datetime(2026, 3, 16, 1, tzinfo=UTC)).state is CaseState.RAISED


def test_a_notice_nobody_signed_for_counts_as_delivered_by_rule(author: Member) -> None:
    officer = make_officer()
    first = decided(accepted(make_complaint(author.actor), officer), officer, upheld=False)

    served = notices.notices_of(first)[1]

    assert served.delivered_on == date(2026, 3, 9)
    assert not served.proved
    assert appealed(first, author.actor, at=datetime(2026, 3, 23, 1, tzinfo=UTC)).state is CaseState.RAISED


def test_a_delivery_is_recorded_between_sending_and_today(author: Member) -> None:
    officer = make_officer()
    case = accepted(make_complaint(author.actor), officer)
    notice = notices.notices_of(case)[0].notice
    for day in (date(2026, 3, 1), date(2026, 3, 4)):
        with pytest.raises(InvalidError), unit_of_work():
            services.record_delivery(
                again(case), notice, how=DeliveryHow.POST, delivered_on=day, to_whom="", receipt=None,
                by=officer.actor, at=days(1),
            )  # fmt: skip
    with unit_of_work():
        services.record_delivery(
            again(case), notice, how=DeliveryHow.POST, delivered_on=date(2026, 3, 3), to_whom="门卫", receipt=None,
            by=officer.actor, at=days(1),
        )  # fmt: skip

    assert notices.notices_of(case)[0].delivered_on == date(2026, 3, 3)


def test_a_second_confirmation_of_receipt_changes_nothing(author: Member) -> None:
    case = accepted(make_complaint(author.actor), make_officer())
    notice = notices.notices_of(case)[0].notice
    for day in (0, 1):
        with unit_of_work():
            services.confirm_receipt(again(case), notice, by=author.actor, at=days(day))

    assert len(session.scalars(select(Delivery)).all()) == 1


def test_a_pack_replaced_in_mid_case_does_not_change_the_running_clock(author: Member) -> None:
    case = make_complaint(author.actor)
    make_own_clocks(accept=1, decide=1, starts_on=date(2026, 3, 1))

    assert accepted(case, make_officer()).decide_by == date(2026, 3, 16)
    assert make_complaint(author.actor).accept_by == date(2026, 3, 3)


@pytest.mark.parametrize(("region", "days_to_decide", "due"), [(SHANDONG, 1, 3), (GUANGDONG, 7, 11)])
def test_clocks_differ_by_region(author: Member, region: str, days_to_decide: int, due: int) -> None:
    make_own_clocks(region, decide=days_to_decide)
    case = make_complaint(author.actor, make_body(region=region))

    assert accepted(case, make_officer(region)).decide_by == date(2026, 3, due)


def test_a_clock_that_runs_out_is_told_to_the_authority_above_once_a_step(author: Member) -> None:
    case = make_complaint(author.actor)
    with unit_of_work():
        early = services.escalate(at=days(3))
    with unit_of_work():
        first = services.escalate(at=days(4))
    with unit_of_work():
        again_ = services.escalate(at=days(5))
    accepted(case, make_officer(), at=days(5))
    with unit_of_work():
        later = services.escalate(at=days(60))

    assert (early, first, again_, later) == (0, 1, 0, 1)
    told = session.scalars(select(CaseEscalation).order_by(CaseEscalation.id)).all()
    assert [one.step for one in told] == ["accept", "decide"]
    past, todo = session.scalars(select(Todo).where(Todo.kind == "cases.overdue").order_by(Todo.id))
    assert (past.closed_at, todo.closed_at) == (days(5), None)
    assert (todo.region_code, todo.role) == (NATION, "regulator")


def test_a_stopped_clock_is_never_overdue(author: Member) -> None:
    officer = make_officer()
    case = accepted(make_complaint(author.actor), officer)
    with unit_of_work():
        services.ask_for_materials(again(case), what="请补充。", by=officer.actor, at=NOW)
    with unit_of_work():
        assert services.escalate(at=days(200)) == 0


def test_a_draft_is_kept_changed_and_raised_with_its_evidence(author: Member) -> None:
    body = make_body()
    with unit_of_work():
        stored = files.store(b"%PDF-1.4 one", name="one.pdf", media_type="application/pdf")
        draft = services.keep_draft(
            COMPLAINT, body.slug, Filing("", [(stored, "凭证")], token="draft-1"), by=author.actor, at=NOW
        )
    assert draft.state is CaseState.DRAFT
    with pytest.raises(InvalidError), unit_of_work():
        services.raise_draft(again(draft), by=author.actor, at=NOW)
    with unit_of_work():
        services.keep_draft(
            COMPLAINT, body.slug, Filing("补写事实。", [(stored, "凭证")], token="draft-1"), by=author.actor, at=NOW
        )
        services.raise_draft(again(draft), by=author.actor, at=NOW)

    assert again(draft).state is CaseState.RAISED
    assert [draft.opened(one.title_kept) for one in queries.files_of(draft)] == ["凭证"]
    with pytest.raises(ConflictError), unit_of_work():
        services.keep_draft(COMPLAINT, body.slug, Filing("再改。", token="draft-1"), by=author.actor, at=NOW)


def test_whoever_acts_for_the_body_cannot_complain_of_it(author: Member) -> None:
    del author
    body = make_body()

    with pytest.raises(ForbiddenError):
        make_complaint(make_member(Role.BASE, SHANDONG, body).actor, body)


@pytest.mark.parametrize(("kind", "about"), [("no.kind", "x"), (COMPLAINT, "nobody")])
def test_a_case_about_nothing_is_not_found(author: Member, kind: str, about: str) -> None:
    with pytest.raises(NotFoundError), unit_of_work():
        services.open_case(kind, about, Filing("事实。"), by=author.actor, at=NOW)


def test_exhibits_notices_and_bars_are_append_only(author: Member) -> None:
    case = accepted(make_complaint(author.actor), make_officer())

    with pytest.raises((ConflictError, DBAPIError)), unit_of_work():
        session.execute(text("DELETE FROM case_notice WHERE case_id = :case"), {"case": case.id})
