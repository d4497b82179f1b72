"""Templates on the web: the editor that keeps what was typed, samples really drawn, differences, confirming."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import UnavailableError
from app.credentials import layouts, services
from app.credentials.layouts import Drawing, drawn, faults_of_drawing
from app.credentials.models import CertificateTemplate
from app.credentials.queries import templates
from app.credentials.rules.layout import LONGEST_LAYOUT, Fault, Layout
from app.credentials.rules.template_files import shipped_template
from app.credentials.states import CertificateKind, TemplateState
from tests.factories.accounts import Member, make_member
from tests.factories.credentials import ISSUED_AT, Office, make_office
from tests.submit import submit

# What these tests ask of the database is answered alike by both
pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
KIND = CertificateKind.CAPABILITY
SHIPPED = shipped_template(KIND)
LIST = "/issuing/templates"
SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')
GOOD = Drawing((), b"\x89PNG")


def draft_of(office: Office) -> CertificateTemplate:
    with unit_of_work():
        current = templates.template(templates.current(KIND, None).code)
        return services.start_draft(current, level="", by=office.first.actor, at=ISSUED_AT)


def typed(draft: CertificateTemplate, **changes: object) -> dict[str, Any]:
    given = {
        name: getattr(draft, name) for name in ("valid_months", "renew_from_days", "tag", "source_zh", "source_en")
    }
    return {**draft.wording, **given, "html": SHIPPED.html, "css": SHIPPED.css, **changes}


def confirm(second: FlaskClient, draft: CertificateTemplate) -> TestResponse:
    """Confirm a draft with the button of its page, which says what was seen."""
    url = f"/issuing/templates/{draft.code}"
    seen = SEEN.search(second.get(url).text)
    assert seen is not None
    return submit(second, f"{url}/confirm", page=url, seen=seen[1])


@pytest.fixture
def _drawn_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the drawing, which tests of their own ask for."""
    monkeypatch.setattr(layouts, "drawn", lambda *_given: GOOD)


def test_issuers_and_system_administrators_read_the_templates(office: Office, browser_of: Browser) -> None:
    page = browser_of(office.first).get("/issuing/templates")
    assert page.status_code == 200
    for text in ("证书模板", "能力等级", "培训基地认定", "样例值", "随产品提供", "生效"):
        assert text in page.text
    assert browser_of(make_member(Role.SYSADMIN)).get("/issuing/templates").status_code == 200
    other = make_office(slug="other-centre", platform=False)
    assert "适用于所有发证机构" in browser_of(other.first).get("/issuing/templates").text
    assert browser_of(make_member(Role.TRAINEE)).get("/issuing/templates").status_code == 403


@pytest.mark.usefixtures("_drawn_well")
def test_a_draft_is_written_saved_compared_and_confirmed(office: Office, browser_of: Browser) -> None:
    author, second = browser_of(office.first), browser_of(office.second)
    code = templates.current(KIND, None).code
    assert "能力等级证书" in author.get(f"/issuing/templates/{code}").text

    begun = submit(author, f"/issuing/templates/{code}/drafts", page=LIST, level="")
    assert begun.location.endswith("/edit")
    draft = templates.draft_for(KIND, "")
    assert draft is not None
    assert "<textarea" in author.get(begun.location).text
    assert (
        submit(
            author, f"/issuing/templates/{draft.code}/edit", **typed(draft, tag="official", source_zh="某办法")
        ).status_code
        == 422
    )
    words = {"name_zh": "{level}能力证书（2026版）", "valid_months": "24", "renew_from_days": "90"}
    words |= {"tag": "official", "source_zh": "某办法（2026年）", "source_en": "Some measure (2026)"}
    saved = submit(author, f"/issuing/templates/{draft.code}/edit", **typed(draft, **words))
    assert saved.status_code == 302

    page = second.get(f"/issuing/templates/{draft.code}")
    assert "{level}能力证书（2026版）" in page.text
    assert "24个月" in page.text
    assert "某办法（2026年）" in page.text
    compared = second.get(f"/issuing/templates/{draft.code}/compare/{code}")
    assert "<del>" in compared.text
    assert "<ins>" in compared.text
    assert "没有差异" in compared.text
    assert confirm(second, draft).status_code == 302
    session.expire_all()
    assert templates.current(KIND, None).code == draft.code
    assert second.get(f"/issuing/templates/{code}").status_code == 200


