"""The sitting as a state machine beside a small pure model: whatever happens in whatever order, both say the same.

Every act commits. Three pages of one candidate write, repeat, reorder, lose and win the sitting while the clock jumps,
extra time comes and goes, pauses stop the sitting or hold its start, submits race, and two examiners decide on what
came late.
"""

import contextvars
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from threading import Barrier
from typing import Any, ClassVar

from flask import Flask
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import insert, select, update

from app.accounts.models import Person
from app.assessment.exams.models import AnswerSave, Attempt, ExamSession, LateAnswer, Registration
from app.assessment.exams.queries import late as late_queries
from app.assessment.exams.services import late, pausing, sitting
from app.assessment.exams.services.answers import Answer, Writer
from app.assessment.exams.states import SubmittedHow
from app.core.columns import new_code
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, DomainError
from tests.factories.accounts import Member
from tests.factories.exams import MINUTES, OPENS, House, make_house, make_prepared

ENOUGH = 3
PAGES = st.sampled_from(("page-one", "page-two"))
PLACES = st.integers(1, 3)
LETTERS = st.sampled_from("ABCD")
JUMPS = st.sampled_from((1, 1, 30, 30, 300, 2400, -20))
FLOOR = 50
ROUNDS = 8
RULES = (
    "clock_jumps", "collect", "extra_time", "heartbeat", "kept", "late_decision", "open", "pause_or_resume", "reorder",
    "repeat", "save_all", "save_one", "submit",
)  # fmt: skip
CLOSES = OPENS + timedelta(hours=3)
Key = tuple[int, int]
Kept = tuple[str, int, int]


@dataclass(frozen=True)
class Stored:
    """One answer of the model: its letter, when it was typed, whether it came by the side door."""

    letter: str
    typed: datetime
    merged: bool = False


@dataclass
class Model:
    """What a sitting is, in the plainest words."""

    deadline: datetime | None = None
    paused: datetime | None = None
    held: timedelta = timedelta()
    holder: str | None = None
    submitted: str | None = None
    history: dict[Key, Stored] = field(default_factory=dict)
    kept: dict[Kept, Stored] = field(default_factory=dict)
    merged: dict[Kept, int] = field(default_factory=dict)
    came: set[Kept] = field(default_factory=set)

    @property
    def goes_on(self) -> bool:
        """Tell whether the sitting has begun and is not handed in."""
        return self.deadline is not None and self.submitted is None

    @property
    def closes(self) -> datetime:
        """Return when the window closes for this candidate: later by every pause that held the start."""
        return CLOSES + self.held

    def start(self, at: datetime) -> str | None:
        """Start where that may be; return why not."""
        if self.deadline is not None:
            return None
        if self.paused:
            return "paused"
        if at >= self.closes:
            return "ConflictError"
        self.deadline = min(at + timedelta(minutes=MINUTES), self.closes)
        return None

    def stops(self, at: datetime) -> bool:
        """Tell whether a pause has something to stop: a sitting in time, or a start that may still be."""
        return self.submitted is None and (at < self.closes if self.deadline is None else at <= self.deadline)

    def go_on(self, at: datetime) -> None:
        """End the pause: the rest is given back, none where the clock was set back."""
        assert self.paused is not None
        rest, self.paused = max(at - self.paused, timedelta(0)), None
        if self.deadline is None:
            self.held += rest
        else:
            self.deadline += rest

    def ended(self, at: datetime) -> str | None:
        """Return why nobody may write now, None where somebody may."""
        if self.submitted:
            return "submitted"
        if self.deadline is None:
            return "not_started"
        if self.paused:
            return "paused"
        return "late" if at > self.deadline else None

    def refusal(self, page: str, at: datetime) -> str | None:
        """Return why a page may not write, None where it may."""
        return self.ended(at) or (None if self.holder == page else "taken_over")

    def last(self, place: int) -> tuple[int, Stored] | None:
        """Return sequence and answer that count at a place."""
        mine = {sequence: one for (position, sequence), one in self.history.items() if position == place}
        return (max(mine), mine[max(mine)]) if mine else None

    def enter(self, place: int, sequence: int, one: Stored, received: datetime) -> int | None:
        """Put an answer that came by the side door last, unless one typed later is there."""
        known = self.last(place)
        if known is not None and min(one.typed, received) <= known[1].typed:
            return None
        taken = sequence if known is None else max(sequence, known[0] + 1)
        self.history[place, taken] = Stored(one.letter, one.typed, merged=True)
        return taken


