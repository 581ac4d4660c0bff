"""WeasyPrint, set up once per process. Import it lazily: without Pango the import raises OSError.

Made anew for every letter, memory was measured to grow past 500 MB in 1,250 letters; kept, it
stays flat. The same font configuration must go to the style sheet and to the PDF, else the fonts
vanish silently; the same holds for counter styles.
"""

import warnings
from functools import cache
from pathlib import Path

from weasyprint import CSS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from proposals.printing import fonts

# Archivable and tagged: the fonts and the colour profile are inside, readers can follow the
# structure. Viewers show it the same in thirty years.
VARIANT = "pdf/a-2a"


class PackagedFiles(URLFetcher):
    """Answer `letter:NAME` for our own fonts and one folder of images, refuse every other address.

    The stock fetcher opens `file:` and any host, and would put /etc/passwd into a letter whose
    title asks for it.
    """

    def __init__(self, images):
        super().__init__()
        self.images = images

    def fetch(self, url, headers=None):
        """Return one packaged file; raise ValueError for anything else."""
        scheme, _colon, name = url.partition(":")
        if scheme == "letter" and name in fonts.FILES:
            body, kind = fonts.path(name).read_bytes(), "font/otf"
        elif scheme == "letter" and name in self.images:
            body, kind = self.images[name].read_bytes(), "image/svg+xml"
        else:
            raise ValueError("A letter is made of packaged files only.")
        return URLFetcherResponse(url, body, {"Content-Type": kind})


@cache
def _type_case(style: Path):
    images = {image.name: image for image in style.parent.glob("*.svg")}
    fetcher = PackagedFiles(images)
    shared = {"font_config": FontConfiguration(), "counter_style": CounterStyle()}
    css = style.read_text(encoding="utf-8")
    return fetcher, shared, CSS(string=css, url_fetcher=fetcher, **shared)


def pdf_from(html, style: Path):
    """Set one HTML document in the style of this sheet as PDF and return its bytes.

    The SVG images beside the style sheet can be used by both as `letter:NAME`.
    """
    fetcher, shared, css = _type_case(style)
    document = HTML(string=html, url_fetcher=fetcher)
    with warnings.catch_warnings():
        # WeasyPrint 70 leaves the colour profile's file to the garbage collector.
        warnings.filterwarnings("ignore", r"unclosed file .*sRGB2014\.icc", ResourceWarning)
        return document.write_pdf(stylesheets=[css], pdf_variant=VARIANT, **shared)
