"""The form of the builder: the fields of a pack and the lines of its criteria, from what was typed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from wtforms import SelectField, StringField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired
from wtforms.widgets import TextArea

from app.core.errors import Text
from app.core.text import _, _l, pick
from app.rulebook.phrases import TEXTS, TODAY, Phrases
from app.rulebook.rules.criteria import Node
from app.rulebook.rules.editing import NODE_MODELS, Typed, at, has, path_of, raw_node, steps_of
from app.rulebook.rules.evaluating import evaluate
from app.rulebook.rules.fields import Field, Shape, fields_of
from app.web.many_fields import LongSelect, OneOfManyTexts

NODES: Mapping[str, Text] = {
    "number": _l("A number, count or amount"),
    "years": _l("Full years since a day"),
    "day": _l("A day before or after another"),
    "choice": _l("One of several words"),
    "flag": _l("Something that is so or not"),
    "points": _l("A points table"),
    "all": _l("All of several conditions"),
    "any": _l("At least one of several conditions"),
    "at_least": _l("A number of several conditions"),
    "none": _l("None of several conditions"),
    "exclusion": _l("An exclusion"),
}
WORDS: Mapping[str, Text] = {
    "true": _l("yes"),
    "false": _l("no"),
    "official": _l("Official"),
    "sample": _l("Sample value"),
    "met": _l("Met"),
    "near": _l("Near"),
    "not": _l("Not met"),
    "unknown": _l("Unknown"),
    "at_least": _l("at least"),
    "more_than": _l("more than"),
    "at_most": _l("at most"),
    "less_than": _l("less than"),
    "equals": _l("exactly"),
    "not_before": _l("on that day or later"),
    "not_after": _l("on that day or earlier"),
}
LABELS: Mapping[str, tuple[Text, Text]] = {
    "name_zh": (_l("Name of the condition (Chinese)"), _l("Only where its sentence does not say enough.")),
    "name_en": (_l("Name of the condition (English)"), ""),
    "optional": (_l("Shown only, decides nothing"), ""),
    "n": (_l("How many of them"), ""),
    "fact": (_l("Fact"), _l("Choose a fact of the catalogue; write what belongs in its brackets.")),
    "op": (_l("Comparison"), ""),
    "value": (_l("Value"), _l("Amounts in yuan, days such as 2026-11-23.")),
    "near": (_l("Still near when short by"), _l("Leave empty where nothing counts as near.")),
    "one_of": (_l("Words that count"), _l("One a line.")),
    "at_least": (_l("At least"), ""),
    "near_months": (_l("Still near when short by months"), ""),
    "points": (_l("Points"), ""),
    "each": (_l("For each unit of the fact"), _l("Leave empty where a condition gives the points.")),
    "most": (_l("At most so many points"), ""),
}
FACTS = {"list": "facts"}
WIDGETS: Mapping[type[Any], type[Any]] = {
    StringField: OneOfManyTexts,
    SelectField: LongSelect,
    TextAreaField: TextArea,
}
NODE = TypeAdapter[Any](Node)


@dataclass(slots=True)
class Line:
    """One line of the indented list: where it stands, its sentence, what is wrong, and its fields while it is open."""

    path: str
    depth: int
    text: str
    errors: list[str]
    adds: list[tuple[str, str]]
    movable: bool
    fields: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """A part of the form: `field`, `group` of parts, `list` of groups that can grow, or `tree` of lines."""

    kind: str
    title: str = ""
    path: str = ""
    unit: str = ""
    parts: "list[Part]" = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


class Builder:
    """Builds the form of one typed pack."""

    def __init__(self, typed: Typed, errors: Mapping[str, list[str]], phrases: Phrases, *, opened: str = "") -> None:
        self.typed = typed
        self.errors = errors
        self.phrases = phrases
        self.opened = opened
        self.made: dict[str, Any] = {}
        self.used: set[str] = set()

    def parts(self, model: type[BaseModel], path: str = "", *, without: tuple[str, ...] = ()) -> list[Part]:
        """Return the parts of a model's fields at a place of the typed pack."""
        return [self._part(one, _below(path, one.name)) for one in fields_of(model) if one.name not in without]

    def _part(self, one: Field, path: str) -> Part:
        title = str(one.label)
        if one.shape is Shape.TREE:
            return Part("tree", title, path, lines=list(self._lines(path, 0)))
        if one.shape is Shape.MODEL and one.model is not None:
            return Part("group", title, path, parts=self.parts(one.model, path))
        if one.shape is Shape.MODELS and one.model is not None:
            return self._list(one, one.model, path)
        self._make(path, one.label, one.hint, self._widget(one), required=one.required)
        return Part("field", path=path, unit=str(one.unit))

    def _list(self, one: Field, model: type[BaseModel], path: str) -> Part:
        items = [
            Part("item", _title(given, place), f"{path}.{place}", parts=self.parts(model, f"{path}.{place}"))
            for place, given in enumerate(at(self.typed, steps_of(path)))
        ]
        return Part("list", str(one.label), path, parts=items)

    def _widget(self, one: Field) -> tuple[type[Any], dict[str, Any]]:
        if one.shape is Shape.FLAG:
            return _select(["true", "false"])
        if one.shape is Shape.CHOICE:
            return _select(list(one.choices), one.words)
        if one.shape in {Shape.LINES, Shape.PAIRS}:
            return TextAreaField, {}
        long = one.name.startswith(("note_", "summary_"))
        return (TextAreaField if long else StringField), {}

    def _make(
        self, path: str, label: Text, hint: Text, widget: tuple[type[Any], dict[str, Any]], *, required: bool = False
    ) -> None:
        kind, options = widget
        validators = [DataRequired()] if required else []
        self.made[path] = kind(label, description=hint, validators=validators, widget=WIDGETS[kind](), **options)

    # ---- criteria

    def _lines(self, path: str, depth: int) -> Iterator[Line]:
        node = at(self.typed, steps_of(path))
        line = self._line(path, depth, self.sentence(node), _adds(path, node))
        if path == self.opened:
            self._open_node(line, node)
        yield line
        for place in range(len(node.get("of", ()))):
            yield from self._lines(f"{path}.of.{place}", depth + 1)
        for place, row in enumerate(node.get("rows", ())):
            yield from self._row(f"{path}.rows.{place}", row, depth + 1)

    def _row(self, path: str, row: Typed, depth: int) -> Iterator[Line]:
        adds = [] if row.get("each") or "when" in row else [(str(_("Add the condition")), f"{path}.when")]
        line = self._line(path, depth, self._row_sentence(row), adds)
        if path == self.opened:
            self._open(line, [name for name in ("points", "each", "most") if name == "points" or "when" not in row])
        yield line
        if "when" in row:
            yield from self._lines(f"{path}.when", depth + 1)

    def _line(self, path: str, depth: int, text: str, adds: list[tuple[str, str]]) -> Line:
        own = [said for place, found in self.errors.items() if _belongs(place, path) for said in found]
        return Line(path, depth, text, own, adds, movable=path.rpartition(".")[2].isdigit())

    def _open_node(self, line: Line, node: Typed) -> None:
        kind = str(node["node"])
        self._make(f"{line.path}.node", _l("Kind of condition"), "", (SelectField, {"choices": list(NODES.items())}))
        line.fields.append(f"{line.path}.node")
        names = [name for name in NODE_MODELS[kind].model_fields if name in LABELS]
        named = ("name_zh", "name_en", "optional")
        self._open(line, [*(name for name in names if name not in named), *(n for n in names if n in named)], kind)

    def _open(self, line: Line, names: list[str], kind: str = "") -> None:
        node = at(self.typed, steps_of(line.path))
        for name in names:
            node.setdefault(name, _default(kind, name))
            label, hint = LABELS[name]
            self._make(f"{line.path}.{name}", label, hint, _node_widget(name, kind))
            line.fields.append(f"{line.path}.{name}")

    def sentence(self, node: Typed) -> str:
        """Say a typed condition, or that it is not complete yet."""
        kind = str(node.get("node", ""))
        total = len(node.get("of", ()))
        params = {"n": node.get("n") or "…", "total": total, "value": node.get("at_least") or "…"}
        if total or kind in {"all", "any", "at_least", "none", "exclusion", "points"}:
            said = str(TEXTS.get(f"criteria.{kind}", "")) % params
            name = pick(node.get("name_zh", ""), node.get("name_en", ""))
            return str(_("%(name)s: %(sentence)s", name=name, sentence=said)) if name else said
        try:
            return self.phrases.full(evaluate(NODE.validate_python(raw_node(node)), {}, TODAY))
        except (ValidationError, ValueError):
            return str(_("Not complete yet: %(kind)s", kind=NODES.get(kind, kind)))

    def _row_sentence(self, row: Typed) -> str:
        points = row.get("points") or "…"
        if not row.get("each"):
            return str(TEXTS["criteria.row"]) % {"points": points}
        return str(TEXTS["criteria.each"]) % {"points": points, "fact": self.phrases.label(row["each"])}

    def form(self) -> BaseForm:
        """Return the form with what was typed in its fields and what is wrong beside them."""
        form = BaseForm(self.made)
        form.process(data={})
        for path, made in self.made.items():
            del made
            one = form[path]
            one.data = str(at(self.typed, steps_of(path)) or "")
            if isinstance(one, SelectField):
                one.choices = _with_typed(list(one.iter_choices()), one.data)
            one.errors = tuple(self._wrong(path))
        form.form_errors = [
            str(_("%(place)s: %(reason)s", place=place, reason=said))
            for place, found in self.errors.items()
            if place not in self.used
            for said in found
        ]
        return form

    def _wrong(self, path: str) -> Iterator[str]:
        """Yield what is wrong with a field, and with the entries of one that holds an entry a line."""
        for place, found in self.errors.items():
            above, _dot, entry = place.rpartition(".")
            if place == path:
                yield from found
            elif above == path and entry.isdigit():
                yield from (str(_("Entry %(number)s: %(reason)s", number=int(entry) + 1, reason=one)) for one in found)
            else:
                continue
            self.used.add(place)


