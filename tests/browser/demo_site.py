"""The demo in a database of its own behind a server of its own: what page tests look at."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import ColumnElement, Select, select

from app import create_app
from app.accounts import services as accounts
from app.accounts.keyed import AccessKey
from app.accounts.models import Membership, Person, SecurityOrder
from app.accounts.queries import account_by_name, membership_to_start_with
from app.accounts.rights import NameCorrection
from app.accounts.staged import PeopleImport
from app.accounts.states import CORRECTIONS, OrderState
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.assessment.credit.models import CreditCycle, CreditRating, CreditRecord
from app.assessment.exams.models import (
    Attempt,
    Blueprint,
    ConductRecord,
    ExamSession,
    ExamVenue,
    ExtraTime,
    ItemFlag,
    LateAnswer,
    LateDecision,
    MarkingRun,
    MarkingTask,
    Paper,
    PaperComment,
    Registration,
    RegistrationRevocation,
    Result,
    ScoreEquating,
    Script,
    ScriptMark,
    SimilarityPair,
    StandardStudy,
    WaitingPlace,
)
from app.assessment.exams.states import LateState
from app.assessment.titles.models import TitleApplication, TitleAward, TitleRound, TitleWithdrawal
from app.ballots.models import Ballot, BallotQuestion, BallotVoter
from app.cases.models import Case, Publicity, Restriction
from app.cli.demo.registry import STEPS
from app.cli.demo.step import Demo, acting_as
from app.core import clock, jobs
from app.core.clock import real_now
from app.core.db import db, session, unit_of_work
from app.core.events import Event
from app.courses.models import Cohort, Enrolment
from app.credentials.models import (
    Batch,
    BodyOrder,
    BulkChange,
    Certificate,
    CertificateCheck,
    CertificateTemplate,
    Delegation,
    KeyOrder,
    ShareLink,
)
from app.credentials.services.revocation import revoke
from app.credentials.states import CertificateKind, CertificateState, ChangeState, RevocationReason
from app.evidence.models import Evidence, EvidenceImport, SampleAudit
from app.evidence.states import State as EvidenceState
from app.panels.models.draws import Panel, PanelCase
from app.panels.models.meetings import AgendaItem, Meeting
from app.panels.models.pools import Committee, ExpertPool, PoolExpert
from app.performance.models import AppraisalCycle, BaseAppraisal
from app.rulebook.models import PackStart, Replay, RulePack
from app.settings import Settings
from tests.browser.serving import served

GRADUATE, RESITTER = "graduate", "resitter"


@dataclass(frozen=True)
class DemoSite:
    """The site's address, the codes of one record of each kind, and whom `GRADUATE` stands for."""

    app: Flask
    url: str
    codes: Mapping[str, str]
    graduate: int
    opens_at: datetime

    def cookie(self, role: str) -> str:
        """Return the cookie of a signed-in person of the demo, second factor shown."""
        with self.app.app_context(), unit_of_work():
            person, membership = self._person(role)
            token = accounts.start_session(
                person=person, membership=membership, second_factor=True, at=real_now(), agent="Tests"
            )
        client = self.app.test_client()
        with client.session_transaction() as kept:
            kept["_user_id"] = token
            kept["_fresh"] = True
        cookie = client.get_cookie("jijing")
        assert cookie
        return str(cookie.value)

    def set_clock(self, instant: datetime) -> None:
        """Move the site's domain time."""
        with self.app.app_context(), unit_of_work():
            clock.set_clock(instant)

    def _person(self, role: str) -> tuple[Person, Membership]:
        if role == RESITTER:
            sat = select(Attempt.person_id).where(Attempt.code == self.codes["converted"])
            person = session.get_one(Person, session.scalars(sat).one())
        else:
            account = None if role == GRADUATE else account_by_name(f"{role}@demo.example")
            person = account.person if account else session.get_one(Person, self.graduate)
        membership = membership_to_start_with(person.id, date.today(), second_factor=True)  # noqa: DTZ011 - a role
        assert membership
        return person, membership


