"""A whole exam day, simulated: tickets in the minutes before, the joint start, saves, heartbeats, handing in.

Web workers are killed with SIGKILL at random under a printed seed meanwhile. Every candidate sends again what was not
answered, as the page does. In the end the history of what was acknowledged is compared with the database.
"""

import json
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select

from app.assessment.exams.models import AnswerSave, Attempt
from app.assessment.exams.rules.timing import HEARTBEAT
from app.core.db import session
from bench.engine import Engine, Reply
from bench.hall import JSON, PAGE, Candidate, Hall, Server

LETTERS = "ABCD"
COOKIE = re.compile(rb"set-cookie: (jijing=[^;]+)", re.IGNORECASE)
TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
GOOD = (200, 302)
RETRY_SECONDS = 0.3
BEAT_SECONDS = HEARTBEAT.total_seconds()
GROWN_SECONDS = 7.0
LONGEST = 2
TURNS = 20
GRACE_SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One answer that the server said it has for good."""

    code: str
    position: int
    sequence: int
    letter: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How the day goes, in seconds: tickets over `before`, all starts within `rush`, then `saves` each, `think` apart.

    `kills` workers are killed between the first ticket and the last answer.
    """

    before: float = 60.0
    rush: float = 60.0
    saves: int = 20
    think: float = 6.0
    kills: int = 20
    seed: int = 1
    lines: int = 256


@dataclass
class History:
    """What the server said: acknowledged answers, sittings acknowledged as handed in, and how requests ended."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    submitted: set[str] = field(default_factory=set)
    replies: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    seconds: float = 0.0
    cpu: float = 0.0


@dataclass
class Lost:
    """What the database does not hold although it was acknowledged."""

    answers: list[Acknowledged]
    submits: list[str]

    def __len__(self) -> int:
        return len(self.answers) + len(self.submits)


def stored() -> tuple[dict[tuple[str, int, int], str], set[str]]:
    """Read from the database every answer by sitting, place and sequence, and the sittings that were handed in."""
    query = select(Attempt.code, AnswerSave.position, AnswerSave.sequence, AnswerSave.value)
    rows = session.execute(query.join(Attempt, Attempt.id == AnswerSave.attempt_id))
    answers = {(code, place, sequence): "".join(value["choice"]) for code, place, sequence, value in rows}
    return answers, set(session.scalars(select(Attempt.code).where(Attempt.submitted_at.is_not(None))))


def check(history: History, answers: Mapping[tuple[str, int, int], str], submitted: Iterable[str]) -> Lost:
    """Compare what was acknowledged with what is stored: each answer under its sequence, with its letter."""
    return Lost(
        [one for one in history.acknowledged if answers.get((one.code, one.position, one.sequence)) != one.letter],
        sorted(history.submitted - set(submitted)),
    )


class _Sitter:
    """One candidate's day: what comes next follows from each reply; what was not answered is sent again."""

    def __init__(self, day: "Day", who: Candidate, chance: random.Random) -> None:
        self.day, self.who, self.chance = day, who, chance
        self.cookie = self.token = ""
        self.left = day.plan.saves
        self.sequences: Counter[int] = Counter()
        self.done = False

    def enter(self) -> None:
        self._send("ticket", self.day.hall.enter(self.who), self._entered)

    def _entered(self, reply: Reply) -> None:
        self._keep_cookie(reply)
        assert self.cookie, reply.head  # noqa: S101 - a sign-in without a cookie is none
        self._send("waiting page", self.who.get(f"/sit/{self.who.code}", cookie=self.cookie), self._waits)

    def _keep_cookie(self, reply: Reply) -> None:
        found = COOKIE.search(reply.head)
        self.cookie = found[1].decode() if found else self.cookie

    def _waits(self, reply: Reply) -> None:
        self._keep_cookie(reply)
        found = TOKEN.search(reply.body)
        assert found is not None, reply.body  # noqa: S101 - a page without its form is none
        self.token = found[1].decode()
        start = self.day.starts_at + self.chance.random() * self.day.plan.rush
        self.day.engine.later(max(start, self.day.engine.now()), self._start)

    def _start(self) -> None:
        self._send("start", self.day.hall.start(self.who, cookie=self.cookie, token=self.token), self._started)

    def _started(self, _reply: Reply) -> None:
        self._send("page", self.who.get(f"/sit/{self.who.code}", cookie=self.cookie), self._shown)

    def _shown(self, _reply: Reply) -> None:
        self._send("hold", self._post("hold", {}), self._holds)

    def _holds(self, _reply: Reply) -> None:
        self._think(self._save)
        self.day.engine.later(self.day.engine.now() + BEAT_SECONDS * self.chance.random(), self._beat)

    def _think(self, act: "partial[None] | object") -> None:
        wait = self.chance.expovariate(1 / self.day.plan.think)
        self.day.engine.later(self.day.engine.now() + wait, act)  # type: ignore[arg-type]

    def _save(self) -> None:
        position = self.chance.randrange(1, self.day.hall.places + 1)
        self.sequences[position] += 1
        letter = self.chance.choice(LETTERS)
        one = Acknowledged(self.who.code, position, self.sequences[position], letter)
        answer = {"position": position, "sequence": one.sequence, "response": {"choice": [letter]}, "review": False}
        self._send("save", self._post("save", {"answers": [answer]}), partial(self._saved, one))

    def _saved(self, one: Acknowledged, reply: Reply) -> None:
        said = json.loads(reply.body)
        if [one.position, one.sequence] in said["saved"]:
            self.day.history.acknowledged.append(one)
        else:
            self.day.history.replies["save not taken"] += 1
        self.left -= 1
        self._think(self._save if self.left else self._submit)

    def _beat(self) -> None:
        if not self.done:
            self._send("beat", self._post("beat", {}), self._beaten)

    def _beaten(self, _reply: Reply) -> None:
        self.day.engine.later(self.day.engine.now() + BEAT_SECONDS, self._beat)

    def _submit(self) -> None:
        self.done = True
        self._send("submit", self._post("submit", {}), self._submitted)

    def _submitted(self, _reply: Reply) -> None:
        self.day.history.submitted.add(self.who.code)
        self.day.sitting -= 1

    def _post(self, act: str, body: dict[str, object]) -> bytes:
        text = json.dumps({"page": PAGE, **body})
        return self.who.post(f"/sit/{self.who.code}/{act}", text, JSON, cookie=self.cookie)

    def _send(self, name: str, request: bytes, then: "partial[None] | object") -> None:
        def answered(reply: Reply) -> None:
            self.day.history.replies[f"{name} {reply.status}"] += 1
            if reply.status in GOOD:
                then(reply)  # type: ignore[operator]
            elif name == "beat":
                self._beaten(reply)
            else:
                self.day.engine.later(self.day.engine.now() + RETRY_SECONDS, again)

        def again() -> None:
            self.day.engine.send(request, answered)

        again()


