"""A pack as people type it: text in every field, right or wrong; its lines added, moved and removed; pure functions.

`Typed` is the pack as nested tables and lists whose leaves are texts. A path such as `params.tree.of.0` names a place.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel

from app.core.errors import InvalidError
from app.core.text import _l
from app.rulebook.rules.criteria import (
    AllOf,
    AnyOf,
    AtLeast,
    Choice,
    Day,
    Exclusion,
    Flag,
    NoneOf,
    Number,
    Points,
    Row,
    Years,
)
from app.rulebook.rules.fields import Field, Shape, fields_of

Typed: TypeAlias = dict[str, Any]
Step: TypeAlias = str | int
NODE_MODELS: Mapping[str, type[BaseModel]] = {
    "all": AllOf,
    "any": AnyOf,
    "at_least": AtLeast,
    "none": NoneOf,
    "exclusion": Exclusion,
    "number": Number,
    "day": Day,
    "choice": Choice,
    "flag": Flag,
    "years": Years,
    "points": Points,
}
LISTS = ("of", "rows")
NEW_NODE = {"node": "number", "fact": "", "op": "at_least", "value": ""}
NEW_ROW = {"points": "", "each": "", "most": ""}
MOST_LINES = 300


@dataclass(frozen=True, slots=True)
class Edited:
    """A pack after an act on one of its lines, and the line that is open for change then."""

    typed: Typed
    open: str


# ---- places


def steps_of(path: str) -> tuple[Step, ...]:
    """Return a path as steps: words and positions from 0."""
    return tuple(int(step) if step.isdigit() else step for step in path.split(".") if step)


def path_of(steps: Sequence[Step]) -> str:
    """Return steps as a path."""
    return ".".join(str(step) for step in steps)


def at(typed: Any, steps: Sequence[Step]) -> Any:  # noqa: ANN401 - whatever stands there
    """Return what stands at a place; raises InvalidError where nothing does."""
    for step in steps:
        if not has(typed, step):
            raise InvalidError(_l("This line is no longer there. Look at the list again."))
        typed = typed[step]
    return typed


def has(typed: object, step: Step) -> bool:
    """Tell whether a step leads on from a table or a list."""
    if isinstance(step, int):
        return isinstance(typed, list) and step < len(typed)
    return isinstance(typed, dict) and step in typed


# ---- from a pack to fields and back


def typed_of(value: Any, model: type[BaseModel]) -> Typed:  # noqa: ANN401 - a table as a file holds it
    """Return a table as text in the fields of a model; what the table leaves out is an empty field."""
    given = value if isinstance(value, Mapping) else {}
    return {field.name: _typed(field, given.get(field.name)) for field in fields_of(model)}


def _typed(field: Field, value: Any) -> Any:  # noqa: ANN401 - a value as a file holds it
    if field.shape is Shape.TREE:
        return typed_node(value or {"node": "all", "of": []})
    if field.shape is Shape.MODEL and field.model is not None:
        return typed_of(value, field.model)
    if field.shape is Shape.MODELS and field.model is not None:
        return [typed_of(one, field.model) for one in value or ()]
    if field.shape is Shape.LINES:
        return "\n".join(str(one) for one in value or ())
    if field.shape is Shape.PAIRS:
        return "\n".join(f"{key} = {_text(one)}" for key, one in (value or {}).items())
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def typed_node(node: Mapping[str, Any]) -> Typed:
    """Return a criteria node as text in its fields."""
    typed: Typed = {}
    for key, value in node.items():
        if key == "of":
            typed[key] = [typed_node(one) for one in value]
        elif key == "rows":
            typed[key] = [{**typed_node({k: v for k, v in row.items() if k != "when"}), **_when(row)} for row in value]
        elif key == "one_of":
            typed[key] = "\n".join(value)
        else:
            typed[key] = _text(value)
    return typed


def _when(row: Mapping[str, Any]) -> Typed:
    return {"when": typed_node(row["when"])} if row.get("when") else {}


def raw_of(typed: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Return typed fields as a file would hold them, empty ones left out; right or wrong."""
    raw: dict[str, Any] = {}
    for field in fields_of(model):
        value = _raw(field, typed.get(field.name))
        if value is not None:
            raw[field.name] = value
    return raw


def _raw(field: Field, value: Any) -> Any:  # noqa: ANN401 - typed text, tables or lists
    if field.shape is Shape.TREE:
        return raw_node(value or {})
    if field.shape is Shape.MODEL and field.model is not None:
        return raw_of(value or {}, field.model)
    if field.shape is Shape.MODELS and field.model is not None:
        return [raw_of(one, field.model) for one in value or ()]
    text = str(value or "").strip()
    if field.shape is Shape.LINES:
        return _lines(text)
    if field.shape is Shape.PAIRS:
        return dict(_pairs(text))
    return text if text or (field.required and field.shape is Shape.TEXT) else None


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        key, _sign, value = line.partition("=")
        if key.strip():
            yield key.strip(), value.strip()


