"""`flask exams assemble`: parallel papers from a blueprint file, with their information curves."""

import json
import secrets
from pathlib import Path
from typing import Any

import click

from app.accounts import queries as accounts
from app.accounts.actors import actor_of
from app.accounts.states import Role
from app.assessment.exams.commands.group import group
from app.assessment.exams.rules.blueprint_file import BlueprintFile, read
from app.assessment.exams.rules.infeasible import InfeasibleBlueprintError, Unmet
from app.assessment.exams.services import assembly, papers
from app.assessment.exams.services.assembly import Drawn, Stock
from app.assessment.exams.services.drafts import draft_from
from app.core import clock
from app.core.access import Actor
from app.core.commands import REFUSED, refuse, with_json
from app.core.db import unit_of_work
from app.core.errors import DomainError, ForbiddenError
from app.core.text import _, _l, speaking
from app.items import queries as items
from app.items.models import ItemBank

MOST_PAPERS = 50
SOURCE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("assemble")
@click.option("--blueprint", "path", required=True, type=SOURCE, help="TOML or JSON, as docs/blueprints.md says.")
@click.option("--papers", "count", type=click.IntRange(1, MOST_PAPERS), default=1, show_default=True)
@click.option("--seed", type=click.IntRange(0), help="The same seed, the same papers; drawn by chance where missing.")
@click.option("--store", is_flag=True, help="Keep blueprint and papers as drafts of an examiner.")
@click.option("--by", "named", help="Mail address or code of that examiner; else the first of the bank's body.")
@with_json
def assemble(path: Path, count: int, seed: int | None, *, store: bool, named: str | None, as_json: bool) -> None:
    """Assemble papers without an item in common; exit 1 with every constraint that cannot be met."""
    seed = secrets.randbelow(papers.SEED_LIMIT) if seed is None else seed
    try:
        file = read(path.read_bytes())
        bank = items.bank_by_code(file.bank)
    except DomainError as error:
        refuse(str(error))
    try:
        found = assembly.stock_of(bank, draft_from(file), at=clock.now())
        drawn = list(assembly.draw_all(found, papers=count, seed=seed))
        codes = _store(bank, file, drawn, seed=seed, named=named) if store else []
    except InfeasibleBlueprintError as error:
        _refuse(bank, error.unmet, as_json=as_json)
        raise SystemExit(REFUSED) from error
    except DomainError as error:
        refuse(str(error))
    _tell(found, drawn, codes, as_json=as_json)


def _store(bank: ItemBank, file: BlueprintFile, drawn: list[Drawn], *, seed: int, named: str | None) -> list[str]:
    with unit_of_work():
        at, by = clock.now(), _examiner(bank, named)
        blueprint = papers.draft_blueprint(bank=bank, draft=draft_from(file), by=by, at=at)
        made = [papers.store(blueprint, one, seed=seed + place, by=by, at=at) for place, one in enumerate(drawn)]
        return [one.code for one in made]


def _examiner(bank: ItemBank, named: str | None) -> Actor:
    """Return the examiner for whom the command acts; raises ForbiddenError for one of another organisation."""
    held = accounts.members(Role.EXAMINER, on=clock.today(), organisation_id=bank.organisation_id)
    if named is not None:
        account = accounts.account_by_name(named)
        person = account.person if account is not None else accounts.person(named)
        held = [one for one in held if one.person_id == person.id]
    if not held:
        raise ForbiddenError(_l("The bank's organisation has no such examiner. Grant the role first."))
    return actor_of(held[0].person, held[0])


def _refuse(bank: ItemBank, unmet: tuple[Unmet, ...], *, as_json: bool) -> None:
    if as_json:
        told = [
            {**one.to_json(), "reason_zh": _said(bank, one, "zh_CN"), "reason_en": _said(bank, one, "en")}
            for one in unmet
        ]
        click.echo(json.dumps({"papers": [], "unmet": told}, ensure_ascii=False))
    for locale in ("zh_CN", "en"):
        with speaking(locale):
            click.echo(_("The item bank cannot fill this blueprint:"), err=True)
        for one in unmet:
            click.echo(f"- {_said(bank, one, locale)}", err=True)


def _said(bank: ItemBank, one: Unmet, locale: str) -> str:
    with speaking(locale):
        return assembly.sentence(one, items.modules_of(bank).labels)


def _tell(found: Stock, drawn: list[Drawn], codes: list[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_document(found, drawn, codes), ensure_ascii=False))
        return
    for number, one in enumerate(drawn, start=1):
        click.echo(
            _(
                "Paper %(number)d: %(items)d items, difficulty %(difficulty)s, %(seconds)d seconds, "
                "information %(information)s at the cut score",
                number=number,
                items=len(one.items),
                difficulty=f"{one.difficulty:.4f}",
                seconds=one.seconds,
                information=f"{one.information:.3f}",
            )
        )
        click.echo("  " + " ".join(item.code for item in one.items))


def _document(found: Stock, drawn: list[Drawn], codes: list[str]) -> dict[str, Any]:
    """Return the papers in the shape that scripts rely on."""
    return {
        "theta": round(found.theta, 6),
        "papers": [
            {
                "number": number,
                "items": [item.code for item in one.items],
                "difficulty": float(one.difficulty),
                "seconds": one.seconds,
                "information_at_cut": float(one.information),
                "information": [
                    {"theta": point.theta, "information": round(point.information, 6)} for point in one.curve()
                ],
                **({"paper": codes[number - 1]} if codes else {}),
            }
            for number, one in enumerate(drawn, start=1)
        ],
    }