def _with_typed(choices: list[Any], typed: str) -> list[tuple[str, Any]]:
    """Return the choices with an empty one where nothing of them was chosen."""
    pairs = [(choice[0], choice[1]) for choice in choices]
    return pairs if typed in {value for value, _label in pairs} else [("", ""), *pairs]


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _title(given: Typed, place: int) -> str:
    return pick(given.get("name_zh", ""), given.get("name_en", "")) or given.get("code") or str(place + 1)


def _select(values: list[str], words: Mapping[str, Text] | None = None) -> tuple[type[Any], dict[str, Any]]:
    said = {**WORDS, **(words or {})}
    return SelectField, {"choices": [(value, said.get(value, value)) for value in values]}


def _node_widget(name: str, kind: str) -> tuple[type[Any], dict[str, Any]]:
    if name == "optional" or (name == "value" and kind == "flag"):
        return _select(["true", "false"])
    if name == "op":
        days = ["not_before", "not_after"]
        return _select(days if kind == "day" else ["at_least", "more_than", "at_most", "less_than", "equals"])
    if name == "one_of":
        return TextAreaField, {}
    return StringField, {"render_kw": FACTS} if name in {"fact", "each"} else {}


def _default(kind: str, name: str) -> str:
    """Return what a condition has where nothing was written, as the file leaves it out."""
    field_ = NODE_MODELS[kind].model_fields.get(name) if kind else None
    value = None if field_ is None or field_.is_required() else field_.default
    return str(value).lower() if isinstance(value, bool) else str(value or "")


def _adds(path: str, node: Typed) -> list[tuple[str, str]]:
    kind = node.get("node")
    if kind == "points":
        return [(str(_("Add a row")), f"{path}.rows")]
    if kind in {"all", "any", "at_least", "none", "exclusion"}:
        return [(str(_("Add a condition")), f"{path}.of")]
    return []


def _belongs(place: str, line: str) -> bool:
    """Tell whether an error stands at a line itself and not at a line inside it."""
    if place != line and not place.startswith(f"{line}."):
        return False
    rest = steps_of(place[len(line) + 1 :])
    return not any(isinstance(step, int) for step in rest) and "when" not in rest


def opened_path(typed: Typed, asked: str) -> str:
    """Return the line that is asked to be open, none where it is not there."""
    steps = steps_of(asked)
    place: Any = typed
    for step in steps:
        if not has(place, step):
            return ""
        place = place[step]
    return path_of(steps) if isinstance(place, dict) and ("node" in place or "points" in place) else ""