@dataclass(frozen=True)
class Facts:
    """What is asked of a demo once it stands: see `DemoSite`."""

    codes: Mapping[str, str]
    graduate: int
    opens_at: datetime


def settings_in(folder: Path, settings: Settings) -> Settings:
    """Give the settings of a demo that keeps everything in one folder, so that a copy of it is another demo."""
    own = {"database_url": f"sqlite:///{folder}/demo.db", "store_url": f"file:{folder}/files"}
    return settings.model_copy(update={**own, "key_store": f"{folder}/keys"})


def load_demo(settings: Settings) -> Facts:
    """Load the demo, finish its work, and revoke one certificate; it is left closed and may be copied."""
    with create_app(settings).app_context():
        upgrade()
        for step in STEPS:
            step.load(Demo())
        jobs.work()
        _revoke_one()
        jobs.work()
        graduate, opens_at = _graduate().person_id, _sitting()[0].opens_at
        facts = Facts({**_codes(), **_of_holders(graduate), **_of_proxies()}, graduate, opens_at)
        session.remove()
        db.engine.dispose()
    return facts


@contextmanager
def demo_site(settings: Settings, facts: Facts) -> Iterator[DemoSite]:
    """Serve a loaded demo."""
    app = create_app(settings)
    try:
        with served(app) as port:
            yield DemoSite(app, f"http://localhost:{port}", facts.codes, facts.graduate, facts.opens_at)
    finally:
        with app.app_context():
            db.engine.dispose()


def _revoke_one() -> None:
    with unit_of_work():
        found = session.scalars(select(Certificate).order_by(Certificate.id.desc())).first()
        assert found
        reason = RevocationReason.ISSUED_IN_ERROR
        revoke(found, reason=reason, note="核实后撤销。", by=acting_as("issuer"), at=real_now() - timedelta(minutes=1))


def _graduate() -> Award:
    awarded = select(Award).where(Award.state == AwardState.AWARDED).order_by(Award.id).limit(1)
    return session.scalars(awarded).one()


def _person_of(sign_in: str) -> Person:
    return session.get_one(Person, acting_as(sign_in).person_id)


def _sitting() -> tuple[ExamSession, Attempt]:
    """Return the open session of the demo and the sitting of `trainee2` in it."""
    candidate = acting_as("trainee2").person_id
    query = select(ExamSession, Attempt).join(Attempt.session).where(Attempt.person_id == candidate)
    held, attempt = session.execute(query).one()
    return held, attempt


def _of_exam_day(attempt: Attempt) -> dict[str, Any]:
    """Return the records of the session that is held at a venue, and a ticket of an open sitting."""
    revoked = session.get_one(Registration, _first(select(RegistrationRevocation)).registration_id)
    seated = (Registration.session_id == revoked.session_id) & Registration.withdrawn_at.is_(None)
    left = Registration.withdrawn_at.is_not(None) & (Registration.id != revoked.id)
    return {
        "exam_day": _exam_day(),
        "exam_full": _first(select(ExamSession).join(WaitingPlace, WaitingPlace.session_id == ExamSession.id)),
        "exam_venue": _first(select(ExamVenue)),
        "exam_revoked": revoked,
        "exam_withdrawn": _first(select(Registration).where(left)),
        "exam_seated": _first(select(Registration).where(seated).order_by(Registration.id)),
        "exam_grant": _first(select(ExtraTime)),
        "exam_conduct": _first(select(ConductRecord)),
        "exam_caught": session.get_one(Registration, _first(select(ConductRecord)).registration_id),
        "exam_ticket": session.get_one(Registration, attempt.registration_id),
    }


def _exam_day() -> ExamSession:
    """Return the session that is held at a venue."""
    return _first(select(ExamSession).where(ExamSession.venue_id.is_not(None)).order_by(ExamSession.id))


def _appraisal(year: int) -> BaseAppraisal:
    """Return the appraisal of the base of `base` in a year."""
    query = select(BaseAppraisal).join(AppraisalCycle, AppraisalCycle.id == BaseAppraisal.cycle_id)
    own = BaseAppraisal.organisation_id == acting_as("base").organisation_id
    return session.scalars(query.where(AppraisalCycle.year == year, own)).one()


