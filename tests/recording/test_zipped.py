"""ZIP files that were never whole anywhere, opened by what others have written."""

import io
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from recording.zipped import GrowingZip

AT = datetime(2026, 3, 2, 9, 30, 12, tzinfo=UTC)


def zipped(files: dict[str, list[bytes]]) -> bytes:
    whole = b""
    with GrowingZip() as growing:
        for name, blocks in files.items():
            growing.begin(name, AT)
            whole += growing.take()
            for block in blocks:
                growing.write(block)
                sent = growing.take()
                assert len(sent) <= len(block) + 1  # nothing is kept back
                whole += sent
            growing.end()
            whole += growing.take()
        growing.finish()
        return whole + growing.take()


@given(
    st.dictionaries(
        st.text("abc/.", min_size=1, max_size=8).filter(lambda name: name.strip("/.")),
        st.lists(st.binary(max_size=300), max_size=4),
        max_size=5,
    )
)
def test_what_went_in_comes_out_each_file_under_its_name(files: dict[str, list[bytes]]) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(files))) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == list(files)
        for name, blocks in files.items():
            told = opened.getinfo(name)
            assert opened.read(told) == b"".join(blocks)
            assert (told.compress_type, told.date_time) == (zipfile.ZIP_STORED, AT.timetuple()[:6])


def test_another_program_opens_it(tmp_path: Path) -> None:
    file = tmp_path / "sounds.zip"
    file.write_bytes(zipped({"2026-03-02/r1.wav": [b"RIFF" * 1000], "manifest.json": [b"{}"]}))

    told = subprocess.run(["unzip", "-t", file], capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stdout


def test_a_broken_off_one_leaves_nothing_open_and_is_no_zip() -> None:
    def broken_off() -> Iterator[bytes]:
        with GrowingZip() as growing:
            growing.begin("r1.wav", AT)
            growing.write(b"RIFF")
            yield growing.take()

    sending = broken_off()
    sent = next(sending)
    sending.close()  # type: ignore[attr-defined]

    assert not zipfile.is_zipfile(io.BytesIO(sent))
