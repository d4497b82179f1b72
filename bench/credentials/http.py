"""Verification by id, a CPU second and over HTTP, at a million certificates beside ten thousand, each on its server.

Every certificate is really signed and logged as the product does it; only the rows are put into the tables in bulk.
Both servers run in production mode as they are shipped, two workers of four threads, each on its own SQLite database;
requests alternate between the two, so that whatever else the machine does meets both. What is asked is
`POST /api/v1/verify` with the code of a certificate chosen at random, answered only where every check that must pass
passed. Before, the same check is made without a server: everything that the register, the status and the log are asked,
counted in CPU seconds of this process. Sizes come from BENCH_HTTP_SMALL, BENCH_HTTP_LARGE and BENCH_HTTP_REQUESTS.
"""

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from sqlalchemy import text

from app import create_app
from app.core import clock
from app.core.db import db, session
from app.credentials import queries, verification
from app.credentials.services import log
from bench.credentials import crowd, filling
from bench.figures import Figure, Figures
from scripts.processes import Installation, free_port

SMALL = int(os.environ.get("BENCH_HTTP_SMALL", "10000"))
LARGE = int(os.environ.get("BENCH_HTTP_LARGE", "1000000"))
REQUESTS = int(os.environ.get("BENCH_HTTP_REQUESTS", "1500"))
RUNS = 3
WARM_UP = 100
WHOLE = 500
OK = 200
MOST = 1.3


@dataclass(frozen=True)
class Filled:
    """A server over a filled database, the codes that can be asked for, and the whole checks a CPU second."""

    server: Installation
    codes: list[str]
    whole: float


def add(figures: Figures) -> None:
    """Fill both databases, start both servers and ask them in turn."""
    with tempfile.TemporaryDirectory(prefix="jijing-bench-") as name:
        folder = Path(name)
        filled = [_filled(folder, size) for size in (SMALL, LARGE)]
        for one in filled:
            one.server.__enter__()
        try:
            for one in filled:
                _ask(one, WARM_UP)
            runs = [_interleaved(*filled) for _run in range(RUNS)]
        finally:
            for one in filled:
                one.server.stop()
    small, large = (statistics.median(run[place] for run in runs) for place in (0, 1))
    figures.found["verify_whole_per_cpu_s"] = Figure(
        round(filled[0].whole, 1), "1/s", round(filled[1].whole, 1), f"at {LARGE} certificates"
    )
    figures.found["verify_http_ms_10k"] = Figure(round(small, 2), "ms")
    figures.found["verify_http_ms_1m"] = Figure(round(large, 2), "ms", round(small, 2), f"at {SMALL} certificates")
    figures.notes.append(
        f"http: medians of {RUNS} runs of {REQUESTS} verifications by id at {SMALL} and at {LARGE} certificates, "
        f"in turn; the larger took {large / small:.2f} times as long (at most {MOST} is asked)"
    )


def _interleaved(small: Filled, large: Filled) -> tuple[float, float]:
    """Ask both servers in turn and return the median of each in milliseconds."""
    with _line(small) as first, _line(large) as second:
        pairs = [(_asked(first, small), _asked(second, large)) for _one in range(REQUESTS)]
    return statistics.median(one for one, _two in pairs), statistics.median(two for _one, two in pairs)


@contextmanager
def _line(filled: Filled) -> Iterator[HTTPConnection]:
    line = HTTPConnection("127.0.0.1", filled.server.port, timeout=60)
    yield line
    line.close()


def _ask(filled: Filled, count: int) -> None:
    with _line(filled) as line:
        for _one in range(count):
            _asked(line, filled)


def _asked(line: HTTPConnection, filled: Filled) -> float:
    """Verify one certificate chosen at random and return the milliseconds; raises where it is not valid."""
    body = json.dumps({"q": random.choice(filled.codes)})
    began = time.perf_counter()
    line.request("POST", "/api/v1/verify", body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    said = answer.read()
    took = (time.perf_counter() - began) * 1000
    if answer.status != OK or not json.loads(said)["valid"]:
        msg = f"{answer.status}: {said[:500]!r}"
        raise RuntimeError(msg)
    return took


def _filled(folder: Path, size: int) -> Filled:
    port = free_port()
    site = crowd.site_in(folder, f"n{size}", port=port)
    app = create_app(site.settings)
    with app.app_context():
        codes = filling.issue(crowd.open_office(), size)
        log.seal()
        session.execute(text("ANALYZE"))
        whole = statistics.median(_whole(codes) for _run in range(RUNS))
        session.remove()
        db.engine.dispose()
    return Filled(Installation("127.0.0.1", port, site.environment), codes, whole)


def _whole(codes: list[str]) -> float:
    """Check certificates chosen at random as the site does, each from the database anew; return how many a CPU second.

    Proof, shape, authority, validity, register, status and log; raises where one is not valid.
    """
    started = time.process_time()
    for code in random.sample(codes, min(WHOLE, len(codes))):
        session.remove()
        if not verification.verify_certificate(queries.certificate(code), at=clock.now()).valid:
            msg = f"{code} is not valid"
            raise RuntimeError(msg)
    return min(WHOLE, len(codes)) / (time.process_time() - started)
