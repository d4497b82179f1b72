"""`exams analyse`: item and test statistics of a session, or of any file of answers."""

import json
from pathlib import Path
from typing import Any

import click

from app.assessment.exams.commands.group import group
from app.assessment.exams.queries import answers
from app.assessment.exams.rules.psychometrics.analysis import Analysis, document
from app.assessment.exams.rules.psychometrics.analysis import analyse as analysed
from app.assessment.exams.rules.psychometrics.responses import Responses, read_csv
from app.assessment.exams.statistics_states import Model
from app.core.errors import DomainError

REFUSED = 1
SOURCE = click.Path(exists=True, dir_okay=False, path_type=Path)
COLUMNS = ("a", "b", "c", "facility", "discrimination", "point_biserial", "point_biserial_rest", "alpha_if_deleted")
WIDTH = 8


@group.command("analyse")
@click.option("--session", "code", help="The code of a session whose sittings are marked.")
@click.option(
    "--responses", "path", type=SOURCE, help="A CSV: one row a candidate, one column an item, cells 0, 1, empty."
)
@click.option("--model", required=True, type=click.Choice([model.value for model in Model]), help="What is estimated.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def analyse(code: str | None, path: Path | None, model: str, *, as_json: bool) -> None:
    """Analyse a session or a file: facility, discrimination, alpha, and with a model a, b, c of each item."""
    if (code is None) == (path is None):
        raise click.UsageError("Give either --session or --responses.")
    try:
        found = analysed(_data(code, path), Model(model))
    except DomainError as error:
        click.echo(str(error), err=True)
        raise SystemExit(REFUSED) from error
    told = document(found)
    for note in told["notes"]:
        click.echo(note, err=True)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _table(found, told))


def _data(code: str | None, path: Path | None) -> Responses:
    if path is not None:
        return read_csv(path.read_bytes())
    return answers.read(answers.marked_session(str(code))).responses()


def _table(found: Analysis, told: dict[str, Any]) -> str:
    columns = [name for name in COLUMNS if name in told["items"][0]]
    width = max(len("item"), *(len(name) for name in found.data.items))
    head = " ".join(["item".ljust(width), *(name.rjust(max(WIDTH, len(name))) for name in columns)])
    lines = [
        " ".join([one["item"].ljust(width), *(_cell(one[name]).rjust(max(WIDTH, len(name))) for name in columns)])
        for one in told["items"]
    ]
    sums = f"n {told['n']}  alpha {_cell(told['alpha'])}  sem {_cell(told['sem'])}"
    if told["log_likelihood"] is not None:
        sums += f"  log-likelihood {told['log_likelihood']:.3f}"
    return "\n".join([head, *lines, sums])


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
