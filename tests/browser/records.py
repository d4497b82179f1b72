"""Which records of the demo stand in which addresses: real values for every argument that names one."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, inspect, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.keyed import AccessKey
from app.accounts.models import Membership, Organisation, Passkey, Person, SecurityOrder, SignInSession
from app.accounts.rights import Claim, DataExport, Erasure, NameCorrection, PersonMerge
from app.accounts.staged import PeopleImport
from app.accounts.states import CORRECTIONS
from app.assessment.certification.models import Award
from app.assessment.credit.models import CreditCycle, CreditDoubt, CreditRating, CreditRecord, CreditRepair
from app.assessment.exams.models import (
    Attempt,
    Blueprint,
    ConductRecord,
    ExamSession,
    ExamVenue,
    ExtraTime,
    Incident,
    IncidentFile,
    ItemEnemy,
    ItemFlag,
    ItemStatistic,
    LateAnswer,
    MarkingRun,
    MarkingTask,
    Paper,
    PaperComment,
    PaperItem,
    Registration,
    RegistrationRevocation,
    Result,
    ResultCorrection,
    ScoreEquating,
    Script,
    SessionChange,
    SessionRoom,
    SimilarityPair,
    SimilarityRun,
    StandardStudy,
    StatisticsRun,
    WaitingPlace,
)
from app.assessment.exams.states import SessionState
from app.assessment.titles.models import TitleApplication, TitleRound, TitleWithdrawal
from app.ballots.models import Ballot, BallotQuestion
from app.bases.models import TrainingBase
from app.cases.models import Case, CaseFile, Publicity, Restriction
from app.cases.models import Notice as CaseNotice
from app.core.db import Base, session
from app.core.events import Event
from app.core.files import StoredFile
from app.core.jobs import Job, JobState
from app.courses.models import Cohort, Enrolment, Lesson, LessonProgress, QuizTry, RosterImport
from app.credentials.models import (
    Batch,
    BodyOrder,
    BulkChange,
    Certificate,
    CertificateCheck,
    CertificateRequest,
    CertificateTemplate,
    Delegation,
    IssuingBody,
    KeyOrder,
    ShareLink,
)
from app.desk.models import Notice
from app.evidence.models import Evidence, EvidenceFile, EvidenceImport, SampleAudit, SampleItem
from app.evidence.states import State as EvidenceState
from app.items.models import Item, ItemBank, ItemImport, ItemVersion
from app.items.states import FileKind
from app.panels.models.draws import Panel, PanelCase
from app.panels.models.meetings import AgendaItem, Meeting
from app.panels.models.pools import Committee, ExpertPool, PoolExpert
from app.panels.models.scoring import Assignment, ScoreCorrection
from app.performance.models import AppraisalCycle, AppraisalFile, BaseAppraisal
from app.rulebook.models import PackStart, Replay, RulePack

Named = InstrumentedAttribute[Any]
OTHER = aliased(CertificateTemplate)


def _of(joined: ColumnElement[bool] | None = None, **columns: Named) -> Select[Any]:
    query = select(*(column.label(name) for name, column in columns.items()))
    return query if joined is None else query.where(joined)


ALL_OF_IT = ItemVersion.stem + cast(ItemVersion.options, String) + cast(ItemVersion.body, String)
SHOWS_FILE = ALL_OF_IT.contains(StoredFile.sha256)
"""A version of an item refers to a kept file."""

ON_PAPER = (PaperItem.item_version_id == ItemVersion.id) & SHOWS_FILE
OF_PAPER = (PaperItem.paper_id == ExamSession.paper_id) & ON_PAPER
OF_LESSON = (Enrolment.cohort_id == Cohort.id) & (Lesson.course_id == Cohort.course_id)
OF_QUIZ = OF_LESSON & (LessonProgress.enrolment_id == Enrolment.id) & (LessonProgress.lesson_id == Lesson.id)
IN_BANK = Item.bank_id == ItemBank.id
OF_APPRAISAL = AppraisalFile.appraisal_id == BaseAppraisal.id
OF_CORRECTION = (
    (PanelCase.panel_id == Panel.id)
    & (Assignment.case_id == PanelCase.id)
    & (ScoreCorrection.assignment_id == Assignment.id)
)

RECORDS: Mapping[str, Select[Any]] = {
    "/acting/<code>": _of(code=Membership.code),
    "/api/v1/organisation/evidence/<code>": _of(Evidence.organisation_id.is_not(None), code=Evidence.code),
    "/audit/events/<code>": _of(code=Event.code),
    "/awards/<code>": _of(code=Award.code),
    "/ballots/<code>": _of(code=Ballot.code),
    "/ballots/<code>/questions/<question>": _of(
        BallotQuestion.ballot_id == Ballot.id, code=Ballot.code, question=BallotQuestion.code
    ),
    "/bases/<slug>": _of(TrainingBase.organisation_id == Organisation.id, slug=Organisation.slug),
    "/cases/<code>": _of(code=Case.code),
    "/cases/<code>/files/<sha256>": _of(
        (CaseFile.case_id == Case.id) & (CaseFile.file_id == StoredFile.id), code=Case.code, sha256=StoredFile.sha256
    ),
    "/cases/<code>/notices/<notice>": _of(CaseNotice.case_id == Case.id, code=Case.code, notice=CaseNotice.code),
    "/cohorts/<code>": _of(code=Cohort.code),
    "/cohorts/<code>/roster/<roster>": _of(
        RosterImport.cohort_id == Cohort.id, code=Cohort.code, roster=RosterImport.code
    ),
    "/cohorts/<code>/trainees/<enrolment>": _of(
        Enrolment.cohort_id == Cohort.id, code=Cohort.code, enrolment=Enrolment.code
    ),
    "/committees/<code>": _of(code=Committee.code),
    "/credit/cycles/<code>": _of(code=CreditCycle.code),
    "/credit/doubts/<code>": _of(code=CreditDoubt.code),
    "/credit/ratings/<code>": _of(code=CreditRating.code),
    "/credit/records/<code>": _of(code=CreditRecord.code),
    "/credit/records/<code>/files/<sha256>": _of(
        CreditRecord.file_id == StoredFile.id, code=CreditRecord.code, sha256=StoredFile.sha256
    ),
    "/credit/repairs/<code>": _of(code=CreditRepair.code),
    "/employer/checks/<code>": _of(code=CertificateCheck.code),
    "/evidence/<code>": _of(code=Evidence.code),
    "/evidence/<code>/edit": _of(Evidence.state == EvidenceState.DRAFT, code=Evidence.code),
    "/evidence/<code>/files/<sha256>": _of(
        (EvidenceFile.evidence_id == Evidence.id) & (EvidenceFile.file_id == StoredFile.id),
        code=Evidence.code,
        sha256=StoredFile.sha256,
    ),
    "/evidence/audits/<code>": _of(code=SampleAudit.code),
    "/evidence/audits/<code>/<item>": _of(
        SampleItem.audit_id == SampleAudit.id, code=SampleAudit.code, item=SampleItem.code
    ),
    "/evidence/organisation/import/<code>": _of(code=EvidenceImport.code),
    "/exams/blueprints/<code>": _of(code=Blueprint.code),
    "/exams/candidates/<ticket>": _of(ticket=Registration.code),
    "/exams/cases/<code>": _of(Case.kind.startswith("exams."), code=Case.code),
    "/exams/changes/<code>": _of(code=SessionChange.code),
    "/exams/comments/<code>": _of(code=PaperComment.code),
    "/exams/conduct/<code>": _of(code=ConductRecord.code),
    "/exams/corrections/<code>": _of(code=ResultCorrection.code),
    "/exams/enemies/<bank>": _of(bank=ItemBank.code),
    "/exams/enemies/<bank>/<code>": _of(ItemEnemy.bank_id == ItemBank.id, bank=ItemBank.code, code=ItemEnemy.code),
    "/exams/equatings/<code>": _of(code=ScoreEquating.code),
    "/exams/extra-time/<code>": _of(code=ExtraTime.code),
    "/exams/flags/<code>": _of(ItemFlag.session_id == ExamSession.id, code=ExamSession.code),
    "/exams/flags/items/<code>": _of(code=ItemFlag.code),
    "/exams/flags/items/<code>/files/<digest>": _of(
        (ItemFlag.item_version_id == ItemVersion.id) & SHOWS_FILE, code=ItemFlag.code, digest=StoredFile.sha256
    ),
    "/exams/incidents/<code>": _of(IncidentFile.incident_id == Incident.id, code=Incident.code, file=IncidentFile.id),
    "/exams/late/<code>": _of(LateAnswer.attempt_id == Attempt.id, code=Attempt.code),
    "/exams/marking/<code>": _of(code=MarkingTask.code),
    "/exams/mine/<code>": _of(Result.attempt_id == Attempt.id, code=Attempt.code),
    "/exams/mine/conduct/<code>": _of(code=ConductRecord.code),
    "/exams/mine/revocations/<code>": _of(code=RegistrationRevocation.code),
    "/exams/mine/tickets/<code>": _of(code=Registration.code),
    "/exams/mine/waiting/<code>": _of(code=WaitingPlace.code),
    "/exams/open/<code>": _of(code=ExamSession.code),
    "/exams/papers/<code>": _of(code=Paper.code),
    "/exams/papers/<code>/files/<digest>": _of(
        (PaperItem.paper_id == Paper.id) & ON_PAPER, code=Paper.code, digest=StoredFile.sha256
    ),
    "/exams/registrations/<ticket>": _of(ticket=Registration.code),
    "/exams/reports/<code>": _of(ExamSession.state == SessionState.RELEASED, code=ExamSession.code),
    "/exams/runs/<code>": _of(code=MarkingRun.code),
    "/exams/scripts/<code>": _of(code=Script.code),
    "/exams/scripts/<code>/files/<digest>": _of(
        (Script.task_id == MarkingTask.id)
        & (MarkingTask.session_id == ExamSession.id)
        & (PaperItem.position == MarkingTask.position)
        & OF_PAPER,
        code=Script.code,
        digest=StoredFile.sha256,
    ),
    "/exams/sessions/<code>": _of(code=ExamSession.code),
    "/exams/sessions/<code>/statistics": _of(StatisticsRun.session_id == ExamSession.id, code=ExamSession.code),
    "/exams/sessions/<code>/door/<ticket>": _of(
        Registration.session_id == ExamSession.id, code=ExamSession.code, ticket=Registration.code
    ),
    "/exams/sessions/<code>/rooms/<room>": _of(
        SessionRoom.session_id == ExamSession.id, code=ExamSession.code, room=SessionRoom.code
    ),
    "/exams/sessions/<code>/statistics/items/<int:position>": _of(
        (StatisticsRun.session_id == ExamSession.id) & (ItemStatistic.run_id == StatisticsRun.id),
        code=ExamSession.code,
        position=ItemStatistic.position,
    ),
    "/exams/similarity/<code>": _of(code=ExamSession.code),
    "/exams/similarity/pairs/<code>": _of(code=SimilarityPair.code),
    "/exams/similarity/pairs/<code>/files/<digest>": _of(
        (SimilarityPair.run_id == SimilarityRun.id) & (SimilarityRun.session_id == ExamSession.id) & OF_PAPER,
        code=SimilarityPair.code,
        digest=StoredFile.sha256,
    ),
    "/exams/sittings/<ticket>": _of(Attempt.registration_id == Registration.id, ticket=Registration.code),
    "/exams/standards/<code>": _of(code=StandardStudy.code),
    "/exams/standards/<code>/files/<digest>": _of(
        (PaperItem.paper_id == StandardStudy.paper_id) & ON_PAPER, code=StandardStudy.code, digest=StoredFile.sha256
    ),
    "/exams/use/<bank>": _of(bank=ItemBank.code),
    "/exams/venues/<code>": _of(code=ExamVenue.code),
    "/issuing/authority/<code>": _of(code=Delegation.code),
    "/issuing/authority/bodies/<slug>": _of(slug=IssuingBody.slug),
    "/issuing/authority/orders/<code>": _of(code=BodyOrder.code),
    "/issuing/batches/<code>": _of(code=Batch.code),
    "/issuing/certificates/<code>": _of(code=Certificate.code),
    "/issuing/changes/<code>": _of(code=BulkChange.code),
    "/issuing/keys/orders/<code>": _of(code=KeyOrder.code),
    "/issuing/requests/<code>": _of(code=CertificateRequest.code),
    "/issuing/templates/<code>": _of(code=CertificateTemplate.code),
    "/issuing/templates/<code>/compare/<other>": _of(
        (CertificateTemplate.kind == OTHER.kind) & (CertificateTemplate.id != OTHER.id),
        code=CertificateTemplate.code,
        other=OTHER.code,
    ),
    "/items/<bank>": _of(bank=ItemBank.code),
    "/items/<bank>/imports/<code>": _of(ItemImport.bank_id == ItemBank.id, bank=ItemBank.code, code=ItemImport.code),
    "/items/<bank>/item/<code>": _of(IN_BANK, bank=ItemBank.code, code=Item.code),
    "/items/<bank>/item/<code>/files/<digest>": _of(
        IN_BANK & (ItemVersion.item_id == Item.id) & SHOWS_FILE,
        bank=ItemBank.code,
        code=Item.code,
        digest=StoredFile.sha256,
    ),
    "/learning/<code>": _of(code=Enrolment.code),
    "/learning/<code>/lessons/<lesson>": _of(OF_LESSON, code=Enrolment.code, lesson=Lesson.code),
    "/learning/<code>/lessons/<lesson>/figures/": _of(
        OF_LESSON & (Lesson.code == "L01"), code=Enrolment.code, lesson=Lesson.code
    ),
    "/learning/<code>/lessons/<lesson>/quiz/<int:number>": _of(
        OF_QUIZ & (QuizTry.progress_id == LessonProgress.id),
        code=Enrolment.code,
        lesson=Lesson.code,
        number=QuizTry.number,
    ),
    "/me/rights/copy/<code>": _of(code=DataExport.code),
    "/me/security/passkeys/<code>": _of(code=Passkey.code),
    "/me/sessions/<code>": _of(code=SignInSession.code),
    "/meetings/<code>": _of(code=Meeting.code),
    "/meetings/<code>/items/<item>": _of(AgendaItem.meeting_id == Meeting.id, code=Meeting.code, item=AgendaItem.code),
    "/messages/<code>": _of(code=Notice.code),
    "/my/certificates/<code>": _of(Certificate.person_id.is_not(None), code=Certificate.code),
    "/my/panels/entries/<code>": _of(code=PoolExpert.code),
    "/my/shares/<code>": _of(ShareLink.person_id.is_not(None), code=ShareLink.code),
    "/notices/<code>": _of(code=Publicity.code),
    "/organisation/certificates/<code>": _of(Certificate.organisation_id.is_not(None), code=Certificate.code),
    "/organisation/shares/<code>": _of(ShareLink.organisation_id.is_not(None), code=ShareLink.code),
    "/organisations/<slug>": _of(slug=Organisation.slug),
    "/organisations/<slug>/keys/<code>": _of(
        AccessKey.organisation_id == Organisation.id, slug=Organisation.slug, code=AccessKey.code
    ),
    "/organisations/<slug>/keys/new": _of(slug=Organisation.slug),
    "/organisations/<slug>/members/<code>": _of(
        Membership.organisation_id == Organisation.id, slug=Organisation.slug, code=Membership.code
    ),
    "/organisations/<slug>/members/new": _of(slug=Organisation.slug),
    "/panels/<code>": _of(code=Panel.code),
    "/panels/<code>/cases/<case>": _of(PanelCase.panel_id == Panel.id, code=Panel.code, case=PanelCase.code),
    "/panels/<code>/cases/<case>/corrections/<correction>": _of(
        OF_CORRECTION, code=Panel.code, case=PanelCase.code, correction=ScoreCorrection.code
    ),
    "/people/claims/<code>": _of(code=Claim.code),
    "/people/corrections/<code>": _of(SecurityOrder.kind.in_(CORRECTIONS), code=SecurityOrder.code),
    "/people/erasures/<code>": _of(code=Erasure.code),
    "/people/merges/<code>": _of(code=PersonMerge.code),
    "/people/names/<code>": _of(code=NameCorrection.code),
    "/people/rosters/<code>": _of(PeopleImport.region_code.is_not(None), code=PeopleImport.code),
    "/performance/<code>": _of(code=AppraisalCycle.code),
    "/performance/bases/<code>": _of(code=BaseAppraisal.code),
    "/performance/bases/<code>/files/<indicator>": _of(
        OF_APPRAISAL, code=BaseAppraisal.code, indicator=AppraisalFile.indicator
    ),
    "/pools/<code>": _of(code=ExpertPool.code),
    "/pools/<pool>/experts/<code>": _of(
        PoolExpert.pool_id == ExpertPool.id, pool=ExpertPool.code, code=PoolExpert.code
    ),
    "/restrictions/<code>": _of(code=Restriction.code),
    "/rules/<code>": _of(code=RulePack.code),
    "/rules/replays/<code>": _of(code=Replay.code),
    "/rules/started/<code>": _of(code=PackStart.code),
    "/security/orders/<code>": _of(code=SecurityOrder.code),
    "/security/people/<code>": _of(code=Person.code),
    "/security/roles/<code>": _of(code=Membership.code),
    "/sit/<code>": _of(code=Attempt.code),
    "/sit/<code>/files/<digest>": _of(
        (Attempt.session_id == ExamSession.id) & OF_PAPER, code=Attempt.code, digest=StoredFile.sha256
    ),
    "/sit/seb/<session_code>": _of(session_code=ExamSession.code),
    "/system/jobs/<code>": _of(Job.state == JobState.FAILED, code=Job.code),
    "/titles/applications/<code>": _of(code=TitleApplication.code),
    "/titles/rounds/<code>": _of(code=TitleRound.code),
    "/titles/withdrawals/<code>": _of(code=TitleWithdrawal.code),
}
"""How to find the records that stand in the addresses beginning so; the longest beginning counts."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "/ballots/<code>/key/<act>": {"act": "join"},
    "/bases/<slug>/decide/<move>": {"move": "suspend"},
    "/cases/<code>/act/<act>": {"act": "ask"},
    "/cohorts/<code>/trainees.<kind>": {"kind": "csv"},
    "/issuing/templates/<code>/samples/<size>.png": {"size": "short"},
    "/learning/<code>/lessons/<lesson>/figures/<name>": {"name": "value-chain.svg"},
    "/learning/<code>/lessons/<lesson>/video.<kind>": {"kind": "webm"},
    "/meetings/<code>/attendance/<way>": {"way": "enter"},
    "/meetings/<code>/steps/<step>": {"step": "open"},
    "/my/panels/entries/<code>/<answer>": {"answer": "accept"},
    "/panels/<code>/cases/<case>/corrections/<correction>/<answer>": {"answer": "approve"},
    "/people/claims/<code>/<decision>": {"decision": "accept"},
    "/people/erasures/<code>/<decision>": {"decision": "grant"},
    "/people/merges/<code>/<decision>": {"decision": "join"},
    "/people/names/<code>/<decision>": {"decision": "correct"},
    "/performance/<code>/<act>": {"act": "confirm"},
    "/performance/bases/<code>/decide/<move>": {"move": "return"},
    "/pools/<code>/export.<kind>": {"kind": "csv"},
    "/pools/<pool>/experts/<code>/decide/<move>": {"move": "suspend"},
    "/security/orders/<code>/<act>": {"act": "refuse"},
}
"""What stands in the arguments that name no record."""

