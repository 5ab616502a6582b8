"""
Texts in Markdown as pages of paper, A4, to be faxed: a PDF.

For job processes: loading what draws takes a quarter of a second, a page some 70 ms. Nothing is
fetched, whatever a text names: no picture, no style, no file.
"""

import logging
from typing import Any, Final, Literal, NoReturn

from .errors import BadDocument, NoFaxEngine

LONGEST: Final = 20_000  # characters
_LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}
_STYLE: Final = """
@page { size: A4; margin: 20mm 18mm 22mm 18mm;
        @bottom-center { content: counter(page) " / " counter(pages); font-size: 10pt } }
body { font-family: "WenQuanYi Micro Hei", "Noto Sans CJK SC", sans-serif; font-size: 12pt;
       line-height: 1.4; color: black }
h1 { font-size: 20pt; margin: 0 0 6mm 0 } h2 { font-size: 16pt } h3 { font-size: 14pt }
table { border-collapse: collapse; width: 100%; margin: 4mm 0 }
thead { display: table-header-group } tr { break-inside: avoid }
th, td { border: 0.4mm solid black; padding: 1.2mm 2mm; text-align: left;
         overflow-wrap: anywhere }
a { color: black } pre { white-space: pre-wrap }
hr { border: 0; border-top: 0.4mm solid black }
"""
"""Nothing thinner than a line of a fax (0.13 mm), nothing smaller than Chinese stays readable."""


def paper(text: str, language: Literal["zh", "en"]) -> bytes:
    """Raises BadDocument, and NoFaxEngine where Pango is not installed."""
    if len(text) > LONGEST:
        raise BadDocument(f"has {len(text)} characters, and {LONGEST} are the most")
    try:
        html, fetcher = _drawing()
    except OSError as error:
        raise NoFaxEngine(f"Pango is not there: {error}") from error
    body = _markdown().render(text)
    page = (
        f'<html lang="{_LANGUAGES[language]}"><head><style>{_STYLE}</style></head>'
        f"<body>{body}</body></html>"
    )
    made: bytes = html(string=page, url_fetcher=fetcher).write_pdf()
    return made


def _markdown() -> Any:
    from markdown_it import MarkdownIt

    rules = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return rules.enable("table").disable("image")


def _drawing() -> tuple[Any, Any]:
    from weasyprint import HTML
    from weasyprint.urls import URLFetchingError

    logging.getLogger("weasyprint").setLevel(logging.ERROR)

    def fetch(url: str, *_: Any, **__: Any) -> NoReturn:
        raise URLFetchingError(f"{url}: nothing is fetched")

    return HTML, fetch
