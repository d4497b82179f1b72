"""Commands of the performance room: `mcdm` and `bases appraise`."""

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.commands import refuse, with_json
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError, NotFoundError
from app.core.text import _l
from app.performance import queries, services
from app.performance.models import AppraisalCycle, BaseAppraisal
from app.performance.rules import mcdm, tables
from app.performance.states import AppraisalState
from app.rulebook.facts import to_json

METHODS = {"sum": mcdm.weighted_sum, "topsis": mcdm.topsis}
PLACES = 12


@click.command("mcdm")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--weights", required=True, type=click.Choice(["entropy", "ahp", "given"]), help="Where weights come from."
)
@click.option("--method", default="sum", type=click.Choice(list(METHODS)), help="How alternatives are scored.")
@with_json
def decide(path: Path, weights: str, method: str, *, as_json: bool) -> None:
    """Weigh and rank any decision matrix; with ahp the file is the pairwise matrix, whose things are ranked."""
    try:
        answer = _answer(_text(path), weights, method)
    except DomainError as error:
        refuse(str(error))
    if as_json:
        click.echo(json.dumps(answer))
        return
    for name in ("weights", "scores", "ranks"):
        click.echo(f"{name}: " + " ".join(f"{one:g}" for one in answer[name]))
    if answer["consistency_ratio"] is not None:
        click.echo(f"consistency ratio: {answer['consistency_ratio']:.3f}")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError(_l("The file is not UTF-8 text. Save it as UTF-8."), field="file") from error


def _answer(text: str, weights: str, method: str) -> dict[str, Any]:
    if weights == "ahp":
        found = mcdm.ahp(tables.read_pairwise(text))
        return _rounded(found.weights, found.weights, found.consistency_ratio)
    given = tables.read_decision(text, weighted=weights == "given")
    used = given.weights or mcdm.entropy_weights(given.matrix)
    return _rounded(used, METHODS[method](given.matrix, used, given.benefits), None)


def _rounded(weights: tuple[float, ...], scores: tuple[float, ...], ratio: float | None) -> dict[str, Any]:
    return {
        "weights": [round(one, PLACES) for one in weights],
        "scores": [round(one, PLACES) for one in scores],
        "ranks": list(mcdm.ranks(scores)),
        "consistency_ratio": None if ratio is None else round(ratio, PLACES),
    }


group = AppGroup("bases", help="Training bases: compute their appraisal.")


@group.command("appraise")
@click.option("--cycle", "year", required=True, type=click.IntRange(2000, 2100), help="The year of the cycle.")
@click.option("--region", help="The region whose cycle it is; all cycles of the year unless given.")
@with_json
def appraise(year: int, region: str | None, *, as_json: bool) -> None:
    """Compute the checked bases of a cycle, record the decisions, and print the verdict of every base."""
    try:
        with unit_of_work():
            told = [one for cycle in _cycles(year, region) for one in _appraised(cycle)]
    except DomainError as error:
        refuse(str(error))
    if as_json:
        click.echo(json.dumps({"cycle": year, "bases": told}, ensure_ascii=False))
        return
    for one in told:
        click.echo(f"{one['base']} {one['score']} {one['grade']} {one['state']}")


def _cycles(year: int, region: str | None) -> list[AppraisalCycle]:
    found = queries.find_cycles(year, region)
    if not found:
        raise NotFoundError(
            _l("No confirmed appraisal cycle of %(year)s was found. Open and confirm it first.", year=year)
        )
    return found


def _appraised(cycle: AppraisalCycle) -> list[dict[str, Any]]:
    at = clock.now()
    rows = queries.rows_of(cycle)
    checked = [row for row in rows if row.state is AppraisalState.CHECKED]
    if checked:
        services.grade(cycle, checked, by=None, at=at)
    known = queries.facts(cycle, rows, at)
    return [_told(cycle, row, known[row.id]) for row in rows]


def _told(cycle: AppraisalCycle, row: BaseAppraisal, known: dict[str, Any]) -> dict[str, Any]:
    """Return the recorded verdict of a base; where none is recorded yet, what would come out now."""
    record = queries.decided(row)
    verdict = record.verdict if record else queries.verdict(cycle, known, clock.now()).to_json()
    said = verdict["lines"][-1]["params"]
    return {
        "base": row.base.organisation.slug,
        "region": cycle.region_code,
        "state": row.state.value,
        "recorded": record is not None,
        "score": said["score"],
        "grade": said["grade"],
        "pack": verdict["pack"],
        "tag": verdict["tag"],
        "judged_on": (record.judged_on if record else cycle.judged_on(clock.today())).isoformat(),
        "facts": record.facts if record else to_json(known),
        "verdict": verdict,
    }