def _of_papers() -> dict[str, Any]:
    """Return papers in their states, comments that wait and are answered, and scores that were converted."""
    comments, papers = select(PaperComment), select(Paper).order_by(Paper.id.desc())
    return {
        "paper": _first(select(Paper).order_by(Paper.id)),
        "paper_draft": _first(papers.where(Paper.state == "draft")),
        "paper_sealed": _first(papers.where(Paper.state == "frozen")),
        **{f"comment_{state}": _first(comments.where(PaperComment.state == state)) for state in ("open", "answered")},
        **_of_conversion(),
    }


def _of_conversion() -> dict[str, Any]:
    """Return a session whose scores were converted, the decision, and a sitting of it."""
    result = _first(select(Result).where(Result.equating_id.is_not(None)).order_by(Result.id))
    sat = session.get_one(Attempt, result.attempt_id)
    return {
        "converted": sat,
        "resit": session.get_one(ExamSession, sat.session_id),
        "equating": session.get_one(ScoreEquating, result.equating_id),
    }


def _of_proxies() -> dict[str, str]:
    """Return under which name of a ballot somebody is represented."""
    voter = _first(select(BallotVoter).where(BallotVoter.proxy_id.is_not(None)))
    return {"ballot represented": str(voter.pseudonym)}


def _of_rules() -> dict[str, Any]:
    """Return packs in their states, and what was begun."""
    return {
        "pack": _first(select(RulePack).order_by(RulePack.id)),
        "criteria": _first(select(RulePack).where(RulePack.series == "criteria-hebei-full-senior")),
        "draft": _first(select(RulePack).where(RulePack.series == "criteria-shandong-full-senior")),
        "next": _first(select(RulePack).where(RulePack.code == "award-sample.2")),
        "replay": _first(select(Replay)),
        "pack_begun": _first(select(PackStart)),
    }


def _codes() -> dict[str, str]:
    graduate, (held, attempt) = _graduate(), _sitting()
    summer = _first(select(ExamSession).order_by(ExamSession.id))
    spring, present = session.scalars(select(Cohort).order_by(Cohort.id).limit(2)).all()
    trainee = acting_as("trainee").person_id
    found = {
        **_of_exam_day(attempt),
        **_of_rules(),
        "cycle_2025": _first(select(AppraisalCycle).where(AppraisalCycle.year == 2025)),
        "cycle_2026": _first(select(AppraisalCycle).where(AppraisalCycle.year == 2026)),
        **{f"appraisal_{year}": _appraisal(year) for year in (2025, 2026)},
        "spring": spring,
        "present": present,
        "learning": _first(select(Enrolment).where(Enrolment.person_id == trainee)),
        "trained": session.get_one(Enrolment, graduate.enrolment_id),
        **_of_papers(),
        "study": _first(select(StandardStudy)),
        "blueprint": _first(select(Blueprint).order_by(Blueprint.id)),
        "summer": summer,
        "similar_pair": _first(select(SimilarityPair).order_by(SimilarityPair.id)),
        **{f"flag_{state}": _first(select(ItemFlag).where(ItemFlag.state == state)) for state in ("open", "revision")},
        "open": held,
        "attempt": attempt,
        "done": _first(select(Attempt).where(Attempt.person_id == graduate.person_id, Attempt.session_id == summer.id)),
        "security_order": _first(select(SecurityOrder).where(SecurityOrder.state == OrderState.ASKED)),
        "asked_correction": _first(
            select(SecurityOrder).where(SecurityOrder.state == OrderState.ASKED, SecurityOrder.kind.in_(CORRECTIONS))
        ),
        "secured": _person_of("marker2"),
        "secured_role": _first(select(Membership).where(Membership.person_id == _person_of("marker2").id)),
        "event": _first(select(Event).where(Event.kind == "accounts.order_refused")),
        "proposed": _first(select(Award).where(Award.state == AwardState.PROPOSED)),
        "awarded": graduate,
    }
    found["exam_sat"] = session.get_one(Registration, found["done"].registration_id)
    found |= (
        _of_certificates(graduate.person_id)
        | _decided(trainee)
        | _evidence(trainee)
        | _of_panels()
        | _of_titles()
        | _of_marking()
    )
    return {
        **{name: str(record.code) for name, record in found.items()},
        "ticket": _ticket(),
        "number": str(graduate.unified_number),
        "title_number": _title_number(),
    }


