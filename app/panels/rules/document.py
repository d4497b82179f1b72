"""The record of a draw as a file: every input and output, and the check that they belong together."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.errors import InvalidError
from app.core.text import _l
from app.panels.rules.draw import (
    FORMAT,
    Revealed,
    commitment,
    drawn,
    next_substitute,
    population_digest,
    seed_of,
    takers,
)
from app.panels.rules.quotas import Candidate, Quotas


class Share(BaseModel):
    """One person's share of the seed."""

    model_config = ConfigDict(extra="forbid")

    person: str
    office: bool
    commitment: str
    secret: str


class Late(BaseModel):
    """A recusal after the draw, in the order in which it happened; `by` is who took the seat, if it was one."""

    model_config = ConfigDict(extra="forbid")

    code: str
    by: str | None


class Return(BaseModel):
    """Somebody who was not recused after all and is back in the order; `seated` took seats that had stood empty."""

    model_config = ConfigDict(extra="forbid")

    code: str
    seated: list[str]


class DrawFile(BaseModel):
    """Everything that a draw was made of and what came out."""

    model_config = ConfigDict(extra="forbid")

    format: str
    panel: str
    attempt: int
    seats: int = Field(ge=1)
    per_unit: int = Field(ge=1)
    regions: int = Field(ge=1)
    population: list[tuple[str, str, str]]
    population_sha256: str
    shares: list[Share]
    seed: str
    order: list[str]
    seated: list[str]
    recusals: list[Late | Return]


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of a recomputation: its name and whether it is equal."""

    name: str
    equal: bool


def read_draw(data: Any) -> DrawFile:  # noqa: ANN401 - whatever a file holds
    """Return the record of a draw; raises InvalidError where the file is none."""
    try:
        found = DrawFile.model_validate(data)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise InvalidError(
            _l("This is not the record of a draw: look at “%(place)s”. Download it again.", place=place), field="file"
        ) from error
    if found.format != FORMAT:
        raise InvalidError(_l("This record has another format than “%(format)s”.", format=FORMAT), field="file")
    return found


def recompute(file: DrawFile) -> list[Check]:
    """Compute the draw anew from its inputs and compare every step."""
    population = [Candidate(*one) for one in file.population]
    shares = [Revealed(one.commitment, one.secret) for one in file.shares]
    quotas = Quotas(file.seats, file.per_unit, file.regions)
    digest = population_digest(population)
    seed = seed_of(file.panel, digest, shares)
    order, seated = drawn(population, quotas, seed)
    bound = [commitment(file.panel, one.person, one.secret) == one.commitment for one in file.shares]
    return [
        Check("commitments", bool(bound) and all(bound)),
        Check("population", digest == file.population_sha256),
        Check("seed", seed.hex() == file.seed),
        Check("order", [one.code for one in order] == file.order),
        Check("panel", [one.code for one in seated] == file.seated),
        Check("replacements", _replayed(order, seated, file.recusals, quotas)),
    ]


def _replayed(order: list[Candidate], seated: list[Candidate], recusals: list[Late | Return], quotas: Quotas) -> bool:
    out: list[str] = []
    for one in recusals:
        if isinstance(one, Return):
            if one.code not in out:
                return False
            out.remove(one.code)
            taking = takers(order, seated, out, quotas)
            if [taker.code for taker in taking] != one.seated:
                return False
            seated = [*seated, *taking]
            continue
        out.append(one.code)
        if one.code not in {member.code for member in seated}:
            if one.by is not None:
                return False
            continue
        seated = [member for member in seated if member.code != one.code]
        following = next_substitute(order, seated, out, quotas)
        if one.by != (following.code if following else None):
            return False
        seated += [following] if following else []
    return True
