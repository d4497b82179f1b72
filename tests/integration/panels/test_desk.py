"""What waits about experts, committees, draws and meetings follows from the states of their records."""

from datetime import timedelta

from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.panels.models.meetings import Meeting
from app.panels.queries import draws
from app.panels.queries import meetings as meeting_queries
from app.panels.services import committees, meetings, recusal, scoring
from app.panels.services.draws import CaseGiven
from tests.factories.desk import kinds_waiting, waiting
from tests.factories.panels import (
    AT,
    Office,
    acting,
    case_of,
    file_committee,
    fresh,
    make_committee,
    make_drawn,
    make_experts,
    make_panel,
    publish,
)


def call(office: Office, number: int = 3) -> Meeting:
    committee = file_committee(make_committee(office, make_experts(office, number)), office)
    with unit_of_work():
        return meetings.call(
            committee, name_zh="评审会", name_en="Meeting", place="济南", starts_at=AT + timedelta(hours=1),
            by=office.secretary.actor, at=AT,
        )  # fmt: skip


def test_a_draw_waits_for_commitments_and_secrets(office: Office) -> None:
    make_experts(office, 9)
    panel = make_panel(office)
    assert kinds_waiting() == {"panels.commit"}
    publish(panel, office)
    assert kinds_waiting() == {"panels.reveal"}


def test_who_was_drawn_looks_for_conflicts_until_the_cases_are_given_out(office: Office) -> None:
    make_experts(office, 9)
    panel = make_drawn(office)
    assert kinds_waiting() == {"panels.declare"}
    with unit_of_work():
        scoring.open_round(fresh(panel), purpose="inspection", by=office.secretary.actor, at=AT)
    assert kinds_waiting() == {"panels.score"}
    with unit_of_work():
        out = draws.seated(panel.id)[0].expert
        recusal.declare(case_of(panel), reason="曾共同申报专利", by=acting(out).actor, at=AT)
    assert kinds_waiting() == {"panels.score"}
    assert out.person_id not in {one.person_id for one in waiting()}


def test_a_recusal_during_a_meeting_takes_the_case_off_the_desk_of_who_scores_it(office: Office) -> None:
    make_experts(office, 9)
    panel = make_drawn(office)
    with unit_of_work():
        scoring.open_round(fresh(panel), purpose="inspection", by=office.secretary.actor, at=AT)
    meeting = call(office)
    out = draws.seated(panel.id)[0].expert
    with unit_of_work():
        given = CaseGiven(case_of(panel).subject, "事项", "Thing")
        item = meetings.add_item(meeting, given, by=office.secretary.actor, at=AT)
        meetings.recuse_from_item(item, out.person, reason="利害关系", by=office.secretary.actor, at=AT)
    assert kinds_waiting() == {"panels.score", "panels.attend"}
    assert Subject("panel_case", case_of(panel).code) not in {
        one.subject for one in waiting() if one.person_id == out.person_id
    }


def test_a_committee_waits_to_be_filed_again_after_its_renewal(office: Office) -> None:
    meeting = call(office)
    committee = meeting.committee
    assert kinds_waiting() == {"panels.attend"}
    with unit_of_work():
        committees.renew(committee, by=office.secretary.actor, at=AT)
    assert kinds_waiting() == {"panels.attend", "panels.file"}
    with unit_of_work():
        committees.set_members(committee, [], chair=None, by=office.secretary.actor, at=AT)
    assert kinds_waiting() == set()


def test_new_members_are_called_to_a_meeting_that_is_not_over(office: Office) -> None:
    meeting = call(office)
    newcomer = make_experts(office, 1)[0]
    member = meeting_queries.members(meeting)[0]
    with unit_of_work():
        kept = session.get_one(Meeting, meeting.id)
        meetings.attend(kept, member, entering=True, by=acting(member.expert).actor, at=AT + timedelta(hours=1))
        committees.renew(kept.committee, by=office.secretary.actor, at=AT)
        committees.set_members(
            kept.committee, [member.expert, newcomer], chair=newcomer, by=office.secretary.actor, at=AT
        )
    assert kinds_waiting() == {"panels.attend", "panels.file"}
    assert [one.person_id for one in waiting() if one.kind == "panels.attend"] == [newcomer.person_id]
