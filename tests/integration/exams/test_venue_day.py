"""An exam day at a venue through the stack: register, ticket, door, start, extra time, incident, collect."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import ExamVenue, Incident, Registration
from app.core.clock import SHANGHAI
from app.core.db import session
from app.core.events import Event
from tests.factories.accounts import Member, make_member
from tests.factories.exams import (
    NOW,
    OPENS,
    House,
    attempt_of,
    make_cohort,
    make_house,
    make_session,
    make_trainee,
    said,
)
from tests.submit import TOKEN, submit

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
PAGE = "0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 16


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def local(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def json_post(browser: FlaskClient, code: str, act: str, **body: Any) -> Any:  # noqa: ANN401 - the body of a request
    token = TOKEN.search(browser.get("/exams/mine").text) or TOKEN.search(browser.get("/me").text)
    assert token
    return browser.post(
        f"/sit/{code}/{act}",
        json={"page": PAGE, **body},
        headers={"X-CSRFToken": token[1], "Accept": "application/json"},
    )


class ExamDay:
    """One exam day as its people live it, each at a browser of their own."""

    def __init__(self, house: House, browser_of: Browser, at_time: Clock) -> None:
        self.at_time, self.house = at_time, house
        self.examiner, self.second = browser_of(house.examiner), browser_of(house.examiner2)
        self.invigilator = browser_of(make_member(Role.INVIGILATOR, organisation=house.body))
        cohort = make_cohort()
        self.candidate, self.late = make_trainee(cohort), make_trainee(cohort)
        self.mine, self.others = browser_of(self.candidate), browser_of(self.late)
        self.code = make_session(house).code
        self.page = f"/exams/sessions/{self.code}"

    @property
    def registration(self) -> Registration:
        query = select(Registration).where(Registration.person_id == self.candidate.person.id)
        return session.scalars(query).one()

    def arrange(self) -> None:
        """Add a venue with a room, and hold the session there with registration by the candidates."""
        named = {"name_zh": "甲考点", "name_en": "Venue A", "address": "一路1号", "region": "370000"}
        added = submit(self.examiner, "/exams/venues/new", **named)
        venue = session.scalars(select(ExamVenue)).one()
        assert added.location == f"/exams/venues/{venue.code}"
        room = submit(self.examiner, f"{added.location}/rooms", page=added.location, name="101", seats="3")
        assert room.status_code == 302
        choice = re.search(r'name="rooms"[^>]*value="(\w+)"', self.examiner.get(f"{self.page}/arrange").text)
        assert choice
        fields = {
            "venue": venue.code,
            "rooms": choice[1],
            "registers_from": local(NOW - timedelta(days=1)),
            "registers_until": local(NOW + timedelta(minutes=20)),
            "identity_check": "y",
            "extends": "y",
        }
        assert submit(self.examiner, f"{self.page}/arrange", **fields).status_code == 302

    def register(self) -> None:
        """Let both candidates register themselves and the first download the ticket."""
        for one in (self.mine, self.others):
            assert self.code in one.get("/exams/open").text
            done = submit(one, f"/exams/open/{self.code}/register", page=f"/exams/open/{self.code}")
            assert done.status_code == 302
        address = f"/exams/mine/tickets/{self.registration.code}"
        assert submit(self.mine, f"{address}/pdf", page=address).data.startswith(b"%PDF-")

    def prepare(self, run_jobs: Callable[[], int]) -> None:
        """Give the seats, prepare the papers, print the ticket that is missing."""
        assert submit(self.examiner, f"{self.page}/seats", page=f"{self.page}/arrange").status_code == 302
        assert submit(self.examiner, f"{self.page}/prepare", page=self.page).status_code == 302
        assert submit(self.examiner, f"{self.page}/tickets").status_code == 302
        run_jobs()
        archive = submit(self.examiner, f"{self.page}/tickets/download", page=f"{self.page}/tickets")
        assert zipfile.ZipFile(io.BytesIO(archive.data)).namelist() == [f"{self.code}-001.pdf"]

    def check(self) -> None:
        """Compare the candidate with the document: a mismatch needs a note, a match lets in."""
        ticket = self.registration.code
        asked = f"{self.page}/door?ticket={ticket}"
        assert self.candidate.person.name in self.invigilator.get(asked).text
        given = {"page": asked, "outcome": "mismatch"}
        assert submit(self.invigilator, f"{self.page}/door/{ticket}", **given).status_code == 422
        assert submit(self.invigilator, f"{self.page}/door/{ticket}", **{**given, "outcome": "checked"}).location

    def start(self) -> str:
        """Refuse who was not checked, start who was; return the sitting."""
        self.at_time(OPENS)
        sitting, other = attempt_of(self.candidate).code, attempt_of(self.late).code
        assert said("You may not start yet") in self.others.get(f"/sit/{other}").text
        assert submit(self.others, f"/sit/{other}/start", page="/me").status_code == 409
        assert attempt_of(self.late).started_at is None
        assert submit(self.mine, f"/sit/{sitting}/start", page=f"/sit/{sitting}").status_code == 302
        assert json_post(self.mine, sitting, "hold").status_code == 200
        return sitting

    def extend(self, sitting: str) -> None:
        """Ask for ten minutes as the invigilator and approve them as an examiner; the heartbeat carries them."""
        before = attempt_of(self.candidate).deadline_at
        assert before
        new = f"{self.page}/extra-time/new?ticket={self.registration.code}"
        grant = submit(self.invigilator, new, minutes="10", reason="设备重启", expected="1").location
        assert said("Approve the extra time") not in self.invigilator.get(grant).text
        assert submit(self.second, f"{grant}/approve", page=grant).status_code == 302
        beat = json_post(self.mine, sitting, "beat")
        assert datetime.fromisoformat(beat.json["deadline_at"]) == before + timedelta(minutes=10)

    def enter_incident(self) -> None:
        """Enter an incident with a picture."""
        fields: dict[str, Any] = {
            "kind": "technical",
            "happened_at": local(OPENS),
            "room": "",
            "ticket": self.registration.code,
            "description": "键盘失灵",
            "action": "更换键盘",
            "files": (io.BytesIO(PNG), "键盘.png"),
        }
        entered = submit(self.invigilator, f"{self.page}/incidents/new", **fields)
        assert session.scalars(select(Incident)).one().registration_id == self.registration.id
        shown = self.invigilator.get(entered.location).text
        picture = re.search(r"/exams/incidents/\w+/files/\d+", shown)
        assert "键盘失灵" in shown
        assert picture
        assert self.invigilator.get(picture[0]).data == PNG

    def collect(self) -> None:
        """Collect everything that is open, after a page that states how many."""
        collecting = f"{self.page}/collect-all"
        assert submit(self.invigilator, collecting, expected="7").status_code == 409
        assert submit(self.invigilator, collecting, expected="1").status_code == 302
        assert attempt_of(self.candidate).submitted_how == "collected"


def test_an_exam_day_at_a_venue_from_registration_to_collection(
    house: House, browser_of: Browser, at_time: Clock, run_jobs: Callable[[], int]
) -> None:
    at_time(NOW)
    day = ExamDay(house, browser_of, at_time)

    day.arrange()
    day.register()
    day.prepare(run_jobs)
    day.check()
    sitting = day.start()
    day.extend(sitting)
    day.enter_incident()
    early = json_post(day.mine, sitting, "submit")
    day.collect()

    assert (early.status_code, early.json["error"]) == (409, "too_early")
    told = set(session.scalars(select(Event.kind)))
    assert {"exams.identity_checked", "exams.extra_time_approved", "exams.incident", "exams.all_collected"} <= told
