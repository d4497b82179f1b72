"""Whatever is written is read back as it was, in every kind of file that can hold it; what cannot be held is named."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.items.rules import files, gift
from app.items.rules.building import build
from app.items.rules.content import Defaults, ItemContent
from app.items.rules.holds import BESIDE, fields_of, obstacle
from app.items.states import WRITTEN_KINDS, FileKind, ItemType
from tests.unit.items.strategies import items

EXACT = [kind for kind in WRITTEN_KINDS if kind is not FileKind.AIKEN]
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
PACE = settings(max_examples=12, deadline=None, suppress_health_check=SLOW)


@pytest.mark.parametrize("item_type", list(ItemType))
@pytest.mark.parametrize("kind", EXACT)
@PACE
@given(data=st.data())
def test_a_file_gives_back_every_item_that_its_kind_holds(
    kind: FileKind, item_type: ItemType, data: st.DataObject
) -> None:
    item = data.draw(items((item_type,)))
    written = files.export([item], kind)

    found = files.read(written.data, kind)

    if obstacle(item, kind) is None:
        assert found.failures == []
        assert found.items == [item]
    else:
        assert written.codes == []
        assert [code for code, _reason in written.left_out] == [item.code]


@PACE
@given(items((ItemType.SINGLE,)))
def test_aiken_gives_back_stem_options_and_key_and_says_what_it_leaves_out(item: ItemContent) -> None:
    assume(obstacle(item, FileKind.AIKEN) is None)
    written = files.export([item], FileKind.AIKEN)
    (found,) = files.read(written.data, FileKind.AIKEN, Defaults("policy", "recall", "0.5")).items

    assert (found.stem, found.options, found.key) == (item.stem, item.options, item.key)
    ((code, reason),) = written.lessened
    assert (code, reason.code) == (item.code, "loses_fields")
    assert {name for name in BESIDE if getattr(item, name)} == fields_of(reason)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(items())
def test_a_staged_row_gives_back_its_item(item: ItemContent) -> None:
    assert build(item.to_json(), place="1", defaults=Defaults()) == item
    assert replace(item, place="9") == item


@settings(deadline=None)
@given(st.text(st.sampled_from("\\~=#{}:[]%TF/ \n甲ab1->"), max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = gift.parse(text)

    assert found.entries


@PACE
@given(st.binary(max_size=200), st.sampled_from([*WRITTEN_KINDS, FileKind.QTI]))
def test_no_bytes_break_a_reader(data: bytes, kind: FileKind) -> None:
    assert files.read(data, kind).entries
