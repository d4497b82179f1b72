"""The words of Chinese item tables: headings, types, answers, difficulties as other systems write them."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from app.items.rules.content import LETTERS, BadItemError
from app.items.rules.reasons import because
from app.items.rules.words import plain_word
from app.items.states import CognitiveLevel, Credit, ItemType

# zh: the words that the tables of other item banks use, and that ours are written with
HEADINGS: dict[str, tuple[str, ...]] = {
    "code": ("编号", "试题编号", "题目编号", "试题编码", "id", "code"),
    "type": ("题型", "题目类型", "试题类型", "type"),
    "stem": ("题干", "题目内容", "问题描述", "试题内容", "题目", "题面", "问题", "stem", "question"),
    **{
        f"option{letter}": (f"选项{letter}", f"{letter}选项", f"备选项{letter}", letter, f"option{letter}")
        for letter in LETTERS
    },
    "key": ("答案", "正确答案", "标准答案", "参考答案", "answer", "key"),
    "explanation": ("解析", "答案解析", "试题解析", "题目解析", "explanation"),
    "module": ("模块", "所属模块", "module"),
    "level": ("认知层次", "认知水平", "认知层级", "能力层次", "cognitivelevel", "level"),
    "coefficient": ("难度系数",),
    "difficulty": ("难度", "难易度", "难易程度", "difficulty"),
    "topic": ("知识点", "标签", "考点", "topic", "tag", "tags"),
    "law": ("法规", "依据", "来源", "出处", "law", "source"),
    "article": ("条款", "条文", "article"),
    "edition": ("版本", "法规版本", "edition", "version"),
    "read": ("已读原文", "已核对原文", "read"),
    "credit": ("评分规则", "计分规则", "得分规则", "credit"),
    "exact": ("严格匹配", "区分大小写", "exact"),
    "tolerance": ("误差", "允许误差", "tolerance"),
    "unit": ("单位", "计量单位", "unit"),
    "units": ("其他单位", "换算单位", "units"),
    "unitasked": ("须写单位", "unitasked"),
    "prompts": ("匹配项", "待匹配项", "prompts"),
    "rubric": ("评分标准", "评分细则", "评分要点", "rubric"),
    "case": ("所属案例", "案例编号", "所属材料", "case"),
    "points": ("小题分值", "weight"),
}
SELDOM = {"credit", "exact", "tolerance", "unit", "units", "unitasked", "prompts", "rubric", "case", "points"}
"""The columns that only some types need."""
TYPES: dict[ItemType, tuple[str, ...]] = {
    ItemType.SINGLE: ("单选题", "单选", "单项选择题", "单项选择", "single", "singlechoice"),
    ItemType.MULTIPLE: (
        *("多选题", "多选", "多项选择题", "多项选择"),
        *("不定项选择题", "不定项", "不定项选择", "multiple", "multiplechoice"),
    ),
    ItemType.TRUE_FALSE: ("判断题", "判断", "是非题", "truefalse", "tf"),
    ItemType.BLANK: ("填空题", "填空", "blank", "fillblank"),
    ItemType.NUMERIC: ("数值题", "计算题", "数值", "numeric", "numerical"),
    ItemType.MATCHING: ("匹配题", "连线题", "配对题", "matching"),
    ItemType.ORDERING: ("排序题", "排序", "ordering"),
    ItemType.SHORT_ANSWER: ("简答题", "简答", "问答题", "名词解释", "shortanswer"),
    ItemType.CASE: ("案例题", "案例分析题", "案例分析", "材料题", "综合题", "case"),
    ItemType.ESSAY: ("论述题", "论述", "作文题", "写作题", "essay"),
}
CREDITS: dict[Credit, tuple[str, ...]] = {
    Credit.ALL: ("全对得分", "全对", "all"),
    Credit.SHARE: ("按比例", "按比例给分", "少选按比例", "share"),
    Credit.HALF: ("少选得一半", "一半", "half"),
    Credit.NET: ("答对减答错", "对减错", "net"),
}
TRUE_WORDS = ("正确", "对", "√", "✓", "✔", "t", "true", "是", "yes", "y")
FALSE_WORDS = ("错误", "错", "×", "✗", "✘", "x", "f", "false", "否", "no", "n")
YES, NO = "是", "否"
LEVEL_WORDS: dict[str, tuple[str, ...]] = {
    CognitiveLevel.RECALL: ("识记", "记忆", "了解", "recall"),
    CognitiveLevel.UNDERSTAND: ("理解", "掌握", "understand"),
    CognitiveLevel.APPLY: ("应用", "运用", "apply"),
    CognitiveLevel.ANALYSE: ("分析", "综合", "analyse", "analyze"),
}
EASE: dict[str, str] = {
    **dict.fromkeys(("很易", "很容易", "非常容易"), "0.90"),
    **dict.fromkeys(("易", "容易", "简单", "easy"), "0.80"),
    **dict.fromkeys(("较易", "较容易", "偏易"), "0.70"),
    **dict.fromkeys(("中", "中等", "一般", "适中", "medium"), "0.60"),
    **dict.fromkeys(("较难", "偏难"), "0.50"),
    **dict.fromkeys(("难", "困难", "hard"), "0.40"),
    **dict.fromkeys(("很难", "非常难"), "0.30"),
}
"""Words of difficulty as the share expected to answer rightly: sample values of ours, to be corrected by results."""
HEAVENLY_STEMS = str.maketrans("甲乙丙丁戊己庚辛", LETTERS)
BETWEEN_ANSWERS = re.compile(r"[\s,，、;；|/&+#和]+")
STEPS = Decimal(5)
STEP, EASIEST = Decimal("0.15"), Decimal("1.05")


def _by_word(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {plain_word(word): name for name, words in table.items() for word in words}


FIELDS = _by_word(HEADINGS)
LEVELS_BY_WORD = _by_word(LEVEL_WORDS)
CREDITS_BY_WORD = {plain_word(word): credit for credit, words in CREDITS.items() for word in words}
TYPES_BY_WORD = {plain_word(word): item_type for item_type, words in TYPES.items() for word in words}


def truth(text: str) -> bool | None:
    """Read a word for true or false; None where it is neither."""
    word = plain_word(text)
    if word in TRUE_WORDS:
        return True
    return False if word in FALSE_WORDS else None


def item_type(text: str, answer: str, options: Iterable[str]) -> ItemType:
    """Read a type, or tell it from the answer where the table has none; raises BadItemError for other types."""
    if text.strip():
        found = TYPES_BY_WORD.get(plain_word(text))
        if found is None:
            raise BadItemError(because("unknown_type", type=text))
        return found
    if truth(answer) is not None and not any(options):
        return ItemType.TRUE_FALSE
    return ItemType.MULTIPLE if len(letters(answer)) > 1 else ItemType.SINGLE


def letters(answer: str) -> list[str]:
    """Read right options written as ABC, A,B, A|B, A###B or by heavenly stems; raises BadItemError."""
    folded = unicodedata.normalize("NFKC", answer).upper().translate(HEAVENLY_STEMS)
    found = BETWEEN_ANSWERS.sub("", folded)
    if not set(found) <= set(LETTERS):
        raise BadItemError(because("key_unread", answer=answer))
    return sorted(set(found))


