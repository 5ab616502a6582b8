"""Documents as faxes are tested with, and how alike two of them are."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
WIDTH, FINE = 1728, 2292
HEADER = 32  # rows that the sender's header adds at fine resolution

Pixels = npt.NDArray[np.bool_]


def document(path: Path, pages: int = 3, *, rows: int = FINE, lines: int = 196) -> Path:
    """A statement of account, in Chinese and English."""
    font = ImageFont.truetype(FONT, 40)
    drawn = []
    for number in range(1, pages + 1):
        page = Image.new("L", (WIDTH, rows), 255)
        draw = ImageDraw.Draw(page)
        for row in range(0, rows - 140, 70):
            text = f"第 {number} 页 对账单 Statement of account {row} ¥1,234.56 王小明"
            draw.text((100, 80 + row), text, font=font, fill=0)
        drawn.append(page.point(lambda grey: 255 if grey > 190 else 0).convert("1"))
    drawn[0].save(
        path,
        compression="group4",
        save_all=True,
        append_images=drawn[1:],
        dpi=(204, lines),
        strip_size=1 << 24,
    )
    return path


def pages_of(path: Path) -> list[Pixels]:
    """True is white."""
    with Image.open(path) as image:
        found = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append(np.array(image.convert("1")))
        return found


def differing(sent: Path, came: Path, *, header: int = 0) -> list[int]:
    """Pixels of each page that are not as they were sent; -1 for a page of another size."""
    wanted, found = pages_of(sent), pages_of(came)
    return [
        int((one != other[header:]).sum()) if one.shape == other[header:].shape else -1
        for one, other in zip(wanted, found, strict=True)
    ]
