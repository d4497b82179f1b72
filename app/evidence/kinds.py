"""What a room above declares of its records that rely on evidence."""

from dataclasses import dataclass

from app.core.errors import Text


@dataclass(frozen=True, slots=True)
class UseKind:
    """A kind of record that relies on evidence: its name, its page for the person, what a withdrawal does to it.

    `{code}` in `path` stands for the code of the record.
    """

    label: Text
    path: str
    undoes: Text
