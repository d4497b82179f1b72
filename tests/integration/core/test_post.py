"""Mail and short messages: one key is one message, nothing is smuggled in, no transaction waits for the network."""

import email.policy
import json
import socketserver
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from pydantic import SecretStr

from app.core import clock, events, jobs, post
from app.core.db import session, unit_of_work, writing
from app.core.errors import InvalidError, UnavailableError
from app.core.events import Event, Outbox, Subject
from app.core.post import Letter, Outcome, ShortMessage, send
from app.core.room import Room, Subscriber

LETTER = Letter("zhou@demo.example", "登录提醒", "您的账号刚刚登录。\n如非本人操作，请修改密码。", "event-1")
TEXT = ShortMessage("+8613800138000", "验证码123456", "event-1")
Ways = Callable[..., None]


@pytest.fixture(name="ways")
def _ways(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Ways:
    """Give a way to set MAIL_URL and SMS_URL."""

    def point(**urls: str | None) -> None:
        for name, url in urls.items():
            monkeypatch.setattr(app.extensions["settings"], name, SecretStr(url) if url else None)

    return point


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that offers no encryption, and keeps what it is told."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Postman)
        self.said: list[str] = []
        self.mails: list[bytes] = []
        self.refuses = ""

    def handle_error(self, *_given: object) -> None:
        """Say nothing of callers that hang up, as those do who wanted it encrypted."""


class _Postman(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline().decode("latin-1").strip():
            self.server.said.append(line)
            self.wfile.write(self._answer(line.split()[0].upper()))
            if line.upper() == "QUIT":
                return

    def _answer(self, verb: str) -> bytes:
        if verb == self.server.refuses:
            return b"550 zhou@demo.example is unknown here\r\n"
        if verb == "DATA":
            self.wfile.write(b"354 go on\r\n")
            lines = iter(self.rfile.readline, b".\r\n")
            self.server.mails.append(b"".join(lines))
        return {"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n", "AUTH": b"235 welcome\r\n"}.get(verb, b"250 fine\r\n")


@pytest.fixture(name="mailbox")
def _mailbox() -> Iterator[Mailbox]:
    yield from _served(Mailbox())


def _served(server: Any) -> Iterator[Any]:  # noqa: ANN401 - either kind of server
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Gateway(HTTPServer):
    """A gateway for short messages that answers with one status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Clerk)
        self.status = 200
        self.taken: list[tuple[dict[str, str], dict[str, str]]] = []


class _Clerk(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(name="gateway")
def _gateway() -> Iterator[Gateway]:
    yield from _served(Gateway())


def address(server: socketserver.TCPServer) -> str:
    return f"127.0.0.1:{server.server_address[1]}"


def read(raw: bytes) -> Any:  # noqa: ANN401 - a mail of the newer policy
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_without_a_transport_nothing_is_sent_and_send_says_so(ways: Ways) -> None:
    ways(mail_url=None, sms_url=None)

    assert [send(LETTER), send(TEXT)] == [Outcome.NOT_SET_UP, Outcome.NOT_SET_UP]

    assert not post.can_send(Letter)
    assert not post.can_send(ShortMessage)
    assert post.in_memory() == []


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("message", [LETTER, TEXT])
def test_a_key_in_memory_is_one_message(message: post.Message) -> None:
    assert [send(message), send(message)] == [Outcome.SENT, Outcome.SENT_BEFORE]

    assert post.in_memory() == [message]
    assert post.can_send(type(message))


def test_a_key_in_a_folder_is_one_file_that_mail_programs_read(ways: Ways, tmp_path: Path) -> None:
    ways(mail_url=f"file:{tmp_path}/out")

    assert [send(LETTER), send(LETTER)] == [Outcome.SENT, Outcome.SENT_BEFORE]

    (written,) = (tmp_path / "out").iterdir()
    mail = read(written.read_bytes())
    assert written.suffix == ".eml"
    assert (mail["To"], mail["Subject"], mail["From"]) == (LETTER.to, LETTER.subject, "no-reply@localhost")
    assert mail.get_content().replace("\r\n", "\n").strip() == LETTER.body
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_short_message_in_a_folder_is_json(ways: Ways, tmp_path: Path) -> None:
    ways(sms_url=f"file:{tmp_path}")

    assert [send(TEXT), send(TEXT)] == [Outcome.SENT, Outcome.SENT_BEFORE]

    (written,) = tmp_path.iterdir()
    assert json.loads(written.read_text("utf-8")) == {"to": TEXT.to, "body": TEXT.body, "key": TEXT.key}


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "message",
    [
        Letter("zhou@demo.example\r\nBcc: all@demo.example", "Hello", "", "1"),
        Letter("zhou@demo.example", "Hello\nBcc: all@demo.example", "", "1"),
        Letter("zhou@demo.example", "Hello\u2028there", "", "1"),
        Letter("zhou@demo.example, all@demo.example", "Hello", "", "1"),
        Letter("zhou@", "Hello", "", "1"),
        Letter("", "Hello", "", "1"),
        ShortMessage("13800138000", "Hello", "1"),
        ShortMessage("+8613800138000\n", "Hello", "1"),
    ],
)
def test_nothing_is_smuggled_into_headers_or_to_a_second_recipient(message: post.Message) -> None:
    with pytest.raises(InvalidError):
        send(message)

    assert post.in_memory() == []


def test_smtp_carries_the_letter_under_a_message_id_of_its_key(ways: Ways, mailbox: Mailbox) -> None:
    ways(mail_url=f"smtp://{address(mailbox)}?from=post@jijing.example")

    assert [send(LETTER), send(LETTER)] == [Outcome.SENT, Outcome.SENT]

    first, second = (read(raw) for raw in mailbox.mails)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["From"] == "post@jijing.example"
    assert first["Subject"] == LETTER.subject
    assert not any(line.startswith("AUTH") for line in mailbox.said)


def test_a_password_for_a_server_on_this_machine_is_shown_to_it(ways: Ways, mailbox: Mailbox) -> None:
    ways(mail_url=f"smtp://post%40jijing.example:se%3Acret@{address(mailbox)}")

    send(LETTER)

    shown = b64encode(b"\0post@jijing.example\0se:cret").decode()
    assert f"AUTH PLAIN {shown}" in mailbox.said
    assert read(mailbox.mails[0])["From"] == "post@jijing.example"


def test_a_password_is_never_sent_in_the_clear_over_the_network(
    ways: Ways, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "OWN_MACHINE", frozenset())
    ways(mail_url=f"smtp://user:secret@{address(mailbox)}")

    with pytest.raises(UnavailableError):
        send(LETTER)

    assert not any(line.startswith("AUTH") for line in mailbox.said)


def test_a_server_that_speaks_no_tls_is_refused_where_tls_was_asked_for(ways: Ways, mailbox: Mailbox) -> None:
    ways(mail_url=f"smtps://{address(mailbox)}")

    with pytest.raises(UnavailableError):
        send(LETTER)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_what_the_server_refuses_is_tried_again_and_names_nobody(ways: Ways, mailbox: Mailbox, verb: str) -> None:
    mailbox.refuses = verb
    ways(mail_url=f"smtp://{address(mailbox)}")

    with pytest.raises(UnavailableError) as refused:
        send(LETTER)

    assert "zhou" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_smtp_is_for_letters(ways: Ways) -> None:
    ways(mail_url="smtp://127.0.0.1:9")
    with pytest.raises(TypeError):
        post._by_smtp(TEXT, urlsplit("smtp://127.0.0.1:9"))


def test_a_gateway_gets_the_message_with_its_key_and_who_asks(ways: Ways, gateway: Gateway) -> None:
    ways(sms_url=f"http://jijing:se%3Acret@{address(gateway)}/send?app=1")

    assert send(TEXT) is Outcome.SENT

    headers, body = gateway.taken[0]
    assert body == {"to": TEXT.to, "body": TEXT.body, "key": TEXT.key}
    assert headers["Authorization"] == f"Basic {b64encode(b'jijing:se:cret').decode()}"
    assert headers["Idempotency-Key"]


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_gateway_that_does_not_take_it_is_asked_again(ways: Ways, gateway: Gateway, status: int) -> None:
    gateway.status = status
    ways(sms_url=f"http://{address(gateway)}/")

    with pytest.raises(UnavailableError):
        send(TEXT)

    assert len(gateway.taken) == 1


def test_a_gateway_that_is_away_is_asked_again(ways: Ways, gateway: Gateway) -> None:
    ways(sms_url="http://127.0.0.1:1/")

    with pytest.raises(UnavailableError):
        send(TEXT)

    assert gateway.taken == []


@pytest.mark.usefixtures("app")
def test_nothing_is_sent_inside_of_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="unit of work"), unit_of_work():
        send(LETTER)

    assert post.in_memory() == []


@pytest.fixture(name="tried")
def _tried(app: Flask) -> Iterator[list[bool]]:
    """A room whose subscriber sends outside; what is listed says whether a transaction was open."""
    tried: list[bool] = []
    listed = app.extensions["rooms"]

    def tell(happened: Event) -> None:
        tried.append(writing())
        send(Letter(LETTER.to, LETTER.subject, happened.kind, happened.code))
        if len(tried) == 1:
            raise ZeroDivisionError

    room = Room(name="test", subscribers=(Subscriber("test.told", "test.tell", tell, outside=True),))
    app.extensions["rooms"] = (*listed, room)
    yield tried
    app.extensions["rooms"] = listed


def test_an_outside_subscriber_has_no_transaction_and_a_second_try_sends_nothing_twice(tried: list[bool]) -> None:
    with unit_of_work():
        events.record("test.told", Subject("thing", "t1"), by=None, at=clock.now())

    jobs.work()
    row = session.scalars(session.query(Outbox).statement).one()
    assert (row.done_at, row.attempts) == (None, 1)
    with unit_of_work():
        session.get_one(Outbox, row.id).due_at = clock.real_now()
    jobs.work()

    session.rollback()
    assert tried == [False, False]
    assert len(post.in_memory()) == 1
    assert session.get_one(Outbox, row.id).done_at is not None


def test_a_row_that_is_being_delivered_is_leased_so_that_no_other_runner_takes_it(app: Flask) -> None:
    seen: list[int] = []
    listed = app.extensions["rooms"]

    def look(_event: Event) -> None:
        seen.append(jobs.work())

    room = Room(name="test", subscribers=(Subscriber("test.told", "test.look", look, outside=True),))
    app.extensions["rooms"] = (*listed, room)
    try:
        with unit_of_work():
            events.record("test.told", Subject("thing", "t1"), by=None, at=clock.now())
        assert jobs.work() == 1
    finally:
        app.extensions["rooms"] = listed
    assert seen == [0]
