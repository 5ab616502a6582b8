"""Digests of SHA-256 (RFC 8760): our own softphone and pjsua2 register and call with them."""

from pathlib import Path

import pytest

from simulator.phone import phones
from simulator.registration import RegistrationRefused

from .foreign_phones import pjsua
from .sip_process import HOST, server

pytestmark = pytest.mark.interop

SERVER = 15180


@pytest.mark.parametrize("algorithms", ["SHA-256,MD5", "SHA-256"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_our_phone_registers_and_calls(algorithms: str, transport: str) -> None:
    with server(SERVER, "--phones-only", "--algorithms", algorithms) as ours:
        home = f"sip:{HOST}:{SERVER};transport={transport}"
        async with phones("200", registrar=home, passwords="pw200", transport=transport) as (
            phone,
        ):
            call = await phone.call(f"sip:1000@{HOST}:{SERVER};transport={transport}")
            await call.answered()
            call.hang_up()
        with pytest.raises(RegistrationRefused):
            async with phones("200", registrar=home, passwords="wrong", transport=transport):
                pass
    assert ours.counts == {"arrived": 1, "confirmed": 1, "ended bye": 1}
    assert ours.report["bindings"] == 0


@pytest.mark.parametrize("algorithms", ["SHA-256,MD5", "MD5,SHA-256", "SHA-256"])
async def test_pjsua2_registers_and_calls(tmp_path: Path, algorithms: str) -> None:
    with server(SERVER, "--phones-only", "--algorithms", algorithms) as ours:
        async with pjsua(
            tmp_path,
            "200",
            tone=440,
            registrar=f"sip:{HOST}:{SERVER}",
            username="200",
            password="pw200",
        ) as phone:
            await phone.do("call", uri=f"sip:1000@{HOST}:{SERVER}")
            await phone.happened.next(event="state", state="CONFIRMED")
            await phone.do("hang_up")
            await phone.happened.next(event="ended")
    assert ours.counts == {"arrived": 1, "confirmed": 1, "ended bye": 1}
