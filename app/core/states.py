"""Lifecycles as tables of moves; about thirty lines walk them all."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from app.core.errors import ConflictError, Text
from app.core.text import _l

State = TypeVar("State", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Move(Generic[State]):
    """One allowed change of state: from where, to where, by whom."""

    name: str
    sources: frozenset[State]
    target: State
    permission: str | None
    label: Text


class Lifecycle(Generic[State]):
    """The moves of one kind of record, kept as a table."""

    def __init__(self, name: str, initial: State, moves: tuple[Move[State], ...]) -> None:
        self.name = name
        self.initial = initial
        self.moves = {move.name: move for move in moves}
        if len(self.moves) != len(moves):
            msg = f"two moves of {name} share a name"
            raise ValueError(msg)

    def move(self, record: Any, name: str, **columns: object) -> None:  # noqa: ANN401 - any model
        """Check the source state, then set the state and the columns that belong to it.

        Raises ConflictError where the record is no longer in a state the move starts from.
        """
        step = self.moves[name]
        if record.state not in step.sources:
            raise ConflictError(
                _l(
                    "“%(move)s” is no longer possible: the record has moved on. Reload to see where it is.",
                    move=step.label,
                )
            )
        record.state = step.target
        for column, value in columns.items():
            if not hasattr(type(record), column):
                msg = f"{type(record).__name__} has no column {column}"
                raise AttributeError(msg)
            setattr(record, column, value)

    def available(self, state: State) -> tuple[Move[State], ...]:
        """Return the moves that start from a state."""
        return tuple(move for move in self.moves.values() if state in move.sources)

    def diagram(self) -> str:
        """Draw the lifecycle in Mermaid for docs/states."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial.value}"]
        lines += [
            f"    {source.value} --> {move.target.value}: {move.name}"
            for move in self.moves.values()
            for source in sorted(move.sources)
        ]
        return "\n".join(lines) + "\n"
