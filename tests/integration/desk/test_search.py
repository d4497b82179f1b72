"""Search: each finds what each may see, kept up to date by what happens, on both databases alike."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import services as accounts
from app.accounts.models import Membership, Person
from app.accounts.states import Role
from app.core import clock
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.core.room import Room
from app.core.text import _l
from app.desk import services
from app.desk.kinds import PUBLIC, Document, DocumentKind, Scope, ScopeKind, for_person, in_region, of_organisation
from app.desk.models import SearchDocument, SearchIdentifier, SearchPosting
from app.desk.queries import postings
from app.desk.queries import search as queries
from tests.factories.accounts import (
    GUANGDONG,
    JINAN,
    LIXIA,
    NATION,
    SHANDONG,
    Member,
    make_member,
    make_organisation,
    make_person,
)
from tests.factories.bases import decide, make_accredited, make_application
from tests.factories.certification import decided, make_award, publish_name, refused

KIND = "desk_test.note"
SEE = "desk.inbox"


@pytest.fixture(autouse=True)
def _kind(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the house know a kind of document under every form of scope."""
    forms = (
        PUBLIC.form,
        (ScopeKind.REGION, SEE),
        (ScopeKind.ORGANISATION, None),
        (ScopeKind.PERSON, None),
        (ScopeKind.PERMISSION, "desk.audit"),
    )
    notes = DocumentKind(_l("Notices"), forms, of=lambda _codes: (), every=lambda _after, _limit: ())
    room = Room(name="desk_test", documents={KIND: notes})
    monkeypatch.setitem(app.extensions, "rooms", (*app.extensions["rooms"], room))


def note(
    title: str, *scopes: Scope, code: str = "", english: str = "", words: str = "", numbers: tuple[str, ...] = ()
) -> None:
    document = Document(KIND, Subject("note", code or title), title, english, "/x", scopes or (PUBLIC,), words, numbers)
    with unit_of_work():
        services.index(document)


def found(actor: Actor | None, typed: str, kind: str = KIND) -> list[str]:
    return [hit.title for hit in queries.search_kind(actor, typed, kind).rows]


def all_found(actor: Actor | None, typed: str) -> set[str]:
    return {hit.title for group in queries.search(actor, typed).groups for hit in group.hits}


@pytest.mark.parametrize(
    "typed",
    [
        "齐鲁技术转移",
        "转移",
        "鲁",
        "qilu",
        "qljs",
        "qilujishu",
        "jishuzhu",
        "Qilu Tech",
        "technology",
        "JJ-2026-3701",
        "jj2026",
        "齐鲁技朮转移",
        "齐鲁转移",
        "qiljishuzhuanyi",
        "tecnology",
        "历城",
    ],
)
def test_a_record_is_found_in_many_ways(app: Flask, typed: str) -> None:
    del app
    note(
        "齐鲁技术转移中心",
        english="Qilu Technology Transfer Centre",
        words="济南市历城区",
        numbers=("JJ-2026-3701-0042",),
    )
    note("岭南成果转化中心", english="Lingnan Outcomes")
    assert found(None, typed)[:1] == ["齐鲁技术转移中心"]


@pytest.mark.parametrize("typed", ["", " ", "%", "'; DROP TABLE todo; --", "量子", "zzzz", "JJ9", "\x00", "😀", "_"])
def test_what_is_nowhere_finds_nothing_and_breaks_nothing(client: FlaskClient, typed: str) -> None:
    note("齐鲁技术转移中心")
    assert found(None, typed) == []
    assert client.get("/search", query_string={"q": typed}).status_code == 200


@pytest.mark.parametrize(
    ("scope", "sees"),
    [
        (PUBLIC, "stranger city county other staff auditor"),
        (in_region(LIXIA, SEE), "city county auditor"),
        (in_region(SHANDONG, SEE), "auditor"),
        (in_region(GUANGDONG, SEE), "other auditor"),
        (Scope(ScopeKind.PERMISSION, 0, "desk.audit"), "auditor"),
    ],
)
def test_each_form_of_scope_shows_a_record_to_whom_it_names(app: Flask, scope: Scope, sees: str) -> None:
    del app
    note("一份材料", scope)
    actors = {
        "stranger": None,
        "city": make_member(Role.REGULATOR, JINAN).actor,
        "county": make_member(Role.REGULATOR, LIXIA).actor,
        "other": make_member(Role.REGULATOR, GUANGDONG).actor,
        "staff": make_member(Role.EXAMINER, "370200").actor,
        "auditor": make_member(Role.AUDITOR, NATION).actor,
    }
    assert {name for name, actor in actors.items() if found(actor, "材料")} == set(sees.split())


