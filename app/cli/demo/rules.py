"""The rule packs of the demo: proposed by one regulator, published by another."""

from sqlalchemy import select

from app.accounts.states import NATION
from app.cli.demo.step import CONTENT, MADE_AT, Demo, acting_as
from app.core.db import session, unit_of_work
from app.rulebook import rules, services
from app.rulebook.models import RulePack
from app.rulebook.rules import holiday_packs

FOLDER = CONTENT / "rules"


def load(demo: Demo) -> int:
    """Publish the national packs that are missing; holidays wait for the second person, as they bind at once."""
    del demo
    made = 0
    with unit_of_work():
        known = set(session.scalars(select(RulePack.series)))
        for path in sorted(FOLDER.glob("*.toml")):
            text = path.read_text("utf-8")
            given = rules.read(text)
            if given.code in known or given.region != NATION:
                continue
            pack = services.load_draft(text, by=acting_as("nation"), at=MADE_AT)
            services.propose(pack, by=acting_as("nation"), at=MADE_AT)
            made += 1
            if given.kind != holiday_packs.KIND:
                services.publish(pack, by=acting_as("nation2"), at=MADE_AT)
    return made
