"""Syllabuses of a region for tests."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from app.core.db import session, unit_of_work
from app.rulebook.models import RulePack
from app.rulebook.states import PackState, Tag
from app.settings import ROOT
from tests.factories.accounts import MADE_AT, SHANDONG
from tests.factories.exams import make_pack

Levels = list[dict[str, Any]]
OWN = {"code": "negotiation", "name_zh": "谈判实务", "name_en": "Negotiating"}
"""A module that no national syllabus has."""
FILE = "syllabus-junior-sample.toml"


def sample_levels() -> Levels:
    """Return the levels of the shipped syllabus."""
    levels: Levels = tomllib.loads((Path(ROOT) / "content" / "rules" / FILE).read_text("utf-8"))["params"]["levels"]
    return levels


def levels_with(*modules: dict[str, str]) -> Levels:
    """Return the levels of the shipped syllabus, the junior one with further modules."""
    levels = sample_levels()
    levels[0]["modules"] += [{**one, "required": False, "required_hours": "0", "topics": []} for one in modules]
    return levels


def publish_syllabus(
    levels: Levels, *, region: str = SHANDONG, revision: int = 1, starts_on: date | None = None
) -> RulePack:
    """Publish a syllabus of a region with the modules of its levels."""
    national = make_pack("syllabus", FILE)
    with unit_of_work():
        pack = RulePack(
            code=f"syllabus-{region}.{revision}",
            series=f"syllabus-{region}",
            revision=revision,
            kind="syllabus",
            region_code=region,
            name_zh="本地大纲",
            name_en="Syllabus of the region",
            starts_on=starts_on or national.starts_on,
            tag=Tag.SAMPLE,
            source=national.source,
            params={"minutes_per_class_hour": 45, "levels": levels},
            text="",
            state=PackState.PUBLISHED,
            drafted_at=MADE_AT,
            proposed_by_id=national.proposed_by_id,
            proposed_at=MADE_AT,
            published_by_id=national.published_by_id,
            published_at=MADE_AT,
        )
        session.add(pack)
    return pack
