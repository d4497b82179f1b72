"""What a room declares of a kind of rule: typed parameters, read out in plain sentences."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.core.errors import Text


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A kind of rule pack: its parameters as a model, and the sentences that say them."""

    name: str
    label: Text
    model: type[BaseModel]
    sentences: Callable[[Any], list[Text]]
