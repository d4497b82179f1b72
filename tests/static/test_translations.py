"""The translation check sees what it is there to refuse."""

from pathlib import Path

import pytest
from babel.messages.catalog import Message

from scripts import check_translations

CHINESE = "\u540d\u79f0"


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("identity", "text", "fault"),
    [
        ("Name", CHINESE, None),
        ("Name", "", "empty"),
        ("%(n)s persons", f"%(n)s {CHINESE}", None),
        ("%(n)s persons", CHINESE, "other placeholders than its message"),
        ("Saved.", f"{CHINESE}\uff0c{CHINESE}\u3002", None),
        ("Saved.", f"{CHINESE},{CHINESE}", "half-width punctuation"),
        ("Saved.", f"{CHINESE}\uff01", "an exclamation mark"),
        ("%(n)s of 3", f"{CHINESE}\uff08%(n)s/3\uff09", None),
    ],
)
def test_a_translation_is_complete_and_well_set(identity: str, text: str, fault: str | None) -> None:
    faults = " ".join(check_translations.translation_faults(Message(identity, text)))

    assert (fault in faults) if fault else not faults


def test_a_message_stands_once_in_a_catalogue(tmp_path: Path) -> None:
    path = written(
        tmp_path, "messages.po", """msgid "A"\nmsgstr "1"\n\nmsgid ""\n"B"\nmsgstr "2"\n\nmsgid "A"\nmsgstr "3"\n"""
    )

    assert [(found.line, found.rule) for found in check_translations.doubled(path)] == [
        (8, "twice in the catalogue: 'A'")
    ]


def test_a_fuzzy_translation_is_refused() -> None:
    assert list(check_translations.translation_faults(Message("Name", CHINESE, flags={"fuzzy"}))) == ["fuzzy"]


@pytest.mark.parametrize(
    ("template", "refused"),
    [
        ("<p>{{ _('Name') }}</p>", False),
        ("<p>Name</p>", True),
        ('<input placeholder="Your name">', True),
        ("<img alt=\"{{ _('Seal') }}\">", False),
        ('<span class="notranslate">English</span>', False),
        ("<code>GET /v1</code>", False),
        ("{# a note for readers #}", False),
        ("{% block body_class %}app{% endblock %}", False),
        ("<{{ 'th scope=\"row\"'|safe if first else 'td' }} data-label=\"{{ label }}\">{{ value }}", False),
        (f"<p>{CHINESE}</p>", True),
    ],
)
def test_words_in_a_template_go_through_gettext(tmp_path: Path, template: str, *, refused: bool) -> None:
    path = written(tmp_path, "page.html", template)

    assert bool(list(check_translations.template_literals(path))) is refused


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        (f'NAME = "{CHINESE}"', True),
        (f'NAME = pick("{CHINESE}", "Name")', False),
        (f'NAME = "{CHINESE}"  # zh: printed on the certificate', False),
        (f'# zh: a list of family names\nNAMES = ("{CHINESE}",)', False),
        (f'"""The name ({CHINESE})."""', False),
    ],
)
def test_chinese_in_code_is_chosen_or_argued(tmp_path: Path, code: str, *, refused: bool) -> None:
    path = written(tmp_path, "module.py", code)

    assert bool(list(check_translations.han_literals(path))) is refused


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ('raise ConflictError("It has moved on.")', True),
        ('raise ConflictError(f"{name} has moved on.")', True),
        ('raise ConflictError(_l("It has moved on."))', False),
        ('raise ValueError("negative")', False),
        ('name = StringField("Name")', True),
    ],
)
def test_what_people_are_told_is_translated(tmp_path: Path, code: str, *, refused: bool) -> None:
    path = written(tmp_path, "module.py", code)

    assert bool(list(check_translations.said_literals(path))) is refused
