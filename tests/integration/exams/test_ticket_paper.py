"""The admission ticket as it is printed: what a scanner reads from its code opens the sitting."""

import subprocess
from pathlib import Path

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.assessment.exams import ticket_paper
from app.assessment.exams.models import ExamSession, Registration
from app.assessment.exams.rules.parameters import ExamRule
from app.assessment.exams.services import ticket_door, tickets
from app.assessment.exams.ticket_paper import Ticket
from app.core.db import session, unit_of_work
from app.rulebook import queries as rulebook
from tests.factories.exams import NOW, OPENS, attempt_of, make_house, make_prepared

pytestmark = pytest.mark.one_database


def test_the_code_on_the_printed_ticket_opens_the_sitting(app: Flask, tmp_path: Path) -> None:
    del app
    house = make_house()
    planned, (trainee,) = make_prepared(house)
    with unit_of_work():
        registration = session.scalars(select(Registration).where(Registration.person_id == trainee.person.id)).one()
        secret = tickets.issue(registration, by=house.examiner.actor, at=NOW)
    held = session.get_one(ExamSession, planned.id)
    rule = ExamRule.model_validate(rulebook.by_code(held.rule_pack).params).of(held.level)

    (tmp_path / "ticket.pdf").write_bytes(ticket_paper.tickets_pdf(held, rule, [Ticket(registration, None, secret)]))
    command: list[str | Path] = [
        "pdftoppm",
        "-r",
        "200",
        "-png",
        "-singlefile",
        tmp_path / "ticket.pdf",
        tmp_path / "ticket",
    ]
    subprocess.run(command, check=True, timeout=60)
    wanted = zxingcpp.barcode_formats_from_str("QRCode")
    (seen,) = zxingcpp.read_barcodes(Image.open(tmp_path / "ticket.png"), formats=wanted)
    session.rollback()

    entered = ticket_door.enter(seen.text, agent="Tests", at=OPENS)
    assert entered.attempt == attempt_of(trainee).code
    assert secret in seen.text
