"""The picture other sites show beside a link to the results: what their page says above the list.

1200 by 630, as Open Graph asks. Drawn by Pillow with the typefaces of our papers; the same words
give the same picture. Before the release there is another one, that says there are none yet.
"""

import io

from PIL import Image, ImageDraw, ImageFont, features

from decisions.rendering import wording
from proposals.printing import fonts

WIDTH, HEIGHT = 1200, 630
_MARGIN, _COLUMN = 84, 690  # of the text; the Moon has the rest
_PAPER, _INK, _SOFT, _BLUE = "#fbfaf7", "#16191f", "#4a505b", "#1f4668"
_LIGHT, _DARK, _DUSK = "#dfe6ec", "#c7d2dc", "#cfd9e1"
# Colour, how far right of the middle and below it, and how large: in radii of the Moon.
_CRATERS = (
    (_DARK, 0.3, -0.42, 0.27),
    (_DARK, 0.52, 0.26, 0.22),
    (_DUSK, 0.05, 0.42, 0.14),
    (_DUSK, 0.34, 0.72, 0.07),
)
_FINE = 3  # drawn so many times larger and made small: Pillow's circles have steps

# (heading, text, text in stress) of each language; the others have those of English.
_FACES = {
    "zh-hans": ("song", "hei", "hei"),
    "ar": ("naskh-bold", "plex", "plex-semibold"),
}


def can_draw(language) -> bool:
    """Whether letters are joined and ordered as the language has them: Arabic needs Raqm."""
    return not wording.of(language).is_rtl or features.check("raqm")


def picture_of(language, *, call, heading, lead, day="") -> bytes:
    """A PNG with the call above, the heading, what is said below it, and a day."""
    is_rtl = wording.of(language).is_rtl
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    _moon(image, 210 if is_rtl else WIDTH - 210, HEIGHT // 2 - 6)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, HEIGHT - 14, WIDTH, HEIGHT), fill=_BLUE)
    serif, sans, strong = _FACES.get(language, ("serif", "sans", "sans-semibold"))
    at = 92
    for text, face, size, colour, after in (
        (call, strong, 27, _SOFT, 22),
        (heading, serif, 74, _INK, 26),
        (lead, sans, 36, _SOFT, 22),
        (day, sans, 27, _SOFT, 0),
    ):
        at = _paragraph(draw, text, at, fonts.path(face), size, colour, is_rtl) + after
    done = io.BytesIO()
    image.save(done, "PNG", optimize=True)
    return done.getvalue()


def _paragraph(draw, text, top, path, size, colour, is_rtl) -> int:
    """Write a text in lines no longer than the column; where the next one may begin."""
    font = ImageFont.truetype(str(path), size)
    options = {"direction": "rtl", "language": "ar"} if is_rtl else {}
    leading = round(size * (1.5 if is_rtl else 1.25))
    for line in _lines(text, lambda line: draw.textlength(line, font, **options)):
        at, anchor = (WIDTH - _MARGIN, "ra") if is_rtl else (_MARGIN, "la")
        draw.text((at, top), line, colour, font, anchor, **options)
        top += leading
    return top


def _lines(text, length):
    """Lines that fit, broken at spaces, or between Chinese characters."""
    line = ""
    for part in _parts(text):
        if line and length((line + part).rstrip()) > _COLUMN:
            yield line.rstrip()
            line = ""
        line += part
    if line:
        yield line.rstrip()


def _parts(text):
    part = ""
    for char in text:
        part += char
        if char == " " or "\u2e80" <= char <= "\uffef":
            yield part
            part = ""
    yield part


def _moon(image, x, y, radius=150):
    """The Moon of our letters' heads, its night on the left."""
    side = 2 * radius * _FINE
    moon = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(moon)
    half = side / 2
    draw.ellipse((0, 0, side, side), fill=_LIGHT)
    draw.pieslice((0, 0, side, side), 90, 270, fill=_BLUE)
    draw.ellipse((half * 0.37, 0, half * 1.63, side), fill=_LIGHT)
    for colour, right, below, size in _CRATERS:
        x_of, y_of, reach = half * (1 + right), half * (1 + below), half * size
        draw.ellipse((x_of - reach, y_of - reach, x_of + reach, y_of + reach), fill=colour)
    moon = moon.rotate(24, Image.Resampling.BICUBIC)
    moon = moon.resize((2 * radius, 2 * radius), Image.Resampling.LANCZOS)
    image.paste(moon, (x - radius, y - radius), moon)
