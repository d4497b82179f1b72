"""Preparing, linting, deciding, storing, signing, logging, drawing, publishing and telling never share a function."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import credentials

ROOM = Path(credentials.__file__).parent
STEPS: dict[str, tuple[str, ...]] = {
    "prepare": ("batches.prepare_batch",),
    "lint": ("batches.lint_batch", "linting.look", "linting.keep", "linting.look_again", "linting.keep_again"),
    "decide": ("deciding.approve_batch", "deciding.reject_batch", "deciding.leave_out_faults"),
    "store": ("storing.draft", "storing.store"),
    "sign": ("signing.sign", "signing.sign_next", "signing.keep"),
    "log": ("log.next_unlogged", "log.keep"),
    "render": ("rendering.keep",),
    "publish": ("publishing.publish", "publishing.publish_next", "publishing.keep"),
    "notify": ("notifying.next_untold", "notifying.tell"),
}
STEP_OF = {act: step for step, acts in STEPS.items() for act in acts}


def functions() -> Iterator[tuple[str, ast.Module, ast.FunctionDef]]:
    """Yield every function of the services and jobs of certificates, with its module and its name within the room."""
    for path in sorted([*(ROOM / "services").glob("*.py"), ROOM / "jobs.py"]):
        module = ast.parse(path.read_text("utf-8"))
        for one in ast.walk(module):
            if isinstance(one, ast.FunctionDef):
                yield f"{path.stem}.{one.name}", module, one


def imported(module: ast.Module) -> dict[str, str]:
    """Return what a module calls acts by: the names that it imports from the services, as they are named there."""
    prefix = "app.credentials.services."
    return {
        name.asname or name.name: f"{one.module.removeprefix(prefix)}.{name.name}"
        for one in ast.walk(module)
        if isinstance(one, ast.ImportFrom) and one.module and one.module.startswith(prefix)
        for name in one.names
    }


def steps_in(name: str, module: ast.Module, function: ast.FunctionDef) -> set[str]:
    """Return the steps that a function is or calls."""
    own, known = name.partition(".")[0], imported(module)
    called = {name}
    for one in ast.walk(function):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            called.add(f"{one.value.id}.{one.attr}")
        elif isinstance(one, ast.Name):
            called.add(known.get(one.id, f"{own}.{one.id}"))
    return {STEP_OF[act] for act in called & STEP_OF.keys()}


def test_no_function_takes_two_steps() -> None:
    found = {name: steps_in(name, module, one) for name, module, one in functions()}

    assert {name for name, steps in found.items() if len(steps) > 1} == set()
    assert set(STEP_OF) <= set(found), "a step was renamed"


@pytest.mark.parametrize(
    "body",
    ["batches.prepare_batch(); deciding.approve_batch()", "draft(); signing.sign()", "publish(); storing.store()"],
)
def test_one_that_takes_two_would_be_seen(body: str) -> None:
    source = f"from app.credentials.services.publishing import publish\ndef act():\n    {body}"
    module = ast.parse(source)
    [function] = [one for one in ast.walk(module) if isinstance(one, ast.FunctionDef)]

    assert len(steps_in("storing.act", module, function)) == 2
