"""Named points at which a process can be made to die as a power cut would: for tests and benchmarks only.

FAILPOINT names one point, with `:3` the third time it is reached. Production refuses to start with it set.
"""

import os
import signal
from collections import Counter

from app.core.config import settings

_reached: Counter[str] = Counter()


def reach(name: str) -> None:
    """Die here with SIGKILL where the settings name this point; otherwise do nothing."""
    wanted = settings().failpoint
    if not wanted:
        return
    point, _colon, times = wanted.partition(":")
    if point != name:
        return
    _reached[name] += 1
    if _reached[name] >= int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
