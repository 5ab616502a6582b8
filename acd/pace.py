"""How fast a queue's contacts are served, learnt from what happened and slowly forgotten."""

from dataclasses import dataclass, field

MEMORY = 250.0
"""So many contacts back one counts for 1/e of the newest."""

_KEPT = 1.0 - 1.0 / MEMORY


@dataclass(slots=True)
class FadingMean:
    """Of values of which newer ones count for more."""

    weight: float = 0.0
    mean: float = 0.0
    _total: float = 0.0
    _squares: float = 0.0

    def add(self, value: float) -> None:
        self.weight = self.weight * _KEPT + 1.0
        self._total = self._total * _KEPT + value
        self._squares = self._squares * _KEPT + value * value
        self.mean = self._total / self.weight

    def burden(self, value: float) -> None:
        """Something that was spent beside, to be borne by those that count."""
        self._total += value
        if self.weight:
            self.mean = self._total / self.weight

    @property
    def variation(self) -> float:
        """The variance by the square of the mean: 1 for exponential values."""
        mean = self.mean
        if not mean:
            return 1.0
        return max(self._squares / self.weight / (mean * mean) - 1.0, 0.0)


@dataclass(slots=True)
class Pace:
    """Of one queue; seconds."""

    handling: FadingMean = field(default_factory=FadingMean)
    """A contact keeps an agent: from the offer to the end of wrap-up, offers in vain included."""
    answer: FadingMean = field(default_factory=FadingMean)
    """From the offer to its acceptance."""
    _waited: float = 0.0
    _left: float = 0.0

    def ended(self, waited: float, *, left: bool) -> None:
        """A contact has waited so long, and was served or left."""
        self._waited = self._waited * _KEPT + waited
        self._left = self._left * _KEPT + left

    @property
    def hazard(self) -> float:
        """How many of those who wait leave in a second, each (exponential patience)."""
        return self._left / self._waited if self._waited else 0.0
