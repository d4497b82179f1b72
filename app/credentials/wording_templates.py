"""What is wrong with a template, as sentences; and the words of its states and fields."""

from app.core.errors import Text
from app.core.text import _, _l
from app.credentials.rules.layout import Fault as LayoutFault
from app.credentials.rules.template_wording import Fault as WordFault
from app.credentials.states import TemplateState

STATES: dict[str, tuple[Text, str]] = {
    TemplateState.DRAFT: (_l("Draft"), "waiting"),
    TemplateState.CONFIRMED: (_l("In force"), "good"),
    TemplateState.RETIRED: (_l("No longer in force"), "done"),
}
TAGS: dict[str, Text] = {"official": _l("Official"), "sample": _l("Sample, set by your authority")}
FIELDS: dict[str, Text] = {
    "name_zh": _l("Name (Chinese)"),
    "name_en": _l("Name (English)"),
    "description_zh": _l("Description (Chinese)"),
    "description_en": _l("Description (English)"),
    "criteria_zh": _l("What it took (Chinese)"),
    "criteria_en": _l("What it took (English)"),
    "statement_zh": _l("What it is and is not (Chinese)"),
    "statement_en": _l("What it is and is not (English)"),
    "renewal_zh": _l("What renewing takes (Chinese)"),
    "renewal_en": _l("What renewing takes (English)"),
}
PARTS: dict[str, Text] = {
    "name": _l("the name of the holder"),
    "latin": _l("the name in Latin letters or in English"),
    "title": _l("the name of the certificate"),
    "issuer": _l("the issuing body"),
    "level": _l("the level"),
    "hours": _l("the class hours"),
    "valid_from": _l("the first day"),
    "valid_until": _l("the last day"),
    "entries": _l("the further values"),
    "number": _l("the number"),
    "statement": _l("the sentence that says what the certificate is and is not"),
    "qr": _l("the QR code"),
}
WORD_FAULTS: dict[str, Text] = {
    "empty": _l("This text is missing."),
    "too-long": _l("At most %(limit)s characters."),
    "separator": _l("A slash between spaces and an empty line separate the languages on paper; write without them."),
    "characters": _l("The text holds line breaks or invisible characters."),
    "blank": _l("Braces may only hold these blanks here: %(blanks)s."),
    "claim": _l("The name claims “%(words)s”, which certificates of this kind are not."),
    "statement-dropped": _l("The sentence no longer says what the certificate is not, in both languages."),
    "statement-form": _l("The Chinese sentence ends with a full stop, and the English one holds no Chinese full stop."),
    "renewal-missing": _l("Say in both languages what renewing takes."),
}
LAYOUT_FAULTS: dict[str, Text] = {
    "too-long": _l("At most %(limit)s characters."),
    "blank-syntax": _l("The braces cannot be read: %(what)s"),
    "blank-refused": _l("Between braces only fields, conditions and loops may stand (%(what)s is refused)."),
    "blank-failed": _l("The fields could not be filled: %(what)s"),
    "unknown-field": _l("There is no field “%(name)s”."),
    "loop": _l("A loop runs over a list of fields, at most two inside each other."),
    "too-deep": _l("The parts are nested too deeply."),
    "too-many-elements": _l("The page has too many elements."),
    "filled-too-long": _l("The filled page is longer than %(limit)s characters."),
    "element": _l("The element “%(name)s” is not allowed."),
    "attribute": _l("The attribute “%(name)s” of “%(element)s” is not allowed; styles belong in the style sheet."),
    "address": _l("Addresses are not allowed: a certificate shows nothing from elsewhere (%(name)s)."),
    "css-syntax": _l("The style sheet cannot be read: %(what)s"),
    "at-rule": _l("The rule @%(name)s is not allowed."),
    "function": _l("The function “%(name)s” is not allowed."),
    "pages": _l("The sample takes %(count)s pages; a certificate stands on one."),
    "missing": _l("The layout does not show %(part)s as it was certified."),
    "too-small": _l("The layout prints %(part)s smaller than %(least)s points."),
    "hidden": _l("The layout hides %(part)s: it is covered, too pale or outside the page."),
    "too-long-to-draw": _l("Drawing the sample took too long or too much memory. Simplify the layout."),
    "cannot-draw": _l("The sample cannot be drawn. Look for unusual values in the style sheet."),
}
PLACES: dict[str, Text] = {"html": _l("Page, line %(line)s"), "css": _l("Style sheet, line %(line)s")}


def said_of_words(fault: WordFault) -> str:
    """Return a fault of a wording with the field it stands in."""
    sentence = str(WORD_FAULTS[fault.code]) % dict(fault.params)
    return str(_("%(label)s: %(error)s", label=FIELDS[fault.field], error=sentence))


def said_of_layout(fault: LayoutFault) -> str:
    """Return a fault of a layout with its place: the line of the text, or the drawn sheet."""
    params = dict(fault.params)
    if "part" in params:
        params["part"] = str(PARTS[params["part"]])
    sentence = str(LAYOUT_FAULTS[fault.code]) % params
    if fault.part not in PLACES:
        return sentence
    place = str(PLACES[fault.part]) % {"line": fault.line}
    return str(_("%(label)s: %(error)s", label=place, error=sentence))
