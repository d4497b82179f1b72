"""Commands of the performance room: `mcdm`."""

import json
from pathlib import Path
from typing import Any

import click

from app.core.errors import DomainError, InvalidError
from app.core.text import _l
from app.performance.rules import mcdm, tables

METHODS = {"sum": mcdm.weighted_sum, "topsis": mcdm.topsis}
PLACES = 12


@click.command("mcdm")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--weights", required=True, type=click.Choice(["entropy", "ahp", "given"]), help="Where weights come from."
)
@click.option("--method", default="sum", type=click.Choice(list(METHODS)), help="How alternatives are scored.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def decide(path: Path, weights: str, method: str, *, as_json: bool) -> None:
    """Weigh and rank any decision matrix; with ahp the file is the pairwise matrix, whose things are ranked."""
    try:
        answer = _answer(_text(path), weights, method)
    except DomainError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from error
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
