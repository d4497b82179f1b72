"""Names of bodies: written otherwise they are the same, a department is part of its whole, and others stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules.bodies import Alike, alike, apart, body_key, body_root

NAMES = st.text("泰山理工大学材料院医科生城路有限公司集团() Ａa", max_size=20)


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("历城智造有限公司", "历城智造有限公司", Alike.SAME),
        ("历城智造有限公司", " 历城 智造有限责任公司", Alike.WRITTEN),
        ("历城智造（济南）有限公司", "历城智造(济南)股份有限公司", Alike.WRITTEN),
        ("ＡＢＣ科技有限公司", "abc科技", Alike.WRITTEN),
        ("Licheng Works Co., Ltd.", "LICHENG WORKS", Alike.WRITTEN),
        ("泰山理工大学", "泰山理工大学材料学院", Alike.PART),
        ("泰山理工大学机械学院", "泰山理工大学（材料学院）", Alike.PART),
        ("齐鲁医院", "齐鲁医院科研处", Alike.PART),
        ("鲁能集团", "鲁能集团有限公司", Alike.WRITTEN),
        ("历城智造有限公司", "历城制造有限公司", None),
        ("泉城技术研究院", "泉城技术研究院分院", None),
        ("中国科学院金属研究所", "中国科学院大学", None),
        ("济南大学", "山东大学", None),
        ("大学", "大学城公司", None),
        ("北京大学", "北京大学生创业园", None),
        ("北京大学", "北京大学生命科学学院", Alike.PART),
        ("广州大学", "广州大学城管委会", None),
        ("广州大学", "广州大学城市规划系", Alike.PART),
        ("青岛大学", "青岛大学路小学", None),
        ("海淀区学院", "海淀区学院路街道办事处", None),
        ("山东交通学院", "山东交通学院路桥系", Alike.PART),
        ("中国地质大学（武汉）", "中国地质大学（北京）", None),
        ("中国石油大学（北京）", "中国石油大学（华东）", None),
        ("中国矿业大学", "中国矿业大学（北京）", None),
        ("香港中文大学", "香港中文大学（深圳）", None),
        ("中国地质大学（武汉）", "中国地质大学(武汉)材料与化学学院", Alike.PART),
        ("中国地质大学（武汉）", "中国地质大学武汉", Alike.WRITTEN),
        ("中国矿业大学", "中国矿业大学（徐州）", Alike.PART),
        ("山东大学", "山东大学（威海）", Alike.PART),
        ("有限公司", "", None),
    ],
)
def test_two_names_say_the_same_body_or_not(one: str, other: str, how: Alike | None) -> None:
    assert alike(one, other) is how is alike(other, one)


@given(NAMES, NAMES)
def test_whoever_is_alike_is_found_by_the_root(one: str, other: str) -> None:
    assert (alike(one, other) is not None) == (body_root(one) == body_root(other))
    assert body_root(one) == body_root(body_root(one)) or body_key(one).startswith(body_root(one))


def test_what_keeps_universities_apart_is_a_sample_that_says_where_it_comes_from() -> None:
    listed = apart()
    assert listed.tag == "sample"
    assert "教育部" in listed.source_zh
    assert "not compared" in listed.source_en


@pytest.mark.parametrize(("name", "places"), apart().places.items())
def test_each_place_that_the_list_names_is_a_body_of_its_own(name: str, places: list[str]) -> None:
    bodies = [f"{name}（{place}）" for place in (*places, "某地")]
    assert len({body_root(one) for one in bodies}) == len(bodies)
    assert body_root(f"{name}（某地）") == body_root(name)
