"""An exam hall for benchmarks and the simulation: candidates with papers and sessions, and the server they sit at.

Candidates, enrolments and registrations are put into the tables in bulk; papers are prepared by the product's own job.
"""

import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from pydantic import SecretStr
from sqlalchemy import insert, select, update

from app import create_app
from app.accounts.models import Membership, Person, SignInSession
from app.accounts.states import Role
from app.assessment.exams.administration_states import Check
from app.assessment.exams.models import Admission, Attempt, ExamSession, Registration
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.rules.tickets import digest
from app.assessment.exams.services import arranging, sessions, tickets
from app.core import jobs
from app.core.clock import real_now
from app.core.columns import new_code
from app.core.crypto import digest_token, new_token, new_wrapped_key
from app.core.db import db, session, unit_of_work
from app.courses.models import Enrolment
from app.courses.states import EnrolmentState
from app.settings import ROOT, Settings
from scripts.processes import answer_of, web_command
from tests.factories.accounts import LONG_AGO, MADE_AT, SHANDONG
from tests.factories.exams import House, make_cohort, make_house, make_session
from tests.factories.venues import arrange, make_venue

PAGE = "bench-page-0001"
HEADERS = "Host: localhost\r\nAccept: application/json\r\nSec-Fetch-Site: same-origin\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
JSON = "Content-Type: application/json\r\n"
READY_SECONDS = 60.0
AT_ONCE = ("--respawn-interval", "0.2")
"""Lets a killed worker come back at once, so that a day with kills stays short."""
HERTZ = os.sysconf("SC_CLK_TCK")
WINDOW = timedelta(hours=3)
MINUTES = 60
ROOM = 30
"""Seats of a room."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate: the code of the sitting, the person, the secret of the ticket, the cookie of a session."""

    code: str
    person_id: int
    ticket: str
    cookie: str

    def post(self, path: str, body: str, kind: str = JSON, cookie: str | None = None) -> bytes:
        """Return a request of the candidate's browser."""
        data = body.encode()
        head = f"POST {path} HTTP/1.1\r\n{HEADERS}{kind}Cookie: {cookie or self.cookie}\r\n"
        return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data

    def get(self, path: str, cookie: str | None = None) -> bytes:
        """Return the request of a page."""
        return f"GET {path} HTTP/1.1\r\n{HEADERS}Cookie: {cookie or self.cookie}\r\n\r\n".encode()

    def save(self, position: int, sequence: int, letter: str = "A", *, prefix: str = "/sit") -> bytes:
        """Return the save of one answer as the page sends it."""
        answer = {"position": position, "sequence": sequence, "response": {"choice": [letter]}, "review": False}
        body = {"page": PAGE, "answers": [{**answer, "client_at": "2026-03-02T02:00:00.000Z"}]}
        return self.post(f"{prefix}/{self.code}/save", json.dumps(body))

    def act(self, what: str, *, prefix: str = "/sit") -> bytes:
        """Return a heartbeat, the taking over or the handing in."""
        return self.post(f"{prefix}/{self.code}/{what}", json.dumps({"page": PAGE}))


