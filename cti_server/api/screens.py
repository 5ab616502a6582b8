"""What stands on an agent's screen: the call in hand, and what the tray has of other channels."""

from collections.abc import Callable

from msgspec import structs

from crm.pop import Pop
from cti_server.wire.screen import ScreenPop

from .parts import Parts


def of_agent(here: Parts, agent_id: str) -> list[ScreenPop]:
    """The call first, then what rings, then what is in hand."""
    call, on_desk = here.desks.pop_of(agent_id), here.tray.on_desk(agent_id)
    others = sorted(on_desk, key=lambda one: one[1])
    return [*([call] if call is not None else []), *(pop for pop, _ in others)]


def foremost(here: Parts, agent_id: str) -> ScreenPop | None:
    """The call or, without one, what rings."""
    call = here.desks.pop_of(agent_id)
    ringing = (pop for pop, held in here.tray.on_desk(agent_id) if not held)
    return call if call is not None else next(ringing, None)


def customer_known(here: Parts, contact_id: str, customer: Pop) -> None:
    """It is somebody else's than the look-up said: for whoever has it, and has it next."""
    call = here.switchboard.find(contact_id)
    if call is not None:
        call.contact.is_of(customer)
    here.tray.is_of(contact_id, customer)
    show_again(here, contact_id, lambda pop: structs.replace(pop, customer=customer))


def show_again(here: Parts, contact_id: str, revised: Callable[[ScreenPop], ScreenPop]) -> None:
    """On whoever's screen the contact is; of a call with the pop ``revised``."""
    here.desks.revise(contact_id, revised)
    for agent_id, pop in here.tray.screens_with(contact_id):
        here.desks.show(agent_id, pop)
