"""What has a beginning in the log and no end: consults, transfers, listenings, read-outs, masks."""

from collections.abc import Iterable

from cti_server.wire.events import (
    ConsultEnded,
    ConsultStarted,
    ContactTransferred,
    Event,
    ListenEnded,
    ListenStarted,
    ReadOutEnded,
    ReadOutStarted,
    RecordingMasked,
    RecordingUnmasked,
    TransferFailed,
    TransferStarted,
)

CALL_ENDED = "call_ended"
"""Why a question or a transfer came to nothing: the call is over, whoever ended it."""
NOBODY = "nobody"
"""To whom the customer is returned then."""

Begun = ConsultStarted | TransferStarted | ListenStarted | ReadOutStarted | RecordingMasked


def unfinished(events: Iterable[Event]) -> list[Begun]:
    """
    What these events of one contact begin and do not end, in the order in which it began.

    An agent asks once at a time, and hands over once at a time.
    """
    begun: dict[tuple[str, str], Begun] = {}
    for event in events:
        match event:
            case ConsultStarted(interaction_id=by):
                begun["consult", by] = event
            case TransferStarted(interaction_id=by):
                begun["transfer", by] = event
            case ListenStarted(listen_id=listen_id):
                begun["listen", listen_id] = event
            case ReadOutStarted(read_out_id=read_out_id):
                begun["read_out", read_out_id] = event
            case RecordingMasked(mask_id=mask_id):
                begun["mask", mask_id] = event
            case ConsultEnded(interaction_id=by):
                begun.pop(("consult", by), None)
            case TransferFailed(interaction_id=by) | ContactTransferred(interaction_id=by):
                begun.pop(("transfer", by), None)
            case ListenEnded(listen_id=listen_id):
                begun.pop(("listen", listen_id), None)
            case ReadOutEnded(read_out_id=read_out_id):
                begun.pop(("read_out", read_out_id), None)
            case RecordingUnmasked(mask_id=mask_id):
                begun.pop(("mask", mask_id), None)
    return list(begun.values())


def end_of(begun: Begun, reason: str) -> Event:
    """Its end with the call's; ``reason`` is the call's."""
    match begun:
        case ConsultStarted():
            return ConsultEnded(**_by(begun), outcome=CALL_ENDED)
        case TransferStarted():
            return TransferFailed(**_by(begun), cause=CALL_ENDED, returned_to=NOBODY)
        case ListenStarted():
            return ListenEnded(
                contact_id=begun.contact_id,
                listen_id=begun.listen_id,
                supervisor_id=begun.supervisor_id,
                listened_to=begun.listened_to,
                mode=begun.mode,
                seconds=0.0,  # nobody knows when the call was cut
                reason=reason,
            )
        case ReadOutStarted():
            return ReadOutEnded(
                contact_id=begun.contact_id,
                read_out_id=begun.read_out_id,
                agent_id=begun.agent_id,
                outcome=CALL_ENDED,
            )
        case RecordingMasked():
            return RecordingUnmasked(
                contact_id=begun.contact_id,
                mask_id=begun.mask_id,
                agent_id=begun.agent_id,
                ended_by=CALL_ENDED,
            )


def _by(begun: ConsultStarted | TransferStarted) -> dict[str, str]:
    return {
        "contact_id": begun.contact_id,
        "interaction_id": begun.interaction_id,
        "agent_id": begun.agent_id,
    }
