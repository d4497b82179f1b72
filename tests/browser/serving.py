"""The product on a port of this machine, for browsers."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[int]:
    """Serve an application on a port, a free one where none is named, and give the port."""
    server = make_server("127.0.0.1", port, _closed_by_itself(app), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _closed_by_itself(app: Flask) -> "WSGIApplication":
    """Let an answer close its file itself: where a browser goes away meanwhile, this server leaves it open."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        parts = app(environ, start_response)
        try:
            yield from parts
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer
