"""The films of the lessons: captions cover them, every scene can be drawn, what is current is not built again."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import pytest

from scripts import build_media
from scripts.build_media import Storyboard

STORYBOARDS = sorted(build_media.COURSES.glob("*/video/*.toml"))

needs_fonts = pytest.mark.skipif(build_media.fonts_missing(), reason="needs the Noto CJK fonts")


@pytest.fixture
def storyboard() -> Storyboard:
    return build_media.read_storyboard(STORYBOARDS[0])


def test_captions_follow_each_other_to_the_end_of_the_film(storyboard: Storyboard) -> None:
    cues = [line.split(" --> ") for line in build_media.captions(storyboard).splitlines() if "-->" in line]
    assert cues[0][0] == "00:00.000"
    assert all(end == start for (_, end), (start, _) in pairwise(cues))
    assert cues[-1][1] == f"01:{sum(scene.seconds for scene in storyboard.scenes) - 60:06.3f}"


def test_an_unknown_figure_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_media, "ROOT", tmp_path)
    path = tmp_path / "L01.toml"
    path.write_text(STORYBOARDS[0].read_text(encoding="utf-8").replace('"curve"', '"spiral"'), encoding="utf-8")
    with pytest.raises(SystemExit, match="unknown figure spiral"):
        build_media.read_storyboard(path)


def test_a_machine_without_fonts_leaves_the_films_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_media, "FONT_FOLDERS", ())
    build_media.main()
    assert "fonts-noto-cjk" in capsys.readouterr().out


@needs_fonts
def test_every_scene_changes_until_it_is_whole(storyboard: Storyboard) -> None:
    for place, scene in enumerate(storyboard.scenes):
        first = build_media.draw_scene(scene, 0, place=place, of=len(storyboard.scenes))
        last = build_media.draw_scene(scene, scene.seconds, place=place, of=len(storyboard.scenes))
        assert first.size == (build_media.WIDTH, build_media.HEIGHT)
        assert first.tobytes() != last.tobytes()


@needs_fonts
def test_a_film_is_whole_vp9_with_captions_and_poster_and_built_once(
    storyboard: Storyboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a film of its two shortest scenes
    short = replace(storyboard, scenes=(storyboard.scenes[0], storyboard.scenes[-1]), target=tmp_path / "L01")
    monkeypatch.setattr(build_media, "read_storyboard", lambda _: short)
    monkeypatch.setattr(build_media, "ROOT", Path("/"))
    # when it is built twice
    build_media.build(STORYBOARDS[0])
    made = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    build_media.build(STORYBOARDS[0])
    # then the second run touched nothing
    assert set(made) == {"L01.webm", "L01.vtt", "L01.jpg", "L01.stamp"}
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == made
    with av.open(str(tmp_path / "L01.webm")) as film:
        assert film.streams.video[0].codec_context.name == "vp9"
        assert film.duration == sum(scene.seconds for scene in short.scenes) * av.time_base