def test_own_records_and_those_of_one_s_organisation_are_found_by_nobody_else(app: Flask) -> None:
    del app
    base, another = make_organisation(), make_organisation()
    one, other = make_member(Role.BASE, organisation=base), make_member(Role.BASE, organisation=another)
    note("本单位材料", of_organisation(base.id))
    note("本人材料", for_person(one.person.id))
    assert set(found(one.actor, "材料")) == {"本单位材料", "本人材料"}
    assert found(other.actor, "材料") == []
    assert found(other.actor, "本人材枓") == [], "a slip of the pen opens no scope"


def test_a_changed_record_is_found_by_what_it_says_now(app: Flask) -> None:
    del app
    note("旧名称", code="n", numbers=("AA001",))
    note("新称呼", code="n", numbers=("BB002",))
    assert found(None, "旧名") == found(None, "AA001") == []
    assert found(None, "新称呼") == found(None, "BB002") == ["新称呼"]


def test_a_record_that_changes_scope_leaves_the_old_one(app: Flask) -> None:
    del app
    member = make_member(Role.REGULATOR, JINAN)
    note("内部材料", in_region(LIXIA, SEE), code="n")
    note("内部材料", for_person(member.person.id + 1), code="n")
    assert found(member.actor, "内部材料") == []


def test_a_withdrawn_record_leaves_nothing_behind(app: Flask) -> None:
    del app
    before = session.scalar(select(func.count()).select_from(SearchPosting))
    note("齐鲁技术转移中心", numbers=("AA001",))
    with unit_of_work():
        services.withdraw(KIND, Subject("note", "齐鲁技术转移中心"))
    assert found(None, "齐鲁") == []
    assert session.scalar(select(func.count()).select_from(SearchPosting)) == before
    assert session.scalar(select(func.count()).select_from(SearchIdentifier)) == 0


def test_a_rolled_back_change_is_not_found(app: Flask) -> None:
    del app
    with pytest.raises(RuntimeError):
        index_and_fail()
    assert found(None, "没有发生") == []


def index_and_fail() -> None:
    with unit_of_work():
        services.index(Document(KIND, Subject("note", "x"), "没有发生", "", "/x", (PUBLIC,)))
        raise RuntimeError


def test_a_kind_or_a_scope_that_no_room_declares_is_refused(app: Flask) -> None:
    del app
    with unit_of_work(), pytest.raises(ValueError, match="no room declares"):
        services.index(Document("desk_test.other", Subject("note", "x"), "x", "", "/x", (PUBLIC,)))
    with unit_of_work(), pytest.raises(ValueError, match="under"):
        services.index(Document(KIND, Subject("note", "x"), "x", "", "/x", (of_organisation(1, "p"),)))


