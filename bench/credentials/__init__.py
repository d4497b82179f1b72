"""Certificates: issuing and verifying by the engine, on paper, and as batches; each part in a file of its own."""

from collections.abc import Callable

from bench.credentials import batch, engine, http, paper
from bench.figures import Figures

PARTS: tuple[Callable[[Figures], None], ...] = (engine.add, paper.add, batch.add, http.add)
"""Each part adds its figures, and the notes that explain them."""


def run() -> Figures:
    """Take the figures of every part."""
    figures = Figures()
    for add in PARTS:
        add(figures)
    return figures
