"""A module stood for by its name is loaded when it is used, whole, and by one thread."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from app.core.lazily import lazily

pytestmark = pytest.mark.one_database

NAME = "stood_for"


@pytest.fixture(name="written")
def _written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of a few lines, forgotten again after the test."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, NAME, sys)
    monkeypatch.delitem(sys.modules, NAME)
    path = tmp_path / f"{NAME}.py"
    path.write_text("answer = 42\ndef asked(): return answer\n")
    return path


@pytest.mark.usefixtures("written")
def test_a_module_is_loaded_when_one_of_its_names_is_asked_for() -> None:
    late = lazily(NAME)

    assert NAME not in sys.modules
    assert late.answer == 42
    assert NAME in sys.modules


@pytest.mark.usefixtures("written")
def test_what_is_set_on_the_module_or_on_its_name_is_set_on_both() -> None:
    late = lazily(NAME)
    assert late.asked() == 42
    module = sys.modules[NAME]

    module.answer = 43  # type: ignore[attr-defined]
    assert late.answer == late.asked() == 43
    late.answer = 44  # type: ignore[attr-defined]  # as one sets a name of a module
    assert module.asked() == 44


@pytest.mark.usefixtures("written")
def test_a_name_that_a_module_does_not_hold_is_refused_as_the_module_refuses_it() -> None:
    late = lazily(NAME)

    for _again in range(2):
        with pytest.raises(AttributeError, match=f"module '{NAME}' has no attribute 'question'"):
            _ = late.question


def test_a_missing_module_shows_when_it_is_used() -> None:
    late = lazily("no_such_module_of_ours")

    with pytest.raises(ModuleNotFoundError, match="no_such_module_of_ours"):
        _ = late.answer


def test_threads_that_ask_at_once_each_see_the_whole_module(written: Path) -> None:
    begun, allowed = Event(), Event()
    sys.begun, sys.allowed = begun, allowed  # type: ignore[attr-defined]  # what the module waits for while it loads
    written.write_text("import sys\nfirst = 1\nsys.begun.set()\nsys.allowed.wait(60)\nlast = 2\n")
    late = lazily(NAME)

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(lambda: (late.first, late.last))
        assert begun.wait(60)
        other = threads.submit(lambda: (late.last, late.first))
        allowed.set()

        assert one.result(60) == (1, 2)
        assert other.result(60) == (2, 1)
    del sys.begun, sys.allowed  # type: ignore[attr-defined]
