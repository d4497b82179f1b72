"""A person's browser without JavaScript: cookies, links, and forms filled in as the page offers them."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

from lxml import html

from tests.page_lint import lint_page

Fields = Mapping[str, "str | list[str] | Path"]

URL_SIGNS = ":/?#[]@!$&'()*+,;=%"


class StoryError(AssertionError):
    """A step did not hold; the message says what was seen instead."""


@dataclass(frozen=True)
class Page:
    """What a request came back with."""

    url: str
    status: int
    media_type: str
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8")

    @property
    def tree(self) -> html.HtmlElement:
        """Return the page as a tree whose links are absolute."""
        tree = html.fromstring(self.text, base_url=self.url)
        tree.make_links_absolute(self.url)
        return tree

    @property
    def words(self) -> str:
        """Return what a reader sees in the main part, spaces folded."""
        main = self.tree.xpath("//main")
        return " ".join((main[0] if main else self.tree).text_content().split())

    def json(self) -> Any:  # noqa: ANN401 - whatever the server sent
        """Return the body as JSON."""
        return json.loads(self.body)

    def form(self, action: str) -> html.FormElement:
        """Return the form that posts to an address ending with `action`."""
        found = [form for form in self.tree.forms if _path(form.action or self.url).endswith(action)]
        if not found:
            offered = sorted({_path(form.action or self.url) for form in self.tree.forms})
            raise StoryError(f"{self.url} offers no form to {action}, only {offered}: {self.words[:300]}")
        return found[0]

    def link(self, part: str) -> str:
        """Return the address of the first link whose address holds `part`."""
        found = [url for url in self.tree.xpath("//a/@href") if part in url]
        if not found:
            raise StoryError(f"{self.url} has no link to {part}: {self.words[:300]}")
        return str(found[0])


class Browser:
    """One person's browser."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, address: str, *, accept: str = "text/html", expect: int = 200) -> Page:
        """Open an address; raises StoryError where the status is another than expected."""
        return self._send(Request(urljoin(self.base, address), headers={"Accept": accept}), expect)

    def submit(self, page: Page, action: str, fields: Fields | None = None, *, expect: int = 200) -> Page:
        """Fill in a form of a page and send it, with what the page put into it."""
        form = page.form(action)
        given = fields or {}
        filled = [(name, value) for name, value in form.form_values() if name not in given]
        target = form.action or page.url
        files = {name: value for name, value in given.items() if isinstance(value, Path)}
        plain = filled + [
            (name, one)
            for name, value in given.items()
            if not isinstance(value, Path)
            for one in ([value] if isinstance(value, str) else value)
        ]
        if files:
            return self._send(_multipart(target, plain, files), expect)
        return self._send(Request(target, data=urlencode(plain).encode(), method="POST"), expect)

    def post(self, address: str, fields: Mapping[str, str], *, expect: int = 200) -> Page:
        """Send a form that the page did not offer."""
        request = Request(urljoin(self.base, address), data=urlencode(fields).encode(), method="POST")
        return self._send(request, expect)

    def post_json(self, address: str, body: object, *, headers: Mapping[str, str], expect: int = 200) -> Page:
        """Send a JSON document as a script of the page would."""
        request = Request(
            urljoin(self.base, address),
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json", **headers},
            method="POST",
        )
        return self._send(request, expect)

    def upload(self, address: str, path: Path, *, accept: str = "application/json", expect: int = 200) -> Page:
        """Send one file to an address of the API."""
        request = _multipart(urljoin(self.base, address), [], {"file": path})
        request.add_header("Accept", accept)
        return self._send(request, expect)

    def _send(self, request: Request, expect: int) -> Page:
        request.full_url = quote(request.full_url, safe=URL_SIGNS)
        try:
            with self._opener.open(request, timeout=120) as answer:
                page = Page(answer.url, answer.status, answer.headers.get_content_type(), answer.read())
        except HTTPError as error:
            page = Page(error.url or "", error.code, error.headers.get_content_type(), error.read())
        if page.status != expect:
            seen = page.words if page.media_type == "text/html" else page.text
            raise StoryError(f"{request.get_method()} {page.url}: {page.status}, not {expect}: {seen[:500]}")
        if page.media_type == "text/html" and (found := lint_page(page.text, "zh")):
            raise StoryError(f"{page.url}: {found}")
        return page


def _path(address: str) -> str:
    return urlsplit(address).path


def _multipart(target: str, plain: list[tuple[str, str]], files: Mapping[str, Path]) -> Request:
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in plain
    ]
    for name, path in files.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{path.name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + path.read_bytes() + b"\r\n")
    body = b"".join(parts) + f"--{mark}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    return Request(target, data=body, headers=headers, method="POST")
