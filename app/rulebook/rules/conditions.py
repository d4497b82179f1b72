"""The kind `criteria`: conditions of recognition, a named tree for a purpose, level and series."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.core.text import _l
from app.rulebook.facts import Facts
from app.rulebook.kinds import Binding, Label
from app.rulebook.rules import evaluating
from app.rulebook.rules.criteria import Node
from app.rulebook.verdicts import Verdict


class Conditions(BaseModel):
    """Parameters of a rule pack of the kind `criteria`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose_zh: Annotated[str, Label(_l("Purpose (Chinese)"), _l("What is recognised, such as a title."))] = Field(
        min_length=1, max_length=100
    )
    purpose_en: Annotated[str, Label(_l("Purpose (English)"))] = Field(min_length=1, max_length=100)
    level: Annotated[str, Label(_l("Level"), _l("A short code, such as associate_senior."))] = Field(
        pattern=r"^[a-z][a-z0-9_-]{0,39}$"
    )
    series: Annotated[str, Label(_l("Series"), _l("A short code, such as natural_science."))] = Field(
        pattern=r"^[a-z][a-z0-9_-]{0,39}$"
    )
    tree: Annotated[Node, Label(_l("Conditions"))]


def judge(params: Conditions, facts: Facts, on: date, binding: Binding) -> Verdict:
    """Judge facts under the tree of a pack on a day."""
    return evaluating.judge(params.tree, facts, on, binding)
