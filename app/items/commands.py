"""Commands of the item bank: `items import`, `items export`, `items create-bank`."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.accounts import queries as accounts
from app.accounts.actors import actor_of
from app.accounts.models import Membership, Person
from app.accounts.states import Role
from app.core import clock
from app.core.access import Actor
from app.core.commands import REFUSED, refuse, with_json
from app.core.db import unit_of_work
from app.core.errors import DomainError, ForbiddenError, InvalidError
from app.core.text import _, _l
from app.items import queries, services
from app.items.models import ItemBank
from app.items.rules import files
from app.items.rules.content import Defaults, Failure, Parsed
from app.items.rules.files import Exported
from app.items.rules.planning import Planned, Report
from app.items.rules.reasons import no_module
from app.items.rules.similar import Alike
from app.items.services import ImportRefusedError
from app.items.states import READ_KINDS, WRITTEN_KINDS, CognitiveLevel, FileKind, Purpose

group = AppGroup("items", help="Item banks: import and export items.")
SOURCE = click.Path(exists=True, dir_okay=False, path_type=Path)
TARGET = click.Path(dir_okay=False, writable=True, path_type=Path)
READ = click.Choice([kind.value for kind in READ_KINDS])
WRITTEN = click.Choice([kind.value for kind in WRITTEN_KINDS])


@group.command("import")
@click.argument("path", metavar="FILE", type=SOURCE)
@click.option("--bank", "bank_code", required=True, help="The code of the bank.")
@click.option("--format", "kind", type=READ, help="What the file is, where its name does not say it.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--allow-partial", is_flag=True, help="Take the good items even where others cannot be taken.")
@click.option("--author", help="Mail address or code of the author; else the bank's first author.")
@click.option("--module", help="The module of items that name none, by its code or name.")
@click.option(
    "--level",
    type=click.Choice([level.value for level in CognitiveLevel]),
    help="The cognitive level of items that name none.",
)
@click.option("--difficulty", help="The difficulty, 0 to 1, of items that name none.")
@with_json
def import_file(  # noqa: PLR0913, PLR0917 - click passes each option as an argument
    path: Path,
    bank_code: str,
    kind: str | None,
    author: str | None,
    module: str | None,
    level: str | None,
    difficulty: str | None,
    *,
    dry_run: bool,
    allow_partial: bool,
    as_json: bool,
) -> None:
    """Import items as drafts: all or none, unless --allow-partial; exit 1 where an item cannot be taken.

    What no item keeps of the file is noted, item by item.
    """
    alike: list[Alike] = []
    try:
        data = path.read_bytes()
        parsed = files.read(data, _kind(path, kind, data), _defaults(bank_code, module, level, difficulty))
        alike = _alike(bank_code, parsed)
        report = _import(bank_code, parsed, author, dry_run=dry_run, allow_partial=allow_partial)
    except ImportRefusedError as error:
        _tell(replace(error.report, imported=[]), alike, as_json=as_json)
        click.echo(str(error), err=True)
        raise SystemExit(REFUSED) from error
    except DomainError as error:
        refuse(str(error))
    _tell(report, alike, as_json=as_json)
    if report.failed and not allow_partial:
        raise SystemExit(REFUSED)


def _defaults(bank_code: str, module: str | None, level: str | None, difficulty: str | None) -> Defaults:
    """Return what stands in for missing metadata; raises InvalidError for a module that the bank does not know."""
    words = queries.words_of(queries.bank_by_code(bank_code))
    if module is not None and words.code_of(module) is None:
        raise InvalidError(str(no_module(module, words.names.values())))
    return Defaults(module, level, difficulty, words)


def _alike(bank_code: str, parsed: Parsed) -> list[Alike]:
    """Return which items of a file say nearly the same as others of the file or the bank."""
    bank = queries.bank_by_code(bank_code)
    near = services.alike_of(bank, services.planned_of(bank, parsed))
    return [near[code] for code in sorted(near)]


def _import(bank_code: str, parsed: Parsed, author: str | None, *, dry_run: bool, allow_partial: bool) -> Report:
    if dry_run:
        return services.preview(queries.bank_by_code(bank_code), parsed)
    with unit_of_work():
        bank = queries.bank_by_code(bank_code)
        actor = _author(bank, author)
        return services.import_items(bank, parsed, by=actor, at=clock.now(), allow_partial=allow_partial)


def _kind(path: Path, given: str | None, data: bytes = b"") -> FileKind:
    kind = FileKind(given) if given else files.kind_of(path.name, data)
    if kind is None:
        raise InvalidError(_l("The name of the file does not say its kind. Give --format."))
    return kind


def _author(bank: ItemBank, named: str | None) -> Actor:
    """Return the author for whom the command acts; raises ForbiddenError for one of another organisation."""
    if named is None:
        listed = accounts.members(Role.AUTHOR, on=clock.today(), organisation_id=bank.organisation_id)
        if not listed:
            raise ForbiddenError(_l("The bank's organisation has no author. Grant the role first."))
        return actor_of(listed[0].person, listed[0])
    person = _person(named)
    membership = next((one for one in accounts.memberships_of(person.id) if _writes_for(one, bank)), None)
    if membership is None:
        raise ForbiddenError(_l("%(name)s is not an author of the bank's organisation.", name=named))
    return actor_of(person, membership)


def _person(named: str) -> Person:
    account = accounts.account_by_name(named)
    return account.person if account is not None else accounts.person(named)


def _writes_for(one: Membership, bank: ItemBank) -> bool:
    return one.role is Role.AUTHOR and one.organisation_id == bank.organisation_id and one.holds_on(clock.today())


def _tell(report: Report, alike: Sequence[Alike], *, as_json: bool) -> None:
    if as_json:
        listed = [{"code": one.first, "other": one.second, "percent": one.percent} for one in alike]
        click.echo(json.dumps({**_document(report), "alike": listed}, ensure_ascii=False))
        return
    click.echo(
        _(
            "%(imported)s imported, %(skipped)s skipped, %(failed)s failed",
            imported=len(report.imported),
            skipped=len(report.skipped),
            failed=len(report.failed),
        )
    )
    told: list[Planned | Failure] = [*report.skipped, *report.failed, *report.notes]
    for one in told:
        click.echo(f"{' '.join(filter(None, (one.where, one.code)))}: {one.reason}", err=True)
    for near in alike:
        said = _("Much like %(code)s: %(percent)s%% of the wording.", code=near.second, percent=near.percent)
        click.echo(f"{near.first}: {said}", err=True)


def _document(report: Report) -> dict[str, Any]:
    """Return the report in the shape that scripts rely on."""
    return {
        "imported": len(report.imported),
        "skipped": len(report.skipped),
        "failed": list(map(_reasoned, report.failed)),
        "items": [_listed(one) for one in report.imported],
        "skipped_items": [{**_listed(one), "reason": str(one.reason)} for one in report.skipped],
        "notes": list(map(_reasoned, report.notes)),
    }


def _reasoned(one: Planned | Failure) -> dict[str, str]:
    return {"where": one.where, "code": one.code, "reason": str(one.reason)}


def _listed(one: Planned) -> dict[str, Any]:
    return {"code": one.code, "type": one.content.type.value if one.content else "", "source": one.where}


@group.command("export")
@click.argument("path", metavar="OUT", type=TARGET)
@click.option("--bank", "bank_code", required=True, help="The code of the bank.")
@click.option("--format", "kind", type=WRITTEN, help="What to write, where the name of OUT does not say it.")
@click.option("--include-retired", "retired", is_flag=True, help="Write retired items too; else they are counted.")
@with_json
def export_file(path: Path, bank_code: str, kind: str | None, *, retired: bool, as_json: bool) -> None:
    """Write the items of a bank; what the kind of file cannot hold is listed with the reason."""
    try:
        with unit_of_work():
            bank = queries.bank_by_code(bank_code)
            written = services.export(bank, _kind(path, kind), retired=retired, by=None, at=clock.now())
            path.write_bytes(written.data)
    except DomainError as error:
        refuse(str(error))
    _tell_export(written, path, as_json=as_json)


def _tell_export(written: Exported, path: Path, *, as_json: bool) -> None:
    """Name each item that was left out, and of which something was."""
    notes = {"left_out": written.left_out, "lessened": written.lessened}
    listed = {name: [{"code": code, "reason": str(reason)} for code, reason in noted] for name, noted in notes.items()}
    if as_json:
        document = {"exported": len(written.codes), "file": str(path), **listed, "retired": written.retired}
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    click.echo(str(path))
    if written.retired:
        click.echo(_("%(count)s retired items are not in the file.", count=written.retired), err=True)
    for one in (*listed["left_out"], *listed["lessened"]):
        click.echo(f"{one['code']}: {one['reason']}", err=True)


@group.command("create-bank")
@click.argument("code")
@click.option("--organisation", required=True, help="The short name of the organisation that keeps the bank.")
@click.option("--name-zh", required=True)
@click.option("--name-en", required=True)
@click.option("--purpose", type=click.Choice([purpose.value for purpose in Purpose]), default=Purpose.EXAM.value)
@click.option(
    "--reviewers", type=click.IntRange(1, 3), help="How many must accept an item; else 2 for exams, 1 for quizzes."
)
@with_json
def create_bank(  # noqa: PLR0917 - click passes each option as an argument
    code: str, organisation: str, name_zh: str, name_en: str, purpose: str, reviewers: int | None, *, as_json: bool
) -> None:
    """Make an item bank of an organisation."""
    try:
        with unit_of_work():
            services.create_bank(
                code=code,
                name_zh=name_zh,
                name_en=name_en,
                organisation_id=accounts.organisation(organisation).id,
                purpose=Purpose(purpose),
                reviewers=reviewers,
                by=None,
                at=clock.now(),
            )
    except DomainError as error:
        refuse(str(error))
    click.echo(json.dumps({"bank": code}) if as_json else code)
