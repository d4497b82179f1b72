# What the product uses of Flask-WTF, which ships no types. Every form stands on `FlaskForm`.
from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.csrf import CSRFProtect as CSRFProtect
from markupsafe import Markup
from wtforms import Form
from wtforms.fields import Field

class FlaskForm(Form):
    # Data, an object, a prefix, or the value of a field by its name
    def __init__(self, formdata: Any = ..., **kwargs: Any) -> None: ...
    def is_submitted(self) -> bool: ...
    def validate_on_submit(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool: ...
    def hidden_tag(self, *fields: str | Field) -> Markup: ...
    # A form whose class is made at run time has fields that no class declares
    def __getattr__(self, name: str) -> Any: ...
