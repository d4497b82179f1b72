"""The words of all packages make one catalogue."""

import os
from pathlib import Path

from babel.support import NullTranslations

from app.web import catalogues

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n'


def say(root: Path, package: str, **words: str) -> Path:
    source = root / package / "translations/zh_CN/LC_MESSAGES/messages.po"
    source.parent.mkdir(parents=True, exist_ok=True)
    entries = "".join(f'\nmsgid "{english}"\nmsgstr "{chinese}"\n' for english, chinese in words.items())
    source.write_text(HEADER + entries, "utf-8")
    return source


def test_the_words_of_all_packages_are_merged(tmp_path: Path) -> None:
    say(tmp_path, "web", Save="保存")
    say(tmp_path, "assessment/exams", Paper="试卷")

    catalogue = catalogues.load("zh_CN", tmp_path)

    assert [catalogue.gettext(word) for word in ("Save", "Paper", "Other")] == ["保存", "试卷", "Other"]


def test_a_compiled_catalogue_is_used_until_its_text_changes(tmp_path: Path) -> None:
    source = say(tmp_path, "web", Save="保存")
    assert catalogues.compile_all(tmp_path) == [source.with_suffix(".mo")]
    assert catalogues.compile_all(tmp_path) == []
    assert catalogues.load("zh_CN", tmp_path).gettext("Save") == "保存"

    say(tmp_path, "web", Save="存储")
    later = source.with_suffix(".mo").stat().st_mtime + 10
    os.utime(source, (later, later))

    assert catalogues.load("zh_CN", tmp_path).gettext("Save") == "存储"


def test_without_any_words_the_english_ids_are_shown(tmp_path: Path) -> None:
    assert isinstance(catalogues.load("zh_CN", tmp_path), NullTranslations)
    assert catalogues.load("zh_CN", tmp_path).gettext("Save") == "Save"


def test_two_translations_of_one_text_are_a_conflict(tmp_path: Path) -> None:
    say(tmp_path, "web", Open="打开", Save="保存")
    say(tmp_path, "courses", Open="进行中", Save="保存")

    assert catalogues.conflicts("zh_CN", tmp_path) == {"Open": {"进行中": ["courses"], "打开": ["web"]}}
