"""Builds the lesson videos: every `content/courses/*/video/*.toml` becomes a WebM, its captions and its poster."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from scripts.places import BUILD, ROOT, digest, say, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

COURSES = ROOT / "content" / "courses"
MEDIA = BUILD / "media"
FONT_FOLDERS = (Path("/usr/share/fonts/opentype/noto"), Path("/usr/share/fonts/noto-cjk"))
SIMPLIFIED = 2  # the face for simplified Chinese within the Noto collections

WIDTH, HEIGHT, RATE = 1280, 720, 10
MARGIN = 80
PAPER, INK, TEAL, AMBER = (255, 255, 255), (20, 33, 58), (15, 111, 113), (183, 121, 31)
GREY, LINE, TINT = (91, 100, 114), (201, 206, 214), (227, 240, 240)
FADE = 0.5  # seconds in which a line appears
STEPS = 48  # in which a figure grows

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Scene:
    """One screen: how long it stays, what it says, what is said under it and what is drawn beside it."""

    seconds: float
    heading: str
    lines: tuple[str, ...]
    captions: tuple[str, ...]
    kind: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Storyboard:
    """A film in order of its scenes, and the files it is made into, without their suffix."""

    title: str
    scenes: tuple[Scene, ...]
    target: Path


def main() -> None:
    """Build every film whose storyboard, drawing code or encoder changed since."""
    storyboards = sorted(COURSES.glob("*/video/*.toml"))
    if fonts_missing():
        say("No Noto CJK fonts (Debian: fonts-noto-cjk): lesson videos are left out.")
        return
    for path in storyboards:
        build(path)


def fonts_missing() -> bool:
    """Whether a face that the films are set in cannot be found."""
    return any(font_file(weight) is None for weight in ("Regular", "Bold"))


def build(path: Path) -> None:
    """Make one film with captions and poster unless they are current."""
    storyboard = read_storyboard(path)
    target = storyboard.target
    stamp = target.with_suffix(".stamp")
    value = digest([path, Path(__file__)], av.__version__)
    made = [target.with_suffix(suffix) for suffix in (".webm", ".vtt", ".jpg")]
    if stamp.is_file() and stamp.read_text() == value and all(file.is_file() for file in made):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    write_film(storyboard, made[0])
    made[1].write_text(captions(storyboard), encoding="utf-8")
    first = storyboard.scenes[0]
    draw_scene(first, first.seconds, place=0, of=len(storyboard.scenes)).save(made[2], quality=86, optimize=True)
    stamp.write_text(value)
    say(f"Built {made[0].relative_to(ROOT)} ({made[0].stat().st_size // 1000} kB)")


def read_storyboard(path: Path) -> Storyboard:
    """Read a storyboard; its film lies under the code of its course and its own."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return Storyboard(
        title=content["title_zh"],
        scenes=tuple(_scene(path, scene) for scene in content["scenes"]),
        target=MEDIA / path.parent.parent.name / content["code"],
    )


def _scene(path: Path, scene: dict[str, Any]) -> Scene:
    """Read one scene and refuse a figure that nobody can draw."""
    figure = scene["figure"]
    if figure["kind"] not in FIGURES:
        stop(f"{path.relative_to(ROOT)} asks for the unknown figure {figure['kind']}.")
    return Scene(
        seconds=float(scene["seconds"]),
        heading=scene["heading"],
        lines=tuple(scene["lines"]),
        captions=tuple(scene["captions"]),
        kind=figure["kind"],
        labels=tuple(figure["labels"]),
    )


def captions(storyboard: Storyboard) -> str:
    """Write WebVTT cues; within a scene each caption gets time by its length."""
    cues = ["WEBVTT", ""]
    start = 0.0
    for scene in storyboard.scenes:
        total = sum(len(text) for text in scene.captions)
        for text in scene.captions:
            end = start + scene.seconds * len(text) / total
            cues += [f"{_clock(start)} --> {_clock(end)}", text, ""]
            start = end
    return "\n".join(cues)


def _clock(seconds: float) -> str:
    """Write seconds as WebVTT wants them."""
    milliseconds = round(seconds * 1000)
    return f"{milliseconds // 60000:02d}:{milliseconds // 1000 % 60:02d}.{milliseconds % 1000:03d}"


