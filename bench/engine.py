"""A load generator that costs little: one process, one thread, non-blocking sockets, requests made beforehand.

It speaks just enough HTTP/1.1 for our own answers (Content-Length, keep-alive). Latency counts from when a request was
due, not from when a connection was free for it, so that a slow server cannot hide behind the generator.
"""

import heapq
import selectors
import socket
import statistics
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
READ = 65_536
IDLE_SECONDS = 0.05
PATIENCE_SECONDS = 15.0
PERCENT = 100


@dataclass(slots=True)
class Reply:
    """What came back: status 0 where the connection broke or nothing came in time; `took` in seconds since due."""

    status: int
    body: bytes
    head: bytes
    took: float


Then = Callable[[Reply], None]


@dataclass
class Outcome:
    """What a run measured."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def per_second(self) -> float:
        """Return how many requests were answered in a second."""
        return len(self.took) / self.seconds

    def p(self, percent: int) -> float:
        """Return a percentile of the latency in milliseconds."""
        return statistics.quantiles(self.took, n=PERCENT)[percent - 1] * 1000

    @property
    def failed(self) -> int:
        """Return how many were answered with an error or not at all."""
        return sum(number for status, number in self.statuses.items() if not 200 <= status < 400)  # noqa: PLR2004 - the classes of HTTP statuses that are no error


class _Line:
    """One connection with at most one request on the way; `turns` is how many it carried since it was opened."""

    __slots__ = ("buffer", "due", "request", "sent_at", "socket", "then", "turns", "wanted")

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.buffer = b""
        self.wanted = -1
        self.turns = 0
        self.then: Then | None = None
        self.request = b""
        self.due = self.sent_at = 0.0


class Engine:
    """Sends what is due over at most `lines` connections, all in turn, and hands each reply on.

    After `turns` requests a connection is opened anew, as those of browsers are that fall idle between two requests:
    else all of them would stay with the workers that were there when others were killed.
    """

    def __init__(self, port: int, lines: int, turns: int | None = None) -> None:
        self._turns = turns
        self._address = ("127.0.0.1", port)
        self._selector = selectors.EpollSelector()
        self._free = deque(_Line() for _one in range(lines))
        self._busy: set[_Line] = set()
        self._ready: deque[tuple[float, bytes, Then]] = deque()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self._looked_at = 0.0

    def now(self) -> float:
        """Return the engine's time in seconds."""
        return time.perf_counter()

    def send(self, request: bytes, then: Then, due: float | None = None) -> None:
        """Send a request as soon as a connection is free."""
        self._ready.append((due if due is not None else self.now(), request, then))

    def later(self, when: float, act: Callable[[], None]) -> None:
        """Do something at an instant of the engine's time."""
        heapq.heappush(self._later, (when, next(self._number), act))

    def run(self, until: Callable[[], bool]) -> None:
        """Work until the condition holds; it is asked after each round."""
        while not until():
            self._start_what_is_due()
            for key, _mask in self._selector.select(self._wait()):
                self._read(key.data)
            self._give_up_the_silent()

    def close(self) -> None:
        """Close every connection."""
        for line in (*self._free, *self._busy):
            self._drop(line)
        self._selector.close()

    def _wait(self) -> float:
        if self._ready and self._free:
            return 0.0
        if not self._later:
            return IDLE_SECONDS
        return min(IDLE_SECONDS, max(0.0, self._later[0][0] - self.now()))

    def _start_what_is_due(self) -> None:
        now = self.now()
        while self._later and self._later[0][0] <= now:
            heapq.heappop(self._later)[2]()
        while self._ready and self._free:
            line = self._free.popleft()
            line.due, line.request, line.then = self._ready.popleft()
            self._put(line)

    def _put(self, line: _Line) -> None:
        self._busy.add(line)
        line.sent_at = self.now()
        try:
            if line.turns == self._turns:
                self._drop(line)
            if line.socket is None:
                self._open(line)
            line.turns += 1
            assert line.socket is not None  # noqa: S101 - it was just opened
            line.socket.sendall(line.request)
        except OSError:
            self._finish(line, 0, b"", b"")

    def _open(self, line: _Line) -> None:
        line.socket = socket.create_connection(self._address, timeout=PATIENCE_SECONDS)
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.buffer, line.wanted, line.turns = b"", -1, 0
        self._selector.register(line.socket, selectors.EVENT_READ, line)

    def _read(self, line: _Line) -> None:
        assert line.socket is not None  # noqa: S101 - only open lines are registered
        try:
            data = line.socket.recv(READ)
        except OSError:
            data = b""
        if not data:
            self._broken(line)
            return
        line.buffer += data
        if line.wanted < 0:
            end = line.buffer.find(HEAD_END)
            if end < 0:
                return
            line.wanted = end + len(HEAD_END) + _length(line.buffer[:end])
        if len(line.buffer) >= line.wanted:
            head, _end, body = line.buffer[: line.wanted].partition(HEAD_END)
            line.buffer, line.wanted = b"", -1
            self._finish(line, int(head[9:12]), body, head)

    def _broken(self, line: _Line) -> None:
        self._drop(line)
        if line in self._busy:
            self._finish(line, 0, b"", b"")

    def _finish(self, line: _Line, status: int, body: bytes, head: bytes) -> None:
        if status == 0:
            self._drop(line)
        self._busy.discard(line)
        self._free.append(line)
        then, line.then = line.then, None
        if then is not None:
            then(Reply(status, body, head, self.now() - line.due))

    def _give_up_the_silent(self) -> None:
        now = self.now()
        if now - self._looked_at < 1:
            return
        self._looked_at = now
        for line in [one for one in self._busy if now - one.sent_at > PATIENCE_SECONDS]:
            self._finish(line, 0, b"", b"")

    def _drop(self, line: _Line) -> None:
        if line.socket is None:
            return
        self._selector.unregister(line.socket)
        line.socket.close()
        line.socket = None


