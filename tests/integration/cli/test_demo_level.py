"""The demo shows a level under the name of a region, and a row of a request file that was taken back."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.cli.demo import bases, issuers, organisations, people, regions, renamed, rules, templates
from app.cli.demo.step import Demo, acting_as
from app.core.db import session
from app.credentials import paper, queries
from app.credentials.models import Certificate
from app.credentials.queries import steps
from app.credentials.states import CertificateState

BEFORE = (regions, organisations, people, rules, bases, issuers, templates)


@pytest.mark.one_database
def test_a_class_is_certified_under_the_name_of_its_region_and_a_wrong_row_is_taken_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    monkeypatch.setattr(paper, "available", lambda: False)
    for step in BEFORE:
        step.load(Demo())

    assert renamed.load(Demo()) > 0
    assert renamed.load(Demo()) == 0

    issued = list(session.scalars(select(Certificate)))
    assert {(one.state, one.fields["level_name"]["zh"]) for one in issued} == {
        (CertificateState.PUBLISHED, "初级技术经理人")
    }
    assert len(issued) == renamed.PLACES
    (row,) = steps.taken_back(queries.body_of(acting_as("issuer")).id)
    assert (row.declined_because, row.fields["level"]) == (renamed.WRONG, "intermediate")
