"""Whether a base is inspected on site before it is accredited; a rule pack of the authority says so."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import Text
from app.core.text import _l
from app.rulebook.kinds import Label

KIND = "base_inspection"


class InspectionRules(BaseModel):
    """Parameters of a rule pack of the kind `base_inspection`; `experts` are drawn at random."""

    model_config = ConfigDict(extra="forbid")

    required: Annotated[bool, Label(_l("A base is inspected before it is accredited"))]
    experts: Annotated[int, Label(_l("Experts drawn for an inspection"), unit=_l("persons"))] = Field(ge=1, le=15)


def sentences(rules: InspectionRules) -> list[Text]:
    """Say the parameters in plain sentences."""
    if rules.required:
        return [_l("A base is accredited only after %(count)s drawn experts have inspected it.", count=rules.experts)]
    return [_l("An authority may have %(count)s drawn experts inspect a base first.", count=rules.experts)]
