"""A recording leaves a store: another one has it, whole, before anything is deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.archive import StoreSettings

from .copies import Sound, bring
from .stores.opening import open_stores
from .stores.port import Store


@dataclass(frozen=True, slots=True)
class MoveOrder:
    """A stored recording that is to go ``out_of`` a store. ``stores``: those that have it."""

    recording_id: str
    file: str
    sound: Sound
    key: bytes
    stores: tuple[str, ...]
    out_of: str


@dataclass(frozen=True, slots=True)
class Secured:
    """``kept_in`` gave it back whole; it was ``brought`` there if it was not there before."""

    kept_in: str
    brought: bool


def secure_all(
    orders: Sequence[MoveOrder], settings: Mapping[str, StoreSettings]
) -> list[Secured | str]:
    """Where each of them is safe, or why it has to stay. A store that fails is spared then."""
    stores = {each.name: each for each in open_stores(settings)}
    resting: dict[str, str] = {}
    return [_secured(order, stores, resting) for order in orders]


def _secured(
    order: MoveOrder, stores: Mapping[str, Store], resting: dict[str, str]
) -> Secured | str:
    others = [name for name in stores if name != order.out_of]
    others.sort(key=lambda name: name not in order.stores)  # who has it first: nothing to bring
    reasons = [] if others else ["there is no other store"]
    for name in others:
        if name in resting:
            reasons.append(resting[name])
            continue
        try:
            source = stores[order.out_of]
            bring(source, stores[name], order.file, order.key, order.recording_id, order.sound)
        except FileNotFoundError:
            reasons.append(f"it is neither in {order.out_of!r} nor in {name!r}")
        except OSError as error:
            resting[name] = str(error)
            reasons.append(str(error))
        else:
            return Secured(name, name not in order.stores)
    return "; ".join(reasons)


def remove(file: str, store: str, settings: Mapping[str, StoreSettings]) -> None:
    """Make sure that the store does not have it. Raises what the store raises."""
    for each in open_stores(settings):
        if each.name == store:
            each.delete(file)
