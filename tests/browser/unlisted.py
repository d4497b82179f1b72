"""Pages that somebody of the demo opens, shown in Chromium without a server: the application answers each request."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route, sync_playwright
from werkzeug.exceptions import HTTPException

from tests.browser.chromium import AXE, CHROMIUM, DESK, FLAGS, PHONE, faults
from tests.browser.scopes import Opened
from tests.browser.test_page_states import PAGES

SITE = "http://localhost"
FILLED = ("x", "1")
"""What stands for any record, and for any number, so that an address finds its route."""


def unlisted(app: Flask, opened: Iterable[Opened]) -> list[Opened]:
    """Return the pages of routes that no state of the list shows."""
    listed = {_endpoint(app, path.format_map(_Any(word))) for _role, path in PAGES.values() for word in FILLED}
    return [one for one in opened if one.page and _endpoint(app, one.path) not in listed]


class _Any(dict[str, str]):
    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = word

    def __missing__(self, key: str) -> str:
        return self._word


def _endpoint(app: Flask, path: str) -> str:
    with suppress(HTTPException):
        return str(app.url_map.bind("localhost").match(path.partition("?")[0])[0])
    return ""


def shown_faults(pages: Iterable[Opened]) -> Mapping[str, list[str]]:
    """Return what axe finds on each page on a phone and at a desk, by its address; nothing of those without faults."""
    found: dict[str, list[str]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for one in pages:
            context = browser.new_context(bypass_csp=True, locale="zh-CN", service_workers="block")
            context.add_init_script(path=AXE)
            context.route("**/*", _answering(one.client))
            seen = [*_looked_at(context.new_page(), one.path)]
            found |= {one.path: seen} if seen else {}
            context.close()
        browser.close()
    return found


def _answering(client: FlaskClient) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        with client.open(path, method=route.request.method, data=route.request.post_data_buffer) as sent:
            route.fulfill(status=sent.status_code, headers=dict(sent.headers), body=sent.get_data())

    return answer


def _looked_at(page: Page, path: str) -> Iterator[str]:
    for width, height in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(SITE + path)
        yield from faults(page)