def true_false_key(answer: str, options: list[str]) -> list[str]:
    """Read the key of a true/false item: a word, a sign, or the letter of a written option; raises BadItemError."""
    said = truth(answer)
    if said is None:
        chosen = letters(answer)
        if not chosen:
            return []
        place = LETTERS.index(chosen[0])
        written = options[place] if place < len(options) else ""
        said = truth(written) if written else {0: True, 1: False}.get(place)
        if said is None or len(chosen) > 1:
            raise BadItemError(because("key_unread", answer=answer))
    return [LETTERS[0] if said else LETTERS[1]]


def is_graded(values: Iterable[str]) -> bool:
    """Tell whether a column of difficulties counts steps from 1 (easiest) to 5 rather than shares up to 1."""
    numbers = [number for number in map(_number, values) if number is not None]
    if any(number > 1 for number in numbers):
        return True
    return bool(numbers) and all(number == 1 for number in numbers)


def difficulty(text: str, *, graded: bool) -> str:
    """Return a difficulty coefficient for a word, a step of 1 to 5 or a share; other text stays for the check."""
    word = plain_word(text)
    if word in EASE:
        return EASE[word]
    number = _number(text)
    if graded and number is not None and 1 <= number <= STEPS:
        return str(EASIEST - STEP * number)
    return text


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(unicodedata.normalize("NFKC", text).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
