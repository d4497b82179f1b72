"""The sitting as a state machine beside a small pure model: whatever happens in whatever order, both say the same.

Every act commits. Three pages of one candidate write, repeat, reorder, lose and win the sitting while the clock jumps,
extra time comes and goes, pauses stop the sitting or hold its start, submits race, and two examiners decide on what
came late.
"""

import contextvars
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial, wraps
from itertools import count
from threading import Barrier
from typing import Any, ClassVar

import pytest
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
from sqlalchemy import func, select

from app.accounts.models import Person
from app.assessment.exams.models import AnswerSave, Attempt, ExamSession, LateAnswer, Registration
from app.assessment.exams.queries import extra_time as extra_queries
from app.assessment.exams.queries import late as late_queries
from app.assessment.exams.queries import sittings as sittings_queries
from app.assessment.exams.queries import venues
from app.assessment.exams.services import extra_time, invigilating, late, pausing, sitting
from app.assessment.exams.services.answers import Answer, Writer
from app.assessment.exams.services.extra_time import More
from app.assessment.exams.states import SubmittedHow
from app.core.columns import new_code
from app.core.db import session, unit_of_work
from app.core.errors import DomainError
from tests.factories.accounts import Member
from tests.factories.exams import OPENS, House, make_house, make_prepared
from tests.factories.venues import make_day
from tests.integration.exams.sitting_copies import Template, at_venue, online
from tests.integration.exams.sitting_model import Model, Stored
from tests.tables import TABLE

ENOUGH = 1
PAGES = st.sampled_from(("page-one", "page-two"))
PLACES = st.integers(1, 3)
LETTERS = st.sampled_from("ABCD")
JUMPS = st.sampled_from((1, 1, 30, 30, 300, 2400, -20))
FLOOR = 50
ROUNDS = 12
CLOSES = OPENS + timedelta(hours=3)
RULES: list[str] = []
Act = Callable[..., None]


def acts(**given: st.SearchStrategy[Any]) -> Callable[[Act], Act]:
    """Make a rule whose firings are counted, and how many of them the product refused."""

    def counted(act: Act) -> Act:
        RULES.append(act.__name__)

        @wraps(act)
        def fire(machine: "Sitting", **drawn: Any) -> None:  # noqa: ANN401 - whatever the rule draws
            machine.fired[act.__name__] += 1
            machine.refused = False
            act(machine, **drawn)
            machine.refusals[act.__name__] += machine.refused

        made: Act = rule(**given)(fire)  # type: ignore[call-overload] # mypy takes what is drawn for `targets` as well
        return made

    return counted


