"""The modules that the items of a bank may name: the national ones, and those of its region's published syllabuses."""

from app.core import clock
from app.items.models import ItemBank
from app.items.rules.words import ModuleWords, module_words
from app.rulebook import queries as rulebook
from app.rulebook.queries import Modules


def modules_of(found: ItemBank) -> Modules:
    """Return the modules of a bank, those of the syllabus in force in its region first."""
    return rulebook.modules_in_force(found.region_code, clock.today())


def words_of(found: ItemBank) -> ModuleWords:
    """Return the modules of a bank with the words by which files name them."""
    return module_words(modules_of(found).words)
