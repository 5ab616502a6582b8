"""``/metrics``: figures gathered from the parts when Prometheus asks, kept by nobody."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

Figures = Mapping[str, float]
"""By name; a name ending in ``_total`` is a counter. ``name{label=value}`` is not needed yet."""


class Metrics(Collector):
    """Asks each source for its figures at the moment of the scrape."""

    def __init__(self) -> None:
        self._sources: dict[str, Callable[[], Figures]] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def add(self, prefix: str, source: Callable[[], Figures]) -> None:
        """``source`` gives the figures of one part; their names get ``hotline_<prefix>_``."""
        self._sources[prefix] = source

    def page(self) -> bytes:
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        for prefix, source in self._sources.items():
            for name, value in source().items():
                full = f"hotline_{prefix}_{name}"
                family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
                metric = family(full.removesuffix("_total"), full.replace("_", " "))
                metric.add_metric([], value)
                yield metric