@dataclass
class Hall:
    """A database with its keys in a folder; `application` builds the product on it in production mode."""

    folder: Path
    database_url: str
    secret: str = field(default_factory=secrets.token_hex)
    places: int = 0

    @cached_property
    def environment(self) -> dict[str, str]:
        """Return the settings as the server's processes read them."""
        given = self.given
        return {
            **os.environ,
            "DEMO": "0",
            "SECRET_KEY": self.secret,
            "FIELD_KEYS": given["field_keys"].get_secret_value(),
            **{name.upper(): str(given[name]) for name in ("database_url", "key_store", "store_url", "queue_path")},
        }

    @cached_property
    def given(self) -> dict[str, Any]:
        """Return the settings that every application on this hall shares."""
        return {
            "database_url": self.database_url,
            "field_keys": SecretStr("YmVuY2gta2V5LWJlbmNoLWtleS1iZW5jaC1rZXktYmU="),
            "key_store": f"{self.folder}/keys",
            "store_url": f"file:{self.folder}/files",
            "queue_path": f"{self.folder}/jobs.db",
        }

    def application(self) -> Flask:
        """Return the product over this hall in production mode."""
        return create_app(Settings(_env_file=None, secret_key=SecretStr(self.secret), **self.given))

    @cached_property
    def token(self) -> str:
        """Return a form's token for the browsers of this hall, which all hold the same secret."""
        return str(self._signer("wtf-csrf-token").dumps("bench"))

    def cookie(self, token: str | None = None) -> str:
        """Return the cookie of a browser, signed in or a stranger's."""
        held: dict[str, object] = {"csrf_token": "bench"}
        if token is not None:
            held |= {"_user_id": token, "_fresh": True}
        app = Flask("cookies")
        app.secret_key = self.secret
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return f"jijing={signer.dumps(held)}"

    def _signer(self, salt: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt=salt)

    def enter(self, candidate: Candidate) -> bytes:
        """Return the request that brings a candidate in by ticket, from a browser without a session."""
        return candidate.post(
            "/sit/ticket", f"csrf_token={self.token}&ticket={candidate.ticket}", FORM, cookie=self.cookie()
        )

    def start(self, candidate: Candidate, cookie: str | None = None, token: str | None = None) -> bytes:
        """Return the request that starts a sitting."""
        return candidate.post(f"/sit/{candidate.code}/start", f"csrf_token={token or self.token}", FORM, cookie=cookie)

    def fill(self, number: int, *, opens_at: datetime | None = None, at_venue: bool = False) -> list[Candidate]:
        """Register so many candidates, prepare their papers, sign them in; call within the application's context.

        At a venue each has a seat and was checked at the door.
        """
        house = make_house()
        planned = make_session(house, opens_at=real_now() + WINDOW, closes_at=real_now() + 2 * WINDOW)
        if at_venue:
            arrange(house, planned, make_venue(house, rooms=(ROOM,) * -(-number // ROOM)))
        secrets_of = _register(planned, house, number)
        if at_venue:
            _seat(planned, house)
        _prepare(planned, house)
        with unit_of_work():
            opens_at = opens_at or real_now() - timedelta(minutes=1)
            session.execute(update(ExamSession).values(opens_at=opens_at, closes_at=opens_at + WINDOW))
        rows = session.execute(
            select(Attempt.code, Attempt.person_id, Registration.ticket_hash, Attempt.places)
            .join(Registration, Registration.id == Attempt.registration_id)
            .order_by(Attempt.id)
        ).all()
        session.rollback()
        self.places = rows[0].places
        tokens = _sign_in([row.person_id for row in rows])
        return [
            Candidate(row.code, row.person_id, secrets_of[row.ticket_hash], self.cookie(tokens[row.person_id]))
            for row in rows
        ]


def begin(candidates: Sequence[Candidate], *, ago: timedelta = timedelta()) -> None:
    """Set sittings under way, begun so long ago, held by the page of the bench, with an hour to go."""
    at = real_now()
    chunk = 500
    for start in range(0, len(candidates), chunk):
        codes = [one.code for one in candidates[start : start + chunk]]
        with unit_of_work():
            session.execute(
                update(Attempt)
                .where(Attempt.code.in_(codes))
                .values(started_at=at - ago, seen_at=at, deadline_at=at + timedelta(minutes=MINUTES), holder=PAGE)
                .execution_options(synchronize_session=False)
            )


def _register(planned: ExamSession, house: House, number: int) -> dict[bytes, str]:
    """Put people, roles, enrolments and registrations into the tables; return the secret of each ticket by digest."""
    cohort = make_cohort()
    first = (session.scalar(select(Person.id).order_by(Person.id.desc()).limit(1)) or 0) + 1
    people = range(first, first + number)
    secrets_of = {digest(secret): secret for secret in (tickets.new_secret() for _one in people)}
    digests = list(secrets_of)
    made = {"created_at": MADE_AT}
    with unit_of_work():
        session.execute(
            insert(Person),
            [
                {**made, "id": one, "code": new_code(), "name": f"考生{one}", "data_key": new_wrapped_key()}
                for one in people
            ],
        )
        common = {"region_code": SHANDONG, "starts_on": LONG_AGO, "role": Role.TRAINEE}
        session.execute(insert(Membership), [{**common, "person_id": one} for one in people])
        enrolled = {"invited_at": MADE_AT, "enrolled_at": MADE_AT, "completed_at": MADE_AT, "cohort_id": cohort.id}
        state = {"state": EnrolmentState.COMPLETED, "invited_by_id": cohort.created_by_id}
        session.execute(insert(Enrolment), [{**enrolled, **state, "person_id": one} for one in people])
        enrolments = dict(session.execute(select(Enrolment.person_id, Enrolment.id)).all())
        entered = {"session_id": planned.id, "verdict": {}, "rule_pack": planned.rule_pack, "registered_at": MADE_AT}
        session.execute(
            insert(Registration),
            [
                {
                    **entered,
                    "registered_by_id": house.examiner.person.id,
                    "code": sessions.ticket_number(planned, place),
                    "number": place,
                    "person_id": one,
                    "enrolment_id": enrolments[one],
                    "ticket_hash": digests[place - 1],
                }
                for place, one in enumerate(people, start=1)
            ],
        )
        _mend_sequence()
    return secrets_of


def _mend_sequence() -> None:
    """Let PostgreSQL go on counting people after those whose keys were given."""
    if db.engine.dialect.name == "postgresql":
        session.execute(select(db.func.setval("person_id_seq", select(db.func.max(Person.id)).scalar_subquery())))


def _seat(planned: ExamSession, house: House) -> None:
    """Give everybody a seat by the product's own plan, and note that the identity check found nothing wrong."""
    with unit_of_work():
        found = sessions_queries.exam_session(planned.code, house.examiner.actor)
        arranging.allocate_seats(found, by=house.examiner.actor, at=real_now())
        seen = {"outcome": Check.CHECKED, "checked_at": real_now(), "checked_by_id": house.examiner2.person.id}
        session.execute(update(Admission).values(**seen))


def _prepare(planned: ExamSession, house: House) -> None:
    with unit_of_work():
        found = sessions_queries.exam_session(planned.code, house.examiner.actor)
        sessions.ask_to_prepare(found, by=house.examiner.actor, at=real_now())
    while jobs.work():
        pass


def _sign_in(people: Sequence[int]) -> dict[int, str]:
    """Open a session for each person as a sign-in does, in bulk; return the tokens."""
    tokens = {one: new_token() for one in people}
    held = select(Membership.person_id, Membership.id).where(Membership.role == Role.TRAINEE)
    roles = dict(session.execute(held).all())
    at = real_now()
    times = {"started_at": at, "seen_at": at, "expires_at": at + timedelta(hours=2), "second_factor": False}
    rows = [
        {**times, "token": digest_token(token), "person_id": one, "membership_id": roles[one]}
        for one, token in tokens.items()
    ]
    with unit_of_work():
        session.execute(insert(SignInSession), rows)
    return tokens


@dataclass
class Server:
    """The web server of an installation, as `scripts.processes` starts it."""

    process: subprocess.Popen[bytes]
    port: int

    def workers(self) -> list[int]:
        """Return the processes that answer requests."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(one) for one in path.read_text().split() if _is_worker(int(one))]

    def cpu(self) -> float:
        """Return the CPU seconds that the server and its workers have used."""
        return sum(_cpu(one) for one in (self.process.pid, *self.workers()))


def _is_worker(pid: int) -> bool:
    """Tell a worker from the helper that Python starts beside processes it spawns."""
    try:
        return b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / HERTZ


@contextmanager
def serve(target: str, environment: Mapping[str, str], port: int, probe: str, *more: str) -> Iterator[Server]:
    """Serve an application as the product is served, until the block ends; it begins once the probe answers 200.

    `more` are further options of the server.
    """
    command = [*web_command("127.0.0.1", port, target), *more]
    given = {**environment, "PUBLIC_URL": f"http://localhost:{port}"}
    process = subprocess.Popen(command, cwd=ROOT, env=given, start_new_session=True)
    try:
        until = time.monotonic() + READY_SECONDS
        while answer_of(f"http://127.0.0.1:{port}{probe}") != "200":
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{target} did not start")
            time.sleep(0.1)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
