"""Confirmed similarities that no longer stand out after a new marking: back to the group, told to whoever acts on them.

The confirmation stands until the group has decided again. What was raised on it meanwhile waits, and what is before an
authority already is noted on its case and told to who decides it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.assessment.exams.administration_states import ConductState
from app.assessment.exams.models import ConductRecord, SimilarityOpinion, SimilarityPair, SimilarityRun
from app.assessment.exams.queries import similarity as queries
from app.assessment.exams.services import conduct
from app.assessment.exams.services.administration import of_conduct
from app.assessment.exams.services.subjects import of_pair
from app.assessment.exams.statistics_states import SIMILARITY, PairState
from app.cases.models import Case
from app.cases.services.subjects import of_case
from app.cases.states import CaseState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import Text
from app.core.events import Event
from app.core.text import _l

STANDING: dict[str, Text] = {
    "exams.conduct_doubted": _l(
        "After a new marking the similarity that this rests on does not stand out any more. "
        "Its expert group decides again; nothing should follow from it before."
    ),
    "exams.conduct_unfounded": _l(
        "After a new marking the expert group took back the similarity that this rests on. What was decided on it is "
        "to be looked at again."
    ),
    "exams.conduct_confirmed_again": "",
}
"""What the last event of a kind says of a record."""
BEFORE_THE_AUTHORITY = frozenset({ConductState.REFERRED, ConductState.UPHELD})


@dataclass(frozen=True, slots=True)
class Afresh:
    """What a comparison finds now of a pair that was listed before: whether it stands out, and its figures by name."""

    listed: bool
    figures: Mapping[str, float]


def send_back(
    run: SimilarityRun,
    now: Mapping[tuple[int, int], Afresh],
    known: Mapping[tuple[int, int], SimilarityPair],
    *,
    at: datetime,
) -> int:
    """Put confirmed pairs that do not stand out any more before their group again; return how many.

    A pair that is before the group again takes the figures of every later comparison, as long as nobody has said
    anything on it.
    """
    back = 0
    for both, found in now.items():
        pair = known[both]
        if pair.state is PairState.RETURNED and not _judged(pair):
            pair.change = _change(pair, run, found)
        if pair.state is not PairState.CONFIRMED or found.listed:
            continue
        SIMILARITY.move(pair, "return", round=pair.round + 1, change=_change(pair, run, found))
        session.flush()
        data = {"run": run.code, "round": pair.round}
        events.record("exams.similarity_returned", of_pair(pair), by=None, at=at, data=data, rule=run.rule_pack)
        _tell(pair, "doubted", reason=None, by=None, at=at)
        back += 1
    return back


def _judged(pair: SimilarityPair) -> bool:
    said = select(SimilarityOpinion.id).where(
        SimilarityOpinion.pair_id == pair.id, SimilarityOpinion.round == pair.round
    )
    return session.scalar(said.limit(1)) is not None


def _change(pair: SimilarityPair, run: SimilarityRun, found: Afresh) -> dict[str, object]:
    figures = {name: [getattr(pair, name), value] for name, value in found.figures.items()}
    return {"run": run.code, "listed": found.listed, **figures}


def settled(pair: SimilarityPair, *, similar: bool, reason: str, by: Actor, at: datetime) -> None:
    """Tell what rests on a pair how the group decided the second time.

    Confirmed, everything goes on. Taken back, a record that no authority has yet is dismissed; one that an authority
    has stays its to decide, and the case says what it rests on no more.
    """
    if similar:
        _tell(pair, "confirmed_again", reason=reason, by=by, at=at)
        return
    for record in resting_on(pair):
        if record.state not in BEFORE_THE_AUTHORITY:
            conduct.drop(record, reason=reason, by=by, at=at)
    _tell(pair, "unfounded", reason=reason, by=by, at=at)


def resting_on(pair: SimilarityPair) -> list[ConductRecord]:
    """Return the records of similar answers that rest on this pair alone."""
    return [one for one in queries.conduct_of(pair) if one.conduct == conduct.rule_of(one).similarity]


def _tell(pair: SimilarityPair, what: str, *, reason: str | None, by: Actor | None, at: datetime) -> None:
    """Note on each record, and on the case about it, what became of the pair; the decider is told by the event."""
    data = {"pair": pair.code}
    for record in resting_on(pair):
        events.record(f"exams.conduct_{what}", of_conduct(record), by=by, at=at, reason=reason, data=data)
        case = _case_of(record)
        if case is not None:
            events.record(f"exams.case_{what}", of_case(case), by=by, at=at, reason=reason, data=data)


def standing_of(code: str) -> Text:
    """Say of a conduct record, by its code, what became of the similarity it rests on; nothing where it stands."""
    query = (
        select(Event.kind)
        .where(Event.subject_type == "conduct_record", Event.subject_code == code, Event.kind.in_(STANDING))
        .order_by(Event.id.desc())
        .limit(1)
    )
    last = session.scalar(query)
    return STANDING[last] if last is not None else ""


def _case_of(record: ConductRecord) -> Case | None:
    """Return the case about a record that was raised last, a recheck or an appeal before what it complains of."""
    subject = of_conduct(record)
    query = select(Case).where(
        Case.subject_type == subject.type,
        Case.subject_code == subject.code,
        Case.state.not_in((CaseState.DRAFT, CaseState.WITHDRAWN)),
    )
    return session.scalars(query.order_by(Case.id.desc()).limit(1)).first()
