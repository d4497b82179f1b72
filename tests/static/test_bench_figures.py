"""The benchmark of certificates keeps the names by which others read its figures."""

import pytest

from bench import credentials
from bench.credentials import engine
from bench.figures import Figure, Figures

pytestmark = pytest.mark.one_database


def test_the_engine_takes_the_figures_of_issuing_and_verifying(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in ("CREDENTIALS", "PEER_CREDENTIALS", "RAW"):
        monkeypatch.setattr(engine, size, 40)
    monkeypatch.setattr(engine, "NODE", None)
    figures = Figures()

    engine.add(figures)

    assert {"issue_per_cpu_s", "verify_per_cpu_s"} <= set(figures.found)
    assert figures.found["verify_per_cpu_s"].reference_is == "raw Ed25519 verifications"


@pytest.mark.parametrize("left_out", credentials.PROMISED)
def test_a_run_without_a_promised_figure_says_so(monkeypatch: pytest.MonkeyPatch, left_out: str) -> None:
    def add(figures: Figures) -> None:
        figures.found |= {name: Figure(1.0, "1/s") for name in credentials.PROMISED if name != left_out}

    monkeypatch.setattr(credentials, "PARTS", (add,))

    assert credentials.run().broken == [f"no figure {left_out}"]