def _of_certificates(person_id: int) -> dict[str, Any]:
    """Return batches, keys, templates and certificates in their states."""
    certificates = select(Certificate).order_by(Certificate.id)
    return {
        "batch": _first(select(Batch)),
        "delegation": _first(select(Delegation)),
        "body_order": _first(select(BodyOrder)),
        "key_order": _first(select(KeyOrder)),
        "template": _first(select(CertificateTemplate).where(_capability(), CertificateTemplate.shipped.is_(True))),
        "template_draft": _first(select(CertificateTemplate).where(_capability(), CertificateTemplate.number == TWO)),
        "valid": _first(certificates.where(Certificate.state == CertificateState.PUBLISHED)),
        "revoked": _first(certificates.where(Certificate.revoked_for == RevocationReason.ISSUED_IN_ERROR)),
        "suspended": _first(certificates.where(Certificate.state == CertificateState.SUSPENDED)),
        "superseded": _first(certificates.where(Certificate.revoked_for == RevocationReason.SUPERSEDED)),
        "graduate_certificate": _first(certificates.where(Certificate.person_id == person_id)),
        "change_done": _first(select(BulkChange).where(BulkChange.state == ChangeState.DONE)),
        "change_proposed": _first(select(BulkChange).where(BulkChange.state == ChangeState.PROPOSED)),
    }


def _of_holders(person_id: int) -> dict[str, str]:
    """Return a certificate of a person, links that are open and ended, and a list that was checked."""
    found = {
        "held": _first(select(Certificate).where(Certificate.person_id == person_id).order_by(Certificate.id)),
        "accredited": _first(
            select(Certificate).where(Certificate.organisation_id == acting_as("base").organisation_id)
        ),
        "share": _first(select(ShareLink).order_by(ShareLink.id)),
        "share_ended": _first(select(ShareLink).order_by(ShareLink.id.desc())),
        "check": _first(select(CertificateCheck)),
    }
    return {name: str(record.code) for name, record in found.items()}


TWO = 2
"""The number of the version that waits for its second person."""


def _capability() -> ColumnElement[bool]:
    return CertificateTemplate.kind == CertificateKind.CAPABILITY


def _of_marking() -> dict[str, Any]:
    """Return the exam whose written answers are being marked, a task of it, an answer begun, a new marking."""
    task = _first(select(MarkingTask).order_by(MarkingTask.id))
    begun = select(Script).join(ScriptMark, ScriptMark.script_id == Script.id).where(ScriptMark.done_at.is_(None))
    return {
        "written": session.get_one(ExamSession, task.session_id),
        "marking_task": task,
        "begun": _first(begun),
        "new_marking": _first(select(MarkingRun).where(MarkingRun.number > 1)),
        "late_counted": _late(LateState.CONFIRMED),
        "late_waiting": _late(LateState.PROPOSED),
    }


def _late(state: LateState) -> Attempt:
    """Return a sitting with a decision about late answers in a state."""
    query = select(Attempt).join(LateAnswer, LateAnswer.attempt_id == Attempt.id)
    query = query.join(LateDecision, LateDecision.late_answer_id == LateAnswer.id)
    found: Attempt = _first(query.where(LateDecision.state == state).order_by(Attempt.id))
    return found


