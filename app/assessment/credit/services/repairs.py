"""Credit repair: the subject applies after the minimum period, an officer decides, and everything follows at once."""

from dataclasses import dataclass
from datetime import datetime

from app.accounts.models import Person
from app.accounts.states import Role
from app.assessment.credit.access import works_on
from app.assessment.credit.models import CreditRecord, CreditRepair
from app.assessment.credit.queries import records as queries
from app.assessment.credit.queries.packs import RepairPacks
from app.assessment.credit.rules import periods
from app.assessment.credit.services import sanctions
from app.assessment.credit.services.ratings import rerate
from app.assessment.credit.states import RECORD, REPAIR, RecordState
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.files import StoredFile
from app.core.text import _l
from app.desk import services as desk
from app.rulebook import queries as rulebook
from app.rulebook.kinds import judged
from app.rulebook.services import Decided, record_decision
from app.rulebook.verdicts import Verdict

TYPE = "credit_repair"


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer finds: whether the conduct is corrected and the duties done, the decision, its reason."""

    granted: bool
    corrected: bool
    reason: str


def apply_for_repair(
    record: CreditRecord, *, commitment: str, proof: StoredFile, by: Actor, at: datetime
) -> CreditRepair:
    """Apply for the repair of a record about oneself, with a public commitment and proof.

    Raises ForbiddenError for anyone else, InvalidError before the minimum period has passed (naming the day),
    ConflictError where the record has ended or an application waits.
    """
    if by.person_id != record.person_id:
        raise ForbiddenError(_l("Only the person the record is about applies for its repair."))
    if record.gravity is None or record.state is not RecordState.CONFIRMED or queries.open_repair(record) is not None:
        raise ConflictError(_l("There is nothing to repair, or an application waits already. Reload the page."))
    if not commitment.strip():
        raise InvalidError(_l("Write the commitment; everyone will be able to read it."), field="commitment")
    span = RepairPacks(at).span(record.region_code, record.effective_on, record.gravity, day_of(at))
    if day_of(at) < span.open_from:
        raise InvalidError(
            _l("Repair is possible from %(day)s. Come back then.", day=span.open_from.isoformat()), field="commitment"
        )
    made = CreditRepair(
        record_id=record.id, commitment=commitment.strip(), proof_id=proof.id, asked_by_id=by.person_id, asked_at=at
    )
    session.add(made)
    session.flush()
    data = {"repair": made.code, "proof": proof.sha256}
    events.record("credit.repair_asked", queries.subject(record), by=by, at=at, data=data)
    desk.open_todo(
        "credit.repair",
        Subject(TYPE, made.code),
        url=f"/credit/records/{record.code}",
        at=at,
        role=Role.CREDIT,
        region_code=record.region_code,
        not_person_id=by.person_id,
        params={"conduct": record.conduct},
    )
    return made


def decide_repair(
    repair: CreditRepair, record: CreditRecord, decision: Decision, *, by: Actor, at: datetime
) -> Verdict:
    """Decide on an application for repair, with everything that follows in this transaction.

    Granted, the record stops being published and used, what it brought is lifted and the person is rated again.
    Raises InvalidError where it is granted although a condition of the pack in force is not met.
    """
    if not works_on(by, record.region_code, record.person_id):
        raise ForbiddenError(_l("A credit officer of the region decides, and nobody about themselves."))
    if not decision.reason.strip():
        raise InvalidError(_l("Give the reason; the person reads it."), field="reason")
    verdict = _judge(repair, record, decision, by=by, at=at)
    if decision.granted and not verdict.met:
        raise InvalidError(
            _l("Not every condition of repair is met. Tick what you have checked, or refuse."), field="corrected"
        )
    decided = {"decided_by_id": by.person_id, "decided_at": at, "reason": decision.reason.strip()}
    REPAIR.move(repair, "grant" if decision.granted else "refuse", **decided)
    session.flush()
    desk.close_todos(Subject(TYPE, repair.code), at=at)
    if decision.granted:
        _repair(record, reason=decision.reason, pack=verdict.pack, by=by, at=at)
    else:
        subject = queries.subject(record)
        events.record("credit.repair_refused", subject, by=by, at=at, reason=decision.reason.strip(), rule=verdict.pack)
    return verdict


def _judge(repair: CreditRepair, record: CreditRecord, decision: Decision, *, by: Actor, at: datetime) -> Verdict:
    """Judge the conditions under the pack in force and record the decision."""
    if record.gravity is None:
        raise ConflictError(_l("A positive record needs no repair."))
    packs, today = RepairPacks(at), day_of(at)
    pack = packs.on(record.region_code, today)
    facts = periods.typed(
        span=packs.span(record.region_code, record.effective_on, record.gravity, today),
        gravity=record.gravity,
        corrected=decision.corrected,
        committed=bool(repair.commitment),
    )
    kind, name = rulebook.kind(periods.KIND), rulebook.binding(pack)
    verdict = judged(kind, packs.params(pack), facts, today, binding=name)
    record_decision(
        periods.KIND,
        Decided(Subject(TYPE, repair.code), facts, verdict, today, record.region_code, record.person_id),
        by=by,
        at=at,
    )
    return verdict


def _repair(record: CreditRecord, *, reason: str, pack: str, by: Actor, at: datetime) -> None:
    RECORD.move(record, "repair", repaired_on=day_of(at), repaired_at=at)
    session.flush()
    lifted = sanctions.lift(record, reason=reason, at=at)
    subject = queries.subject(record)
    events.record("credit.repaired", subject, by=by, at=at, reason=reason, rule=pack, data={"lifted": lifted})
    rerate(session.get_one(Person, record.person_id), at=at)
