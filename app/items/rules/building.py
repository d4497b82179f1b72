"""Making an item of what a reader found: each rule of each type is checked once, and every one broken is named."""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

from app.items.rules.bodies import Blank, Body, Criterion, FileRef, Number, Option, Part, Question, Unit
from app.items.rules.content import (
    CODE,
    LETTERS,
    NAME_LIMIT,
    TEXT_LIMIT,
    TRUE_FALSE_TEXTS,
    BadItemError,
    Defaults,
    ItemContent,
    Refusals,
    clean,
    content_hash,
    of_part,
    stand_in,
    told_texts,
)
from app.items.rules.marking import fold
from app.items.rules.reasons import Reason, because, no_module, without
from app.items.rules.texts import GAP, ONE_GAP, bad_formulas, files_in
from app.items.rules.words import ModuleWords
from app.items.states import CHOICES, WRITTEN, CognitiveLevel, ItemType

CODE_DIGITS = 12
PLACES = 6
FEW = 2
BLANKS_LIMIT = 20
ACCEPTED_LIMIT = 40
ANSWER_LIMIT = 500
NUMBERS_LIMIT = 10
DIGITS = 30
UNIT_NAME = 40
PROMPTS_LIMIT = 20
CRITERIA_LIMIT = 20
PARTS_LIMIT = 20
ZERO = Decimal(0)
Entry = TypeVar("Entry")
WITH_OPTIONS = {*CHOICES, ItemType.MATCHING, ItemType.ORDERING} - {ItemType.TRUE_FALSE}


def build(given: Mapping[str, Any], *, place: str, defaults: Defaults) -> ItemContent:
    """Check what a reader found and make an item of it; raises BadItemError with every rule broken.

    `given` has code, type, stem, options (texts), key (letters), explanation and metadata as text; what is
    missing is the empty string. Reasons that the reader found stand in `refused`. Where it gives no type, nothing of
    what is asked is judged; where it says that some of that is `unread`, only what stands for itself.
    """
    refused = Refusals(given.get("refused", ()))
    stem = refused.take(lambda: _stem(given["stem"]), "") if "stem" in given else ""
    explanation = refused.take(lambda: clean(given.get("explanation", ""), "explanation", TEXT_LIMIT), "")
    asked = _asked(given, stem, refused)
    texts = [stem, explanation, *all_texts(asked)]
    refused.reasons += (because("formula", formula=one) for text in texts for one in bad_formulas(text))
    files = _files(texts, asked.body.files, refused)
    metadata = _metadata(given, defaults, refused)
    code = refused.take(lambda: _code(given["code"], stem, list(told_texts(asked.options, asked.body))), "")
    refused.demand_none()
    asked = replace(asked, body=replace(asked.body, files=files))
    return ItemContent(
        code=code,
        type=asked.type,
        stem=asked.stem,
        options=asked.options,
        key=asked.key,
        body=asked.body,
        explanation=explanation,
        **metadata,
        source_read=given["read"],
        place=place,
        without=_without(given, asked),
    )


def _stem(text: str) -> str:
    stem = clean(text, "stem", TEXT_LIMIT)
    if not stem:
        raise BadItemError(because("stem"))
    return stem


def _asked(given: Mapping[str, Any], stem: str, refused: Refusals) -> Part:
    """Return what an item asks; where it cannot be read whole, what stands for itself is judged."""
    kind, body = given.get("type"), _body(given.get("body"))
    if kind is None:
        return Part(ItemType.ESSAY, stem, body=Body(files=body.files))
    options = tuple(map(Option, LETTERS, given["options"]))
    found = Part(ItemType(kind), stem, options, frozenset(given["key"]), body)
    if not given.get("unread") and refused.take(lambda: lettered(given["options"]), None) is not None:
        return refused.take(lambda: shaped(found), found)
    _judge_alone(found, given["options"], refused)
    return Part(ItemType.ESSAY, stem, options, body=Body(parts=body.parts, files=body.files))