class Day:
    """The day of all candidates at one server."""

    def __init__(self, hall: Hall, server: Server, plan: Plan) -> None:
        self.hall, self.server, self.plan = hall, server, plan
        self.engine = Engine(server.port, plan.lines, TURNS)
        self.history = History()
        self.chance = random.Random(plan.seed)
        self.starts_at = 0.0
        self.sitting = 0
        self.seen: dict[int, float] = {}

    def run(self, candidates: Sequence[Candidate]) -> History:
        """Let everybody sit; return what the server said."""
        cpu, begun = time.process_time(), self.engine.now()
        self.starts_at = begun + self.plan.before
        self.sitting = len(candidates)
        for one in candidates:
            sitter = _Sitter(self, one, random.Random(self.chance.random()))
            self.engine.later(begun + self.chance.random() * self.plan.before, sitter.enter)
        span = self.plan.before + self.plan.rush + self.plan.saves * self.plan.think
        for _one in range(self.plan.kills):
            self.engine.later(begun + self.chance.random() * span, self._kill)
        limit = begun + LONGEST * span + GRACE_SECONDS
        self.engine.run(lambda: self.sitting == 0 or self.engine.now() > limit)
        self.engine.close()
        if self.sitting:
            raise RuntimeError(f"{self.sitting} did not hand in; replies {dict(self.history.replies)}")
        self.history.seconds = self.engine.now() - begun
        self.history.cpu = time.process_time() - cpu
        return self.history

    def _kill(self) -> None:
        """Kill a worker, but none that was made just now: the server takes two deaths in a row for a crash loop."""
        now = self.engine.now()
        for one in self.server.workers():
            self.seen.setdefault(one, now if self.history.killed else -GROWN_SECONDS)
        grown = [one for one in self.server.workers() if now - self.seen[one] >= GROWN_SECONDS]
        if not grown:
            self.engine.later(now + RETRY_SECONDS, self._kill)
            return
        os.kill(self.chance.choice(grown), signal.SIGKILL)
        self.history.killed += 1
