"""What the log is told of a call that comes in."""

import structlog

from crm.numbers import mask
from cti_server.wire.events import CallArrived

from .call import Call
from .caller_line import Called

log = structlog.get_logger()


def arrived(call: Call, called: Called) -> None:
    log.info(
        "call.arrived",
        contact_id=call.contact.id,
        sip_call_id=called.sip_call_id,
        dialled_number=called.dialled_number,
        caller_number=mask(called.caller_number),
        trunk=called.trunk,
    )
    call.exchange.append(
        CallArrived(
            call_id=call.id,
            contact_id=call.contact.id,
            sip_call_id=called.sip_call_id,
            caller_number=called.caller_number,
            dialled_number=called.dialled_number,
            original_number=called.original_number,
            trunk=called.trunk,
        )
    )
    call.legs.started(
        call.caller, role="caller", party=called.caller_number, address=called.address
    )
