"""The answers of a marked session as matrices: what each person earned and chose at each place of the paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.models import AnswerSave, Attempt, ExamSession, Paper, Registration
from app.assessment.exams.queries import marking, papers, scripts
from app.assessment.exams.queries.papers import SheetItem
from app.assessment.exams.rules.free import FREE, folded
from app.assessment.exams.rules.marking import Decided, Terms, earned_at, responses_by_position
from app.assessment.exams.rules.order import Place, from_json
from app.assessment.exams.rules.psychometrics.nominal import Choices, coded
from app.assessment.exams.rules.psychometrics.responses import Matrix, Responses, responses
from app.assessment.exams.rules.rulings import KeyedItem
from app.assessment.exams.states import SessionState
from app.core.arrays import np
from app.core.db import session
from app.core.errors import ConflictError, NotFoundError
from app.core.text import _l
from app.courses.models import Cohort, Enrolment
from app.items.rules.responses import Choice, Response, read_response
from app.items.states import ItemType

MARKED = frozenset({SessionState.MARKED, SessionState.PROPOSED, SessionState.RELEASED})
CHUNK = 500
EXACT = 6


@dataclass(frozen=True, slots=True)
class Sat:
    """One sitting that was handed in: who, from where, at which number of the session."""

    attempt_id: int
    person_id: int
    number: int
    ticket: str
    region: str
    base_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The last answer of a place in the item's own letters, and when it was saved."""

    response: Response
    saved_at: datetime

    @property
    def keys(self) -> str:
        """Return the option keys chosen, sorted and joined; empty for answers that choose no options."""
        return "".join(sorted(self.response.letters)) if isinstance(self.response, Choice) else ""


@dataclass(frozen=True)
class Answers:
    """A session's answers: `earned` and `texts` are sittings by places; `key_hash` is that of their results.

    `keys` has the key in force at each place, `void` the positions that were ruled void.
    """

    key_hash: str
    places: tuple[SheetItem, ...]
    sittings: tuple[Sat, ...]
    chosen: tuple[dict[int, Answer], ...]
    earned: Matrix
    keys: tuple[frozenset[str], ...]
    void: frozenset[int]

    @cached_property
    def right(self) -> list[str | None]:
        """Return what is right at each place, as `texts` writes it; None where it is void and nothing is wrong."""
        told = zip(self.places, self.keys, strict=True)
        return [None if place.position in self.void else "".join(sorted(key)) for place, key in told]

    @cached_property
    def texts(self) -> list[list[str]]:
        """Return what was chosen, sittings by places, empty where nothing was or the item has no options."""
        return [[_keys(given.get(place.position)) for place in self.places] for given in self.chosen]

    @cached_property
    def free(self) -> list[list[str]]:
        """Return the wrong answers that choose no options, sittings by places; none where no place asks for one.

        Empty where an answer is right, missing, void or a choice. Two that say the same are one text (`rules.free`).
        """
        if not any(place.version.type in FREE for place in self.places):
            return []
        return [
            [self._wrong(given, share, place) for place, share in zip(self.places, earned, strict=True)]
            for given, earned in zip(self.chosen, self.earned, strict=True)
        ]

    def _wrong(self, given: dict[int, Answer], share: float, place: SheetItem) -> str:
        answer = given.get(place.position)
        asked = place.version.type in FREE and place.position not in self.void
        return folded(answer.response) if answer is not None and asked and share < 1 else ""

    def responses(self) -> Responses:
        """Return the matrix that statistics stand on; raises InvalidError for fewer than two sittings or places."""
        points = np.array([float(place.points) for place in self.places])
        return responses([f"{place.position} {place.code}" for place in self.places], self.earned, points)

    def choices(self) -> Choices:
        """Return the choices that similarity stands on, with each sitting's total."""
        points = np.array([float(place.points) for place in self.places])
        return coded(self.texts, self.right, self.earned @ points, self.free)

    @property
    def digest(self) -> str:
        """Return what pins a computation: the same answers and marks under the same key give the same digest."""
        told = sha256(self.key_hash.encode())
        for one, row in zip(self.sittings, self.texts, strict=True):
            told.update(f"{one.attempt_id}:{'|'.join(row)};".encode())
        if self.free:
            told.update(repr(self.free).encode())
        told.update(self.earned.tobytes())
        return told.hexdigest()


def _keys(given: Answer | None) -> str:
    return given.keys if given else ""


def marked_session(code: str) -> ExamSession:
    """Return a session by its code, whoever asks, for commands and jobs.

    Raises NotFoundError for an unknown code, ConflictError as `check_marked` does.
    """
    query = select(ExamSession).options(joinedload(ExamSession.paper).joinedload(Paper.blueprint))
    found = session.scalar(query.where(ExamSession.code == code))
    if found is None:
        raise NotFoundError(_l("There is no exam session with the code %(code)s.", code=code))
    check_marked(found)
    return found


