"""Making an item of what a reader found: each rule of each type is checked once, with the first one broken named."""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

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
    clean,
    content_hash,
    told_texts,
)
from app.items.rules.marking import fold
from app.items.rules.reasons import Reason, because, without
from app.items.rules.texts import GAP, ONE_GAP, bad_formula, files_in
from app.items.states import CHOICES, CognitiveLevel, ItemType
from app.rulebook.terms import MODULES

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


def build(given: Mapping[str, Any], *, place: str, defaults: Defaults) -> ItemContent:
    """Check what a reader found and make an item of it; raises BadItemError with the first rule broken.

    `given` has code, type, stem, options (texts), key (letters), explanation and metadata as text; what is
    missing is the empty string.
    """
    item_type = ItemType(given["type"])
    stem = clean(given["stem"], "stem", TEXT_LIMIT)
    if not stem:
        raise BadItemError(because("stem"))
    key = frozenset(given["key"])
    asked = shaped(Part(item_type, stem, lettered(given["options"]), key, _body(given.get("body"))))
    explanation = clean(given["explanation"], "explanation", TEXT_LIMIT)
    _refuse_formulas([stem, explanation, *all_texts(asked)])
    files = _files([stem, explanation, *all_texts(asked)], asked.body.files)
    asked = replace(asked, body=replace(asked.body, files=files))
    return ItemContent(
        code=_code(given["code"], stem, list(told_texts(asked.options, asked.body))),
        type=item_type,
        stem=asked.stem,
        options=asked.options,
        key=asked.key,
        body=asked.body,
        explanation=explanation,
        module=_module(given["module"] or defaults.module or ""),
        level=_level(given["level"] or defaults.level or ""),
        difficulty=difficulty(given["difficulty"] or defaults.difficulty or ""),
        topic=clean(given["topic"], "topic", NAME_LIMIT),
        law=clean(given["law"], "law", NAME_LIMIT),
        article=clean(given["article"], "article", NAME_LIMIT),
        edition=clean(given["edition"], "edition", NAME_LIMIT),
        source_read=given["read"],
        place=place,
        without=_without(given, asked),
    )


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
    options = _options(given.type, (option.text for option in given.options))
    credit = given.body.credit if given.type is ItemType.MULTIPLE else None
    key = _key(given.type, options, given.key)
    return replace(given, options=options, key=key, body=Body(credit=credit, files=given.body.files))


def lettered(texts: Iterable[str]) -> tuple[Option, ...]:
    """Give options their letters; raises BadItemError where there are more of them than letters."""
    listed = list(texts)
    if len(listed) > len(LETTERS):
        raise BadItemError(because("many_options", limit=len(LETTERS), count=len(listed)))
    return tuple(map(Option, LETTERS, listed))


def _blank(given: Part) -> Part:
    blanks = tuple(map(_accepting, given.body.blanks))
    if not blanks:
        raise BadItemError(because("no_key"))
    _refuse_many("field:blanks", blanks, BLANKS_LIMIT)
    gaps = len(GAP.findall(given.stem))
    if gaps and gaps != len(blanks):
        raise BadItemError(because("gaps", gaps=gaps, blanks=len(blanks)))
    stem = GAP.sub(ONE_GAP, given.stem)
    return replace(given, stem=stem, options=(), body=Body(given.body.credit, blanks=blanks, files=given.body.files))


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
    _refuse_many("field:numbers", body.numbers, NUMBERS_LIMIT)
    numbers = tuple(map(_number, body.numbers))
    if max(one.share for one in numbers) != 1:
        raise BadItemError(because("no_full_number"))
    unit = _unit_name(body.unit) if body.unit else ""
    units = tuple(Unit(_unit_name(one.name), _exact(one.factor)) for one in body.units)
    names = [fold(name) for name in (unit, *(one.name for one in units)) if name]
    if len(set(names)) < len(names) or any(one.factor <= 0 for one in units) or (units and not unit):
        raise BadItemError(because("units"))
    asked = body.unit_asked and bool(unit)
    kept = Body(numbers=numbers, unit=unit, units=units, unit_asked=asked, files=body.files)
    return replace(given, options=(), body=kept)


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
    prompts = tuple(clean(text, "prompts", TEXT_LIMIT) for text in given.body.prompts)
    if len(prompts) < FEW or not all(prompts) or len(prompts) != len(given.body.pairs):
        raise BadItemError(because("no_pairs", count=len(prompts)))
    _refuse_many("field:prompts", prompts, PROMPTS_LIMIT)
    options, letters = _ranked(_options(given.type, (option.text for option in given.options)))
    if not set(given.body.pairs) <= set(letters):
        raise BadItemError(because("key_outside", keys=", ".join(sorted(set(given.body.pairs) - set(letters)))))
    pairs = tuple(letters[letter] for letter in given.body.pairs)
    kept = Body(given.body.credit, prompts=prompts, pairs=pairs, files=given.body.files)
    return replace(given, options=options, body=kept)


