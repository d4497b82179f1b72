"""Whoever guesses numbers or links without an account is one guesser, from whichever address of their line they ask."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.accounts.models import Throttle
from app.core.columns import new_code
from app.core.crypto import new_token
from app.core.db import session, unit_of_work
from app.credentials.rules.guessing import FREE_GUESSES
from tests.factories.accounts import make_person
from tests.factories.credentials import ISSUED_AT, Office, issue


@pytest.mark.parametrize(
    "address_of",
    [lambda: f"/verify?q={new_code()}", lambda: f"/s/{new_token()}"],
    ids=["number of a certificate", "share link"],
)
def test_a_guesser_with_a_line_of_many_addresses_is_one_guesser(
    client: FlaskClient, office: Office, at_time: Callable[[datetime], None], address_of: Callable[[], str]
) -> None:
    at_time(ISSUED_AT)
    issue(office, make_person())

    def guessed(source: str) -> int:
        return client.get(address_of(), environ_base={"REMOTE_ADDR": source}).status_code

    assert guessed("2001:db8:0:1::1") == 404
    with unit_of_work():
        session.execute(update(Throttle).values(failures=FREE_GUESSES))

    assert guessed("2001:db8:0:1:ffff::2") == 429
    assert guessed("2001:db8:0:2::1") == 404, "another line is heard"
