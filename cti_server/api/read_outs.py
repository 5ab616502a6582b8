"""What an agent wants read to a customer, found and begun: the same over REST and the stream."""

from crm.errors import UnknownRecord
from cti_server.calls.aloud import Reading
from cti_server.calls.call import Call
from cti_server.wire.call_verbs import ReadOut
from cti_server.wire.calls import WantedReadOut
from cti_server.wire.events import RecordRead
from ivr.flow import Flow

from .parts import Parts
from .permissions import Identity


def begin_read_out(
    here: Parts, who: Identity, agent_id: str, call: Call, wanted: WantedReadOut | ReadOut
) -> None:
    """
    ``agent_id`` is the part in the call, ``who`` says it, whose results alone can be read.

    Raises what :meth:`cti_server.calls.read_out.ReadOuts.start` does, UnknownRecord and
    InvalidField.
    """
    reading, revealed = _reading(here, who, call, wanted)
    call.read_outs.start(
        agent_id, reading, side_tone=wanted.side_tone, afterwards=_flow(here, wanted.afterwards)
    )
    if reading.query:
        what = f"{reading.rows} rows read to the customer, {'whole' if revealed else 'masked'}"
        here.log.append(
            RecordRead(
                record="saved_query", record_id=reading.query, what=what, read_by=who.agent_id
            )
        )


def _reading(
    here: Parts, who: Identity, call: Call, wanted: WantedReadOut | ReadOut
) -> tuple[Reading, bool]:
    if wanted.result_id is None:
        return Reading.of_text(wanted.text or "", wanted.language), False
    who.need("queries.run")
    contact = call.contact
    result = here.queries.shown.need(who.agent_id, wanted.result_id, contact.id, here.clock.now())
    language = wanted.language or contact.language
    return result.reading(wanted.rows, language), result.revealed


def _flow(here: Parts, name: str | None) -> Flow | None:
    if name is None:
        return None
    flow = here.flows.named(name)
    if flow is None:
        raise UnknownRecord("flow", name)
    return flow
