"""Documents as pages of a fax, and faxes as people look at them."""

import io
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image, TiffImagePlugin

from config.settings import SHIPPED
from fax_sms_email.fax.errors import BadDocument
from fax_sms_email.fax.images import COLUMNS, fax_pages, page_png, pdf_of
from fax_sms_email.fax.terminal import Station

from .pages import differing, document, pages_of
from .test_terminal import by_audio

PRICES = SHIPPED / "demo" / "price-list.pdf"


def a_pdf(path: Path, *pages: tuple[float, float]) -> Path:
    """Of pages of these sizes (points), a black square on each."""
    made = pypdfium2.PdfDocument.new()
    for width, height in pages:
        made.new_page(width, height)
    made.save(path)
    made.close()
    return path


def test_a_pdf_becomes_pages_that_a_machine_takes(tmp_path: Path) -> None:
    sent, came = tmp_path / "sent.tif", tmp_path / "came.tif"
    count = fax_pages(PRICES, sent)
    assert count == len(pages_of(sent)) > 0
    assert all(page.shape[1] == COLUMNS for page in pages_of(sent))
    line = by_audio(sent, came)
    assert line.sender.end.whole
    assert differing(sent, came) == [0] * count
    with Image.open(sent) as image:
        assert (image.info["dpi"], image.info["compression"]) == ((204, 196), "group4")
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        assert len(image.tag_v2[TiffImagePlugin.STRIPOFFSETS]) == 1  # old readers take no more


def test_what_is_written_stands_where_it_stood(tmp_path: Path) -> None:
    """The same share of black, line by line, as in the page itself."""
    sent = tmp_path / "sent.tif"
    fax_pages(PRICES, sent)
    page = pypdfium2.PdfDocument(PRICES)[0]
    drawn = np.array(page.render(scale=204 / 72, grayscale=True).to_pil().convert("L")) / 255
    fax = pages_of(sent)[0].astype(float)
    ours, theirs = (
        np.array([1 - band.mean() for band in np.array_split(one, 20)]) for one in (fax, drawn)
    )
    width = drawn.shape[1] / COLUMNS  # the paper is wider than A4
    assert np.corrcoef(ours, theirs)[0, 1] > 0.98
    assert ours.mean() == pytest.approx(theirs.mean() * width, rel=0.3)


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        ((595.0, 842.0), 2292),  # A4
        ((842.0, 595.0), 2292),  # A4, turned
        ((612.0, 792.0), 2156),  # letter
        ((1191.0, 1684.0), 2348),  # A2: made smaller until it is as wide as the paper
        ((297.5, 421.0), 1146),  # A6: in the middle
    ],
)
def test_each_size_of_paper_has_its_page(
    tmp_path: Path, size: tuple[float, float], rows: int
) -> None:
    target = tmp_path / "fax.tif"
    assert fax_pages(a_pdf(tmp_path / "a.pdf", size), target) == 1
    (page,) = pages_of(target)
    assert page.shape[1] == COLUMNS
    assert page.shape[0] == pytest.approx(rows, abs=100)


def test_what_is_a_fax_already_stays_as_it_is(tmp_path: Path) -> None:
    for rows, lines in ((1146, 98), (2292, 196), (4584, 391)):
        source, target = tmp_path / f"{lines}.tif", tmp_path / "fax.tif"
        document(source, 2, rows=rows, lines=lines)
        assert fax_pages(source, target) == 2
        assert differing(source, target) == [0, 0]
        with Image.open(target) as image:
            assert image.info["dpi"] == (204, lines)


def test_a_photograph_becomes_dots_and_not_a_black_page(tmp_path: Path) -> None:
    source, target = tmp_path / "grey.tif", tmp_path / "fax.tif"
    ramp = np.tile(np.linspace(40, 220, 1000, dtype=np.uint8), (1400, 1))
    Image.fromarray(ramp).save(source, dpi=(150, 150))
    fax_pages(source, target)
    (page,) = pages_of(target)
    middle = page[:, 500:1200]
    assert 0.2 < middle.mean() < 0.8
    assert page[:, 300:500].mean() < page[:, 1200:1400].mean()  # darker to the left


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "neither"),
        (b"GIF89a", "neither"),
        (b"%PDF-1.7\nno more than that", "cannot be read"),
        (b"II*\0\x08\0\0\0\0\0", "cannot be read"),
        (b"II*\0\xff\xff\xff\x7f", "cannot be read"),
        (b"MM\0*" + bytes(500), "cannot be read"),
    ],
)
def test_what_is_none_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    source = tmp_path / "bad"
    source.write_bytes(content)
    with pytest.raises(BadDocument, match=why):
        fax_pages(source, tmp_path / "fax.tif")


def test_too_many_pages_and_too_long_ones_are_refused(tmp_path: Path) -> None:
    many = a_pdf(tmp_path / "many.pdf", *[(595.0, 842.0)] * 101)
    with pytest.raises(BadDocument, match="101 pages"):
        fax_pages(many, tmp_path / "fax.tif")
    with pytest.raises(BadDocument, match="lines"):
        fax_pages(a_pdf(tmp_path / "roll.pdf", (595.0, 9000.0)), tmp_path / "fax.tif")


def test_a_fax_is_shown_as_a_pdf_of_its_size_and_as_pictures(tmp_path: Path) -> None:
    sent, came = document(tmp_path / "sent.tif", 2), tmp_path / "came.tif"
    by_audio(sent, came, bank=Station(ident="1"))
    tiff = came.read_bytes()
    shown = pypdfium2.PdfDocument(pdf_of(tiff))
    assert len(shown) == 2
    width, height = shown[0].get_size()
    assert width == pytest.approx(1728 / 204 * 72, abs=2)
    assert height == pytest.approx(2292 / 196 * 72, abs=2)
    drawn = page_png(tiff, 2)
    assert drawn is not None
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.size == (864, round(2292 * 204 / 196 / 2))
    assert page_png(tiff, 3) is None
    assert page_png(tiff, 0) is None


def test_pages_of_two_resolutions_have_each_their_own_size() -> None:
    fine, coarse = Image.new("1", (1728, 2292), 1), Image.new("1", (1728, 1146), 1)
    tiff = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(tiff) as pages:
        for page, lines in ((coarse, 98), (fine, 196)):
            page.save(pages, format="TIFF", compression="group4", dpi=(204, lines))
            pages.newFrame()
    shown = pypdfium2.PdfDocument(pdf_of(tiff.getvalue()))
    heights = [shown[place].get_size()[1] for place in range(2)]
    assert heights == [pytest.approx(842, abs=2)] * 2


def test_what_nobody_can_read_is_told() -> None:
    for make in (pdf_of, lambda tiff: page_png(tiff, 1)):
        with pytest.raises(BadDocument):
            make(b"II*\0\x08\0\0\0")
