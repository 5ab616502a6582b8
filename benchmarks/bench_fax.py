"""
What a fax costs the fax process, in CPU time: pages a second of work, and how many faxes at a time.

Pairs of our own machines in one fax process, each pair one fax: both ends are counted, and the
kernel's part of both. Documents of three pages, fine resolution, Chinese and English.

    python -m benchmarks.bench_fax [--faxes 100 --way t38]

``--faxes`` 100 are 200 machines. "Real time" is what each fax takes on the line.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from cti_server.fax.machines import FaxMachine, FaxMachines
from cti_server.fax.protocol import MachineEnded, OpenMachine
from tests.ports import port_range

FONT = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
SPREAD = 20.0  # seconds in which they begin, as calls do
PAGES = 3


def document(path: Path) -> Path:
    font = ImageFont.truetype(FONT, 40)
    pages = []
    for number in range(1, PAGES + 1):
        page = Image.new("L", (1728, 2292), 255)
        draw = ImageDraw.Draw(page)
        for row in range(80, 2200, 70):
            draw.text((100, row), f"{number} 对账单 Statement {row} ¥1,234.56", font=font, fill=0)
        pages.append(page.point(lambda grey: 255 if grey > 190 else 0).convert("1"))
    pages[0].save(
        path,
        compression="group4",
        save_all=True,
        append_images=pages[1:],
        dpi=(204, 196),
        strip_size=1 << 24,
    )
    return path


async def a_fax(
    faxes: FaxMachines, sent: Path, came: Path, name: str, way: str, after: float
) -> tuple[MachineEnded, float]:
    """How it ended, and its seconds."""
    await asyncio.sleep(after)
    began = time.monotonic()
    one, other = [
        await faxes.open(
            OpenMachine(
                machine=f"{name}{side}",
                calling=sends,
                sends=sends,
                document=str(path),
                ident="+86211234567",
            )
        )
        for side, path, sends in (("a", sent, True), ("b", came, False))
    ]
    talk(one, other, way)
    talk(other, one, way)
    ended = await one.ended
    await other.ended
    one.close()
    other.close()
    return ended, time.monotonic() - began


def talk(one: FaxMachine, to: FaxMachine, way: str) -> None:
    if way == "t38":
        one.speak_packets(to.host, to.packet_port, redundant=True, largest=400)
    else:
        one.speak_audio(to.audio_host, to.audio_port, "PCMA", 8)


async def measure(count: int, way: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sent = document(folder / "sent.tif")
        faxes = FaxMachines(
            host="127.0.0.1",
            public_host=None,
            ports=port_range(8 * count + 20),
            run_folder=folder / "run",
            log_level="warning",
        )
        try:
            began = time.monotonic()
            done = await asyncio.gather(
                *(
                    a_fax(faxes, sent, folder / f"{n}.tif", f"f{n}", way, n * SPREAD / count)
                    for n in range(count)
                )
            )
            lasted = time.monotonic() - began
            figures = await faxes.statistics()
        finally:
            await faxes.close()
    if figures is None:
        raise SystemExit("the fax process has died")
    whole = [ended for ended, _ in done if ended.whole]
    pages = PAGES * count
    seconds = statistics.median(each for _, each in done)
    print(f"{way}: {count} faxes of {PAGES} pages at a time, {2 * count} machines")
    print(f"  whole                 {len(whole)} of {count}")
    print(f"  on the line           {seconds:.0f} s (median)")
    print(f"  CPU a page, both ends {figures.cpu_seconds / pages * 1000:.1f} ms")
    busy = figures.cpu_seconds / lasted
    print(f"  of a core             {busy:.1%}, {busy / (2 * count):.3%} a machine")
    print(f"  late ticks            {figures.late_ticks} of {lasted * 50:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="What faxes cost.")
    parser.add_argument("--faxes", type=int, default=100)
    parser.add_argument("--way", choices=("t38", "audio", "both"), default="both")
    told = parser.parse_args()
    for way in ("t38", "audio") if told.way == "both" else (told.way,):
        asyncio.run(measure(told.faxes, way))


if __name__ == "__main__":
    main()
