"""Certificates: issuing and verifying by the engine, on paper, and as batches; each part in a file of its own."""

from collections.abc import Callable

from bench.credentials import batch, engine, http, paper
from bench.figures import Figures

PARTS: tuple[Callable[[Figures], None], ...] = (engine.add, paper.add, batch.add, http.add)
"""Each part adds its figures, and the notes that explain them."""
PROMISED = (
    "issue_per_cpu_s",
    "verify_per_cpu_s",
    "pdf_cpu_ms",
    "batch_per_s",
    "batch_peak_mb",
    "verify_http_ms_10k",
    "verify_http_ms_1m",
)
"""The names by which others read the figures: more may be added, none may go."""


def run() -> Figures:
    """Take the figures of every part."""
    figures = Figures()
    for add in PARTS:
        add(figures)
    figures.broken += [f"no figure {name}" for name in PROMISED if name not in figures.found]
    return figures
