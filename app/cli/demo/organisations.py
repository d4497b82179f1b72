"""The bodies of the demo from content/demo."""

import tomllib

from sqlalchemy import func, select

from app.accounts import queries, services
from app.accounts.models import Organisation
from app.accounts.states import OrganisationKind
from app.cli.demo.step import CONTENT, MADE_AT, Demo, acting_as
from app.core.db import session, unit_of_work

FILE = CONTENT / "demo" / "organisations.toml"


def load(demo: Demo) -> int:
    """Make the organisations that are missing."""
    del demo
    with unit_of_work():
        before = _count()
        for one in tomllib.loads(FILE.read_text("utf-8"))["organisation"]:
            services.add_organisation(
                kind=OrganisationKind(one["kind"]),
                slug=one["slug"],
                name_zh=one["name_zh"],
                name_en=one["name_en"],
                region_code=one["region"],
                credit_code=one.get("credit_code"),
                parent_id=queries.organisation(one["part_of"]).id if "part_of" in one else None,
                at=MADE_AT,
            )
        return _count() - before


def load_contacts(demo: Demo) -> int:
    """Say how the authorities are reached, as the nation keeps it."""
    del demo
    made = 0
    for one in tomllib.loads(FILE.read_text("utf-8"))["organisation"]:
        if "contacts" not in one:
            continue
        with unit_of_work():
            found = queries.organisation(one["slug"])
            made += services.correct_contacts(found, one["contacts"], by=acting_as("nation"), at=MADE_AT) > 0
    return made


def _count() -> int:
    return session.scalar(select(func.count()).select_from(Organisation)) or 0