def _judge_alone(asked: Part, texts: Sequence[str], refused: Refusals) -> None:
    """Note what is wrong by itself in a question of which not all could be read: options, blanks, units, sub-items.

    `texts` are those of the options, of which there may be more than letters. Whatever is empty may not have been read.
    """
    kind, body = asked.type, asked.body
    if kind in WITH_OPTIONS and texts:
        refused.take(partial(_options, kind, texts), None)
    if (kind is ItemType.BLANK and body.blanks) or (kind is ItemType.CASE and body.parts) or kind in WRITTEN:
        refused.take(partial(SHAPES[kind], asked), None)
    elif kind is ItemType.NUMERIC:
        _each(_number, body.numbers, refused)
        refused.take(partial(_units, body), None)
    elif kind is ItemType.MATCHING and body.prompts:
        _prompts(body.prompts, refused)


def _metadata(given: Mapping[str, Any], defaults: Defaults, refused: Refusals) -> dict[str, Any]:
    """Return what is said about an item, by its fields."""
    named = {
        name: refused.take(partial(clean, given[name], name, NAME_LIMIT), "")
        for name in ("topic", "law", "article", "edition")
    }
    return {
        **named,
        "module": refused.take(lambda: _module(given["module"] or defaults.module or "", defaults.modules), ""),
        "level": refused.take(lambda: _level(given["level"] or defaults.level or ""), CognitiveLevel.RECALL),
        "difficulty": refused.take(lambda: difficulty(given["difficulty"] or defaults.difficulty or ""), ZERO),
    }


def _without(given: Mapping[str, Any], asked: Part) -> tuple[Reason, ...]:
    """Return what the reader could not keep, and what the type of the item makes no use of."""
    told = [one if isinstance(one, Reason) else Reason.from_json(one) for one in given.get("without", ())]
    before = Part(asked.type, "", lettered(given["options"]), frozenset(given["key"]), _body(given.get("body")))
    return (*told, *_unused(before, asked), *_unused_files(before.body.files, asked.body.files))


def _unused(before: Part, after: Part) -> Iterator[Reason]:
    """Yield what an item, or a sub-item of a case, was given and its type does not hold."""
    if before.options and not after.options:
        yield without("what:options", "; ".join(option.text for option in before.options))
    if before.key and not after.key:
        yield without("what:key", "".join(sorted(before.key)))
    held = after.body.to_json()
    for name, said in before.body.to_json().items():
        if name not in held and name != "files":
            yield without(f"what:{name}", said)
    for given, kept in zip(before.body.parts, after.body.parts, strict=False):
        yield from _unused(given, kept)


def _unused_files(given: Iterable[FileRef], kept: Collection[FileRef]) -> Iterator[Reason]:
    yield from (without("what:file", one.name) for one in given if one not in kept)


def _body(given: Body | Mapping[str, Any] | None) -> Body:
    return given if isinstance(given, Body) else Body.from_json(given or {})


def shaped(given: Part) -> Part:
    """Check options, key and body of a type and put them into their one form; raises BadItemError.

    What is matched or ordered is listed in an order that follows from its wording, so that it never tells the key.
    """
    if given.type not in CHOICES:
        return SHAPES[given.type](given)
    refused = Refusals()
    options = refused.take(lambda: _options(given.type, (option.text for option in given.options)), given.options)
    credit = given.body.credit if given.type is ItemType.MULTIPLE else None
    key = refused.take(lambda: _key(given.type, options, given.key), frozenset[str]())
    refused.demand_none()
    return replace(given, options=options, key=key, body=Body(credit=credit, files=given.body.files))


def lettered(texts: Iterable[str]) -> tuple[Option, ...]:
    """Give options their letters; raises BadItemError where there are more of them than letters."""
    listed = list(texts)
    if len(listed) > len(LETTERS):
        raise BadItemError(because("many_options", limit=len(LETTERS), count=len(listed)))
    return tuple(map(Option, LETTERS, listed))


