"""Whose certificates a page shows: one's own, or those of the organisation that the actor administers.

Each page is written once and stands at two addresses, each with its own access.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.accounts.queries import organisation
from app.core.access import acting, requires, signed_in
from app.core.errors import ForbiddenError
from app.core.text import _l, pick
from app.credentials import wording_holders as words
from app.credentials.access import Permission
from app.credentials.queries.records import Holder
from app.credentials.views.blueprint import bp

Page = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Whose:
    """The holder of the certificates on a page, what they are called, and where their other pages stand."""

    holder: Holder
    name: str
    words: words.HeldWords
    prefix: str = ""

    @property
    def personal(self) -> bool:
        """Tell whether the holder is the person who asks."""
        return self.holder.person_id is not None

    def to(self, page: str, **values: str) -> str:
        """Return the address of a page of the same holder."""
        return url_for(f"credentials.{self.prefix}{page}", **values)


def own() -> Whose:
    """Return the pages of the person who asks."""
    actor = acting()
    return Whose(Holder(actor.person_id), actor.name, words.OWN)


def of_organisation() -> Whose:
    """Return the pages of the organisation that the actor administers; raises ForbiddenError where there is none."""
    organisation_id = acting().organisation_id
    if organisation_id is None:
        raise ForbiddenError(_l("Your role stands for no organisation. Switch to the one in which you administer it."))
    found = organisation(organisation_id)
    name = pick(found.name_zh, found.name_en)
    return Whose(Holder(organisation_id=organisation_id), name, words.OF_ORGANISATION, "organisation_")


def page(rule: str, *, post: bool = False) -> Callable[[Page], Page]:
    """Let a view that is given `whose` answer below `/my` and below `/organisation`, each with its access."""

    def register(view: Page) -> Page:
        name, methods = view.__name__, ["POST" if post else "GET"]

        def mine(**given: str) -> Any:  # noqa: ANN401 - whatever a view answers
            return view(own(), **given)

        def ours(**given: str) -> Any:  # noqa: ANN401 - whatever a view answers
            return view(of_organisation(), **given)

        guard = requires(Permission.HOLD_FOR_ORGANISATION)
        bp.add_url_rule(f"/my{rule}", name, signed_in(mine), methods=methods)
        bp.add_url_rule(f"/organisation{rule}", f"organisation_{name}", guard(ours), methods=methods)
        return view

    return register
