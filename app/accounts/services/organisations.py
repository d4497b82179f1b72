"""Organisations: registered, corrected with a history, closed; their members invited and ended by their own."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import select

from app.accounts import organisation_queries as queries
from app.accounts.access import Permission, covers
from app.accounts.models import Membership, Organisation, OrganisationChange
from app.accounts.queries import account_of
from app.accounts.rules.contacts import clean_email, clean_office_phone, clean_postcode
from app.accounts.rules.credit_code import clean_credit_code
from app.accounts.rules.powers import may_give
from app.accounts.services.invitations import invite
from app.accounts.services.people import add_organisation, add_person
from app.accounts.services.roles import end_all, end_role, grant_role
from app.accounts.states import IdentityKind, OrganisationKind, Role
from app.core import clock, events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l

EDITABLE = ("name_zh", "name_en", "region_code", "credit_code")
CONTACTS: dict[str, Callable[[str], str]] = {
    "phone": clean_office_phone,
    "email": clean_email,
    "postal_address": str.strip,
    "postcode": clean_postcode,
}


def register_organisation(
    *,
    kind: OrganisationKind,
    slug: str,
    name_zh: str,
    name_en: str,
    region_code: str,
    credit_code: str,
    part_of: str | None = None,
    by: Actor,
    at: datetime,
) -> Organisation:
    """Register a body of one's own region; raises InvalidError with its field, ConflictError where it is known."""
    _check_region(region_code, by)
    written = clean_credit_code(credit_code)
    _check_free(Organisation.credit_code == written, "credit_code")
    if session.scalar(select(Organisation.id).where(Organisation.slug == slug)) is not None:
        raise ConflictError(_l("Another organisation has this short name in addresses. Choose another."), field="slug")
    return add_organisation(
        kind=kind,
        slug=slug,
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        region_code=region_code,
        credit_code=written,
        parent_id=_whole(part_of, by).id if part_of else None,
        by=by,
        at=at,
    )


def _whole(text: str, by: Actor) -> Organisation:
    """Return the body that a part names as its whole; raises InvalidError, ConflictError for one that is closed."""
    found = queries.named(by, text.strip())
    if found is None:
        raise InvalidError(
            _l("No organisation that you may see has this code or short name. Look for it in the list."),
            field="part_of",
        )
    if found.closed_on is not None:
        raise ConflictError(_l("This organisation is closed. Name one that operates."), field="part_of")
    return found


def _check_region(region_code: str, by: Actor) -> None:
    if not covers(by.region_code, region_code):
        raise ForbiddenError(_l("This region lies outside of yours. Choose one within it."), field="region_code")


def _check_free(condition: object, field: str, but: int | None = None) -> None:
    query = select(Organisation.id).where(condition, Organisation.id != (but or 0))  # type: ignore[arg-type]
    if session.scalar(query) is not None:
        raise ConflictError(
            _l("An organisation with this code is registered already. Look for it in the list."), field=field
        )


def correct_organisation(
    organisation: Organisation, values: Mapping[str, str | None], *, by: Actor, at: datetime
) -> int:
    """Correct names, region, code or whole of a body; each changed field goes into its history: how many changed.

    Raises ConflictError for a closed body or a circle of wholes and parts, InvalidError with its field.
    """
    _check_open(organisation)
    _check_region(organisation.region_code, by)
    written = {field: text.strip() for field in EDITABLE if (text := values.get(field)) is not None}
    if written.get("credit_code", organisation.credit_code) != organisation.credit_code:
        written["credit_code"] = clean_credit_code(written["credit_code"])
        _check_free(Organisation.credit_code == written["credit_code"], "credit_code", organisation.id)
    if "region_code" in written:
        _check_region(written["region_code"], by)
    part_of = values.get("part_of")
    moved = {} if part_of is None else _moved(organisation, part_of.strip(), by)
    return _keep(organisation, written, moved, by=by, at=at)


def address_of(organisation: Organisation | None) -> str:
    """Return what a form names a body by: its credit code, or its short name where it has none."""
    return "" if organisation is None else organisation.credit_code or organisation.slug


Changed = tuple[str | None, str | None]
"""What a field said before and after."""


def _moved(organisation: Organisation, part_of: str, by: Actor) -> dict[str, Changed]:
    """Put a body under another one, or under none; both lines upwards are held, so that no two make a circle at once.

    What stays as it was is not looked at: it may lie outside of what the actor may see.
    """
    before = None if organisation.parent_id is None else session.get_one(Organisation, organisation.parent_id)
    if part_of == address_of(before):
        return {}
    whole = _whole(part_of, by) if part_of else None
    if whole is not None:
        held = {organisation.id, whole.id, *queries.above(whole.id)}
        session.scalars(
            select(Organisation.id).where(Organisation.id.in_(held)).order_by(Organisation.id).with_for_update()
        ).all()
        if organisation.id in {whole.id, *queries.above(whole.id)}:
            raise ConflictError(
                _l("This organisation is itself a part of the one that you correct. Name another one."),
                field="part_of",
            )
    organisation.parent_id = None if whole is None else whole.id
    return {"part_of": (before.name_zh if before else None, whole.name_zh if whole else None)}


