"""Lifecycles: a move starts from its sources only and sets its columns."""

from enum import StrEnum

import pytest

from app.core.errors import ConflictError
from app.core.states import Lifecycle, Move


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


LIGHT = Lifecycle[Light](
    "light",
    Light.RED,
    (
        Move("go", frozenset({Light.RED}), Light.GREEN, "light.go", "Go"),
        Move("stop", frozenset({Light.GREEN}), Light.RED, None, "Stop"),
    ),
)


class Lamp:
    state = Light.RED
    by: int | None = None


@pytest.mark.usefixtures("app")
def test_a_move_sets_the_state_and_its_columns() -> None:
    lamp = Lamp()

    LIGHT.move(lamp, "go", by=7)

    assert (lamp.state, lamp.by) == (Light.GREEN, 7)


@pytest.mark.usefixtures("app")
def test_a_move_from_another_state_is_a_conflict_that_names_the_move() -> None:
    lamp = Lamp()

    with pytest.raises(ConflictError, match="Stop"):
        LIGHT.move(lamp, "stop")
    assert lamp.state is Light.RED


@pytest.mark.usefixtures("app")
def test_a_move_cannot_set_a_column_that_does_not_exist() -> None:
    with pytest.raises(AttributeError, match="colour"):
        LIGHT.move(Lamp(), "go", colour="green")


def test_available_moves_are_those_that_start_here() -> None:
    assert [move.name for move in LIGHT.available(Light.GREEN)] == ["stop"]


def test_two_moves_may_not_share_a_name() -> None:
    move = Move("go", frozenset({Light.RED}), Light.GREEN, None, "Go")

    with pytest.raises(ValueError, match="share a name"):
        Lifecycle("light", Light.RED, (move, move))


def test_the_diagram_draws_every_move() -> None:
    diagram = LIGHT.diagram()

    assert "[*] --> red" in diagram
    assert "red --> green: go" in diagram
    assert "green --> red: stop" in diagram