def _blank(given: Part) -> Part:
    if not given.body.blanks:
        raise BadItemError(because("no_key"))
    refused = Refusals()
    blanks = _each(_accepting, given.body.blanks, refused)
    refused.take(lambda: _refuse_many("field:blanks", given.body.blanks, BLANKS_LIMIT), None)
    gaps = len(GAP.findall(given.stem))
    if gaps and gaps != len(given.body.blanks):
        refused.note(because("gaps", gaps=gaps, blanks=len(given.body.blanks)))
    refused.demand_none()
    stem = GAP.sub(ONE_GAP, given.stem)
    return replace(given, stem=stem, options=(), body=Body(given.body.credit, blanks=blanks, files=given.body.files))


def _each(check: Callable[[Entry], Entry], entries: Iterable[Entry], refused: Refusals) -> tuple[Entry, ...]:
    """Check every entry, so that each wrong one is noted."""
    return tuple(refused.take(partial(check, one), one) for one in entries)


def _accepting(blank: Blank) -> Blank:
    accepted = tuple(dict.fromkeys(clean(text, "blanks", ANSWER_LIMIT) for text in blank.accepted))
    _refuse_many("field:blanks", accepted, ACCEPTED_LIMIT)
    if not accepted or not all(text if blank.exact else fold(text) for text in accepted):
        raise BadItemError(because("empty_blank"))
    return Blank(accepted, blank.exact)


def _numeric(given: Part) -> Part:
    body = given.body
    if not body.numbers:
        raise BadItemError(because("no_key"))
    refused = Refusals()
    refused.take(lambda: _refuse_many("field:numbers", body.numbers, NUMBERS_LIMIT), None)
    numbers = _each(_number, body.numbers, refused)
    if max(one.share for one in numbers) != 1:
        refused.note(because("no_full_number"))
    unit, units = refused.take(lambda: _units(body), ("", tuple[Unit, ...]()))
    refused.demand_none()
    asked = body.unit_asked and bool(unit)
    kept = Body(numbers=numbers, unit=unit, units=units, unit_asked=asked, files=body.files)
    return replace(given, options=(), body=kept)


def _units(body: Body) -> tuple[str, tuple[Unit, ...]]:
    unit = _unit_name(body.unit) if body.unit else ""
    units = tuple(Unit(_unit_name(one.name), _exact(one.factor)) for one in body.units)
    names = [fold(name) for name in (unit, *(one.name for one in units)) if name]
    if len(set(names)) < len(names) or any(one.factor <= 0 for one in units) or (units and not unit):
        raise BadItemError(because("units"))
    return unit, units


def _number(one: Number) -> Number:
    if one.tolerance < 0 or not 0 < one.share <= 1:
        raise BadItemError(because("number", number=f"{one.value}:{one.tolerance}"))
    return Number(_exact(one.value), _exact(one.tolerance), one.relative, _exact(one.share))


def _exact(value: Decimal) -> Decimal:
    """Return a number of a size that people write."""
    if not value.is_finite() or abs(value.adjusted()) > DIGITS or len(value.as_tuple().digits) > DIGITS:
        raise BadItemError(because("number", number=str(value)))
    return value


def _unit_name(text: str) -> str:
    name = clean(text, "unit", UNIT_NAME)
    if not fold(name) or name[0].isdigit():
        raise BadItemError(because("units"))
    return name


def _matching(given: Part) -> Part:
    refused = Refusals()
    prompts = _prompts(given.body.prompts, refused, given.body.pairs)
    listed = refused.take(lambda: _options(given.type, (option.text for option in given.options)), given.options)
    options, letters = _ranked(listed)
    outside = sorted(set(given.body.pairs) - set(letters))
    if outside:
        refused.note(because("key_outside", keys=", ".join(outside)))
    refused.demand_none()
    pairs = tuple(letters[letter] for letter in given.body.pairs)
    kept = Body(given.body.credit, prompts=prompts, pairs=pairs, files=given.body.files)
    return replace(given, options=options, body=kept)


