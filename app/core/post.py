"""Mail and short messages behind one `send`; which way they go is said by MAIL_URL and SMS_URL.

Called from outbox subscribers declared `outside`: nothing waits for the network in a transaction.
"""

import json
import os
import re
import smtplib
import ssl
import tempfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from enum import StrEnum
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from types import MappingProxyType
from urllib.error import URLError
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from app.core import clock
from app.core.config import settings
from app.core.db import end_read, writing
from app.core.errors import InvalidError, UnavailableError
from app.core.text import _l

TIMEOUT_SECONDS = 10
SMTP_PORT = 587
SMTPS_PORT = 465
TELEPHONE = re.compile(r"\+[1-9][0-9]{6,14}")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in plain text to one address; the same `key` is one letter, however often it is sent."""

    to: str
    subject: str
    body: str
    key: str


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """A text to one telephone, written as `+8613800138000`; the same `key` is one message."""

    to: str
    body: str
    key: str


class Outcome(StrEnum):
    """What became of a message: on its way, sent before under the same key, or no transport is set up."""

    SENT = "sent"
    SENT_BEFORE = "sent_before"
    NOT_SET_UP = "not_set_up"


Message = Letter | ShortMessage
Transport = Callable[[Message, SplitResult], Outcome]
_memory: dict[str, Message] = {}


def send(message: Message) -> Outcome:
    """Send a letter or a short message; wait for the network outside of any transaction.

    Raises InvalidError for an address or subject that could smuggle in a header, UnavailableError
    where the transport does not take it now, RuntimeError inside of a unit of work.
    """
    if writing():
        msg = "a message was sent inside of a unit of work: declare its subscriber outside"
        raise RuntimeError(msg)
    _refuse_smuggling(message)
    end_read()
    is_letter = isinstance(message, Letter)
    url = settings().mail_url if is_letter else settings().sms_url
    if url is None:
        return Outcome.NOT_SET_UP
    way = urlsplit(url.get_secret_value())
    transports = LETTER_TRANSPORTS if is_letter else SHORT_TRANSPORTS
    return transports[way.scheme](message, way)


def can_send(kind: type[Message]) -> bool:
    """Tell whether a transport is set up for letters or for short messages."""
    return (settings().mail_url if kind is Letter else settings().sms_url) is not None


def in_memory() -> list[Message]:
    """Return what the `memory:` transport took since it was last emptied, the oldest first."""
    return list(_memory.values())


def empty_memory() -> None:
    """Forget what the `memory:` transport took."""
    _memory.clear()


def _refuse_smuggling(message: Message) -> None:
    subject = message.subject if isinstance(message, Letter) else ""
    if CONTROL.search(message.to + subject):
        raise InvalidError(_l("An address or a subject holds a line break. Correct it, then send again."), field="to")
    if not _is_one_address(message):
        raise InvalidError(_l("This is not the address of one recipient. Correct it, then send again."), field="to")


def _is_one_address(message: Message) -> bool:
    if isinstance(message, ShortMessage):
        return TELEPHONE.fullmatch(message.to) is not None
    try:
        address = Address(addr_spec=message.to)
    except (ValueError, IndexError):
        return False
    return bool(address.username and address.domain)


def _into_memory(message: Message, way: SplitResult) -> Outcome:
    del way
    if message.key in _memory:
        return Outcome.SENT_BEFORE
    _memory[message.key] = message
    return Outcome.SENT


def _into_folder(message: Message, way: SplitResult) -> Outcome:
    """Write a file named by the digest of the key; it is there as a whole or not at all."""
    folder = Path(unquote(way.path))
    folder.mkdir(parents=True, exist_ok=True)
    is_letter = isinstance(message, Letter)
    target = folder / f"{_digest(message.key)}.{'eml' if is_letter else 'json'}"
    content = _as_mail(message, way).as_bytes() if isinstance(message, Letter) else _as_json(message)
    descriptor, part = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.link(part, target)
    except FileExistsError:
        return Outcome.SENT_BEFORE
    finally:
        Path(part).unlink()
    return Outcome.SENT


def _by_smtp(message: Message, way: SplitResult) -> Outcome:
    if not isinstance(message, Letter):
        msg = "SMTP carries letters only"
        raise TypeError(msg)
    mail = _as_mail(message, way)
    try:
        server = _connected(way)
        try:
            server.send_message(mail)
            with suppress(OSError, smtplib.SMTPException):  # it has the letter; how it says goodbye is no matter
                server.quit()
        finally:
            server.close()
    except (OSError, smtplib.SMTPException):
        raise _unreachable() from None  # what the server said may hold the address, so it is not kept
    return Outcome.SENT


def _connected(way: SplitResult) -> smtplib.SMTP:
    """Return a server that knows us; a password travels encrypted or within the machine only."""
    host, context = way.hostname or "localhost", ssl.create_default_context()
    if way.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, way.port or SMTPS_PORT, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, way.port or SMTP_PORT, timeout=TIMEOUT_SECONDS)
    try:
        _introduce(server, way, context)
    except BaseException:
        server.close()
        raise
    return server


def _introduce(server: smtplib.SMTP, way: SplitResult, context: ssl.SSLContext) -> None:
    server.ehlo()
    sealed = way.scheme == "smtps"
    if not sealed and server.has_extn("starttls"):
        server.starttls(context=context)
        server.ehlo()
        sealed = True
    if not way.username:
        return
    if not sealed and way.hostname not in OWN_MACHINE:
        raise smtplib.SMTPNotSupportedError
    server.login(unquote(way.username), unquote(way.password or ""))


def _by_gateway(message: Message, way: SplitResult) -> Outcome:
    """Post JSON `{"to", "body", "key"}`; name and password of the URL go as basic authorisation."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": _digest(message.key)}
    if way.username:
        pair = f"{unquote(way.username)}:{unquote(way.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    address = way._replace(netloc=way.netloc.rpartition("@")[2]).geturl()
    request = Request(address, _as_json(message), headers, method="POST")  # noqa: S310 - the scheme is checked at start
    try:
        with _opener().open(request, timeout=TIMEOUT_SECONDS) as answer:
            status = answer.status
    except (URLError, OSError, HTTPException):
        raise _unreachable() from None
    if not 200 <= status < 300:  # noqa: PLR2004 - the success class of HTTP; a redirect is not followed
        raise _unreachable()
    return Outcome.SENT


