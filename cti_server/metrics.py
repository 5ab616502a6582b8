"""``/metrics``: figures gathered from the parts when Prometheus asks, kept by nobody."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

Figures = Mapping[str, float]
"""By name; one that ends in ``_total`` is a counter."""

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
            f"hotline_{prefix}_{name}": float(value)
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
            family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            metric = family(name.removesuffix("_total"), name.replace("_", " "))
            metric.add_metric([], value)
            yield metric