def _prompts(texts: Sequence[str], refused: Refusals, pairs: Sequence[str] | None = None) -> tuple[str, ...]:
    """Check what is to be matched, with the letters that belong to it where these are known."""
    prompts = _each(lambda text: clean(text, "prompts", TEXT_LIMIT), texts, refused)
    matched = pairs is None or len(prompts) == len(pairs)
    if len(prompts) < FEW or not all(prompts) or not matched:
        refused.note(because("no_pairs", count=len(prompts)))
    refused.take(lambda: _refuse_many("field:prompts", prompts, PROMPTS_LIMIT), None)
    return prompts


def _ordering(given: Part) -> Part:
    refused = Refusals()
    listed = refused.take(lambda: _options(given.type, (option.text for option in given.options)), given.options)
    options, letters = _ranked(listed)
    if sorted(given.body.order) != sorted(letters):
        refused.note(because("no_order"))
    refused.demand_none()
    order = tuple(letters[letter] for letter in given.body.order)
    if order == tuple(sorted(order)):
        options, order = _turned(options, order)
    return replace(given, options=options, body=Body(given.body.credit, order=order, files=given.body.files))


def _ranked(options: tuple[Option, ...]) -> tuple[tuple[Option, ...], dict[str, str]]:
    """List options in an order that follows from their wording; return them, and the new letter of each old one."""
    ranked = sorted(options, key=lambda option: sha256(option.text.encode()).digest())
    letters = {old.key: new for new, old in zip(LETTERS, ranked, strict=False)}
    return tuple(Option(letters[old.key], old.text) for old in ranked), letters


def _turned(options: tuple[Option, ...], order: tuple[str, ...]) -> tuple[tuple[Option, ...], tuple[str, ...]]:
    """Begin with the second option, where the order of the list would be the right one."""
    turned = (*options[1:], options[0])
    letters = {old.key: new for new, old in zip(LETTERS, turned, strict=False)}
    listed = tuple(Option(letters[old.key], old.text) for old in turned)
    return listed, tuple(letters[letter] for letter in order)


def _written(given: Part) -> Part:
    refused = Refusals()
    rubric = _each(_criterion, given.body.rubric, refused)
    refused.take(lambda: _refuse_many("field:rubric", rubric, CRITERIA_LIMIT), None)
    reference = refused.take(lambda: clean(given.body.reference, "reference", TEXT_LIMIT), "")
    refused.demand_none()
    return replace(given, options=(), body=Body(reference=reference, rubric=rubric, files=given.body.files))


def _criterion(one: Criterion) -> Criterion:
    name = " ".join(clean(one.name, "rubric", NAME_LIMIT).split())
    points = _exact(one.points)
    if not name or points <= 0 or points != round(points, FEW):
        raise BadItemError(because("criterion", name=name))
    return Criterion(name, points, clean(one.guidance, "rubric", TEXT_LIMIT))


def _case(given: Part) -> Part:
    if not given.body.parts:
        raise BadItemError(because("no_parts"))
    refused = Refusals()
    refused.take(lambda: _refuse_many("field:parts", given.body.parts, PARTS_LIMIT), None)
    numbered = enumerate(given.body.parts, 1)
    parts = tuple(refused.take(partial(of_part, number, partial(_sub_item, part)), part) for number, part in numbered)
    refused.demand_none()
    files = tuple(dict.fromkeys([*given.body.files, *(file for part in given.body.parts for file in part.body.files)]))
    return replace(given, options=(), body=Body(parts=parts, files=files))


def _sub_item(part: Part) -> Part:
    if part.type is ItemType.CASE:
        raise BadItemError(because("case_in_case"))
    refused = Refusals()
    stem = refused.take(lambda: _stem(part.stem), "")
    if part.weight <= 0:
        refused.note(because("number", number=part.weight))
    found = refused.take(lambda: shaped(replace(part, stem=stem)), part)
    explanation = refused.take(lambda: clean(part.explanation, "explanation", TEXT_LIMIT), "")
    refused.demand_none()
    return replace(found, body=replace(found.body, files=()), explanation=explanation, weight=_exact(part.weight))


