"""Texts as paper: drawn with all their signs, in as many pages as it takes, and nothing fetched."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from fax_sms_email.fax.errors import BadDocument
from fax_sms_email.fax.images import fax_pages
from fax_sms_email.fax.markdown import escaped
from fax_sms_email.fax.paper import LONGEST, paper

from .pages import pages_of


def read(pdf: bytes) -> list[str]:
    """What is written on each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def table(rows: int, said: str = "转账") -> str:
    lines = [f"| 2026-11-{one % 28 + 1:02d} | {said} | {one}.50 |" for one in range(rows)]
    return "\n".join(["# 对账单", "", "| 日期 | 摘要 | 金额 |", "|---|---|--:|", *lines])


def test_chinese_is_drawn_and_a_table_goes_on_over_pages_with_its_head() -> None:
    pages = read(paper(table(60), "zh"))
    assert len(pages) == 3
    assert all("日期" in page and "转账" in page for page in pages)
    assert "对账单" in pages[0]
    assert "2 / 3" in pages[1]


def test_it_is_readable_at_the_resolution_of_a_fax(tmp_path: Path) -> None:
    """As black as at four times the resolution: no stroke is lost, none runs into another."""
    pdf = tmp_path / "one.pdf"
    pdf.write_bytes(paper(table(10, "王丰羊亖 對賬單"), "zh"))
    assert fax_pages(pdf, tmp_path / "one.tif") == 1
    (page,) = pages_of(tmp_path / "one.tif")
    document = pypdfium2.PdfDocument(pdf)
    fine = np.array(document[0].render(scale=4 * 204 / 72, grayscale=True).to_pil())
    document.close()
    black = [(fine < 128).mean(), 1 - page.mean()]
    assert 0.01 < black[0] == pytest.approx(black[1], rel=0.15)


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A web server's address, and what was asked of it."""
    paths: list[str] = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not on the console."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", paths
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_is_fetched_and_html_is_text(asked: tuple[str, list[str]], tmp_path: Path) -> None:
    address, paths = asked
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    (page,) = read(
        paper(
            f"![x]({address}/a.png) <img src='{address}/b.png'>\n\n"
            f"<link rel=stylesheet href='{address}/c.css'>\n\n"
            f"<a rel=attachment href='{secret.as_uri()}'>x</a> [link]({address}/d)\n\n"
            f"<style>@import url({address}/e.css)</style>",
            "en",
        )
    )
    assert paths == []
    assert "<img src=" in page
    assert "geheim" not in page


@pytest.mark.parametrize(
    "value",
    ["# x", "a | b", "*a* _b_ `c`", "[x](http://x)", "<b>x</b> &amp;", "1. x", "- x", "\\*"],
)
def test_a_value_is_read_as_it_is(value: str) -> None:
    text = f"| head |\n|---|\n| {escaped(value)} |\n\n{escaped(value)}"
    (page,) = read(paper(text, "en"))
    assert page.replace("\r\n", "\n").split("\n")[1:3] == [value, value]


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(BadDocument, match="are the most"):
        paper("x" * (LONGEST + 1), "en")
