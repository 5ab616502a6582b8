"""
Documents as the pages of a fax: black and white, 1728 columns wide, as T.4 has them.

For job processes: it reads and writes files, and a page takes some 20 ms.
"""

import io
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pypdfium2
from PIL import Image, ImageSequence, TiffImagePlugin, UnidentifiedImageError

from ..documents import HEAD, can_be_faxed
from .errors import BadDocument

COLUMNS: Final = 1728  # of 215 mm (T.4 §2.2)
COLUMNS_PER_INCH: Final = 204
FINE: Final = 196  # lines an inch: at 98 thin strokes of Chinese are lost
LONGEST: Final = 2 * 2292
"""Lines of a page: two of A4's."""
MOST_PAGES: Final = 100
LARGEST: Final = 20_000_000
"""Octets of a document."""
BROKEN: Final = (
    *(pypdfium2.PdfiumError, UnidentifiedImageError, Image.DecompressionBombError),
    *(OSError, SyntaxError, ValueError, KeyError, TypeError, EOFError, OverflowError),
    *(UserWarning, Image.DecompressionBombWarning),
)
"""What the libraries have to say of files that are none; what they warn of is one, too."""
_POINTS: Final = 72.0  # an inch
_BLACK_BELOW: Final = 190  # of 255: thin strokes stay whole
_GREY: Final = range(64, 192)
_PICTURE: Final = 0.05  # of a page that is grey: a picture, whose greys are dots then
_RESOLUTIONS: Final = ((204, 98), (204, 196), (204, 391), (200, 200))


def fax_pages(source: Path, target: Path) -> int:
    """
    Write a PDF or TIFF as a fax (a TIFF) of fine resolution; how many pages it has.

    What is a fax already keeps its pages as they are. Raises BadDocument.
    """
    if source.stat().st_size > LARGEST:
        raise BadDocument(f"is larger than {LARGEST // 1_000_000} MB")
    with source.open("rb") as file:
        head = file.read(HEAD)
    if not can_be_faxed(head):
        raise BadDocument("is neither a PDF nor a TIFF")
    with _readable():
        pages = _of_pdf(source) if b"%PDF-" in head else _of_tiff(source)
        return _written(pages, target)


def as_pdf(source: Path) -> bytes:
    """A PDF as it is, a TIFF as one, as it would be faxed. Raises BadDocument."""
    with source.open("rb") as file:
        is_pdf = b"%PDF-" in file.read(HEAD)
    if is_pdf:
        return source.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        fax = Path(folder) / "pages.tif"
        fax_pages(source, fax)
        return pdf_of(fax.read_bytes())


def pages_in(pdf: bytes) -> int:
    """Raises BadDocument."""
    with _readable():
        document = pypdfium2.PdfDocument(pdf)
        try:
            return len(document)
        finally:
            document.close()


def joined(first: bytes, then: bytes) -> bytes:
    """Two PDFs as one. Raises BadDocument."""
    made = io.BytesIO()
    with _readable():
        whole, other = pypdfium2.PdfDocument(first), pypdfium2.PdfDocument(then)
        try:
            whole.import_pages(other)
            whole.save(made)
        finally:
            other.close()
            whole.close()
    return made.getvalue()


@contextmanager
def _readable() -> Iterator[None]:
    """Raises BadDocument in the place of whatever a library makes of a broken file."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except BROKEN as error:
            raise BadDocument(f"cannot be read: {_told(error)}") from error


def _of_pdf(source: Path) -> Iterator[tuple[Image.Image, tuple[int, int]]]:
    document = pypdfium2.PdfDocument(source)
    try:
        _check_count(len(document))
        for page in document:
            yield _black_and_white(_drawn(page)), (COLUMNS_PER_INCH, FINE)
            page.close()
    finally:
        document.close()


def _drawn(page: Any) -> Image.Image:
    """In the middle of the paper; what is wider than it is made smaller, a wide page turned."""
    width, height = page.get_size()
    turned = width > height
    if turned:
        width, height = height, width
    scale = min(1.0, COLUMNS / (width / _POINTS * COLUMNS_PER_INCH))
    columns = max(1, round(width / _POINTS * COLUMNS_PER_INCH * scale))
    rows = max(1, round(height / _POINTS * FINE * scale))
    if rows > LONGEST:
        raise BadDocument(f"has a page of {rows} lines, and {LONGEST} are the most")
    # Columns and lines are not of one size: twice as fine both ways, then to the size.
    picture = page.render(
        scale=2 * COLUMNS_PER_INCH * scale / _POINTS, grayscale=True, rotation=90 if turned else 0
    ).to_pil()
    fitted = picture.convert("L").resize((columns, rows), Image.Resampling.BOX)
    paper = Image.new("L", (COLUMNS, rows), 255)
    paper.paste(fitted, ((COLUMNS - columns) // 2, 0))
    return paper


def _of_tiff(source: Path) -> Iterator[tuple[Image.Image, tuple[int, int]]]:
    with Image.open(source) as image:
        _check_count(getattr(image, "n_frames", 1))
        for frame in ImageSequence.Iterator(image):
            resolution = _fax_resolution(frame)
            if resolution is not None:
                yield frame.copy(), resolution
            else:
                yield _black_and_white(_fitted(frame)), (COLUMNS_PER_INCH, FINE)


def _fax_resolution(frame: Image.Image) -> tuple[int, int] | None:
    """Of a page that is a fax's already."""
    if frame.mode != "1" or frame.width != COLUMNS or frame.height > LONGEST * 2:
        return None
    across, down = (round(float(one)) for one in frame.info.get("dpi", (204, 196)))
    for one in _RESOLUTIONS:
        if abs(across - one[0]) <= 2 and abs(down - one[1]) <= 2:
            return one
    return None


