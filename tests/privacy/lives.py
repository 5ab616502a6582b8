"""A customer as there is one after a while, for an erasure to find in every store."""

from cti_server.store.consents import Consent
from cti_server.store.webhooks import DeadLetter, Webhook
from tests.store.stories import NINE

from .office import (
    NUMBER,
    PERSON,
    TRACE,
    Office,
    a_call,
    a_customer,
    a_recording,
    fill,
)


async def lived(here: Office) -> None:
    """What there is of a customer after a while: rows in every table, calls, files."""
    await a_customer(here.database)
    for told in (*a_call(1), *a_call(2, customer_ids=())):
        here.log.append(told)
    await here.log.stored()
    await fill(here.database)
    async with here.database.sessions.begin() as session:
        session.add(
            Consent(
                id="consent1",
                customer_id=PERSON,
                channel="sms",
                purpose="marketing",
                given=False,
                source="phone",
                at=NINE,
                recorded_by="li",
            )
        )
        session.add(webhook())
        await session.flush()
        session.add(letter(sequence=1))
    a_recording(here.folder, 1)
    a_recording(here.folder, 2)
    problems = here.folder / "imports" / "import1" / "problems.csv"
    problems.parent.mkdir(parents=True)
    problems.write_text(
        f"row,problem,name,phone\n2,x,{TRACE} the customer,12\n3,x,Wang Wei,13900139000\n",
        encoding="utf-8-sig",
    )


def webhook() -> Webhook:
    return Webhook(
        id="hook",
        url="https://shop.example",
        names=["*"],
        sealed_secret="x",
        created_at=NINE,
        updated_at=NINE,
    )


def letter(sequence: int) -> DeadLetter:
    """What could not be delivered of an event; the first one is a call's arrival."""
    return DeadLetter(
        webhook_id="hook",
        sequence=sequence,
        name="call.arrived",
        body=f'{{"caller_number": "{NUMBER}"}}',
        attempts=3,
        failure="no answer",
        failed_at=NINE,
    )
