"""Organisations: registered, found, corrected with a history, closed; members of one's own only."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.accounts import services
from app.accounts.models import Invitation, Membership, Organisation, OrganisationChange
from app.accounts.organisation_queries import family
from app.accounts.rules.credit_code import check_character
from app.accounts.states import Kin, OrganisationKind, Role
from app.core import clock
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event
from tests.factories.accounts import (
    GUANGDONG,
    JINAN,
    MADE_AT,
    SHANDONG,
    Member,
    identity_number,
    make_member,
    make_organisation,
    make_person,
)
from tests.submit import submit

Browser = Callable[..., FlaskClient]
FIRST = "91370100MA3C4D5E6"
CODE = FIRST + check_character(FIRST)


def given(**changed: str) -> dict[str, str]:
    return {
        "kind": "employer",
        "name_zh": "泉城新材料有限公司",
        "name_en": "Quancheng New Materials",
        "slug": "quancheng-materials",
        "credit_code": CODE,
        "region_code": JINAN,
        **changed,
    }


@pytest.fixture
def regulator(app: Flask, sign_in: Browser) -> FlaskClient:
    del app
    return sign_in(Role.REGULATOR, SHANDONG)


def test_an_organisation_is_registered_found_and_corrected_with_its_history(regulator: FlaskClient) -> None:
    made = submit(regulator, "/organisations/new", **given())
    assert made.status_code == 302, made.text
    assert "泉城新材料" in regulator.get(f"/organisations?text={CODE}&kind=employer&state=open").text
    assert "泉城新材料" not in regulator.get("/organisations?kind=base").text

    changed = given(name_zh="泉城材料股份有限公司")
    done = submit(regulator, f"{made.location}/edit", **changed)
    assert done.status_code == 302
    page = regulator.get(made.location).text
    assert "泉城新材料有限公司" in page
    assert "泉城材料股份有限公司" in page
    submit(regulator, f"{made.location}/edit", **changed)
    assert len(session.scalars(select(OrganisationChange)).all()) == 1, "what is the same leaves no trace"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"credit_code": CODE[:-1] + ("0" if CODE[-1] != "0" else "1")}, "末位"),
        ({"region_code": GUANGDONG}, "请从所列选项中选择"),
        ({"slug": "Not Good"}, "小写字母"),
        ({"name_zh": ""}, "请填写名称"),
    ],
)
def test_a_wrong_entry_is_told_beside_its_field(regulator: FlaskClient, changed: dict[str, str], said: str) -> None:
    refused = submit(regulator, "/organisations/new", **given(**changed))
    assert refused.status_code == 422
    assert said in refused.text


def test_a_body_is_registered_once(regulator: FlaskClient) -> None:
    submit(regulator, "/organisations/new", **given())
    again = submit(regulator, "/organisations/new", **given(slug="another"))
    taken = submit(regulator, "/organisations/new", **given(credit_code="91350100M000100Y43"))
    assert (again.status_code, taken.status_code) == (409, 409)
    wrong = submit(regulator, "/organisations/quancheng-materials/edit", **given(credit_code="1"))
    assert wrong.status_code == 422
    missing = submit(regulator, "/organisations/quancheng-materials/edit", **given(name_en=""))
    assert missing.status_code == 422


def test_another_regions_organisation_does_not_exist_for_a_regulator(regulator: FlaskClient) -> None:
    other = make_organisation(region=GUANGDONG)
    assert regulator.get(f"/organisations/{other.slug}").status_code == 404
    assert regulator.get("/organisations/nothing").status_code == 404


def test_closing_ends_the_roles_and_keeps_the_record(regulator: FlaskClient) -> None:
    organisation = make_organisation(region=JINAN)
    member = make_member(Role.EMPLOYER, JINAN, organisation)
    path = f"/organisations/{organisation.slug}"
    today = clock.today()
    assert submit(regulator, f"{path}/close", page=path, last_day=today.isoformat(), reason="").status_code == 422
    past = (today - timedelta(days=1)).isoformat()
    late = submit(regulator, f"{path}/close", page=path, last_day=past, reason="合并")
    assert late.status_code == 422
    assert "该日期已过" in late.text
    assert session.get_one(Membership, member.membership.id).ends_on is None, "roles were held since"
    done = submit(regulator, f"{path}/close", page=path, last_day=today.isoformat(), reason="合并")
    assert done.status_code == 302
    assert session.get_one(Membership, member.membership.id).ends_on == today
    assert "已于" in regulator.get(path).text
    again = submit(regulator, f"{path}/close", page="/organisations/new", last_day=today.isoformat(), reason="再次")
    assert again.status_code == 409
    edited = submit(regulator, f"{path}/edit", **given())
    assert edited.status_code == 409


def test_a_closed_body_holds_nobody_later_and_takes_nobody_in(regulator: FlaskClient, browser_of: Browser) -> None:
    organisation = make_organisation(region=JINAN)
    today = clock.today()
    later = make_member(Role.LECTURER, JINAN, organisation, starts_on=today + timedelta(days=30))
    path = f"/organisations/{organisation.slug}"
    done = submit(regulator, f"{path}/close", page=path, last_day=today.isoformat(), reason="合并")
    assert done.status_code == 302, done.text

    session.expire_all()
    row = session.get_one(Membership, later.membership.id)
    assert (row.called_off, row.ends_on) == (True, today)
    assert not any(row.holds_on(today + timedelta(days=passed)) for passed in (0, 1, 30, 400))
    ended = session.scalars(select(Event).where(Event.kind == "accounts.role_ended")).all()
    assert [(one.subject_code, one.data["membership"]) for one in ended] == [(later.person.code, row.code)]
    assert "已取消" in regulator.get(path).text

    with pytest.raises(ConflictError, match="起关闭"):
        make_member(Role.LECTURER, JINAN, organisation)
    person = make_member(Role.AUTHOR, JINAN).person
    asking = browser_of(make_member(Role.SECADMIN, SHANDONG))
    page = f"/security/people/{person.code}"
    order = {"role": "marker", "region_code": JINAN, "starts_on": today.isoformat(), "reason": "按通知增补"}
    refused = submit(asking, f"{page}/roles", page=page, organisation=organisation.slug, **order)
    assert refused.status_code == 409
    assert "不能再授予角色" in refused.text


def test_ending_a_role_never_prolongs_it(app: Flask) -> None:
    del app
    organisation, today = make_organisation(region=JINAN), clock.today()
    other, authority = make_organisation(region=JINAN), make_member(Role.REGULATOR, SHANDONG)
    held = make_member(Role.LECTURER, JINAN, organisation)
    later = make_member(Role.LECTURER, JINAN, organisation, starts_on=today + timedelta(days=30))
    ending = make_member(Role.LECTURER, JINAN, other, ends_on=today)
    with unit_of_work():
        found = session.get_one(Organisation, organisation.id)
        services.close_organisation(found, reason="合并", last_day=today, by=authority.actor, at=clock.now())
    for member, refusal in ((held, InvalidError), (ending, InvalidError), (later, ConflictError)):
        for last_day in (today + timedelta(days=60), today + timedelta(days=1)):
            row = session.get_one(Membership, member.membership.id)
            with pytest.raises(refusal):
                services.end_role(row, last_day=last_day, by=authority.actor, at=clock.now())
    session.expire_all()
    assert session.get_one(Membership, later.membership.id).called_off


def test_an_administration_that_was_called_off_stands_in_nobodys_way(app: Flask) -> None:
    del app
    organisation, today = make_organisation(region=JINAN), clock.today()
    authority = make_member(Role.REGULATOR, SHANDONG)
    begins = today + timedelta(days=30)
    later = make_member(Role.SECADMIN, JINAN, organisation, starts_on=begins)
    with unit_of_work():
        found = session.get_one(Organisation, organisation.id)
        services.close_organisation(found, reason="合并", last_day=today, by=authority.actor, at=clock.now())
    make_member(Role.AUDITOR, JINAN, person=later.person, starts_on=today, ends_on=begins)


@pytest.mark.parametrize("change", ["ends_on = '2019-01-01'", "called_off = NULL"])
def test_a_role_that_was_not_called_off_ends_after_its_first_day(app: Flask, change: str) -> None:
    del app
    make_member(Role.AUTHOR, JINAN)
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(text(f"UPDATE membership SET {change}"))


@pytest.mark.one_database
def test_the_region_tree_names_its_source(client: FlaskClient) -> None:
    make_organisation(region=JINAN)
    top = client.get("/regions").text
    assert "山东省" in top
    page = client.get(f"/regions/{SHANDONG}").text
    assert "济南市" in page
    assert "GB/T 2260" in page
    assert client.get("/regions/999999").status_code == 404


@pytest.fixture
def base(app: Flask) -> Member:
    del app
    return make_member(Role.BASE, JINAN, make_organisation(region=JINAN))


def organisation_of(member: Member) -> Organisation:
    return session.get_one(Organisation, member.membership.organisation_id, populate_existing=True)


def person(number: int = 9900, **changed: str) -> dict[str, str]:
    return {
        "role": "lecturer",
        "name": "韩立",
        "identity_kind": "resident_id",
        "identity_number": identity_number(number),
        "starts_on": "2026-01-01",
        **changed,
    }


def test_an_administrator_invites_into_the_own_organisation_and_ends_the_role(
    base: Member, browser_of: Browser
) -> None:
    browser = browser_of(base)
    path = browser.get("/organisations/mine").location
    invited = submit(browser, f"{path}/members/new", **person())
    assert invited.status_code == 200
    assert "/invitation/" in invited.text, "the link is shown once"
    membership = session.scalars(select(Membership).where(Membership.role == Role.LECTURER)).one()
    assert membership.organisation_id == base.membership.organisation_id
    assert "韩立" in browser.get(path).text

    shown = f"{path}/members/{membership.code}"
    assert "courses.teach" in browser.get(shown).text, "what the person may do is shown"
    assert submit(browser, shown, last_day="").status_code == 422
    assert submit(browser, shown, last_day="2020-01-01").status_code == 422
    assert submit(browser, shown, last_day="2026-02-01").status_code == 302
    assert session.get_one(Membership, membership.id).ends_on == date(2026, 2, 1)


def test_a_person_with_an_account_needs_no_link(base: Member, browser_of: Browser) -> None:
    known = make_person(name="韩立", number=identity_number(9901))
    with unit_of_work():
        services.add_account(known, None, password_hash="x", at=MADE_AT)
    browser = browser_of(base)
    path = browser.get("/organisations/mine").location
    invited = submit(browser, f"{path}/members/new", **person(9901))
    assert "已有账号" in invited.text
    assert session.scalars(select(Invitation)).all() == []
    refused = submit(browser, f"{path}/members/new", **person(9901, name="张冠"))
    assert refused.status_code == 422
    assert submit(browser, f"{path}/members/new", **person(9902, name="")).status_code == 422


def test_nobody_gives_more_than_they_hold(app: Flask) -> None:
    del app
    organisation = make_organisation(region=JINAN)
    base = make_member(Role.BASE, JINAN, organisation, ends_on=date(2027, 1, 1))
    other = make_member(Role.BASE, JINAN, make_organisation(region=JINAN))

    def invite(by: Member, role: Role, ends_on: date | None) -> None:
        values = person(9903)
        with unit_of_work():
            services.invite_member(
                organisation,
                role=role,
                name=values["name"],
                identity_kind=by.person.identity_kind or pytest.fail("a document"),
                identity_number=values["identity_number"],
                email=None,
                starts_on=date(2026, 1, 1),
                ends_on=ends_on,
                by=by.actor,
                at=MADE_AT,
                real_at=clock.real_now(),
            )

    with pytest.raises(ForbiddenError):
        invite(base, Role.REGULATOR, None)
    with pytest.raises(InvalidError):
        invite(base, Role.LECTURER, None)
    with pytest.raises(InvalidError):
        invite(base, Role.LECTURER, date(2028, 1, 1))
    with pytest.raises(ForbiddenError):
        invite(other, Role.LECTURER, date(2026, 12, 31))
    invite(base, Role.LECTURER, date(2027, 1, 1))


def test_roles_of_others_stay_out_of_reach(base: Member, browser_of: Browser) -> None:
    organisation = organisation_of(base)
    expert = make_member(Role.EXPERT, JINAN, organisation)
    stranger = make_member(Role.LECTURER, JINAN, make_organisation(region=JINAN))
    browser = browser_of(base)
    path = f"/organisations/{organisation.slug}"

    def end(member: Member) -> int:
        address = f"{path}/members/{member.membership.code}"
        return submit(browser, address, page=f"{path}/members/new", last_day="2026-06-01").status_code

    assert end(expert) == 403
    assert end(base) == 403, "nobody ends their own role"
    assert end(stranger) == 404
    assert "只有可授予该角色的人" in browser.get(f"{path}/members/{expert.membership.code}").text
    other = session.get_one(Organisation, stranger.membership.organisation_id)
    assert browser.get(f"/organisations/{other.slug}/members/new").status_code == 404


@pytest.mark.one_database
def test_whoever_acts_for_no_organisation_has_none_to_show(sign_in: Browser) -> None:
    assert sign_in(Role.REGULATOR, SHANDONG).get("/organisations/mine").status_code == 404


def test_every_kind_has_its_words() -> None:
    assert {kind.value for kind in OrganisationKind} >= {"committee_host", "institution"}


REACHED = {
    "phone": "（0531）8600 0000",
    "email": "Leads@Kjt.Example",
    "postal_address": "济南市历下区1号",
    "postcode": "250000",
}


def test_an_administrator_says_how_the_own_organisation_is_reached_and_the_past_stays_readable(
    base: Member, browser_of: Browser
) -> None:
    path = f"/organisations/{organisation_of(base).slug}"
    browser = browser_of(base)
    assert f"{path}/contacts" in browser.get(path).text

    assert submit(browser, f"{path}/contacts", **REACHED).location == path

    kept = organisation_of(base)
    assert (kept.phone, kept.email, kept.postcode) == ("0531-86000000", "leads@kjt.example", "250000")
    submit(browser, f"{path}/contacts", **REACHED)
    assert len(session.scalars(select(OrganisationChange)).all()) == len(REACHED), "what is the same leaves no trace"
    submit(browser, f"{path}/contacts", **{**REACHED, "phone": ""})
    page = browser.get(path).text
    assert organisation_of(base).phone is None
    assert "0531-86000000" in page, "in the history"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"phone": "12"}, "带区号"),
        ({"email": "nothing"}, "邮箱格式不正确"),
        ({"postcode": "25000"}, "6位数字"),
        ({"postal_address": "路" * 201}, "200"),
    ],
)
def test_a_way_that_reaches_nobody_is_refused_beside_its_field_and_kept_as_typed(
    base: Member, browser_of: Browser, changed: dict[str, str], said: str
) -> None:
    path = f"/organisations/{organisation_of(base).slug}/contacts"
    refused = submit(browser_of(base), path, **{**REACHED, **changed})
    assert refused.status_code == 422
    assert said in refused.text
    assert next(iter(changed.values())) in refused.text
    assert organisation_of(base).postcode is None


def test_only_the_own_administrators_and_an_authority_above_say_how_a_body_is_reached(
    base: Member, browser_of: Browser
) -> None:
    path = f"/organisations/{organisation_of(base).slug}/contacts"
    own = make_organisation(region=JINAN)
    other = make_member(Role.BASE, JINAN, own)
    theirs = f"/organisations/{own.slug}/contacts"
    assert submit(browser_of(other), path, page=theirs, **REACHED).status_code == 404
    assert browser_of(make_member(Role.REGULATOR, GUANGDONG)).get(path).status_code == 404
    assert browser_of(make_member(Role.TRAINEE, JINAN)).get(path).status_code == 403
    with pytest.raises(ForbiddenError), unit_of_work():
        services.correct_contacts(organisation_of(base), REACHED, by=other.actor, at=MADE_AT)

    assert submit(browser_of(make_member(Role.REGULATOR, SHANDONG)), path, **REACHED).status_code == 302

    with unit_of_work():
        organisation_of(base).closed_on = date(2026, 1, 1)
    assert submit(browser_of(base), path, **{**REACHED, "phone": "12345"}).status_code == 409


def kin(one: Organisation, *others: Organisation) -> list[Kin | None]:
    found = family([one.id])[one.id]
    return [found.get(other.id) for other in others]


def under(parent: Organisation | None, kind: OrganisationKind = OrganisationKind.INSTITUTION) -> Organisation:
    made = make_organisation(kind=kind, region=JINAN)
    with unit_of_work():
        session.get_one(Organisation, made.id).parent_id = None if parent is None else parent.id
    return made


def test_a_body_names_its_whole_which_its_history_and_both_pages_show(regulator: FlaskClient) -> None:
    whole = make_organisation(slug="taiyue", region=JINAN, name_zh="泰岳工业大学")
    made = submit(regulator, "/organisations/new", **given(part_of="Taiyue"))
    assert made.status_code == 302, made.text
    part = session.scalars(select(Organisation).where(Organisation.credit_code == CODE)).one()
    assert part.parent_id == whole.id
    assert f'href="/organisations/{whole.slug}"' in regulator.get(made.location).text
    assert f'href="{made.location}"' in regulator.get(f"/organisations/{whole.slug}").text
    assert 'value="taiyue"' in regulator.get(f"{made.location}/edit").text

    submit(regulator, f"{made.location}/edit", **given(part_of="taiyue"))
    assert session.scalars(select(OrganisationChange)).all() == [], "the same whole is no correction"
    submit(regulator, f"{made.location}/edit", **given(part_of=""))
    (change,) = session.scalars(select(OrganisationChange)).all()
    assert (change.field, change.before, change.after) == ("part_of", "泰岳工业大学", None)
    session.expire_all()
    assert session.get_one(Organisation, part.id).parent_id is None
    assert "泰岳工业大学" in regulator.get(made.location).text, "the history names it"


def test_no_circle_no_closed_and_no_unseen_body_is_a_whole(regulator: FlaskClient) -> None:
    top = under(None)
    middle = under(top)
    bottom = under(middle)
    closed, unseen = under(None), make_organisation(region=GUANGDONG)
    with unit_of_work():
        session.get_one(Organisation, closed.id).closed_on = clock.today()
    page = f"/organisations/{top.slug}/edit"

    def answer(text: str) -> tuple[int, str]:
        answered = submit(regulator, page, **given(credit_code=CODE, part_of=text))
        return answered.status_code, answered.text

    for circle in (top, middle, bottom):
        status, page_text = answer(circle.slug)
        assert status == 409
        assert "本身属于所更正的单位" in page_text
    assert answer(closed.slug)[0] == 409
    for nothing in (unseen.slug, "no-such-body"):
        status, page_text = answer(nothing)
        assert status == 422
        assert "没有使用该代码" in page_text
    session.expire_all()
    assert session.get_one(Organisation, top.id).parent_id is None


def test_what_an_authority_above_recorded_stays_through_a_correction_below(regulator: FlaskClient) -> None:
    far = make_organisation(slug="far-group", region=GUANGDONG, name_zh="岭南集团")
    part = under(far)
    page = f"/organisations/{part.slug}"
    assert "岭南集团（广东省，不在您的辖区）" in regulator.get(page).text
    assert "/organisations/far-group" not in regulator.get(page).text, "beyond the region there is nothing to open"

    done = submit(regulator, f"{page}/edit", **given(part_of="far-group"))
    assert done.status_code == 302, done.text
    session.expire_all()
    assert session.get_one(Organisation, part.id).parent_id == far.id


def test_the_family_of_a_body_is_what_is_above_below_and_beside_it(app: Flask) -> None:
    del app
    university, stranger = under(None), under(None)
    school, other = under(university), under(university)
    laboratory, beside = under(school), under(other)

    near = kin(school, university, laboratory, other, beside)
    assert near == [Kin.WHOLE, Kin.PART, Kin.SIBLING, Kin.SIBLING]
    assert kin(laboratory, university, school, other) == [Kin.WHOLE, Kin.WHOLE, Kin.SIBLING]
    assert kin(university, school, beside) == [Kin.PART, Kin.PART]
    assert kin(school, school, stranger) == [None, None]
    assert family([stranger.id, school.id]).keys() == {stranger.id, school.id}


def test_bodies_under_one_authority_are_no_siblings(app: Flask) -> None:
    del app
    bureau = under(None, OrganisationKind.AUTHORITY)
    one, other = under(bureau), under(bureau)

    assert kin(one, bureau, other) == [Kin.WHOLE, None]
    assert kin(bureau, one, other) == [Kin.PART, Kin.PART]


def test_a_body_is_never_its_own_whole_in_the_schema(app: Flask) -> None:
    del app
    one = under(None)
    with pytest.raises(ConflictError, match="ck_organisation_parent"), unit_of_work():
        session.get_one(Organisation, one.id).parent_id = one.id
