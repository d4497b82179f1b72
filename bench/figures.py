"""Figures of a benchmark: ours beside a reference taken in the same run, as a table and as JSON."""

import json
import os
import platform
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
RUNS = 3


@dataclass(frozen=True)
class Figure:
    """One measured value beside its reference, both in `unit`; a reference of 0 says that there is none."""

    value: float
    reference: float
    reference_is: str
    unit: str

    @property
    def ratio(self) -> float | None:
        """Ours divided by the reference."""
        return round(self.value / self.reference, 3) if self.reference else None

    def as_json(self) -> dict[str, float | str | None]:
        """The shape that readers of bench/results/ rely on."""
        return {
            "value": self.value,
            "reference": self.reference,
            "reference_is": self.reference_is,
            "ratio": self.ratio,
            "unit": self.unit,
        }


def interleaved(ours: Callable[[], float], reference: Callable[[], float], runs: int = RUNS) -> tuple[float, float]:
    """Take turns, so that a busy moment of the machine hits both, and return the two medians."""
    pairs = [(ours(), reference()) for _ in range(runs)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def table(figures: Mapping[str, Figure]) -> str:
    """One line a figure, for the terminal."""
    lines = [f"{'figure':32}{'value':>14}{'reference':>14}{'ratio':>9}  unit, reference is"]
    for name, one in figures.items():
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        lines.append(f"{name:32}{one.value:14.2f}{one.reference:14.2f}{ratio:>9}  {one.unit}, {one.reference_is}")
    return "\n".join(lines)


def write(name: str, figures: Mapping[str, Figure]) -> Path:
    """Write bench/results/<name>.json and return its path."""
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{name}.json"
    content = {"machine": machine(), "figures": {key: figure.as_json() for key, figure in figures.items()}}
    target.write_text(json.dumps(content, indent=2) + "\n")
    return target


def _processor() -> str:
    """The processor's own name, where the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