def raw_node(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return a typed criteria node as a file would hold it: only the fields of its own kind."""
    kind = str(typed.get("node", ""))
    allowed = NODE_MODELS[kind].model_fields if kind in NODE_MODELS else {"node": None}
    raw: dict[str, Any] = {}
    for key, value in typed.items():
        if key not in allowed or not (value or isinstance(value, list)):
            continue
        if key == "of":
            raw[key] = [raw_node(one) for one in value]
        elif key == "rows":
            raw[key] = [_raw_row(row) for row in value]
        else:
            raw[key] = _lines(value) if key == "one_of" else value
    return raw


def _lines(text: object) -> list[str]:
    return [line.strip() for line in str(text).splitlines() if line.strip()]


def _raw_row(row: Mapping[str, Any]) -> dict[str, Any]:
    raw = {key: value for key, value in row.items() if key in Row.model_fields and isinstance(value, str) and value}
    return {**raw, "when": raw_node(row["when"])} if "when" in row else raw


# ---- what was posted


def fill(typed: Typed, posted: Mapping[str, str]) -> Typed:
    """Return a pack with the posted texts in their fields; a field that is no longer there is passed over."""
    filled = deepcopy(typed)
    for path, text in posted.items():
        steps = steps_of(path)
        try:
            place = at(filled, steps[:-1])
        except InvalidError:
            continue
        if steps and isinstance(place, dict) and isinstance(place.get(str(steps[-1]), ""), str):
            place[str(steps[-1])] = text.replace("\r\n", "\n")
    return filled


# ---- acts on lines


def act(typed: Typed, name: str, path: str, blank: Any = None) -> Edited:  # noqa: ANN401 - a new line of any shape
    """Return a pack after an act on a line: `add` to a list, `remove`, `up`, `down`, `out`, `in`, `change`, `close`.

    Raises InvalidError for an act or a place that is not there.
    """
    edited = deepcopy(typed)
    steps = steps_of(path)
    if name in {"change", "close"}:
        at(edited, steps)
        return Edited(edited, path if name == "change" else "")
    if name == "add":
        return _add(edited, steps, blank)
    if name not in MOVES or not steps or not isinstance(steps[-1], int):
        raise InvalidError(_l("This cannot be done with this line."))
    return Edited(edited, MOVES[name](edited, steps[:-1], steps[-1]))


def _add(typed: Typed, steps: tuple[Step, ...], blank: Any) -> Edited:  # noqa: ANN401 - a new line of any shape
    place = at(typed, steps[:-1])
    kind = str(steps[-1])
    if isinstance(place, dict) and kind in LISTS:
        place.setdefault(kind, [])
    if isinstance(place, dict) and kind == "when":
        place["when"] = dict(NEW_NODE)
        return Edited(typed, path_of(steps))
    lines = at(typed, steps)
    if not isinstance(lines, list) or len(lines) >= MOST_LINES:
        raise InvalidError(_l("Nothing more can be added here."))
    new = {"of": NEW_NODE, "rows": NEW_ROW}.get(kind) if "node" in place else blank
    lines.append(deepcopy(new))
    return Edited(typed, path_of((*steps, len(lines) - 1)) if "node" in place else "")


def _remove(typed: Typed, above: Sequence[Step], place: int) -> str:
    lines = at(typed, above)
    at(lines, [place])
    del lines[place]
    return ""


def _up(typed: Typed, above: Sequence[Step], place: int) -> str:
    lines = at(typed, above)
    at(lines, [place])
    other = max(place - 1, 0)
    lines[place], lines[other] = lines[other], lines[place]
    return path_of((*above, other))


def _down(typed: Typed, above: Sequence[Step], place: int) -> str:
    lines = at(typed, above)
    at(lines, [place])
    other = min(place + 1, len(lines) - 1)
    lines[place], lines[other] = lines[other], lines[place]
    return path_of((*above, other))


def _out(typed: Typed, above: Sequence[Step], place: int) -> str:
    """Move a condition behind the group it stands in."""
    group, list_ = list(above[:-1]), at(typed, above)
    if not group or not isinstance(group[-1], int) or above[-1] != "of" or group[-2] != "of":
        raise InvalidError(_l("This line stands at the outermost place already."))
    line = at(list_, [place])
    del list_[place]
    behind = group[-1] + 1
    at(typed, group[:-1]).insert(behind, line)
    return path_of((*group[:-1], behind))


def _in(typed: Typed, above: Sequence[Step], place: int) -> str:
    """Move a condition to the end of the group that stands right before it."""
    lines = at(typed, above)
    line = at(lines, [place])
    group = lines[place - 1] if place else {}
    if "of" not in group:
        raise InvalidError(_l("Only a condition right behind a group can move into it."))
    del lines[place]
    group["of"].append(line)
    return path_of((*above, place - 1, "of", len(group["of"]) - 1))


MOVES = {"remove": _remove, "up": _up, "down": _down, "out": _out, "in": _in}


def blank_at(path: str, models: Mapping[str, type[BaseModel]]) -> Typed | None:
    """Return an empty entry for the list at a path, from the model that the first step belongs to; None for no list."""
    first, *rest = steps_of(path)
    model: type[BaseModel] | None = models.get(str(first))
    for step in rest:
        if model is None or isinstance(step, int):
            continue
        model = next((field.model for field in fields_of(model) if field.name == step), None)
    return None if model is None else typed_of({}, model)


def normal(loc: Sequence[Step], typed: Any) -> str:  # noqa: ANN401 - typed text, tables or lists
    """Return the place that an error of validation names, without the kinds of nodes that pydantic puts between."""
    steps: list[Step] = []
    for step in loc:
        if isinstance(typed, dict) and "node" in typed and step == typed["node"] and step not in typed:
            continue
        steps.append(step)
        try:
            typed = at(typed, [step])
        except InvalidError:
            typed = None
    return path_of(steps)
