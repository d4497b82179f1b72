"""`exams analyse`: item and test statistics of a session, or of any file of answers."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from app.assessment.exams.commands.group import group
from app.assessment.exams.rules import itemreport
from app.assessment.exams.rules.analysis_document import Beside, whole
from app.assessment.exams.rules.itemreport import Judged
from app.assessment.exams.rules.psychometrics.analysis import Analysis
from app.assessment.exams.rules.psychometrics.analysis import analyse as analysed
from app.assessment.exams.rules.psychometrics.files import NUMBER, ResponseFile, read_csv
from app.assessment.exams.rules.statistics_rule import KIND, StatisticsRule
from app.assessment.exams.services import statistics
from app.assessment.exams.statistics_states import DifClass, Model
from app.core.commands import refuse, with_json
from app.core.errors import DomainError, InvalidError
from app.core.text import _l
from app.rulebook import rules

SOURCE = click.Path(exists=True, dir_okay=False, path_type=Path)
COLUMNS = ("a", "b", "c", "facility", "discrimination", "point_biserial", "point_biserial_rest", "alpha_if_deleted")
WIDTH = 8
LEAST_GROUP = 2
SHOWN = 20
"""So many of the persons who fit worst the tables show; `--json` tells all."""
Rows = list[list[Any]]
Most = dict[str, float]


def _points(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Most:
    """Read ITEM=POINTS; the name of an item may hold the sign itself."""
    found: Most = {}
    for one in given:
        name, sign, points = one.rpartition("=")
        if not (sign and name and NUMBER.fullmatch(points)):
            raise click.BadParameter(f"“{one}” is not ITEM=POINTS, such as Essay=20.")
        found[name] = float(points)
    return found


@group.command("analyse")
@click.option("--session", "code", help="The code of a session whose sittings are marked.")
@click.option(
    "--responses",
    "path",
    type=SOURCE,
    help="A CSV: one row a candidate, one column an item, cells 0, 1, empty; points under a heading such as 'Q5 [4]'.",
)
@click.option("--model", required=True, type=click.Choice([model.value for model in Model]), help="What is estimated.")
@click.option("--group", "column", default="", help="The column of the CSV that names groups to compare (DIF).")
@click.option(
    "--max",
    "most",
    multiple=True,
    metavar="ITEM=POINTS",
    callback=_points,
    help="The most points of an item of the CSV whose heading does not say them; once for each such item.",
)
@click.option("--rule", type=SOURCE, help="A rule pack of the kind exam_statistics that flags the items of the CSV.")
@with_json
def analyse(  # noqa: PLR0917 - click passes each option as an argument
    code: str | None, path: Path | None, model: str, column: str, most: Most, rule: Path | None, *, as_json: bool
) -> None:
    """Analyse a session or a file: items, paper and groups; with a model also abilities, person fit and curves."""
    if (code is None) == (path is None):
        raise click.UsageError("Give either --session or --responses.")
    if path is None and (column or rule or most):
        raise click.UsageError("--group, --max and --rule belong to --responses; a session has its own.")
    try:
        if path is None:
            found, beside = _of_session(str(code), model)
        else:
            found, beside = _of_file(read_csv(path.read_bytes(), column, most), model, column, rule)
    except DomainError as error:
        refuse(str(error))
    told = whole(found, beside)
    for note in told["notes"]:
        click.echo(note, err=True)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _printed(told))


def _of_session(code: str, model: str) -> tuple[Analysis, Beside]:
    """Compute what the pages of a session show; nothing is stored."""
    done = statistics.compute(code, model)
    tickets = [one.ticket for one in done.found.sittings]
    return done.analysis, Beside(tickets, done.items, done.groups, done.rule_pack)


def _of_file(file: ResponseFile, model: str, column: str, rule_path: Path | None) -> tuple[Analysis, Beside]:
    """Compute the same of a file, whose persons are its rows; it says no options, so there are no distractors."""
    code, rule = _rule(rule_path) if rule_path else ("", None)
    least = rule.least_group if rule else LEAST_GROUP
    groups = itemreport.compared(file.data, column, file.groups, least) if column else []
    found = analysed(file.data, Model(model))
    favoured = itemreport.strongly_favoured(groups)
    judged = [Judged([], _flags(found, item, rule, dif=item in favoured)) for item in range(len(file.data.items))]
    return found, Beside([str(row) for row in file.rows], judged, groups, code)


def _flags(found: Analysis, item: int, rule: StatisticsRule | None, *, dif: bool) -> list[str]:
    if rule is None or found.data.persons < rule.least_persons:
        return []
    return itemreport.flags(found.classical, item, [], rule, dif=dif)


def _rule(path: Path) -> tuple[str, StatisticsRule]:
    """Read the rule pack that flags; raises InvalidError for a file of another kind, or one that does not fit."""
    given = rules.read(rules.decode(path.read_bytes()))
    if given.kind != KIND:
        raise InvalidError(
            _l("This rule pack is of the kind “%(kind)s”, not “%(wanted)s”.", kind=given.kind, wanted=KIND)
        )
    rules.check_params(StatisticsRule, given.params)
    return given.code, StatisticsRule.model_validate(given.params)


def _printed(told: dict[str, Any]) -> str:
    """Return the tables of the terminal: items, paper, curves, options, groups, and who fits worst."""
    items = told["items"]
    columns = [name for name in COLUMNS if name in items[0]]
    flagged = ["flags"] if "flags" in items[0] else []
    rows = [
        [one["item"], *(one[name] for name in columns), *(" ".join(one[name]) for name in flagged)] for one in items
    ]
    sums = f"n {told['n']}  alpha {_cell(told['alpha'])}  sem {_cell(told['sem'])}"
    if told["log_likelihood"] is not None:
        sums += f"  log-likelihood {told['log_likelihood']:.3f}"
    parts = [_table(["item", *columns, *flagged], rows), sums, *_curves(told), *_options(items), *_groups(told)]
    return "\n".join([*parts, *_worst(told["persons"])])


def _curves(told: dict[str, Any]) -> list[str]:
    names = ("theta", "expected", "information", "standard_error")
    found = told.get("curves")
    rows = [list(one) for one in zip(*(found[name] for name in names), strict=True)] if found else []
    return _part(names, rows)


def _options(items: Sequence[dict[str, Any]]) -> list[str]:
    names = ("key", "right", "count", "share", "mean", "rest")
    listed = [[one["item"], *(option[name] for name in names)] for one in items for option in one.get("options", ())]
    return _part(("item", "option", *names[1:]), listed)


def _groups(told: dict[str, Any]) -> list[str]:
    """Return the items that treat a group otherwise at equal score: the classes B and C."""
    names = ("item", "delta", "error", "p", "class")
    rows = [
        [f"{one['focal']}/{one['reference']}", *(dif[name] for name in names)]
        for one in told["groups"]
        for dif in one["items"]
        if dif["class"] != DifClass.A
    ]
    return _part(("groups", *names), rows)


def _worst(persons: Sequence[dict[str, Any]]) -> list[str]:
    names = ("person", "total", "ability", "ability_se", "lz", "outfit", "infit")
    fitted = [one for one in persons if one.get("lz") is not None]
    worst = sorted(fitted, key=lambda one: float(one["lz"]))[:SHOWN]
    return _part(names, [[one[name] for name in names] for one in worst])


def _part(names: Sequence[str], rows: Rows) -> list[str]:
    """Return a table under an empty line; nothing where it has no rows."""
    return ["", _table(names, rows)] if rows else []


def _table(names: Sequence[str], rows: Rows) -> str:
    """Return columns under their names, the first one to the left."""
    cells = [list(names), *([_cell(one) for one in row] for row in rows)]
    widths = [max(WIDTH, *(len(one[place]) for one in cells)) for place in range(len(names))]
    return "\n".join(_line(one, widths) for one in cells)


def _line(cells: Sequence[str], widths: Iterable[int]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return " ".join([cells[0].ljust(len(first)), *others])


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
