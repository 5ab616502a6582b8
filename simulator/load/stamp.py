"""What every generated RTP packet carries: its receiver can tell whose it is, and how old."""

import struct
from typing import Final

from cti_server.media.rtp import TICK_SAMPLES

MAGIC: Final = b"HLSM"
STAMP: Final = struct.Struct("!4sIIQ")
"""Magic, stream, count within the stream, time of sending in ns of CLOCK_REALTIME."""
HEADER_AND_STAMP: Final = struct.Struct("!HHII4sIIQ")
"""RTP's head, sequence, timestamp and SSRC, then the stamp."""
FILL: Final = bytes(0xD5 ^ (i & 0x7F) for i in range(TICK_SAMPLES - STAMP.size))
"""The rest of the payload: not silence, so that nothing may leave it out."""
