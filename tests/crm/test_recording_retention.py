"""Which rule is a recording's: the one that says most of those that fit."""

from hypothesis import given
from hypothesis import strategies as st

from crm.recording_retention import RecordingRule, before, rule_of

BOTH = RecordingRule("both", "sales", "message", 1)
QUEUE = RecordingRule("queue", "sales", None, 2)
KIND = RecordingRule("kind", None, "message", 3)
OTHER = RecordingRule("other", "service", None, None)
RULES = [KIND, OTHER, QUEUE, BOTH]


def test_the_rule_that_says_more_decides() -> None:
    assert rule_of(RULES, "sales", "message") is BOTH
    assert rule_of(RULES, "sales", "conversation") is QUEUE
    assert rule_of(RULES, "service", "message") is OTHER
    assert rule_of(RULES, "", "message") is KIND
    assert rule_of(RULES, "", "conversation") is None


@given(
    st.sets(st.sampled_from(RULES)),
    st.sampled_from(["sales", "service", ""]),
    st.sampled_from(["conversation", "message"]),
)
def test_each_recording_is_of_one_rule_or_of_the_class(
    chosen: set[RecordingRule], queue: str, kind: str
) -> None:
    """As a sweep tells: it fits, and none does that comes before it."""
    rules = sorted(chosen, key=lambda rule: rule.id)

    def is_of(rule: RecordingRule | None) -> bool:
        fits = rule is None or rule.fits(queue, kind)
        return fits and not any(other.fits(queue, kind) for other in before(rules, rule))

    assert [each for each in (None, *rules) if is_of(each)] == [rule_of(rules, queue, kind)]