class Sitting(RuleBasedStateMachine):
    """One sitting from before its start to after its decisions, online or in a room of a venue."""

    app: ClassVar[Flask]
    house: ClassVar[House]
    trainee: ClassVar[Member]
    templates: ClassVar[dict[bool, Template]]
    numbers: ClassVar[Iterator[int]]
    fired: ClassVar[Counter[str]]
    refusals: ClassVar[Counter[str]]
    refused = False

    @initialize(seated=st.booleans(), opened=st.booleans())
    def begin(self, seated: bool, opened: bool) -> None:
        """Half of the runs begin with a page that holds the sitting, the others before its start."""
        self.at, self.code, self.room_code = OPENS, new_code(), new_code()
        self.sent: list[Answer] = []
        template, who = self.templates[seated], next(self.numbers)
        self.model = Model(template.closes_at, seated)
        self.actor = replace(self.trainee.actor, person_id=self.trainee.person.id + who)
        with unit_of_work():
            template.copy(self.code, self.room_code, person_id=self.actor.person_id, number=1 + who)
        if opened:
            self.open(page="page-one")

    def said(self, act: Callable[[], object]) -> str | None:
        """Do something in a transaction of its own; return the code of its refusal, None where it was done."""
        try:
            with unit_of_work():
                act()
        except DomainError as refusal:
            self.refused = True
            return refusal.code
        return None

    def writer(self, page: str) -> Writer:
        return Writer(self.code, page, self.actor)

    def row(self) -> Attempt:
        query = select(Attempt).where(Attempt.code == self.code).execution_options(populate_existing=True)
        return session.scalars(query).one()

    @acts(seconds=JUMPS)
    def clock_jumps(self, seconds: int) -> None:
        self.at = max(OPENS, self.at + timedelta(seconds=seconds))

    @acts(page=PAGES)
    def open(self, page: str) -> None:
        """Start where that is still to do, and take the sitting over."""

        def act() -> None:
            found = sittings_queries.own_attempt(self.code, self.actor)
            sitting.start(found, by=self.actor, at=self.at)
            sitting.take_over(self.writer(page), at=self.at)

        before = self.model.start(self.at)
        why = self.model.ended(self.at)
        assert self.said(act) == (before or (None if why == "paused" else why))
        if before is None and why in {None, "paused"}:
            self.model.holder = page

    def save(self, page: str, answers: list[Answer]) -> None:
        why = self.model.refusal(page, self.at)
        known = {one.key for one in answers} <= self.model.history.keys()
        outcome: list[Any] = []
        refused = self.said(lambda: outcome.append(sitting.save(self.writer(page), answers=answers, at=self.at)))
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

    @acts(page=PAGES, place=PLACES, letter=LETTERS)
    def save_one(self, page: str, place: int, letter: str) -> None:
        self.save(page, [self.typed(place, letter)])

    @acts(page=PAGES, letter=LETTERS)
    def save_all(self, page: str, letter: str) -> None:
        self.save(page, [self.typed(place, letter) for place in (1, 2, 3)])

    @acts(page=PAGES, place=PLACES, letter=LETTERS)
    def reorder(self, page: str, place: int, letter: str) -> None:
        """A newer answer overtakes an older one on the way."""
        older, newer = self.typed(place, letter), self.typed(place, letter, 2)
        self.save(page, [newer])
        self.save(page, [older])

    @acts(page=PAGES, which=st.integers(0, 9))
    def repeat(self, page: str, which: int) -> None:
        one = self.sent[-1 - which % len(self.sent)] if self.sent else self.typed(1, "A")
        self.save(page, [one])

    @acts(page=PAGES)
    def heartbeat(self, page: str) -> None:
        beats: list[Any] = []
        why = self.model.ended(self.at)
        refused = self.said(lambda: beats.append(sitting.beat(self.writer(page), at=self.at)))
        assert refused == (None if why == "paused" else why)
        if refused is None:
            assert beats[0].deadline_at == self.model.deadline
            assert beats[0].holds == (self.model.holder == page)
            assert beats[0].paused == (self.model.paused is not None)

    @acts(minutes=st.sampled_from((5, 30)))
    def extra_time_asked(self, minutes: int) -> None:
        """An examiner asks for more minutes; nothing changes yet."""
        self.ask(minutes)

    def ask(self, minutes: int) -> None:
        first, codes = self.house.examiner.actor, list[str]()

        def act() -> None:
            held, chosen = self.whom()
            codes.append(extra_time.ask(held, chosen, more=More(minutes), reason="x", by=first, at=self.at).code)

        assert self.said(act) is None
        self.model.asked[codes[0]] = minutes

    @acts(grants=st.sampled_from((True, True, False)))
    def extra_time_decided(self, grants: bool) -> None:
        """Who asked may not decide; a second examiner does, and what is granted is in force at once."""
        if not self.model.asked:
            self.ask(15)
        code = next(iter(self.model.asked))
        first, second = self.house.examiner.actor, self.house.examiner2.actor
        decide = extra_time.approve if grants else extra_time.refuse
        alone = self.said(lambda: decide(extra_queries.grant(code, first), by=first, at=self.at))
        assert alone == "ForbiddenError"
        self.refused = False
        assert self.said(lambda: decide(extra_queries.grant(code, second), by=second, at=self.at)) is None
        minutes = self.model.asked.pop(code)
        if grants:
            self.model.granted[code] = minutes
            self.model.shift(minutes)

    @acts(which=st.integers(0, 3))
    def extra_time_taken_back(self, which: int) -> None:
        """Minutes go again as long as nobody has started with them."""
        if not self.model.asked and not self.model.granted:
            self.ask(15)
        codes, by = [*self.model.granted, *self.model.asked], self.house.examiner2.actor
        code = codes[which % len(codes)]
        refused = self.said(lambda: extra_time.revoke(extra_queries.grant(code, by), by=by, at=self.at))
        assert refused == self.model.take_back(code)

    @precondition(lambda self: not self.model.seated)
    @acts()
    def pause_or_resume(self) -> None:
        """The sitting, or its start, rests and goes on by itself; deadline or window moves by the rest."""
        if self.model.paused is None:
            stopped = self.model.pause(self.at)
            assert self.said(self.pause) == (None if stopped else "ConflictError")
        else:
            assert self.said(self.resume) is None
            self.model.go_on(self.at)

    def pause(self) -> None:
        pausing.pause(*self.whom(), reason="x", by=self.house.examiner.actor, at=self.at)

    def resume(self) -> None:
        pausing.resume(*self.whom(), by=self.house.examiner.actor, at=self.at)

    def whom(self) -> tuple[ExamSession, list[Registration]]:
        found = self.row()
        return session.get_one(ExamSession, found.session_id), [session.get_one(Registration, found.registration_id)]

    @precondition(lambda self: self.model.seated)
    @acts()
    def room_rests_or_goes_on(self) -> None:
        """The whole room is paused and goes on, whatever the sitting in it does just then."""
        by = self.house.examiner.actor
        held, _chosen = self.whom()
        room = venues.room_of(held.id, self.room_code)
        if self.model.room_paused:
            assert self.said(lambda: invigilating.resume(held, room, by=by, at=self.at)) is None
            self.model.go_on(self.at)
        else:
            assert self.said(lambda: invigilating.pause(held, room, reason="x", by=by, at=self.at)) is None
            self.model.pause(self.at)
        self.model.room_paused = not self.model.room_paused

    @precondition(lambda self: self.model.submitted or len(self.sent) > ENOUGH)
    @acts(page=PAGES)
    def submit(self, page: str) -> None:
        """Two requests hand in at once; one of them ends the sitting, both are told the same."""
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

    @acts()
    def collect(self) -> None:
        self.said(lambda: sitting.collect(at=self.at))
        if self.model.ended(self.at) == "late":
            self.model.submitted = SubmittedHow.COLLECTED.value

    @acts(page=PAGES, place=PLACES, letter=LETTERS, ago=st.sampled_from((0, 5, 60)))
    def kept(self, page: str, place: int, letter: str, ago: int) -> None:
        """An answer comes by the side door: late, or from a page that lost the sitting."""
        typed = self.at - timedelta(seconds=ago)
        known = self.model.last(place)
        one = Answer(place, (known[0] if known else 0) + 1, {"choice": [letter]}, review=False, client_at=typed)
        outcome: list[Any] = []
        refused = self.said(lambda: outcome.append(late.keep(self.writer(page), answers=[one], at=self.at)))
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

    @acts(counts=st.booleans())
    def late_decision(self, counts: bool) -> None:
        """Two examiners decide on all that waits: the answers typed last count, others cannot."""
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
        assert (found.held_seconds, found.extra_minutes) == (self.model.held.total_seconds(), self.model.extra)
        assert found.submitted_how == self.model.submitted
        rows = session.execute(
            select(AnswerSave.position, AnswerSave.sequence, AnswerSave.value, AnswerSave.merged).where(
                AnswerSave.attempt_id == found.id
            )
        )
        stored = {(place, sequence): (value["choice"][0], merged) for place, sequence, value, merged in rows}
        assert stored == {key: (one.letter, one.merged) for key, one in self.model.history.items()}
        session.rollback()