@pytest.mark.usefixtures("_drawn_well")
def test_what_was_typed_is_never_lost(office: Office, browser_of: Browser) -> None:
    draft, author = draft_of(office), browser_of(office.first)
    url = f"/issuing/templates/{draft.code}/edit"

    wrong = submit(author, url, **typed(draft, valid_months="soon", name_zh="没存上的名称"))
    assert wrong.status_code == 422
    assert "没存上的名称" in wrong.text
    assert submit(author, url, **typed(draft, valid_months="")).status_code == 422
    kept = submit(author, url, **typed(draft, html="<p>\n<script>x</script></p>", statement_zh="能力等级证书。"))
    assert kept.status_code == 302
    page = author.get(url)
    assert "&lt;script&gt;" in page.text
    assert "页面第2行" in page.text
    assert "没有以中英文说明" in page.text
    assert "script" in author.get(f"/issuing/templates/{draft.code}").text
    assert author.get(f"/issuing/templates/{draft.code}/samples/short.png").status_code == 404


@pytest.mark.usefixtures("_drawn_well")
def test_only_the_author_edits_and_only_a_second_person_confirms(office: Office, browser_of: Browser) -> None:
    draft = draft_of(office)
    url = f"/issuing/templates/{draft.code}"
    author, second = browser_of(office.first), browser_of(office.second)

    assert second.get(f"{url}/edit").location.endswith(url)
    assert submit(second, f"{url}/edit", page=LIST, **typed(draft)).status_code == 403
    assert submit(author, f"{url}/confirm", page=LIST).status_code == 403
    assert submit(browser_of(make_member(Role.SYSADMIN)), f"{url}/confirm", page=LIST).status_code == 403
    assert submit(second, f"{url}/discard", page=LIST).status_code == 403
    assert submit(author, f"{url}/discard", page=LIST).status_code == 302
    session.expire_all()
    assert templates.template(draft.code).state is TemplateState.RETIRED
    assert submit(second, f"{url}/confirm", page=LIST).status_code == 409


@pytest.mark.usefixtures("_drawn_well")
def test_a_draft_that_changed_while_it_was_looked_at_is_not_confirmed(office: Office, browser_of: Browser) -> None:
    draft, author, second = draft_of(office), browser_of(office.first), browser_of(office.second)
    url = f"/issuing/templates/{draft.code}"
    seen = SEEN.search(second.get(url).text)
    assert seen is not None
    assert submit(author, f"{url}/edit", **typed(draft, valid_months="6", renew_from_days="30")).status_code == 302

    refused = submit(second, f"{url}/confirm", page=url, seen=seen[1])

    assert refused.status_code == 409
    assert "打开后" in refused.text
    assert submit(second, f"{url}/confirm", page=url).status_code == 409
    session.expire_all()
    assert templates.template(draft.code).state is TemplateState.DRAFT
    assert confirm(second, draft).status_code == 302


def test_versions_of_different_kinds_are_not_compared(office: Office, browser_of: Browser) -> None:
    left, right = templates.current(KIND, None).code, templates.current(CertificateKind.TITLE, None).code
    assert browser_of(office.first).get(f"/issuing/templates/{left}/compare/{right}").status_code == 404


