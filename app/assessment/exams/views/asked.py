"""What an item version asks, reduced to what a candidate may see of it: never key, tolerance, reference or rubric."""

from dataclasses import dataclass

from markupsafe import Markup

from app.items.models import ItemVersion
from app.items.rules import bodies
from app.items.rules.texts import files_in, render, render_inline


@dataclass(frozen=True, slots=True)
class Asked:
    """What an item or a sub-item asks, as HTML: options under their own letters; a case has material and `parts`."""

    type: str
    stem: Markup
    options: tuple[tuple[str, Markup], ...] = ()
    prompts: tuple[Markup, ...] = ()
    blanks: int = 0
    unit: str = ""
    unit_asked: bool = False
    parts: tuple["Asked", ...] = ()


def asked(version: ItemVersion, files: str) -> Asked:
    """Return what a version asks; `files` is the address that the hash of a kept file completes."""
    return _asked(bodies.asked(version), files)


def _asked(part: bodies.Part, files: str) -> Asked:
    return Asked(
        part.type.value,
        Markup(render(part.stem, files)),  # noqa: S704 - the renderer escapes everything but its own tags
        tuple((option.key, _inline(option.text, files)) for option in part.options),
        tuple(_inline(prompt, files) for prompt in part.body.prompts),
        len(part.body.blanks),
        part.body.unit,
        part.body.unit_asked,
        tuple(_asked(one, files) for one in part.body.parts),
    )


def _inline(text: str, files: str) -> Markup:
    return Markup(render_inline(text, files))  # noqa: S704 - the renderer escapes everything but its own tags


def files_of(version: ItemVersion) -> set[str]:
    """Return the hashes of the kept files that a candidate sees in an item."""
    return _files(bodies.asked(version), key=False)


def all_files_of(version: ItemVersion) -> set[str]:
    """Return those and the files of key, rubric and explanation, for whoever reads the item with its key."""
    return _files(bodies.asked(version), key=True)


def _files(part: bodies.Part, *, key: bool) -> set[str]:
    body = part.body
    texts = [part.stem, *(option.text for option in part.options), *body.prompts]
    if key:
        texts += [part.explanation, body.reference, *(one.guidance for one in body.rubric)]
    inner = (_files(one, key=key) for one in body.parts)
    return {digest for text in texts for digest in files_in(text)}.union(*inner)
