"""Modules that are loaded when they are first used: most processes never use the libraries that weigh most.

A name that stands for such a module is written so that type checkers, the laws of imports and readers see an import:

    if TYPE_CHECKING:
        import openpyxl
    else:
        openpyxl = lazily("openpyxl")

`importlib.util.LazyLoader` would do the same, but until Python 3.11.9 a second thread could see a module half loaded,
and it replaces the module for the whole process, libraries included. Here only the name that asks is late: loading is
an ordinary import, which waits for one that another thread has begun. What a process needs at once it loads at its
start; see `wsgi.served`.
"""

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module until one of its names is asked for, and shares the namespace of the module from then on."""

    __slots__ = ("__dict__", "_module_name")

    def __init__(self, module_name: str) -> None:
        self._module_name = module_name

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a module holds anything
        module = import_module(self._module_name)
        self.__dict__ = module.__dict__
        return getattr(module, name)


def lazily(module_name: str) -> Later:
    """Return what stands for a module by its full name until it is used; a module that is missing shows then."""
    return Later(module_name)