@pytest.mark.timeout(900)
def test_the_sitting_does_what_the_model_says(app: Flask, record_property: Callable[[str, object], None]) -> None:
    """Every rule fires at least fifty times, over as many rounds of known seeds as that takes; the table is printed."""
    house = make_house()
    held, [trainee] = make_prepared(house, closes_at=CLOSES)
    templates = {False: online(trainee, held), True: at_venue(make_day(house, candidates=1))}
    Sitting.app, Sitting.house, Sitting.trainee, Sitting.templates = app, house, trainee, templates
    last = session.scalar(select(func.max(Person.id))) or 0
    Sitting.numbers, Sitting.fired, Sitting.refusals = count(1 + last - trainee.person.id), Counter(), Counter()

    rounds = 0
    while _seldom() and rounds < ROUNDS:
        rounds += 1
        run_state_machine_as_test(
            seed(rounds)(Sitting),
            settings=settings(
                max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )

    record_property(TABLE, _table(rounds))
    assert _seldom() == {}
    assert [name for name in RULES if Sitting.refusals[name] >= Sitting.fired[name]] == [], "each has taken effect"


def _seldom() -> dict[str, int]:
    return {name: Sitting.fired[name] for name in RULES if Sitting.fired[name] < FLOOR}


def _table(rounds: int) -> str:
    lines = [f"{'rule':24}{'fired':>8}{'refused':>9}"]
    lines += [f"{name:24}{Sitting.fired[name]:8}{Sitting.refusals[name]:9}" for name in sorted(RULES)]
    database = session.get_bind().dialect.name
    return "\n".join([f"the sitting on {database}: {rounds} rounds, each rule at least {FLOOR} times", *lines])