def _decided(trainee: int) -> dict[str, Any]:
    """Return ballots, cases, and what is on record of a trainee's credit."""
    return {
        "ballot decided": _first(select(Ballot).order_by(Ballot.id)),
        "ballot open": _first(select(Ballot).where(Ballot.state == "open").order_by(Ballot.id)),
        "ballot with proxies": _first(select(Ballot).where(Ballot.region_code == "370100")),
        "ballot prepared": _first(select(Ballot).where(Ballot.state == "keys")),
        "ballot question": _first(select(BallotQuestion).order_by(BallotQuestion.id)),
        "notice": _first(select(Publicity).order_by(Publicity.id.desc())),
        "complaint": _first(select(Case).where(Case.kind == "cases.complaint")),
        "objection": _first(select(Case).where(Case.kind == "cases.objection")),
        "credit_mine": _first(select(CreditRecord).where(CreditRecord.person_id == trainee)),
        "credit_serious": _first(select(CreditRecord).where(CreditRecord.gravity == "serious")),
        "credit_entered": _first(select(CreditRecord).where(CreditRecord.state == "entered")),
        "credit_rating": _first(select(CreditRating).where(CreditRating.person_id == trainee)),
        "credit_cycle": _first(select(CreditCycle)),
        "recheck": _first(select(Case).where(Case.kind == "exams.recheck")),
        "restriction": _first(select(Restriction).order_by(Restriction.id)),
    }


def _evidence(person_id: int) -> dict[str, Any]:
    """Return evidence of a person that was checked, that does not match, and as a draft; an import, an audit."""
    own = select(Evidence).where(Evidence.person_id == person_id).order_by(Evidence.id)
    return {
        "evidence_checked": _first(own.where(Evidence.state == EvidenceState.CHECKED)),
        "evidence_wrong": _first(own.where(Evidence.standing == "not")),
        "evidence_paper": _first(own.where(Evidence.kind == "receipt")),
        "evidence_draft": _first(own.where(Evidence.state == EvidenceState.DRAFT)),
        "evidence_import": _first(select(EvidenceImport)),
        "audit": _first(select(SampleAudit)),
        "access_key": _first(select(AccessKey).where(AccessKey.uses > 0)),
        "access_key_revoked": _first(select(AccessKey).where(AccessKey.ended_at.is_not(None))),
        "roster_waiting": _first(_rosters().where(PeopleImport.committed_at.is_(None))),
        "roster_done": _first(_rosters().where(PeopleImport.committed_at.is_not(None))),
    }


def _rosters() -> Select[PeopleImport]:
    """Select the rosters of people that administrators uploaded."""
    return select(PeopleImport).where(PeopleImport.region_code.is_not(None))


def _of_panels() -> dict[str, Any]:
    review, waiting, inspection = session.scalars(select(Panel).order_by(Panel.id).limit(3)).all()
    cases = {case.panel_id: case for case in session.scalars(select(PanelCase))}
    return {
        "pool": _first(select(ExpertPool)),
        "pool_expert": _first(select(PoolExpert).order_by(PoolExpert.id)),
        "committee": _first(select(Committee)),
        "panel_open": review,
        "panel_planned": waiting,
        "panel_scored": inspection,
        "case_open": cases[review.id],
        "case_scored": cases[inspection.id],
        "meeting": _first(select(Meeting)),
        "agenda_item": _first(select(AgendaItem).order_by(AgendaItem.id)),
    }


def _ticket() -> str:
    """Return the ticket number of somebody who sat the session that is over."""
    sat = select(Registration.code).join(Attempt, Attempt.registration_id == Registration.id)
    return str(session.scalars(sat.where(Attempt.submitted_at.is_not(None)).order_by(Attempt.id).limit(1)).one())


def _title_number() -> str:
    return str(session.scalars(select(TitleAward.number)).one())


def _of_titles() -> dict[str, Any]:
    spring, winter = session.scalars(select(TitleRound).order_by(TitleRound.id)).all()
    by_state = {one.state.value: one for one in session.scalars(select(TitleApplication))}
    named = {f"title_{name}": by_state[name] for name in ("confirmed", "submitted", "returned")}
    doubted, misnamed = _first(select(TitleWithdrawal)), _first(select(NameCorrection))
    waits = {"withdrawal": doubted, "name_correction": misnamed}
    return {"round_decided": spring, "round_open": winter, **waits, **named}


def _first(query: Select[Any]) -> Any:  # noqa: ANN401 - a record of any kind
    return session.scalars(query.limit(1)).one()
