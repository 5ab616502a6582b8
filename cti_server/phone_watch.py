"""What a phone's registration means besides where it is: its agent can be rung again."""

from acd.errors import UnknownAgent

from .floor.floor import Floor
from .sip.registration import Binding
from .store.bindings import BindingWriter


class PhoneWatch:
    """Hears the registrar: keeps the bindings, and tells the floor whose phone is there."""

    def __init__(self, writer: BindingWriter, floor: Floor) -> None:
        self._writer = writer
        self._floor = floor

    def saved(self, binding: Binding) -> None:
        self._writer.saved(binding)
        try:
            self._floor.reachable_again(binding.aor)
        except UnknownAgent:
            return  # an account that is no agent's

    def removed(self, aor: str, contact_uri: str) -> None:
        self._writer.removed(aor, contact_uri)