def write_film(storyboard: Storyboard, path: Path) -> None:
    """Encode the frames as VP9, which every browser plays, and put the file in place when it is whole."""
    unfinished = path.with_suffix(".part")
    with av.open(str(unfinished), "w", format="webm") as container:
        container.metadata["title"] = storyboard.title
        stream = container.add_stream(
            "libvpx-vp9",
            rate=RATE,
            options={"crf": "38", "deadline": "realtime", "cpu-used": "7", "row-mt": "1", "threads": "2", "g": "120"},
        )
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = WIDTH, HEIGHT, "yuv420p", 0
        for tick, image in frames(storyboard):
            frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = tick, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    unfinished.replace(path)


def frames(storyboard: Storyboard) -> Iterator[tuple[int, Image.Image]]:
    """Draw a picture with its tenth of a second, wherever something changed and at least once in two seconds."""
    scenes = storyboard.scenes
    started = 0
    for place, scene in enumerate(scenes):
        before: tuple[float, ...] = ()
        length = round(scene.seconds * RATE)
        for tick in range(length):
            now = look(scene, tick / RATE)
            if now != before or tick % (2 * RATE) == 0 or tick == length - 1:
                yield started + tick, draw_scene(scene, tick / RATE, place=place, of=len(scenes))
            before = now
        started += length


def look(scene: Scene, at: float) -> tuple[float, ...]:
    """Sum up all that moves in a scene, so that equal looks need no new picture."""
    lines = (appearing(scene, at, place) for place in range(len(scene.lines)))
    return (0.0 if scene.kind == "title" else grown(scene, at), *lines)


def grown(scene: Scene, at: float) -> float:
    """Tell how far the figure of a scene has grown, from 0 to 1 in steps; it is whole before the scene ends."""
    return math.floor(min(1.0, at / (scene.seconds * 0.75)) * STEPS) / STEPS


