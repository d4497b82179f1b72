"""Pages of evidence: lists that search, sort and turn into files, few statements, both languages."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.evidence import services
from app.evidence.models import Evidence
from app.evidence.states import Kind
from tests.factories.accounts import JINAN, Member, make_member, make_organisation
from tests.factories.evidence import AT, NUMBER, again, make_bundle, make_checked, make_declared, make_draft, make_owner

BrowserOf = Callable[[Member], FlaskClient]
MOST_STATEMENTS = 10


def test_a_list_is_searched_by_text_kind_state_and_checks(owner: Member, browser_of: BrowserOf) -> None:
    make_declared(Kind.WORK, owner, title="甲研究")
    make_declared(Kind.AWARD, owner, title="乙奖")
    make_declared(Kind.CONTRACT, owner, title="丙合同")
    make_draft(Kind.WORK, owner, title="丁草稿")
    browser = browser_of(owner)

    def shown(query: str) -> set[str]:
        page = browser.get(f"/evidence?{query}").text
        return {name for name in ("甲研究", "乙奖", "丙合同", "丁草稿") if name in page}

    assert shown("") == {"甲研究", "乙奖", "丙合同", "丁草稿"}
    assert shown("text=研究") == {"甲研究"}
    assert shown(f"text={NUMBER[-6:]}") == {"丙合同"}
    assert shown("kind=award") == {"乙奖"}
    assert shown("state=draft") == {"丁草稿"}
    assert shown("state=unknown") == {"丙合同"}
    assert shown("state=met&kind=work") == {"甲研究"}
    assert shown("kind=treasure&state=nowhere") == {"甲研究", "乙奖", "丙合同", "丁草稿"}


@pytest.mark.parametrize(("sort", "first"), [("title", "A"), ("-title", "C"), ("day", "B"), ("-day", "A")])
def test_a_list_is_sorted(owner: Member, browser_of: BrowserOf, sort: str, first: str) -> None:
    for title, day in (("A", "2025-12-03"), ("B", "2025-01-03"), ("C", "2025-06-03")):
        make_declared(Kind.WORK, owner, title=f"{title} 研究", published_on=day)

    page = browser_of(owner).get(f"/evidence?sort={sort}").text

    assert min(("A", "B", "C"), key=lambda title: page.index(f"{title} 研究")) == first


def test_lists_become_files_in_which_no_cell_is_a_formula(
    owner: Member, checker: Member, browser_of: BrowserOf
) -> None:
    make_declared(Kind.AWARD, owner, title="=HYPERLINK(1)")
    admin = make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN))
    make_declared(Kind.CONTRACT, owner, by=admin)

    mine = browser_of(owner).get("/evidence/mine.csv").get_data(as_text=True)
    region = browser_of(checker).get("/evidence/region.csv?kind=award").get_data(as_text=True)
    entered = browser_of(admin).get("/evidence/organisation.csv").get_data(as_text=True)

    assert "'=HYPERLINK(1)" in mine
    assert "5000000.00" in mine
    assert "=HYPERLINK" in region
    assert NUMBER not in region
    assert NUMBER in entered
    assert "HYPERLINK" not in entered


def test_a_queue_shows_what_waited_longest_first(owner: Member, checker: Member, browser_of: BrowserOf) -> None:
    make_declared(Kind.WORK, owner, title="先申报")
    make_declared(Kind.WORK, owner, title="后申报")
    make_checked(Kind.AWARD, owner, title="已核查的奖")

    page = browser_of(checker).get("/evidence/queue").text

    assert page.index("先申报") < page.index("后申报")
    assert "已核查的奖" not in page
    assert "已核查的奖" in browser_of(checker).get("/evidence/region").text


def statements(browser: FlaskClient, sent: list[str], path: str) -> int:
    sent.clear()
    assert browser.get(path).status_code == 200
    return sum("BEGIN" not in one for one in sent)


def test_pages_need_few_statements_however_much_there_is(
    owner: Member, checker: Member, browser_of: BrowserOf, count_statements: Callable[[], list[str]]
) -> None:
    made = make_bundle(owner)
    with unit_of_work():
        services.use(made[Kind.CONTRACT].id, Subject("title_application", "t"), "titles", AT)
        audit = services.draw_sample(
            region_code="370000", since=AT.date(), until=AT.date(), size=2, by=checker.actor, at=AT
        )
    mine, theirs = browser_of(owner), browser_of(checker)
    pages = {
        (mine, "/evidence"),
        (mine, f"/evidence/{made[Kind.CONTRACT].code}"),
        (mine, f"/evidence/{made[Kind.RECEIPT].code}"),
        (theirs, f"/evidence/{made[Kind.CONTRACT].code}"),
        (theirs, "/evidence/queue"),
        (theirs, "/evidence/audits"),
        (theirs, f"/evidence/audits/{audit.code}"),
        (mine, f"/evidence/{made[Kind.CONTRACT].code}/withdraw"),
        (mine, f"/evidence/{made[Kind.CONTRACT].code}/ask"),
    }

    sent = count_statements()
    few = {(browser, path): statements(browser, sent, path) for browser, path in pages}
    for place in range(5):
        make_declared(Kind.WORK, owner, title=f"研究 {place}")
    many = {(browser, path): statements(browser, sent, path) for browser, path in pages}

    assert max(few.values()) <= MOST_STATEMENTS, {path: count for (_browser, path), count in few.items()}
    assert few == many


@pytest.mark.one_database
def test_the_pages_speak_english(owner: Member, browser_of: BrowserOf) -> None:
    contract = make_bundle(owner)[Kind.CONTRACT]
    browser = browser_of(owner)
    browser.set_cookie("lang", "en")

    page = browser.get(f"/evidence/{contract.code}", headers={"Accept-Language": "en"}).text

    assert "Papers side by side" in page
    assert "The papers hold together" in page


def test_a_paper_is_begun_from_its_contract(owner: Member, browser_of: BrowserOf) -> None:
    contract = make_declared(Kind.CONTRACT, owner)
    browser = browser_of(owner)
    assert f"/evidence/new/invoice?contract={contract.series}" in browser.get(f"/evidence/{contract.code}").text

    page = browser.get(f"/evidence/new/invoice?contract={contract.series}").text

    assert f'<option selected value="{contract.series}">' in page


@pytest.mark.one_database
def test_a_record_without_papers_or_title_is_shown(owner: Member, browser_of: BrowserOf) -> None:
    draft = make_draft(Kind.WORK, owner, title="")

    assert "未命名" in browser_of(owner).get("/evidence").text
    assert browser_of(owner).get(f"/evidence/{draft.code}").status_code == 200


@pytest.mark.one_database
@pytest.mark.parametrize("path", ["edit", "link", "withdraw", "ask"])
def test_strangers_find_nothing(owner: Member, browser_of: BrowserOf, path: str) -> None:
    made = make_declared(Kind.INVOICE, owner)

    assert browser_of(make_owner()).get(f"/evidence/{made.code}/{path}").status_code == 404
    assert session.scalars(select(Evidence.id)).all() == [again(made).id]
