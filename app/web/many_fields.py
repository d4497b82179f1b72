"""How fields are written of which a page has dozens: WTForms sorts and cleans every attribute of each."""

from typing import Any

from markupsafe import Markup, escape
from wtforms.widgets import NumberInput, Select, TextInput


class LongSelect(Select):
    """A list of choice whose options have a value and a label only."""

    @classmethod
    def render_option(cls, choice: Any, **kwargs: Any) -> Markup:  # type: ignore[override]  # noqa: ANN401 - as WTForms has it; its types are older
        """Write one option."""
        del kwargs
        chosen = " selected" if choice.selected else ""
        text = f'<option{chosen} value="{escape(choice.value)}">{escape(choice.label)}</option>'
        return Markup(text)  # noqa: S704 - value and label are escaped


def _attributes(**given: object) -> str:
    """Write attributes in the order given; one that is True stands alone, one that is False or None not at all."""
    kept = {name: value for name, value in given.items() if value is not None and value is not False}
    return " ".join(name if value is True else f'{name}="{escape(value)}"' for name, value in kept.items())


class OneOfManyNumbers(NumberInput):
    """A number among dozens on one page."""

    html_params = staticmethod(_attributes)


class OneOfManyTexts(TextInput):
    """A line of text among dozens on one page."""

    html_params = staticmethod(_attributes)