def _ordering(given: Part) -> Part:
    options, letters = _ranked(_options(given.type, (option.text for option in given.options)))
    if sorted(given.body.order) != sorted(letters):
        raise BadItemError(because("no_order"))
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
    rubric = tuple(map(_criterion, given.body.rubric))
    _refuse_many("field:rubric", rubric, CRITERIA_LIMIT)
    reference = clean(given.body.reference, "reference", TEXT_LIMIT)
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
    _refuse_many("field:parts", given.body.parts, PARTS_LIMIT)
    parts = tuple(_part(number, part) for number, part in enumerate(given.body.parts, 1))
    files = tuple(dict.fromkeys([*given.body.files, *(file for part in given.body.parts for file in part.body.files)]))
    return replace(given, options=(), body=Body(parts=parts, files=files))


def _part(number: int, part: Part) -> Part:
    try:
        return _sub_item(part)
    except BadItemError as error:
        raise BadItemError(because("in_part", part=number, inner=error.reason.code, **error.reason.params)) from error


def _sub_item(part: Part) -> Part:
    if part.type is ItemType.CASE:
        raise BadItemError(because("case_in_case"))
    stem = clean(part.stem, "stem", TEXT_LIMIT)
    if not stem:
        raise BadItemError(because("stem"))
    if part.weight <= 0:
        raise BadItemError(because("number", number=part.weight))
    found = shaped(replace(part, stem=stem))
    explanation = clean(part.explanation, "explanation", TEXT_LIMIT)
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


def _refuse_formulas(texts: Iterable[str]) -> None:
    for text in texts:
        formula = bad_formula(text)
        if formula is not None:
            raise BadItemError(because("formula", formula=formula))


def _files(texts: Iterable[str], known: Iterable[FileRef]) -> tuple[FileRef, ...]:
    """Return the files that the texts refer to, in the order of their hashes; raises BadItemError for a missing one."""
    given = {file.sha256: file for file in known}
    needed = sorted({digest for text in texts for digest in files_in(text)})
    missing = [digest for digest in needed if digest not in given]
    if missing:
        raise BadItemError(because("file_missing", file=missing[0][:12]))
    return tuple(given[digest] for digest in needed)


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
    options = lettered(clean(text, "option", TEXT_LIMIT) for text in texts)
    if len(options) < FEW:
        raise BadItemError(because("no_options", count=len(options)))
    _refuse_alike(options)
    return options


def _refuse_alike(options: tuple[Option, ...]) -> None:
    seen: dict[str, str] = {}
    for option in options:
        if not option.text:
            raise BadItemError(because("empty_option", key=option.key))
        told = " ".join(unicodedata.normalize("NFKC", option.text).split())
        if told in seen:
            raise BadItemError(because("same_options", first=seen[told], second=option.key))
        seen[told] = option.key


def _key(item_type: ItemType, options: tuple[Option, ...], letters: Iterable[str]) -> frozenset[str]:
    key = frozenset(letters)
    outside = key - {option.key for option in options}
    if outside:
        raise BadItemError(because("key_outside", keys=", ".join(sorted(outside))))
    if not key:
        raise BadItemError(because("no_key"))
    if len(key) > 1 and item_type is not ItemType.MULTIPLE:
        raise BadItemError(because("many_keys", count=len(key)))
    return key


def _code(given: str, stem: str, texts: list[str]) -> str:
    """Return the code of the file, or one made of the content, so that a second import finds the same item."""
    code = given.strip()
    if not code:
        return f"X-{content_hash(stem, texts)[:CODE_DIGITS].upper()}"
    if not CODE.fullmatch(code):
        raise BadItemError(because("code", code=code))
    return code


def _module(text: str) -> str:
    if text not in MODULES:
        raise BadItemError(because("module", module=text))
    return text


def _level(text: str) -> CognitiveLevel:
    if text not in set(CognitiveLevel):
        raise BadItemError(because("level", level=text))
    return CognitiveLevel(text)
