"""Reads of packs as they are edited: what was typed so far, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError, Text
from app.core.text import _l
from app.rulebook.kinds import RuleKind
from app.rulebook.models import PackEdit, PackStart, RulePack
from app.rulebook.queries.kinds import kind
from app.rulebook.queries.packs import catalogue_of
from app.rulebook.rules import cases, criteria
from app.rulebook.rules.editing import Typed, normal, path_of, raw_of, typed_of
from app.rulebook.rules.packs import PackFile, read, trees
from app.rulebook.rules.writing import plain, to_toml
from app.rulebook.wording import reason

FIXED = ("kind", "code", "region")
"""What an edit does not change: a series stays with its kind and its region."""
AFRESH = ("name_zh", "name_en", "starts_on", "ends_on", "tag", "source")
"""What the pack of another region cannot give: its own name, days, tag and source."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A typed pack after its check: the file and parameters where they fit, what is wrong by place where not."""

    file: PackFile | None
    params: BaseModel | None
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Tell whether the pack could be saved."""
        return self.file is not None and self.params is not None and not self.errors


def edit_of(pack: RulePack, actor: Actor) -> PackEdit | None:
    """Return what the actor has typed on the way to the next revision, None where nothing was."""
    return session.scalar(select(PackEdit).where(PackEdit.pack_id == pack.id, PackEdit.person_id == actor.person_id))


def typed_pack(pack: RulePack) -> Typed:
    """Return a stored pack as text in its fields."""
    given = plain(read(pack.text))
    typed = {key: value for key, value in typed_of(given, PackFile).items() if key not in {*FIXED, "params"}}
    return {**typed, "params": typed_of(pack.params, kind(pack.kind).model)}


def blank(found: RuleKind) -> Typed:
    """Return an empty pack of a kind: every field of it, nothing in any."""
    typed = {key: value for key, value in typed_of({}, PackFile).items() if key not in {*FIXED, "params"}}
    return {**typed, "params": typed_of({}, found.model)}


def afresh(pack: RulePack) -> Typed:
    """Return the values and test cases of a pack for another region, without what that region must say itself."""
    empty = typed_of({}, PackFile)
    return {**typed_pack(pack), **{name: empty[name] for name in AFRESH}}


def start(code: str, actor: Actor) -> PackStart:
    """Return what the actor has begun; raises NotFoundError."""
    found = session.scalar(select(PackStart).where(PackStart.code == code, PackStart.person_id == actor.person_id))
    if found is None or found.region_code != actor.region_code:
        raise NotFoundError(_l("There is nothing begun here. It was saved or dropped, or is another person's."))
    return found


def begun(actor: Actor) -> list[PackStart]:
    """Return what the actor has begun for their region and not saved yet, the latest first."""
    query = select(PackStart).where(PackStart.person_id == actor.person_id, PackStart.region_code == actor.region_code)
    return list(session.scalars(query.order_by(PackStart.changed_at.desc(), PackStart.id.desc())))


def begun_as(series: str, actor: Actor) -> PackStart | None:
    """Return what the actor has begun under a code, for whichever region."""
    return session.scalar(select(PackStart).where(PackStart.series == series, PackStart.person_id == actor.person_id))


def origin_of(pack: RulePack | PackStart) -> RulePack | None:
    """Return the pack of which the values were copied, None where it began empty."""
    return session.get(RulePack, pack.copied_from_id) if pack.copied_from_id else None


def check(pack: RulePack | PackStart, typed: Typed) -> Checked:
    """Check a typed pack against its kind and the catalogue of facts; says each wrong field by its place."""
    found = kind(pack.kind)
    errors: dict[str, list[str]] = {}
    for place, said in _problems(pack, found, typed):
        errors.setdefault(place, []).append(str(said))
    file, _wrong = _file(pack, typed)
    params, _other = _params(found, typed)
    return Checked(file, params, errors)


def _problems(pack: RulePack | PackStart, found: RuleKind, typed: Typed) -> Iterator[tuple[str, Text]]:
    catalogue = catalogue_of(found)
    file, wrong = _file(pack, typed)
    yield from wrong
    params, other = _params(found, typed)
    yield from other
    for place, tree in trees(params):
        for path, said in criteria.faults(tree, catalogue):
            yield path_of(("params", *place, *path)), said
    for place_of_case, said in cases.faults(file.cases if file else (), catalogue):
        yield path_of(("cases", place_of_case, "facts")), said


def _file(pack: RulePack | PackStart, typed: Typed) -> tuple[PackFile | None, list[tuple[str, Text]]]:
    fixed = {"kind": pack.kind, "code": pack.series, "region": pack.region_code, "params": {}}
    try:
        return PackFile.model_validate({**raw_of(typed, PackFile), **fixed}), []
    except ValidationError as error:
        return None, [(path_of(one["loc"]) or "tag", reason(one)) for one in error.errors()]


def _params(found: RuleKind, typed: Typed) -> tuple[BaseModel | None, list[tuple[str, Text]]]:
    given = typed["params"]
    try:
        return found.model.model_validate(raw_of(given, found.model)), []
    except ValidationError as error:
        return None, [(f"params.{normal(one['loc'], given)}".rstrip("."), reason(one)) for one in error.errors()]


def text_of(checked: Checked) -> str:
    """Return a good pack as the file that people download and upload."""
    file, params = checked.file, checked.params
    head: dict[str, Any] = plain(file) if file else {}
    table = {**head, "params": plain(params) if params else {}}
    order = [*(name for name in PackFile.model_fields if name != "cases"), "cases"]
    return to_toml({name: table[name] for name in order if name in table})
