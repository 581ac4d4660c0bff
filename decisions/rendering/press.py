"""WeasyPrint, set up once per process. Import it lazily: without Pango the import raises OSError.

Made anew for every letter, memory was measured to grow past 500 MB in 1,250 letters; kept, it
stays flat. The same font configuration must go to the style sheet and to the PDF, else the fonts
vanish silently; the same holds for counter styles.
"""

import warnings
from functools import cache
from importlib.resources import files

from weasyprint import CSS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from decisions.rendering import fonts

ASSETS = files("decisions") / "letter_assets"
IMAGES = {"moon.svg": "image/svg+xml"}

# Archivable and tagged: the fonts and the colour profile are inside, readers can follow the
# structure. Viewers show it the same in thirty years.
VARIANT = "pdf/a-2a"


class PackagedFiles(URLFetcher):
    """Answer `letter:NAME` for our own fonts and images, refuse every other address.

    The stock fetcher opens `file:` and any host, and would put /etc/passwd into a letter whose
    title asks for it.
    """

    def fetch(self, url, headers=None):
        """Return one packaged file; raise ValueError for anything else."""
        scheme, _colon, name = url.partition(":")
        if scheme == "letter" and name in fonts.FILES:
            body, kind = fonts.path(name).read_bytes(), "font/otf"
        elif scheme == "letter" and name in IMAGES:
            body, kind = (ASSETS / name).read_bytes(), IMAGES[name]
        else:
            raise ValueError("A letter is made of packaged files only.")
        return URLFetcherResponse(url, body, {"Content-Type": kind})


@cache
def _type_case():
    fetcher = PackagedFiles()
    shared = {"font_config": FontConfiguration(), "counter_style": CounterStyle()}
    css = (ASSETS / "letter.css").read_text(encoding="utf-8")
    return fetcher, shared, CSS(string=css, url_fetcher=fetcher, **shared)


def pdf_from(html):
    """Set one HTML document as PDF and return its bytes."""
    fetcher, shared, style = _type_case()
    document = HTML(string=html, url_fetcher=fetcher)
    with warnings.catch_warnings():
        # WeasyPrint 70 leaves the colour profile's file to the garbage collector.
        warnings.filterwarnings("ignore", r"unclosed file .*sRGB2014\.icc", ResourceWarning)
        return document.write_pdf(stylesheets=[style], pdf_variant=VARIANT, **shared)