def _opener() -> OpenerDirector:
    """Return an opener that follows no redirect: a message goes where the setting says or nowhere."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    return opener


def _as_mail(letter: Letter, way: SplitResult) -> EmailMessage:
    sender = _sender(way)
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"] = sender
    mail["To"] = letter.to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(clock.real_now())
    mail["Message-ID"] = f"<{_digest(letter.key)}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body, charset="utf-8", cte="base64")
    return mail


def _sender(way: SplitResult) -> str:
    """Return who a letter is from: `?from=` of MAIL_URL, else its user, else no-reply at PUBLIC_URL."""
    given = parse_qs(way.query).get("from", [unquote(way.username or "")])[0]
    host = urlsplit(settings().public_url).hostname or "localhost"
    return given if "@" in given else f"no-reply@{host}"


def _as_json(message: Message) -> bytes:
    return json.dumps(asdict(message), ensure_ascii=False).encode()


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:40]


def _unreachable() -> UnavailableError:
    return UnavailableError(_l("The message could not be handed over now. It is tried again by itself."))


LETTER_TRANSPORTS: Mapping[str, Transport] = MappingProxyType(
    {"smtp": _by_smtp, "smtps": _by_smtp, "file": _into_folder, "memory": _into_memory}
)
SHORT_TRANSPORTS: Mapping[str, Transport] = MappingProxyType(
    {"https": _by_gateway, "http": _by_gateway, "file": _into_folder, "memory": _into_memory}
)