SHAPES: dict[ItemType, Callable[[Part], Part]] = {
    ItemType.BLANK: _blank,
    ItemType.NUMERIC: _numeric,
    ItemType.MATCHING: _matching,
    ItemType.ORDERING: _ordering,
    ItemType.SHORT_ANSWER: _written,
    ItemType.ESSAY: _written,
    ItemType.CASE: _case,
}


def _refuse_many(name: str, listed: Sequence[object], limit: int) -> None:
    if len(listed) > limit:
        raise BadItemError(because("many_entries", field=name, limit=limit, count=len(listed)))


def all_texts(question: Question) -> Iterator[str]:
    """Yield every text of an item but its own stem and explanation in which formulas and files may stand."""
    yield from told_texts(question.options, question.body)
    yield from _guidance(question.body)
    for part in question.body.parts:
        yield part.explanation
        yield from _guidance(part.body)


def _guidance(body: Body) -> Iterator[str]:
    yield body.reference
    for one in body.rubric:
        yield one.guidance


def _files(texts: Iterable[str], known: Iterable[FileRef], refused: Refusals) -> tuple[FileRef, ...]:
    """Return the files that the texts refer to, in the order of their hashes; each missing one is noted."""
    given = {file.sha256: file for file in known}
    needed = sorted({digest for text in texts for digest in files_in(text)})
    refused.reasons += (because("file_missing", file=digest[:12]) for digest in needed if digest not in given)
    return tuple(given[digest] for digest in needed if digest in given)


def difficulty(text: str) -> Decimal:
    """Read a difficulty coefficient between 0 and 1 of at most six places."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise BadItemError(because("difficulty", difficulty=text)) from error
    if not value.is_finite() or not 0 <= value <= 1 or value != round(value, PLACES):
        raise BadItemError(because("difficulty", difficulty=text))
    return value


def _options(item_type: ItemType, texts: Iterable[str]) -> tuple[Option, ...]:
    if item_type is ItemType.TRUE_FALSE:
        return tuple(map(Option, LETTERS, TRUE_FALSE_TEXTS))
    refused = Refusals()
    listed = list(texts)
    refused.take(partial(lettered, listed), None)
    named = map(Option, LETTERS, listed)
    options = tuple(
        Option(key, refused.take(partial(clean, text, f"option{key}", TEXT_LIMIT), stand_in(key)))
        for key, text in named
    )
    if len(options) < FEW:
        refused.note(because("no_options", count=len(options)))
    _refuse_alike(options, refused)
    refused.demand_none()
    return options


def _refuse_alike(options: tuple[Option, ...], refused: Refusals) -> None:
    seen: dict[str, str] = {}
    for option in options:
        told = " ".join(unicodedata.normalize("NFKC", option.text).split())
        if not option.text:
            refused.note(because("empty_option", key=option.key))
        elif seen.setdefault(told, option.key) != option.key:
            refused.note(because("same_options", first=seen[told], second=option.key))


def _key(item_type: ItemType, options: tuple[Option, ...], letters: Iterable[str]) -> frozenset[str]:
    key = frozenset(letters)
    outside = key - {option.key for option in options}
    refused = Refusals()
    if outside:
        refused.note(because("key_outside", keys=", ".join(sorted(outside))))
    if not key:
        refused.note(because("no_key"))
    if len(key) > 1 and item_type is not ItemType.MULTIPLE:
        refused.note(because("many_keys", count=len(key)))
    refused.demand_none()
    return key


def _code(given: str, stem: str, texts: list[str]) -> str:
    """Return the code of the file, or one made of the content, so that a second import finds the same item."""
    code = given.strip()
    if not code:
        return f"X-{content_hash(stem, texts)[:CODE_DIGITS].upper()}"
    if not CODE.fullmatch(code):
        raise BadItemError(because("code", code=code))
    return code


def _module(text: str, modules: ModuleWords) -> str:
    code = modules.code_of(text)
    if code is None:
        raise BadItemError(no_module(text, modules.names.values()))
    return code


def _level(text: str) -> CognitiveLevel:
    if text not in set(CognitiveLevel):
        raise BadItemError(because("level", level=text))
    return CognitiveLevel(text)
