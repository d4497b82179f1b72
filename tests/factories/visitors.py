"""Complaints of visitors without an account, for tests: sent, followed and acted in as their browsers do."""

import re
from collections.abc import Callable
from itertools import count

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Organisation
from app.cases.models import Case
from app.core.db import session

ONE, OTHER = "192.0.2.7", "198.51.100.9"
FACTS, CONTACT = "班次临时取消，未退费。", "13800000000"
SECRET = re.compile(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){4}\b")
Complain = Callable[..., TestResponse]
_numbers = count(1)


def complainer(app: Flask, body: Organisation) -> Complain:
    """Give a way to complain of a body from an address, each time as another visitor."""
    slug = body.slug

    def send(address: str = ONE, **fields: str) -> TestResponse:
        data = {"facts": FACTS, "token": f"token-{next(_numbers)}", "contact": CONTACT, **fields}
        path = f"/cases/new?kind=cases.complaint&about={slug}"
        return app.test_client().post(path, data=data, environ_base={"REMOTE_ADDR": address})

    return send


def only() -> Case:
    """Return the one case there is, as it is now."""
    session.expire_all()
    return session.scalars(select(Case)).one()


def secret_in(answer: TestResponse) -> str:
    """Return the secret that a page shows."""
    found = SECRET.search(answer.text)
    assert found, answer.text
    return found[0]


def look(client: FlaskClient, code: str, secret: str, **fields: str) -> TestResponse:
    """Ask where a case is, with its code and secret."""
    return client.post("/cases/follow", data={"code": code, "secret": secret, **fields})
