"""Writes of rule packs: load a draft, propose it, publish it by a second person."""

from datetime import datetime

from app.accounts.states import Role
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk
from app.rulebook import queries
from app.rulebook.access import check_region
from app.rulebook.models import RulePack
from app.rulebook.rules import PackFile, cases, holiday_packs
from app.rulebook.rules.packs import NATION, as_stored
from app.rulebook.services.holidays import enter_pack
from app.rulebook.states import PACK


def subject(pack: RulePack) -> Subject:
    """Name a pack in events and to-dos."""
    return Subject("rule_pack", pack.code)


def load_draft(text: str, *, by: Actor | None, at: datetime, copied_from_id: int | None = None) -> RulePack:
    """Store a pack file as the next draft of its series; a series keeps the pack that it was copied from.

    Raises InvalidError naming what is wrong; ForbiddenError for another region's rules.
    """
    given, _typed = queries.checked(text)
    earlier = _earlier(given)
    revision = earlier.revision + 1 if earlier else 1
    pack = RulePack(
        code=f"{given.code}.{revision}",
        series=given.code,
        revision=revision,
        kind=given.kind,
        region_code=given.region,
        name_zh=given.name_zh,
        name_en=given.name_en,
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        tag=given.tag,
        source=given.source.model_dump(),
        params=as_stored(given.params),
        text=text,
        drafted_by_id=by.person_id if by else None,
        drafted_at=at,
        copied_from_id=earlier.copied_from_id if earlier else copied_from_id,
    )
    if by is not None:
        check_region(pack, by)
    session.add(pack)
    session.flush()
    events.record("rulebook.drafted", subject(pack), by=by, at=at)
    return pack


def _earlier(given: PackFile) -> RulePack | None:
    """Return the latest revision of a series, which stays with one kind and one region; None for the first."""
    if given.region not in queries.region_names({given.region}):
        raise InvalidError(
            _l("No region has the code %(code)s (GB/T 2260). Correct it.", code=given.region), field="file"
        )
    if given.region != NATION and queries.kind(given.kind).national:
        raise InvalidError(_l("Only the nation sets rules of this kind. Give the region 100000."), field="file")
    latest = queries.latest_of(given.code)
    if latest is not None and (latest.kind, latest.region_code) != (given.kind, given.region):
        raise InvalidError(
            _l("The code %(code)s belongs to rules of another kind or region. Choose another code.", code=given.code),
            field="file",
        )
    return latest


def _check_cases(pack: RulePack) -> None:
    """Refuse a pack of which a test case fails or is missing; raises InvalidError naming the cases."""
    results = queries.cases_of(pack)
    lacks = cases.lacking([result.case for result in results], queries.kind(pack.kind))
    if lacks:
        raise InvalidError(" ".join(str(one) for one in lacks))
    failed = [result.name for result in results if not result.passed]
    if failed:
        raise InvalidError(
            _l(
                "These test cases do not come out as expected: %(cases)s. Correct the values or the cases first.",
                cases="; ".join(failed),
            )
        )


def propose(pack: RulePack, *, by: Actor, at: datetime) -> None:
    """Put a draft before a second person; raises InvalidError where a test case fails."""
    check_region(pack, by)
    _check_cases(pack)
    PACK.move(pack, "propose", proposed_by_id=by.person_id, proposed_at=at)
    session.flush()
    events.record("rulebook.proposed", subject(pack), by=by, at=at)
    desk.open_todo(
        "rulebook.confirm",
        subject(pack),
        url=f"/rules/{pack.code}",
        at=at,
        role=Role.REGULATOR,
        region_code=pack.region_code,
        not_person_id=by.person_id,
        params={"pack_zh": pack.name_zh, "pack_en": pack.name_en},
    )


def publish(pack: RulePack, *, by: Actor, at: datetime) -> None:
    """Confirm and publish; raises ForbiddenError for the person who proposed it.

    Holidays bind at once: the working days of their year are counted by them, and running clocks anew.
    """
    check_region(pack, by)
    if by.person_id == pack.proposed_by_id:
        raise ForbiddenError(_l("You proposed this pack. Another person of your authority must confirm it."))
    _check_cases(pack)
    PACK.move(pack, "publish", published_by_id=by.person_id, published_at=at)
    if pack.kind == holiday_packs.KIND:
        enter_pack(pack, by=by, at=at)
    _done(pack, "rulebook.published", by=by, at=at)


def send_back(pack: RulePack, *, reason: str, by: Actor, at: datetime) -> None:
    """Return a proposed pack to its draft with a reason."""
    check_region(pack, by)
    PACK.move(pack, "return", proposed_by_id=None, proposed_at=None)
    _done(pack, "rulebook.returned", by=by, at=at, reason=reason)


def withdraw(pack: RulePack, *, reason: str, by: Actor, at: datetime) -> None:
    """Withdraw a draft that will not be published."""
    check_region(pack, by)
    PACK.move(pack, "withdraw")
    _done(pack, "rulebook.withdrawn", by=by, at=at, reason=reason)


def _done(pack: RulePack, kind: str, *, by: Actor, at: datetime, reason: str | None = None) -> None:
    session.flush()
    events.record(kind, subject(pack), by=by, at=at, reason=reason)
    desk.close_todos(subject(pack), at=at)