OPENED_BY_NOBODY = frozenset(
    {
        # by programs
        "/api/v1/organisation/evidence/<code>",
        # of a state that none of the records tried is in, such as a draft
        "/cases/<code>/draft",
        "/credit/records/<code>/repair",
        "/evidence/<code>/edit",
        "/exams/sessions/<code>/seb/file",
        "/sit/<code>/seb",
        "/sit/seb/<session_code>",
        "/sit/<code>/files/<digest>",
        "/titles/applications/<code>/edit",
        # of the one person whose record it is, who does not sign in here
        "/exams/mine/conduct/<code>",
        "/exams/mine/revocations/<code>",
        "/exams/mine/tickets/<code>",
        "/exams/standards/<code>/estimates",
        "/exams/standards/<code>/files/<digest>",
        "/me/security/passkeys/<code>",
        "/my/panels/entries/<code>",
        # of no drawing, and of a film where films are built
        "/learning/<code>/lessons/<lesson>/figures/",
        "/learning/<code>/lessons/<lesson>/video.<kind>",
    }
)
"""Addresses that neither one person of each role and region nor the owner of the records tried opens."""


def add_the_rest(at: datetime) -> None:
    """Add one of each record that an address names and the demo has none of, and parents beside the only ones."""
    person, stored = _first(Person), _first(StoredFile)
    assignment, incident = _first(Assignment), _first(Incident)
    session.add_all(
        (
            SessionChange(session_id=_first(ExamSession), given={}, reason="-", asked_by_id=person, asked_at=at),
            ResultCorrection(result_id=_first(Result), case_code="-", opened_at=at),
            ItemImport(
                bank_id=_first(ItemBank), file_id=stored, name="-", kind=FileKind.CSV, ignored=[],
                uploaded_by_id=person, uploaded_at=at,
            ),
            IncidentFile(incident_id=incident, file_id=stored, name="-"),
            ScoreCorrection(
                assignment_id=assignment, dimension="-", points_before=Decimal(1), points_after=Decimal(2), reason="-",
                asked_by_id=person, asked_at=at,
            ),
            DataExport(person_id=person, language="zh", requested_at=at),
            Passkey(person_id=person, name="-", credential=b"-", public_key=b"-", added_at=at),
            ExpertPool(
                organisation_id=_first(Organisation), region_code="370000", name_zh="-", name_en="-", created_at=at,
            ),
            SampleAudit(
                region_code="370000", since=at.date(), until=at.date(), seed="-", algorithm="-", population=1,
                population_digest="-", population_codes=[], size=1, drawn_by_id=person, drawn_at=at,
            ),
            Job(kind="-", key="-", args={}, state=JobState.FAILED, ended_at=at),
        )
    )  # fmt: skip


def _first(model: type[Base]) -> int:
    """Return the key of the first record of a table."""
    found: int = session.scalars(select(inspect(model).primary_key[0]).limit(1)).one()
    return found
