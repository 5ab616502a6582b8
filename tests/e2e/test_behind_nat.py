"""A server whose parties reach it at an address that the machine itself does not have."""

import asyncio
import socket
from pathlib import Path

from cti_server.sip.sdp import Sdp
from tests.running_server import serving

from .raw_sip import RawPhone, offer

PUBLIC = "203.0.113.5"


async def test_the_description_names_the_public_address_and_audio_comes_through_the_own_one(
    tmp_path: Path,
) -> None:
    media = {"workers": 1, "ports": [30000, 32999], "public_host": PUBLIC}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as audio:
        audio.bind(("127.0.0.1", 0))
        audio.setblocking(False)
        here = audio.getsockname()[1]
        async with serving(tmp_path, media=media) as server, RawPhone(server.sip_port) as phone:
            invite = phone.invite("13800138000", "1000", sdp=offer("127.0.0.1", here))
            phone.send(invite)
            answered = await phone.response("INVITE")
            phone.acknowledge(invite, answered)
            answer = Sdp.parse(answered.body)
            async with asyncio.timeout(30):
                _, source = await asyncio.get_running_loop().sock_recvfrom(audio, 2048)
            phone.send(phone.bye(invite, answered))
            assert (await phone.response("BYE")).status == 200

    assert answered.status == 200
    assert answer.host_of(answer.media[0]) == answer.origin.host == PUBLIC
    assert source == ("127.0.0.1", answer.media[0].port)