def _fitted(frame: Image.Image) -> Image.Image:
    across, down = (float(one) or 200.0 for one in frame.info.get("dpi", (200, 200)))
    grey = frame.convert("L")
    if grey.width / across > grey.height / down:
        grey = grey.transpose(Image.Transpose.ROTATE_90)
        across, down = down, across
    scale = min(1.0, COLUMNS / (grey.width / across * COLUMNS_PER_INCH))
    columns = max(1, round(grey.width / across * COLUMNS_PER_INCH * scale))
    rows = max(1, round(grey.height / down * FINE * scale))
    if rows > LONGEST:
        raise BadDocument(f"has a page of {rows} lines, and {LONGEST} are the most")
    paper = Image.new("L", (COLUMNS, rows), 255)
    paper.paste(grey.resize((columns, rows), Image.Resampling.BOX), ((COLUMNS - columns) // 2, 0))
    return paper


def _black_and_white(grey: Image.Image) -> Image.Image:
    """Writing by a threshold; a picture by dots."""
    counts = grey.histogram()
    if sum(counts[one] for one in _GREY) > _PICTURE * grey.width * grey.height:
        return grey.convert("1")
    return grey.point(lambda one: 255 if one >= _BLACK_BELOW else 0).convert("1")


def _written(pages: Iterator[tuple[Image.Image, tuple[int, int]]], target: Path) -> int:
    """Page by page: one is in memory at a time."""
    count = 0
    with TiffImagePlugin.AppendingTiffWriter(str(target), new=True) as tiff:
        for page, resolution in pages:
            page.save(
                tiff,
                format="TIFF",
                compression="group4",
                dpi=resolution,
                strip_size=1 << 24,  # several strips are too much for old readers
            )
            tiff.newFrame()
            count += 1
    return count


def _check_count(pages: int) -> None:
    if not 1 <= pages <= MOST_PAGES:
        raise BadDocument(f"has {pages} pages, and {MOST_PAGES} are the most")


def _told(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def count_pages(fax: Path) -> int:
    """The whole ones of a fax, also of one that was not written to its end. Raises BadDocument."""
    with _readable(), Image.open(fax) as image:
        return getattr(image, "n_frames", 1)


def pdf_of(fax: bytes) -> bytes:
    """A fax that came as a PDF, its pages as they are. Raises BadDocument."""
    made = io.BytesIO()
    with _readable(), Image.open(io.BytesIO(fax)) as image:
        for frame in ImageSequence.Iterator(image):  # each has a resolution of its own
            dpi = tuple(float(one) for one in frame.info.get("dpi", (COLUMNS_PER_INCH, FINE)))
            frame.save(made, format="PDF", dpi=dpi, append=made.tell() > 0)
    return made.getvalue()


def page_png(fax: bytes, number: int) -> bytes | None:
    """
    A page of it (from 1) for a screen, its columns and lines of one size; None if there is none.

    Raises BadDocument.
    """
    made = io.BytesIO()
    with _readable(), Image.open(io.BytesIO(fax)) as image:
        if not 1 <= number <= getattr(image, "n_frames", 1):
            return None
        image.seek(number - 1)
        across, down = (float(one) for one in image.info.get("dpi", (COLUMNS_PER_INCH, FINE)))
        size = round(image.width / 2), round(image.height * across / down / 2)
        shown = image.convert("L").resize(size, Image.Resampling.BOX)
        shown.save(made, format="PNG", optimize=True)
    return made.getvalue()
