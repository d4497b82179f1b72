"""What an authority sets for sessions of one level on several papers; part of the `exam` pack."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from app.core.errors import Text
from app.core.text import _l
from app.rulebook.kinds import Label


class EquatingRule(BaseModel):
    """Whether scores of several papers need one scale. What stands where a pack is silent is a sample, no law."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    required: Annotated[
        bool,
        Label(
            _l("Scores of another paper are converted before release"),
            _l("Where sessions of the level sit several papers, two examiners decide on one scale first."),
        ),
    ] = False


def sentences(rule: EquatingRule, level: Text) -> list[Text]:
    """Say the parameters in plain sentences."""
    if rule.required:
        return [
            _l(
                "Level %(level)s: results of a session on another paper than an earlier one are released only once two "
                "examiners have decided how its scores count on the scale of the earlier paper.",
                level=level,
            )
        ]
    return [_l("Level %(level)s: scores of several papers need not be brought onto one scale.", level=level)]