def check_marked(found: ExamSession) -> None:
    """Raise ConflictError for a rehearsal, which is not counted, and while the sittings are not marked yet."""
    if found.rehearsal:
        raise ConflictError(_l("A rehearsal is not counted, so nothing is computed from its answers."))
    if found.state not in MARKED:
        raise ConflictError(_l("The sittings of this session are not marked yet. Statistics follow the marking."))


def key_hash(session_id: int) -> str:
    """Return the hash of the key under which a session was marked last, whatever result stayed better under another."""
    last = marking.last_applied(session_id)
    return last.key_hash if last else ""


def read(found: ExamSession) -> Answers:
    """Read every sitting of a session that was handed in, with the last answer and the marks of each place."""
    rows = session.execute(
        select(
            Attempt.id,
            Attempt.person_id,
            Registration.number,
            Registration.code,
            Cohort.region_code,
            Cohort.base_organisation_id,
            Attempt.order,
        )
        .join(Registration, Registration.id == Attempt.registration_id)
        .join(Enrolment, Enrolment.id == Registration.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Attempt.session_id == found.id, Attempt.submitted_at.is_not(None))
        .order_by(Attempt.id)
    ).all()
    places = tuple(papers.sheet_of(found.paper_id))
    keyed = [place.keyed() for place in places]
    given = _given({row.id: row.order for row in rows}, {one.position: one.type for one in keyed})
    chosen = tuple(given[row.id] for row in rows)
    rulings = marking.rulings_in_force(marking.runs_of(found.id))
    void = frozenset(position for position, one in rulings.items() if one.void)
    terms = Terms({position: one for position, one in rulings.items() if position not in void})
    earned = _earned(keyed, {row.id: given[row.id] for row in rows}, terms)
    sittings = tuple(Sat(*row[:-1]) for row in rows)
    keys = tuple(terms.keyed(one).key for one in keyed)
    return Answers(key_hash(found.id), places, sittings, chosen, earned, keys, void)


def _earned(keyed: Sequence[KeyedItem], given: dict[int, dict[int, Answer]], terms: Terms) -> Matrix:
    """Return the share of the points of each place that each sitting earned; no answer earns nothing.

    A place that was ruled void counts as its key says: what became of it in the scores tells nothing of the item.
    """
    decided: dict[int, Decided] = {}
    for part in _parts(list(given)):
        decided |= scripts.decided(part)
    rows = [
        [_share(item, answers.get(item.position), terms, decided.get(attempt_id, {})) for item in keyed]
        for attempt_id, answers in given.items()
    ]
    return np.array(rows, dtype=float).reshape(len(given), len(keyed))


def _share(item: KeyedItem, answer: Answer | None, terms: Terms, decided: Decided) -> float:
    points = earned_at(item, answer.response if answer else None, terms, decided)
    return round(float(points / item.points), EXACT)


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _given(orders: dict[int, list[Any]], types: dict[int, ItemType]) -> dict[int, dict[int, Answer]]:
    found: dict[int, dict[int, Answer]] = {attempt_id: {} for attempt_id in orders}
    for part in _parts(list(orders)):
        for attempt_id, saved in _by_attempt(part).items():
            found[attempt_id] = _by_position(from_json(orders[attempt_id]), saved, types)
    return found


def _by_attempt(attempt_ids: Sequence[int]) -> dict[int, dict[int, tuple[dict[str, Any], datetime]]]:
    last = (
        select(AnswerSave.attempt_id, AnswerSave.position, func.max(AnswerSave.sequence).label("sequence"))
        .where(AnswerSave.attempt_id.in_(attempt_ids))
        .group_by(AnswerSave.attempt_id, AnswerSave.position)
        .subquery()
    )
    query = select(AnswerSave.attempt_id, AnswerSave.position, AnswerSave.value, AnswerSave.saved_at).join(
        last,
        (AnswerSave.attempt_id == last.c.attempt_id)
        & (AnswerSave.position == last.c.position)
        & (AnswerSave.sequence == last.c.sequence),
    )
    found: dict[int, dict[int, tuple[dict[str, Any], datetime]]] = {}
    for attempt_id, place, value, saved_at in session.execute(query):
        found.setdefault(attempt_id, {})[place] = (value, saved_at)
    return found


def _by_position(
    places: Sequence[Place], saved: dict[int, tuple[dict[str, Any], datetime]], types: dict[int, ItemType]
) -> dict[int, Answer]:
    """Turn places and letters as shown into positions and the items' own letters; empty answers are none."""
    given = {
        place: read_response(types[places[place - 1].position], value)
        for place, (value, _at) in saved.items()
        if place <= len(places)
    }
    at = {place.position: saved[shown][1] for shown, place in enumerate(places, start=1) if shown in saved}
    return {
        position: Answer(response, at[position])
        for position, response in responses_by_position(places, given).items()
        if response.answered
    }
