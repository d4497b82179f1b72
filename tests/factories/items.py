"""Item banks and items for tests."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from app.accounts.models import Organisation
from app.accounts.states import OrganisationKind, Role
from app.core.access import Actor
from app.core.db import unit_of_work
from app.items import queries, services
from app.items.models import ItemBank
from app.items.rules.bodies import Option
from app.items.rules.content import ItemContent
from app.items.states import CognitiveLevel, ItemType, Purpose
from tests.factories.accounts import SHANDONG, make_member, make_organisation

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_numbers = count(1)


def make_exam_body(**given: Any) -> Organisation:  # noqa: ANN401 - as make_organisation
    """Make an organisation that keeps item banks."""
    return make_organisation(**{"kind": OrganisationKind.EXAM_BODY, "name_zh": "测试考试中心", **given})


def make_author(organisation: Organisation) -> Actor:
    """Make an item author of an organisation."""
    return make_member(Role.AUTHOR, SHANDONG, organisation).actor


def make_reviewer(organisation: Organisation) -> Actor:
    """Make an item reviewer of an organisation."""
    return make_member(Role.REVIEWER, SHANDONG, organisation).actor


def make_bank(
    organisation: Organisation, *, code: str | None = None, purpose: Purpose = Purpose.EXAM, reviewers: int = 1
) -> ItemBank:
    """Make an empty bank whose versions so many reviewers must accept."""
    with unit_of_work():
        return services.create_bank(
            code=code or f"BANK-{next(_numbers)}",
            name_zh="测试题库",
            name_en="Test bank",
            organisation_id=organisation.id,
            purpose=purpose,
            reviewers=reviewers,
            by=None,
            at=AT,
        )


def content(code: str = "", **changes: Any) -> ItemContent:  # noqa: ANN401 - any field of an item
    """Return a single-choice item whose wording differs by its code."""
    given: Mapping[str, Any] = {
        "code": code or f"T-{next(_numbers):04d}",
        "type": ItemType.SINGLE,
        "key": frozenset({"B"}),
        "explanation": "依据条文，只有乙项正确。",
        "module": "policy",
        "level": CognitiveLevel.APPLY,
        "difficulty": Decimal("0.60"),
        "topic": "技术合同",
        "law": "中华人民共和国民法典",
        "article": "第八百四十三条",
        "edition": "2021年1月1日起施行",
        "source_read": True,
        **changes,
    }
    named = given["code"]
    return ItemContent(
        **{
            "stem": f"关于第{named}号技术合同的登记，下列说法正确的是（ ）。",
            "options": tuple(Option(letter, f"{named}的说法{letter}") for letter in "ABCD"),
            **given,
        }
    )


def fill(bank: ItemBank, author: Actor, *contents: ItemContent, approved_by: Actor | None = None) -> None:
    """Put items into a bank, approved where a reviewer is given."""
    with unit_of_work():
        services.import_items(bank, list(contents), by=author, at=AT)
        if approved_by is not None:
            codes = [one.code for one in contents]
            services.approve(bank, queries.items_by_codes(bank, codes), by=approved_by, at=AT)