def test_what_drawing_shows_keeps_a_draft_from_being_confirmed(
    office: Office, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, second = draft_of(office), browser_of(office.second)
    fault = Fault("sheet", 1, "hidden", {"part": "statement"})
    monkeypatch.setattr(layouts, "drawn", lambda *_given: Drawing((fault,), None))

    refused = confirm(second, draft)

    assert refused.status_code == 422
    assert "遮挡了说明证书证明什么" in refused.text
    assert second.get(f"/issuing/templates/{draft.code}/samples/long.png").status_code == 503
    session.expire_all()
    assert templates.template(draft.code).state is TemplateState.DRAFT


def test_a_machine_that_cannot_draw_says_so(
    office: Office, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = draft_of(office)

    def nothing(*_given: object) -> Drawing:
        raise UnavailableError("这里不能绘制")

    monkeypatch.setattr(layouts, "drawn", nothing)
    assert "这里不能绘制" in browser_of(office.first).get(f"/issuing/templates/{draft.code}/edit").text
    assert confirm(browser_of(office.second), draft).status_code == 409


# ---- really drawn


def _faults(html: str = SHIPPED.html, css: str = SHIPPED.css, more: str = "") -> set[tuple[str, str]]:
    found = drawn(Layout(html, css + more), KIND, SHIPPED.wording, layouts.LONG).faults
    return {(one.code, one.params.get("part", "")) for one in found}


@pytest.mark.usefixtures("app", "with_paper")
def test_the_shipped_layout_shows_everything_with_short_and_long_names() -> None:
    assert faults_of_drawing(Layout(SHIPPED.html, SHIPPED.css), KIND, SHIPPED.wording) == []
    picture = drawn(Layout(SHIPPED.html, SHIPPED.css), KIND, SHIPPED.wording, layouts.SHORT).png
    assert picture is not None
    assert picture.startswith(b"\x89PNG")


@pytest.mark.usefixtures("app", "with_paper")
@pytest.mark.parametrize("kind", [one for one in CertificateKind if one is not KIND])
def test_every_shipped_layout_shows_all_that_its_kind_certifies(kind: CertificateKind) -> None:
    shipped = shipped_template(kind)
    assert faults_of_drawing(Layout(shipped.html, shipped.css), kind, shipped.wording) == []


@pytest.mark.usefixtures("app", "with_paper")
def test_a_layout_that_leaves_certified_fields_out_is_refused_with_each_of_them() -> None:
    lines = "{% for row in cells|batch(5) %}"
    assert lines in SHIPPED.html
    without = (
        SHIPPED.html.replace(lines, "{% for row in days %}", 1).replace("{{ names[0] }}", "").replace("{{ value }}", "")
    )
    missing = {("missing", part) for part in ("hours", "valid_from", "valid_until")}
    assert _faults(html=without.replace("{% for names, value in row %}", "{% for names in row %}")) >= missing

    title = shipped_template(CertificateKind.TITLE)
    words = drawn(Layout("<p>{{ facts.holder.name }}</p>", ""), CertificateKind.TITLE, title.wording, layouts.SHORT)
    parts = {one.params["part"] for one in words.faults if one.code == "missing"}
    assert parts == {
        *("latin", "title", "issuer", "number", "statement", "hours", "valid_from", "valid_until", "entries")
    }


@pytest.mark.usefixtures("app", "with_paper")
@pytest.mark.parametrize(
    ("more", "faults"),
    [
        (
            """.statement { display: none } .name { position: absolute; left: -400mm }
            footer::after { content: ''; position: absolute; inset: 0; background: #fff }""",
            {("missing", "statement"), ("hidden", "name"), ("hidden", "qr")},
        ),
        (
            """.statement { color: #fff !important } .statement[lang='en'] { color: #000 !important; font-size: 2pt }
            .number { opacity: 0.02 }""",
            {("hidden", "statement"), ("too-small", "statement"), ("hidden", "number")},
        ),
        ("main { position: static; height: 400mm } footer { position: static }", {("pages", "")}),
    ],
)
def test_a_layout_that_hides_a_part_is_refused_with_a_reason(more: str, faults: set[tuple[str, str]]) -> None:
    assert faults <= _faults(more=more)


@pytest.mark.usefixtures("app", "with_paper")
@pytest.mark.parametrize(
    ("written", "endless"),
    [
        ("CPU_SECONDS = 20", "CPU_SECONDS = 1"),
        ('["pdftoppm",', '["sh", "-c", "ulimit -t 1; while :; do :; done",'),
    ],
    ids=["here", "in the program that makes the picture"],
)
def test_work_without_end_is_stopped(
    written: str, endless: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a layout may cost is processor time, also that of the program that makes the picture of the page."""
    program = tmp_path / "drawing.py"
    whole = layouts.PROGRAM.read_text().replace(written, endless)
    program.write_text(whole.replace("    given = json.load", "    while CPU_SECONDS < 2: pass\n    given = json.load"))
    monkeypatch.setattr(layouts, "PROGRAM", program)
    assert _faults(more=f"p {{ color: #1234{len(endless):02} }}") == {("too-long-to-draw", "")}


@pytest.mark.usefixtures("app", "with_paper")
def test_a_busy_machine_does_not_make_a_layout_undrawable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs out of time by the clock is told to try again, and nothing is remembered against the layout."""
    monkeypatch.setattr(layouts, "SECONDS", 0.01)
    for _again in range(2):
        with pytest.raises(UnavailableError):
            _faults(more="p { color: #223344 }")


@pytest.mark.usefixtures("app", "with_paper")
def test_a_layout_that_cannot_be_drawn_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(layouts, "PROGRAM", f"{tmp_path}/nothing.py")
    assert _faults(more="p { color: #654321 }") == {("cannot-draw", "")}
    monkeypatch.setattr(layouts, "which", lambda _name: None)
    with pytest.raises(UnavailableError):
        _faults(more="p { color: #111111 }")


@pytest.mark.usefixtures("_drawn_well")
def test_what_is_typed_is_previewed_and_not_saved(office: Office, browser_of: Browser) -> None:
    draft, author = draft_of(office), browser_of(office.first)
    url, before = f"/issuing/templates/{draft.code}", (draft.version, draft.html, dict(draft.wording))
    changed = SHIPPED.html.replace("<body", "<!-- a note --><body", 1)
    given = typed(draft, name_zh="还没保存的名称", html=changed)

    shown = submit(author, f"{url}/preview", page=f"{url}/edit", **given)

    assert shown.status_code == 200
    assert "还没保存的名称" in shown.text
    assert "尚未保存" in shown.text
    session.expire_all()
    kept = templates.template(draft.code)
    assert (kept.version, kept.html, kept.wording) == before
    assert "还没保存的名称" not in author.get(f"{url}/edit").text


@pytest.mark.usefixtures("_drawn_well")
def test_a_preview_has_the_limits_of_saving_and_loses_nothing(office: Office, browser_of: Browser) -> None:
    draft, author = draft_of(office), browser_of(office.first)
    url = f"/issuing/templates/{draft.code}"

    def preview(**changes: object) -> TestResponse:
        return submit(author, f"{url}/preview", page=f"{url}/edit", **typed(draft, **changes))

    good = preview()
    assert good.text.count("data:image/png;base64,") == 2
    wrong = preview(valid_months="soon", name_zh="没存上的名称")
    assert (wrong.status_code, "没存上的名称" in wrong.text, "请更正以下各项" in wrong.text) == (422, True, True)
    long = preview(css="a" * (LONGEST_LAYOUT + 1))
    assert (long.status_code, "data:image" in long.text) == (422, False)
    scripted = preview(html="<p>\n<script>x</script></p>")
    assert (scripted.status_code, "data:image" in scripted.text) == (200, False)
    assert "页面第2行" in scripted.text
    assert "&lt;script&gt;" in scripted.text


@pytest.mark.usefixtures("_drawn_well")
def test_only_the_author_of_a_draft_previews_it(office: Office, browser_of: Browser) -> None:
    draft, current = draft_of(office), templates.current(KIND, None)
    second, author = browser_of(office.second), browser_of(office.first)

    assert submit(second, f"/issuing/templates/{draft.code}/preview", page=LIST, **typed(draft)).status_code == 403
    assert submit(author, f"/issuing/templates/{current.code}/preview", page=LIST, **typed(draft)).status_code == 409
