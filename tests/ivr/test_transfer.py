"""Where a transfer leads, when the caller has a say in it."""

import pytest

from ivr.actions import Transfer
from ivr.flow import parse
from ivr.walk import Walk

FLOW = """
languages: [en]
start: away
nodes:
  away: {type: transfer, target: "sip:{caller_number}@pbx.example"}
"""


@pytest.mark.parametrize(
    ("caller", "target"),
    [
        ("+8613800138000", "sip:+8613800138000@pbx.example"),
        ("li.na", "sip:li.na@pbx.example"),
        ("1;maddr=evil.example", "sip:1%3Bmaddr%3Devil.example@pbx.example"),
        ("1?Subject=x", "sip:1%3FSubject%3Dx@pbx.example"),
        ("1@evil.example", "sip:1%40evil.example@pbx.example"),
        ("1\r\nX: y", "sip:1%0D%0AX%3A%20y@pbx.example"),
    ],
)
def test_what_the_caller_is_called_stays_a_user_name(caller: str, target: str) -> None:
    walk = Walk(parse(FLOW, "test.yaml"), {"caller_number": caller})

    assert walk.advance() == Transfer(target, node="away")