def test_common_words_are_found_beside_rare_ones(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    del app
    monkeypatch.setattr(postings, "BOUND", 3)
    monkeypatch.setattr(postings, "SCANNED", 4)
    for number in range(8):
        note(f"技术培训班第{number}期", code=str(number))
    note("技术甲", code="a")
    assert found(None, "技术甲")[0] == "技术甲"
    assert len(found(None, "技术培训")) == 4, "the newest of a common word"
    assert queries.search(None, "技术培训").more
    assert not queries.search(None, "技术甲").more


def test_numbers_of_others_that_begin_alike_hide_no_number_of_one_s_own(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    monkeypatch.setattr(postings, "SCANNED", 3)
    member = make_member(Role.REGULATOR, JINAN)
    for number in range(6):
        note(f"外地{number}", in_region(GUANGDONG, SEE), code=str(number), numbers=(f"JJ2026-{number}",))
    note("本地", in_region(LIXIA, SEE), code="own", numbers=("JJ2026-9",))
    answer = queries.search(member.actor, "JJ2026")
    assert (found(member.actor, "JJ2026"), answer.more) == (["本地"], False)


def test_hits_that_are_left_out_are_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "FOUND", 1)
    monkeypatch.setattr(postings, "LEAST_FOUND", 5)
    for number in range(4):
        note(f"材料{number}", code=str(number), numbers=(f"JJ2026-{number}",))
    for typed in ("材料", "JJ2026"):
        assert not queries.search(None, typed).more, typed
    for number in range(4, 8):
        note(f"材料{number}", code=str(number), numbers=(f"JJ2026-{number}",))
    for typed in ("材料", "JJ2026"):
        assert queries.search(None, typed).more, typed
        assert queries.search_kind(None, typed, KIND).more, typed
    assert "未能全部列出" in client.get(f"/search?q=材料&kind={KIND}").text


def test_plans_that_find_no_place_in_the_statement_are_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    del app
    monkeypatch.setattr(postings, "MOST_SOURCES", 0)
    note("材料甲", code="a", numbers=("JJ2026-1",))
    assert queries.search(None, "材料").more


def test_pages_of_a_kind_hold_every_hit_once(app: Flask) -> None:
    del app
    for number in range(25):
        note(f"材料{number:02d}", code=str(number))
    first, second = (queries.search_kind(None, "材料", KIND, page=page) for page in (1, 2))
    assert (first.total, first.pages, len(second.rows)) == (25, 2, 5)
    assert len({hit.title for hit in (*first.rows, *second.rows)}) == 25
    assert queries.search_kind(None, "材料", KIND, page=9).page == 2


def test_a_base_is_found_by_its_own_people_first_and_by_everyone_once_accredited(app: Flask) -> None:
    del app
    base = make_application(name_zh="岱宗培训基地")
    own = make_member(Role.BASE, organisation=base.organisation)
    stranger, province = None, make_member(Role.REGULATOR, SHANDONG).actor
    elsewhere = make_member(Role.REGULATOR, GUANGDONG).actor
    assert [bool(found(one, "岱宗", "bases.base")) for one in (stranger, own.actor, province, elsewhere)] == [
        False,
        True,
        True,
        False,
    ]
    make_accredited(name_zh="泰山培训基地")
    assert found(None, "泰山", "bases.base") == ["泰山培训基地"]
    decide(make_accredited(name_zh="昆仑培训基地"), "exit")
    assert found(None, "昆仑", "bases.base") == ["昆仑培训基地"], "an exit is public"


def test_a_person_is_found_by_the_administrators_of_the_region_until_the_role_ends(app: Flask) -> None:
    del app
    person = make_person(name="司徒望舒")
    member = make_member(Role.EXAMINER, JINAN, person=person)
    near, far = make_member(Role.SECADMIN, SHANDONG), make_member(Role.SECADMIN, GUANGDONG)
    nobody = make_member(Role.REGULATOR, SHANDONG)
    for typed in ("司徒望舒", "situwangshu", "stws", "司徒望书"):
        assert found(near.actor, typed, "accounts.person") == ["司徒望舒"], typed
    assert not any(found(one, "司徒望舒", "accounts.person") for one in (None, far.actor, nobody.actor))
    with unit_of_work():
        held = session.get_one(Membership, member.membership.id)
        accounts.end_role(held, last_day=clock.today(), by=None, at=clock.now())
    assert found(near.actor, "司徒望舒", "accounts.person") == ["司徒望舒"], "it holds to the end of its last day"


def test_an_ended_role_is_not_found_on_the_next_day(app: Flask, at_time: Callable[..., None]) -> None:
    del app
    today = clock.today()
    make_member(Role.EXAMINER, JINAN, person=make_person(name="司徒望舒"), ends_on=today)
    admin = make_member(Role.SECADMIN, SHANDONG).actor
    assert found(admin, "司徒望舒", "accounts.person") == ["司徒望舒"]
    at_time(clock.now() + timedelta(days=1))
    assert found(admin, "司徒望舒", "accounts.person") == []


def test_the_public_finds_an_award_by_number_and_name_once_it_is_given(app: Flask) -> None:
    del app
    waiting, given, lost = make_award(), make_award(), make_award()
    number = decided(given).unified_number or ""
    refused(lost)
    publish_name(given)
    named = {one.id: session.get_one(Person, one.person_id).name for one in (waiting, given, lost)}
    assert found(None, number, "certification.award") == [named[given.id]]
    assert found(None, number[:5], "certification.award") == [named[given.id]]
    for name in set(named.values()) - {named[given.id]}:
        assert name not in found(None, name, "certification.award")


def test_the_page_groups_by_kind_and_leads_on(client: FlaskClient) -> None:
    make_accredited(name_zh="泰山培训基地")
    for number in range(7):
        note(f"泰山材料{number}", code=str(number))
    page = client.get("/search?q=泰山").text
    assert "<mark>泰山</mark>培训基地" in page
    assert f"kind={KIND}" in page
    listed = client.get(f"/search?q=泰山&kind={KIND}").text
    assert listed.count('class="hit"') == 7
    assert "泰山培训基地" not in listed
    assert client.get("/search?q=泰山&kind=nonsense").status_code == 200
    assert client.get("/search").status_code == 200


def test_suggestions_are_what_the_page_would_find(client: FlaskClient) -> None:
    make_accredited(name_zh="泰山培训基地")
    answer = client.get("/search/suggest?q=taishan")
    (hit,) = answer.get_json()["results"]
    assert hit["title"] == "泰山培训基地"
    assert hit["parts"][0] == ["泰山", True]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get("/search/suggest?q=").get_json()["results"] == []


def test_every_page_carries_the_field(client: FlaskClient, browser_of: Callable[[Member], FlaskClient]) -> None:
    for page in (client.get("/bases"), browser_of(make_member(Role.TRAINEE)).get("/home")):
        assert 'action="/search"' in page.text
        assert 'for="find"' in page.text


@pytest.mark.parametrize("typed", ["泰山", "taishan", "taisan", "泰衫基地", "no such words", "JJ2026001"])
def test_search_costs_few_statements_whatever_is_asked(
    browser_of: Callable[[Member], FlaskClient], count_statements: Callable[[], list[str]], typed: str
) -> None:
    make_accredited(name_zh="泰山培训基地")
    browser = browser_of(make_member(Role.EXAMINER, SHANDONG, make_organisation()))
    statements = count_statements()
    browser.get("/search", query_string={"q": typed})
    assert len(statements) <= 10, statements


def reindex(run: Callable[[], int], app: Flask, *options: str) -> None:
    result = app.test_cli_runner().invoke(args=["search", "reindex", *options])
    assert result.exit_code == 0, result.output
    run()


def test_a_reindex_brings_back_what_was_lost_and_drops_what_is_gone(app: Flask, run_jobs: Callable[[], int]) -> None:
    base = make_accredited(name_zh="泰山培训基地")
    with unit_of_work():
        services.withdraw("bases.base", Subject("training_base", base.code))
        services.index(
            Document("bases.base", Subject("training_base", "gone"), "已经没有的基地", "", "/bases/gone", (PUBLIC,))
        )
    assert found(None, "已经没有", "bases.base") == ["已经没有的基地"]
    reindex(run_jobs, app)
    assert found(None, "泰山", "bases.base") == ["泰山培训基地"]
    assert found(None, "已经没有", "bases.base") == []


def test_a_reindex_changes_nothing_that_was_right(app: Flask, run_jobs: Callable[[], int]) -> None:
    decided(make_award())
    make_application(name_zh="岱宗培训基地")
    reindex(run_jobs, app)
    before = everything()
    reindex(run_jobs, app, "--json")
    assert everything() == before
    assert len(before) > 3


def everything() -> set[tuple[str, ...]]:
    rows: Iterable[SearchDocument] = session.scalars(select(SearchDocument))
    return {(row.kind, row.subject_code, row.title_zh, row.url, str(row.scopes), row.words) for row in rows}


def test_a_reindex_of_an_unknown_kind_is_refused(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["search", "reindex", "--kind", "nothing"])
    assert result.exit_code == 1