class Sitting(RuleBasedStateMachine):
    """One sitting from before its start to after its decisions."""

    app: ClassVar[Flask]
    house: ClassVar[House]
    trainee: ClassVar[Member]
    registration: ClassVar[dict[str, Any]]
    attempt: ClassVar[dict[str, Any]]
    numbers: ClassVar[Iterator[int]]
    fired: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.model, self.at, self.code = Model(), OPENS, new_code()
        self.sent: list[Answer] = []
        who = next(self.numbers)
        self.actor = replace(self.trainee.actor, person_id=self.trainee.person.id + who)
        registered = {"code": new_code(), "number": 1 + who, "person_id": self.actor.person_id}
        with unit_of_work():
            session.execute(
                insert(Person),
                {"id": self.actor.person_id, "code": new_code(), "name": "考生", "created_at": OPENS},
            )
            ticket = session.execute(
                insert(Registration).returning(Registration.id), {**self.registration, **registered}
            ).scalar_one()
            mine = {"code": self.code, "registration_id": ticket, "person_id": self.actor.person_id}
            session.execute(insert(Attempt), {**self.attempt, **mine})

    def said(self, name: str, act: Callable[[], object]) -> str | None:
        """Do something in a transaction of its own; return the code of its refusal, None where it was done."""
        self.fired[name] += 1
        try:
            with unit_of_work():
                act()
        except ConflictError as refusal:
            return refusal.code
        return None

    def writer(self, page: str) -> Writer:
        return Writer(self.code, page, self.actor)

    def row(self) -> Attempt:
        query = select(Attempt).where(Attempt.code == self.code).execution_options(populate_existing=True)
        return session.scalars(query).one()

    @rule(seconds=JUMPS)
    def clock_jumps(self, seconds: int) -> None:
        self.fired["clock_jumps"] += 1
        self.at = max(OPENS, self.at + timedelta(seconds=seconds))

    @initialize(opened=st.sampled_from((True, True, True, False)))
    def begin(self, opened: bool) -> None:
        """Most runs begin with a page that holds the sitting, some before its start."""
        if opened:
            self.open("page-one")

    @rule(page=PAGES)
    def open(self, page: str) -> None:
        """Start where that is still to do, and take the sitting over."""

        def act() -> None:
            found = late_queries.sitting(self.code, self.house.examiner.actor)
            sitting.start(found, by=self.actor, at=self.at)
            sitting.take_over(self.writer(page), at=self.at)

        before = self.model.start(self.at)
        why = self.model.ended(self.at)
        assert self.said("open", act) == (before or (None if why == "paused" else why))
        if before is None and why in {None, "paused"}:
            self.model.holder = page

    def save(self, name: str, page: str, answers: list[Answer]) -> None:
        why = self.model.refusal(page, self.at)
        known = {one.key for one in answers} <= self.model.history.keys()
        outcome: list[Any] = []
        refused = self.said(name, lambda: outcome.append(sitting.save(self.writer(page), answers=answers, at=self.at)))
        if why is not None and not known:
            assert refused == why
            return
        assert refused is None
        for one in answers:
            mine = Stored(one.response["choice"][0], one.client_at or self.at)
            stored = self.model.history.setdefault(one.key, mine)
            same = stored.letter == mine.letter
            assert (one.key in outcome[0].saved) == same
            assert (one.key in outcome[0].superseded) != same

    def typed(self, place: int, letter: str, ahead: int = 1) -> Answer:
        known = self.model.last(place)
        one = Answer(place, (known[0] if known else 0) + ahead, {"choice": [letter]}, review=False, client_at=self.at)
        self.sent.append(one)
        return one

    @rule(page=PAGES, place=PLACES, letter=LETTERS)
    def save_one(self, page: str, place: int, letter: str) -> None:
        self.save("save_one", page, [self.typed(place, letter)])

    @rule(page=PAGES, letter=LETTERS)
    def save_all(self, page: str, letter: str) -> None:
        self.save("save_all", page, [self.typed(place, letter) for place in (1, 2, 3)])

    @rule(page=PAGES, place=PLACES, letter=LETTERS)
    def reorder(self, page: str, place: int, letter: str) -> None:
        """A newer answer overtakes an older one on the way."""
        older, newer = self.typed(place, letter), self.typed(place, letter, 2)
        self.save("reorder", page, [newer])
        self.save("reorder", page, [older])

    @rule(page=PAGES, which=st.integers(0, 9))
    def repeat(self, page: str, which: int) -> None:
        one = self.sent[-1 - which % len(self.sent)] if self.sent else self.typed(1, "A")
        self.save("repeat", page, [one])

    @rule(page=PAGES)
    def heartbeat(self, page: str) -> None:
        beats: list[Any] = []
        why = self.model.ended(self.at)
        refused = self.said("heartbeat", lambda: beats.append(sitting.beat(self.writer(page), at=self.at)))
        assert refused == (None if why == "paused" else why)
        if refused is None:
            assert beats[0].deadline_at == self.model.deadline
            assert beats[0].holds == (self.model.holder == page)
            assert beats[0].paused == (self.model.paused is not None)

    @precondition(lambda self: self.model.goes_on)
    @rule(minutes=st.sampled_from((10, -10)))
    def extra_time(self, minutes: int) -> None:
        """Extra time comes and goes with the deadline in force."""
        self.fired["extra_time"] += 1
        assert self.model.deadline is not None
        self.model.deadline += timedelta(minutes=minutes)
        with unit_of_work():
            session.execute(update(Attempt).where(Attempt.code == self.code).values(deadline_at=self.model.deadline))

    @precondition(lambda self: self.model.submitted is None)
    @rule()
    def pause_or_resume(self) -> None:
        """The sitting, or its start, rests and goes on; deadline or window moves by the rest."""
        if self.model.paused is None:
            stops = self.model.stops(self.at)
            assert self.said("pause_or_resume", self.pause) == (None if stops else "ConflictError")
            self.model.paused = self.at if stops else None
        else:
            assert self.said("pause_or_resume", self.resume) is None
            self.model.go_on(self.at)

    def pause(self) -> None:
        pausing.pause(*self.whom(), reason="x", by=self.house.examiner.actor, at=self.at)

    def resume(self) -> None:
        pausing.resume(*self.whom(), by=self.house.examiner.actor, at=self.at)

    def whom(self) -> tuple[ExamSession, list[Registration]]:
        found = self.row()
        return session.get_one(ExamSession, found.session_id), [session.get_one(Registration, found.registration_id)]

    @precondition(lambda self: self.model.submitted or len(self.sent) > ENOUGH)
    @rule(page=PAGES)
    def submit(self, page: str) -> None:
        """Two requests hand in at once; one of them ends the sitting, both are told the same."""
        self.fired["submit"] += 1
        why = self.model.ended(self.at)
        held = why in {None, "late"} and self.model.holder == page
        if held:
            ended = SubmittedHow.COLLECTED if why == "late" else SubmittedHow.CANDIDATE
            self.model.submitted = ended.value
        outcomes = self.race(partial(sitting.submit, self.writer(page), at=self.at))
        if self.model.submitted is not None:
            assert outcomes == [self.model.submitted] * 2
        else:
            assert outcomes == [why or "taken_over"] * 2

    def race(self, act: Callable[[], object]) -> list[object]:
        barrier = Barrier(2)

        def run() -> object:
            with self.app.app_context():
                barrier.wait()
                try:
                    with unit_of_work():
                        return act()
                except DomainError as refusal:
                    return refusal.code
                finally:
                    session.remove()

        session.rollback()
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(contextvars.Context().run, run) for _one in range(2)]
            return [future.result() for future in futures]

    @rule()
    def collect(self) -> None:
        self.said("collect", lambda: sitting.collect(at=self.at))
        if self.model.ended(self.at) == "late":
            self.model.submitted = SubmittedHow.COLLECTED.value

    @rule(page=PAGES, place=PLACES, letter=LETTERS, ago=st.sampled_from((0, 5, 60)))
    def kept(self, page: str, place: int, letter: str, ago: int) -> None:
        """An answer comes by the side door: late, or from a page that lost the sitting."""
        typed = self.at - timedelta(seconds=ago)
        known = self.model.last(place)
        one = Answer(place, (known[0] if known else 0) + 1, {"choice": [letter]}, review=False, client_at=typed)
        outcome: list[Any] = []
        refused = self.said("kept", lambda: outcome.append(late.keep(self.writer(page), answers=[one], at=self.at)))
        why = self.model.ended(self.at)
        if why in {"not_started", "paused"}:
            assert refused == why
            return
        assert refused is None
        name = (page, *one.key)
        if name in self.model.came:
            assert bool(outcome[0].merged) == (name in self.model.merged)
            return
        self.model.came.add(name)
        taken = self.model.enter(place, one.sequence, Stored(letter, typed), self.at) if why is None else None
        assert bool(outcome[0].merged) == (taken is not None)
        if taken is None:
            self.model.kept[name] = Stored(letter, typed)
        else:
            self.model.merged[name] = taken

    @rule(counts=st.booleans())
    def late_decision(self, counts: bool) -> None:
        """Two examiners decide on all that waits: the answers typed last count, others cannot."""
        self.fired["late_decision"] += 1
        waiting = [row.answer for row in late_queries.of_sitting(self.row().id) if row.open]
        assert {(one.page, one.position, one.sequence) for one in waiting} == self.model.kept.keys()
        for answer in sorted(waiting, key=lambda one: (one.client_at, one.id)):
            name = (answer.page, answer.position, answer.sequence)
            mine = self.model.kept.pop(name)
            taken = self.model.enter(answer.position, answer.sequence, mine, answer.received_at) if counts else None
            self.decide(answer, counts=taken is not None)

    def decide(self, answer: LateAnswer, *, counts: bool) -> None:
        first, second = self.house.examiner.actor, self.house.examiner2.actor
        with unit_of_work():
            found = late_queries.sitting(self.code, first)
            late.propose(found, [answer.code], counts=counts, reason="x", by=first, at=self.at)
        with unit_of_work():
            late.confirm(late_queries.sitting(self.code, second), by=second, at=self.at)

    @invariant()
    def database_and_model_agree(self) -> None:
        found = self.row()
        assert (found.deadline_at, found.paused_at, found.holder) == (
            self.model.deadline,
            self.model.paused,
            self.model.holder,
        )
        assert found.held_seconds == self.model.held.total_seconds()
        assert found.submitted_how == self.model.submitted
        rows = session.execute(
            select(AnswerSave.position, AnswerSave.sequence, AnswerSave.value, AnswerSave.merged).where(
                AnswerSave.attempt_id == found.id
            )
        )
        stored = {(place, sequence): (value["choice"][0], merged) for place, sequence, value, merged in rows}
        assert stored == {key: (one.letter, one.merged) for key, one in self.model.history.items()}
        session.rollback()


def test_the_sitting_does_what_the_model_says(app: Flask) -> None:
    """Every rule fires at least fifty times, over as many rounds of known seeds as that takes; the table is printed."""
    house = make_house()
    _planned, [trainee] = make_prepared(house, closes_at=CLOSES)
    registered = session.execute(select(Registration.__table__)).mappings().one()
    prepared = session.execute(select(Attempt.__table__)).mappings().one()
    Sitting.app, Sitting.house, Sitting.trainee, Sitting.fired = app, house, trainee, Counter()
    Sitting.registration = {name: value for name, value in registered.items() if name != "id"}
    Sitting.attempt = {name: value for name, value in prepared.items() if name != "id"}
    Sitting.numbers = count(1)

    for number in range(1, ROUNDS + 1):
        run_state_machine_as_test(
            seed(number)(Sitting),
            settings=settings(
                max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
        if not _seldom():
            break

    for name, number in sorted(Sitting.fired.items()):
        print(f"{name:20}{number:6}")  # noqa: T201 - the table is what one reads
    assert _seldom() == {}


def _seldom() -> dict[str, int]:
    return {name: Sitting.fired[name] for name in RULES if Sitting.fired[name] < FLOOR}