def draw_scene(scene: Scene, at: float, *, place: int, of: int) -> Image.Image:
    """Draw a scene as it looks so many seconds after its beginning."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 16, HEIGHT), fill=TEAL)
    for dot in range(of):
        x = WIDTH - MARGIN - (of - 1 - dot) * 28
        draw.ellipse((x - 6, 668, x + 6, 680), fill=TEAL if dot == place else LINE)
    FIGURES[scene.kind](draw, scene, at, grown(scene, at))
    return image


def draw_text(draw: ImageDraw.ImageDraw, scene: Scene, at: float) -> None:
    """Set the heading and let the lines appear one after another on the left."""
    draw.text((MARGIN, 84), scene.heading, font=font("Bold", 52), fill=INK)
    draw.rectangle((MARGIN, 160, MARGIN + 96, 166), fill=TEAL)
    for place, line in enumerate(scene.lines):
        shown = appearing(scene, at, place)
        draw.text((MARGIN, 206 + place * 62), line, font=font("Regular", 32), fill=fade(INK, shown))


def appearing(scene: Scene, at: float, place: int) -> float:
    """Tell how far a line has appeared, from 0 to 1."""
    start = scene.seconds * 0.75 * place / len(scene.lines)
    return max(0.0, min(1.0, (at - start) / FADE))


def draw_title(draw: ImageDraw.ImageDraw, scene: Scene, at: float, _progress: float) -> None:
    """Set an opening or closing screen in the middle."""
    size = 44 if len(scene.lines) > 1 else 40
    top = 250 - 20 * len(scene.lines)
    draw.text((WIDTH / 2, top), scene.heading, font=font("Bold", 68), fill=INK, anchor="mm")
    draw.rectangle((WIDTH / 2 - 60, top + 64, WIDTH / 2 + 60, top + 70), fill=TEAL)
    for place, line in enumerate(scene.lines):
        colour = fade(GREY if len(scene.lines) == 1 else INK, appearing(scene, at, place))
        draw.text((WIDTH / 2, top + 140 + place * 72), line, font=font("Regular", size), fill=colour, anchor="mm")


def draw_circles(draw: ImageDraw.ImageDraw, scene: Scene, at: float, progress: float) -> None:
    """Let two circles meet; labels name left, right, left only, both, right only."""
    draw_text(draw, scene, at)
    left, right, *inside = scene.labels
    gap = 95 + round(70 * (1 - progress))
    centre, radius, y = 910, 175, 400
    for x, colour in ((centre - gap, TEAL), (centre + gap, AMBER)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour, width=6)
    draw.text((centre - gap, y - radius - 32), left, font=font("Bold", 32), fill=TEAL, anchor="mm")
    draw.text((centre + gap, y - radius - 32), right, font=font("Bold", 32), fill=AMBER, anchor="mm")
    shown = max(0.0, progress * 4 - 3)
    if not shown:
        return
    for x, label in zip((centre - 172, centre, centre + 172), inside, strict=True):
        draw.text((x, y), label, font=font("Regular", 26), fill=fade(INK, shown), anchor="mm")


def draw_chain(draw: ImageDraw.ImageDraw, scene: Scene, at: float, progress: float) -> None:
    """Light the links of a chain one by one across the screen."""
    draw_text(draw, scene, at)
    count = len(scene.labels)
    step = (WIDTH - 2 * MARGIN) / count
    reached = progress * count
    for place, label in enumerate(scene.labels):
        x, y, wide = MARGIN + place * step, 410, step - 8
        nose = 26
        shape = [(x, y), (x + wide - nose, y), (x + wide, y + 64), (x + wide - nose, y + 128), (x, y + 128)]
        if place:
            shape.append((x + nose, y + 64))
        lit = max(0.0, min(1.0, reached - place))
        draw.polygon(shape, fill=blend(TINT, TEAL, lit))
        middle = x + wide / 2 + (6 if place else -6)
        draw.text((middle, y + 64), label, font=font("Bold", 30), fill=blend(GREY, PAPER, lit), anchor="mm")
        draw.text((middle, y + 160), str(place + 1), font=font("Regular", 28), fill=fade(GREY, lit), anchor="mm")


def draw_curve(draw: ImageDraw.ImageDraw, scene: Scene, at: float, progress: float) -> None:
    """Draw an S curve as it grows through its phases."""
    draw_text(draw, scene, at)
    left, right, top, bottom = 640, 1200, 220, 580
    third = (right - left) / len(scene.labels)
    for place, label in enumerate(scene.labels):
        if progress * len(scene.labels) >= place:
            x = left + place * third
            draw.rectangle((x, top, x + third - 4, bottom), fill=TINT if place % 2 else (243, 245, 247))
            draw.text((x + third / 2, top + 30), label, font=font("Bold", 28), fill=INK, anchor="mm")
    draw.line([(left, top), (left, bottom), (right, bottom)], fill=INK, width=4)
    points = []
    for part in range(round(progress * 80) + 1):
        share = part / 80
        height = 1 / (1 + math.exp(-11 * (share - 0.5)))
        points.append((left + share * (right - left), bottom - 6 - height * (bottom - top - 80)))
    if len(points) > 1:
        draw.line(points, fill=TEAL, width=8, joint="curve")
    draw.text(((left + right) / 2, bottom + 34), "累计投入", font=font("Regular", 26), fill=GREY, anchor="mm")
    draw.text((left, top - 30), "技术性能", font=font("Regular", 26), fill=GREY, anchor="lm")


def draw_pairs(draw: ImageDraw.ImageDraw, scene: Scene, at: float, progress: float) -> None:
    """Set before and after side by side, row by row; each label is written `before|after`."""
    draw_text(draw, scene, at)
    for place, label in enumerate(scene.labels):
        before, after = label.split("|")
        shown = max(0.0, min(1.0, progress * len(scene.labels) - place))
        y = 250 + place * 122
        draw.rounded_rectangle((640, y, 880, y + 88), radius=12, fill=(243, 245, 247))
        draw.text((760, y + 44), before, font=font("Regular", 30), fill=GREY, anchor="mm")
        draw.line([(894, y + 44), (924, y + 44)], fill=fade(AMBER, shown), width=5)
        draw.polygon([(922, y + 32), (944, y + 44), (922, y + 56)], fill=fade(AMBER, shown))
        draw.rounded_rectangle((956, y, 1200, y + 88), radius=12, fill=blend(TINT, TEAL, shown))
        draw.text((1078, y + 44), after, font=font("Bold", 30), fill=blend(TINT, PAPER, shown), anchor="mm")


FIGURES = {
    "title": draw_title,
    "circles": draw_circles,
    "chain": draw_chain,
    "curve": draw_curve,
    "pairs": draw_pairs,
}


def fade(colour: Colour, shown: float) -> Colour:
    """Mix a colour with the paper."""
    return blend(PAPER, colour, shown)


def blend(start: Colour, end: Colour, share: float) -> Colour:
    """Mix two colours; 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


@lru_cache
def font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    """Load the simplified Chinese face of a weight in pixels."""
    file = font_file(weight)
    if file is None:
        stop(f"no Noto CJK font of weight {weight}")
    return ImageFont.truetype(str(file), size, index=SIMPLIFIED)


def font_file(weight: str) -> Path | None:
    """Find the font collection of a weight, or None on a machine without it."""
    candidates = (folder / f"NotoSansCJK-{weight}.ttc" for folder in FONT_FOLDERS)
    return next((file for file in candidates if file.is_file()), None)


if __name__ == "__main__":
    main()