def correct_contacts(organisation: Organisation, values: Mapping[str, str], *, by: Actor, at: datetime) -> int:
    """Say how a body is reached: by its own administrators or an authority above. Returns how many fields changed.

    Raises ConflictError for a closed body, ForbiddenError for others, InvalidError with its field.
    """
    _check_open(organisation)
    if by.organisation_id != organisation.id:
        if not by.may(Permission.ORGANISATIONS_RUN):
            raise ForbiddenError(_l("Its own administrators or an authority above say how an organisation is reached."))
        _check_region(organisation.region_code, by)
    given = {field: (values.get(field) or "").strip() for field in CONTACTS}
    written = {field: CONTACTS[field](text) if text else "" for field, text in given.items()}
    return _keep(organisation, written, by=by, at=at)


def _keep(
    organisation: Organisation,
    written: Mapping[str, str],
    moved: Mapping[str, Changed] | None = None,
    *,
    by: Actor,
    at: datetime,
) -> int:
    new = {field: text or None for field, text in written.items() if (text or None) != getattr(organisation, field)}
    changed = {field: (getattr(organisation, field), text) for field, text in new.items()} | dict(moved or {})
    for field, text in new.items():
        setattr(organisation, field, text)
    for field, (before, after) in changed.items():
        session.add(
            OrganisationChange(
                organisation_id=organisation.id, field=field, before=before, after=after, by_id=by.person_id, at=at
            )
        )
    if changed:
        session.flush()
        _record("accounts.organisation_corrected", organisation, by=by, at=at, data={"fields": sorted(changed)})
    return len(changed)


def close_organisation(organisation: Organisation, *, reason: str, last_day: date, by: Actor, at: datetime) -> None:
    """Close a body with a day: it stays readable, every role there ends with that day, also one that begins later.

    Raises ConflictError where it is closed already, InvalidError for a day that has passed: roles were held since.
    """
    _check_open(organisation)
    _check_region(organisation.region_code, by)
    if last_day < clock.today():
        raise InvalidError(_l("This day has passed. Give today or a later day."), field="last_day")
    organisation.closed_on = last_day
    session.flush()
    end_all(organisation.id, last_day=last_day, by=by, at=at)
    _record("accounts.organisation_closed", organisation, by=by, at=at, reason=reason)


def _check_open(organisation: Organisation) -> None:
    if organisation.closed_on is not None:
        raise ConflictError(_l("This organisation is closed: its record is kept as it is."))


def _record(
    kind: str,
    organisation: Organisation,
    *,
    by: Actor,
    at: datetime,
    data: dict[str, object] | None = None,
    reason: str | None = None,
) -> None:
    events.record(kind, Subject("organisation", organisation.code), by=by, at=at, data=data, reason=reason)


def invite_member(  # noqa: PLR0913 - a member is named, proven, placed and timed
    organisation: Organisation,
    *,
    role: Role,
    name: str,
    identity_kind: IdentityKind,
    identity_number: str,
    email: str | None,
    starts_on: date,
    ends_on: date | None,
    by: Actor,
    at: datetime,
    real_at: datetime,
) -> tuple[Membership, str | None]:
    """Bring a person into one's own organisation; return the membership and, without an account, the link's token.

    Nobody gives more than they hold: the role is one of `rules.powers`, the place their own organisation and
    region, the period at most their own. Raises ForbiddenError or InvalidError with its field.
    """
    own = _own_membership(organisation, by)
    _check_open(organisation)
    if role not in may_give(by.role):
        raise ForbiddenError(_l("Your role does not give this role to others."), field="role")
    if own.ends_on is not None and (ends_on is None or ends_on > own.ends_on):
        raise InvalidError(
            _l("Your own role ends on %(day)s. Give a role that ends by then.", day=own.ends_on.isoformat()),
            field="ends_on",
        )
    person = add_person(
        name=name,
        identity_kind=identity_kind,
        identity_number=identity_number,
        email=email,
        by=by,
        at=at,
    )
    if person.name != name.strip():
        raise InvalidError(_l("Name and document do not fit together. Compare both with the document."), field="name")
    membership = grant_role(
        person,
        role,
        region_code=own.region_code,
        organisation_id=organisation.id,
        starts_on=starts_on,
        ends_on=ends_on,
        by=by,
        at=at,
    )
    token = None if account_of(person.id) is not None else invite(person, by=by, at=real_at)
    return membership, token


def end_membership(
    organisation: Organisation, membership: Membership, *, last_day: date, by: Actor, at: datetime
) -> None:
    """End a membership of one's own organisation that one could have given; raises ForbiddenError otherwise."""
    _own_membership(organisation, by)
    if membership.organisation_id != organisation.id or membership.role not in may_give(by.role):
        raise ForbiddenError(_l("Only whoever may give this role can end it."))
    if membership.person_id == by.person_id:
        raise ForbiddenError(_l("You cannot end your own role. Ask another administrator of your organisation."))
    end_role(membership, last_day=last_day, by=by, at=at)


def _own_membership(organisation: Organisation, by: Actor) -> Membership:
    if by.organisation_id != organisation.id or by.membership_id is None:
        raise ForbiddenError(_l("Only this organisation's own administrators invite its members and end their roles."))
    return session.get_one(Membership, by.membership_id)
