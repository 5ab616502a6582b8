"""``/metrics``: histograms as Prometheus reads them, and what the log says of how calls sounded."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from cti_server.audio_figures import AudioFigures
from cti_server.metrics import ByLabel, Figures, Histogram, Metrics
from cti_server.wire.events import Event, LegEnded, LegFellSilent, Logged

MORNING = datetime(2026, 11, 21, 9, tzinfo=UTC)


async def page(figures: Figures) -> dict[str, float]:
    """What a scrape shows of these figures, by name and bucket."""
    metrics = Metrics()

    async def source() -> Figures:
        return figures

    metrics.add("part", source)
    text = (await metrics.page()).decode()
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("hotline_")
    }


async def test_counters_gauges_and_histograms_are_each_shown_as_such() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 7.0):
        histogram.observe(value)

    assert await page({"waiting": 3, "calls_total": 9, "mos": histogram}) == {
        "hotline_part_waiting": 3.0,
        "hotline_part_calls_total": 9.0,
        "hotline_part_mos_bucket 1.0": 2.0,
        "hotline_part_mos_bucket 2.0": 3.0,
        "hotline_part_mos_bucket +Inf": 4.0,
        "hotline_part_mos_count": 4.0,
        "hotline_part_mos_sum": 10.0,
    }


async def test_figures_of_several_are_told_apart_by_a_label() -> None:
    figures = {"up": ByLabel("trunk", {"a": 1, "b": 0}), "asked_total": ByLabel("trunk", {"a": 7})}

    assert await page(figures) == {
        "hotline_part_up a": 1.0,
        "hotline_part_up b": 0.0,
        "hotline_part_asked_total a": 7.0,
    }


@given(st.lists(st.floats(0, 10)), st.lists(st.floats(0, 10), min_size=1, unique=True).map(sorted))
def test_every_figure_is_in_every_bucket_that_is_not_below_it(
    values: list[float], bounds: list[float]
) -> None:
    histogram = Histogram(bounds)
    for value in values:
        histogram.observe(value)

    assert histogram.buckets() == [
        *((str(bound), sum(value <= bound for value in values)) for bound in bounds),
        ("+Inf", len(values)),
    ]


def ended(reason: str = "caller-hung-up", **quality: float) -> LegEnded:
    return LegEnded(call_id="c", leg_id="l", result="ok", reason=reason, quality=quality)


async def test_the_log_tells_how_calls_sounded() -> None:
    audio = AudioFigures()
    events: list[Event] = [
        ended(mos=4.35, loss=0.0, jitter_ms=3.0, remote_mos=3.6, remote_loss=0.04),
        ended(mos=2.2, loss=0.15, jitter_ms=30.0),
        ended(jitter_ms=0.0),  # nothing ever came
        ended(),
        LegFellSilent(call_id="c", leg_id="l", seconds=3.0),
        ended("rtp-timeout", mos=4.4, loss=0.0, jitter_ms=0.5),
    ]
    for number, event in enumerate(events):
        audio.hear(Logged(number, MORNING, event))
    shown = await page(await audio.figures())

    assert shown["hotline_part_mos_count"] == 3
    assert shown["hotline_part_mos_bucket 2.5"] == 1
    assert shown["hotline_part_mos_bucket 4.4"] == 3
    assert shown["hotline_part_loss_ratio_bucket 0.0"] == 2
    assert shown["hotline_part_jitter_seconds_bucket 0.002"] == 1
    assert shown["hotline_part_jitter_seconds_count"] == 3
    assert shown["hotline_part_remote_mos_bucket 3.8"] == 1
    assert shown["hotline_part_remote_loss_ratio_count"] == 1
    assert shown["hotline_part_remote_jitter_seconds_count"] == 0
    assert (shown["hotline_part_one_way_total"], shown["hotline_part_timeouts_total"]) == (1, 1)