def _length(head: bytes) -> int:
    place = head.lower().find(LENGTH)
    if place < 0:
        return 0
    return int(head[place + len(LENGTH) :].split(b"\r", 1)[0])


def closed_loop(port: int, streams: Sequence[Iterator[bytes]], number: int) -> Outcome:
    """Send `number` requests, each stream over a connection of its own, the next when the last is answered."""
    engine, outcome, open_streams = Engine(port, len(streams)), Outcome(), len(streams)
    left = number

    def follow(stream: Iterator[bytes]) -> None:
        nonlocal left, open_streams
        request = next(stream, None) if left > 0 else None
        if request is None:
            open_streams -= 1
            return
        left -= 1
        engine.send(request, lambda reply: answered(stream, reply))

    def answered(stream: Iterator[bytes], reply: Reply) -> None:
        outcome.took.append(reply.took)
        outcome.statuses[reply.status] += 1
        follow(stream)

    def begin() -> None:
        for stream in streams:
            follow(stream)

    return _timed(engine, outcome, begin, lambda: open_streams == 0)


def open_loop(port: int, schedule: Sequence[tuple[float, bytes, bool]], lines: int) -> Outcome:
    """Send each request at its second, whatever the server does; only those marked True are measured."""
    engine, outcome, waiting = Engine(port, lines), Outcome(), len(schedule)

    def send(due: float, request: bytes, *, measured: bool) -> None:
        def answered(reply: Reply) -> None:
            nonlocal waiting
            waiting -= 1
            outcome.statuses[reply.status] += 1
            if measured:
                outcome.took.append(reply.took)

        engine.send(request, answered, due)

    def begin() -> None:
        start = engine.now() + 0.2
        for second, request, measured in schedule:
            due = start + second
            engine.later(due, lambda due=due, request=request, measured=measured: send(due, request, measured=measured))  # type: ignore[misc]

    return _timed(engine, outcome, begin, lambda: waiting == 0)


def _timed(engine: Engine, outcome: Outcome, begin: Callable[[], object], until: Callable[[], bool]) -> Outcome:
    cpu, clock = time.process_time(), time.perf_counter()
    begin()
    engine.run(until)
    outcome.seconds = time.perf_counter() - clock
    outcome.cpu = time.process_time() - cpu
    engine.close()
    return outcome
