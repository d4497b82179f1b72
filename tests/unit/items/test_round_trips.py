"""Whatever is written is read back as it was, in every kind of file."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.items.rules import files, gift
from app.items.rules.building import build
from app.items.rules.content import Defaults, ItemContent
from app.items.states import FileKind
from tests.unit.items.strategies import choices, items

LISTS = st.lists(choices(), min_size=1, max_size=4)


@settings(deadline=None)
@given(LISTS)
def test_gift_gives_back_what_it_was_given(listed: list[ItemContent]) -> None:
    found = gift.parse(gift.write(listed))

    assert found.failures == []
    assert found.items == listed


@pytest.mark.parametrize("kind", [FileKind.XLSX, FileKind.CSV])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(listed=LISTS)
def test_tables_give_back_what_they_were_given(kind: FileKind, listed: list[ItemContent]) -> None:
    found = files.read(files.write(listed, kind), kind)

    assert found.failures == []
    assert found.items == listed


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(items())
def test_a_staged_row_gives_back_its_item(item: ItemContent) -> None:
    assert build({**item.to_json(), "code": item.code}, place="1", defaults=Defaults()) == item


@settings(deadline=None)
@given(st.text(st.sampled_from("\\~=#{}:[]%TF/ \n甲ab1->"), max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = gift.parse(text)

    assert found.entries
