"""``/metrics``: figures gathered from the parts when Prometheus asks, kept by nobody."""

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector


class Histogram:
    """How often a figure was how large; ``bounds`` are the buckets' upper ends, rising."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def buckets(self) -> list[tuple[str, float]]:
        """Each bucket's upper end, and how many were not above it."""
        below, found = 0, []
        for name, count in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            below += count
            found.append((name, float(below)))
        return found


class ByLabel:
    """A figure of each of several: of each ``trunk``, by its name."""

    def __init__(self, label: str, values: Mapping[str, float]) -> None:
        self.label = label
        self.values = values


Figures = Mapping[str, float | Histogram | ByLabel]
"""By name; a number whose name ends in ``_total`` is a counter."""

Source = Callable[[], Awaitable[Figures]]


class Metrics:
    """Asks each source for its figures at the moment of the scrape."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}

    def add(self, prefix: str, source: Source) -> None:
        """``source`` gives the figures of one part; their names get ``hotline_<prefix>_``."""
        self._sources[prefix] = source

    async def page(self) -> bytes:
        """The exposition text (Prometheus text format 0.0.4)."""
        figures = {
            f"hotline_{prefix}_{name}": value
            for prefix, source in self._sources.items()
            for name, value in (await source()).items()
        }
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Snapshot(figures))
        return generate_latest(registry)


class _Snapshot(Collector):
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        for name, value in self._figures.items():
            help_text = name.replace("_", " ")
            if isinstance(value, Histogram):
                histogram = HistogramMetricFamily(name, help_text)
                histogram.add_metric([], value.buckets(), value.sum)
                yield histogram
                continue
            family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            labels, values = _labelled(value)
            metric = family(name.removesuffix("_total"), help_text, labels=labels)
            for label, one in values:
                metric.add_metric(label, one)
            yield metric


def _labelled(value: float | ByLabel) -> tuple[list[str], list[tuple[list[str], float]]]:
    if isinstance(value, ByLabel):
        return [value.label], [([name], float(one)) for name, one in value.values.items()]
    return [], [([], float(value))]
