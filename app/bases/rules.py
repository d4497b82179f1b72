"""Whether a base is inspected on site before it is accredited; a rule pack of the authority says so."""

from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import Text
from app.core.text import _l

KIND = "base_inspection"


class InspectionRules(BaseModel):
    """Parameters of a rule pack of the kind `base_inspection`; `experts` are drawn at random."""

    model_config = ConfigDict(extra="forbid")

    required: bool
    experts: int = Field(ge=1, le=15)


def sentences(rules: InspectionRules) -> list[Text]:
    """Say the parameters in plain sentences."""
    if rules.required:
        return [_l("A base is accredited only after %(count)s drawn experts have inspected it.", count=rules.experts)]
    return [_l("An authority may have %(count)s drawn experts inspect a base first.", count=rules.experts)]
