"""What may happen on a floor: its agents and queues, and what hypothesis draws for them."""

from hypothesis import strategies as st

from acd.model import Channel
from acd.policies import SHIPPED, load
from acd.profile import Profile
from acd.queue import Queue, Step
from acd.rankings import Spread
from acd.requirements import any_of, required

from .build import span

AGENTS = ("ann", "bob", "cid", "dot", "seat")
NAMES = st.sampled_from(AGENTS)
LEVELS = st.dictionaries(st.sampled_from(["english", "chinese"]), st.integers(1, 3), max_size=2)
POLICIES = st.sampled_from([load(name) for name in SHIPPED])
QUEUES = (
    Queue("open", (), ring_for=span(20), wrap_up=span(0)),
    Queue(
        "english",
        required({"english": 2}),
        ring_for=span(15),
        wrap_up=span(10),
        max_served=1,
        preferred=required({"chinese": 2}),
        steps=(Step(span(12), required({"english": 1})), Step(span(25), ())),
    ),
    Queue(
        "small",
        (any_of({"chinese": 1, "english": 3}),),
        ring_for=span(5),
        wrap_up=span(3),
        max_waiting=2,
        reach=1,
        steps=(Step(span(8), reach=2), Step(span(16), reach=10)),
    ),
)
BESIDE = [Channel.CHAT, Channel.EMAIL, Channel.TASK]
CHANNELS = st.sampled_from([*[Channel.VOICE] * 3, *BESIDE])
PROFILES = st.builds(
    Profile,
    skills=LEVELS,
    queues=st.none()
    | st.dictionaries(st.sampled_from([one.name for one in QUEUES]), st.integers(1, 3)),
    region=st.sampled_from([(), ("86", "浙江", "杭州"), ("86", "广东", "深圳")]),
    works=st.sampled_from([frozenset[str](), frozenset({"repair"})]),
    capacity=st.just({}) | st.dictionaries(st.sampled_from(BESIDE), st.integers(0, 2)),
)


STEPS = st.lists(
    st.builds(
        Step,
        after=st.integers(1, 40).map(span),
        requirements=st.none() | LEVELS.map(required),
        reach=st.none() | st.integers(1, 3),
    ),
    max_size=2,
    unique_by=lambda step: step.after,
).map(lambda steps: tuple(sorted(steps, key=lambda step: step.after)))
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "requirements": LEVELS.map(required),
        "reach": st.integers(1, 3),
        "steps": STEPS,
        "policy": POLICIES,
        "ring_for": st.sampled_from([span(5), span(20)]),
        "wrap_up": st.sampled_from([span(0), span(10)]),
        "max_waiting": st.none() | st.integers(1, 3),
        "max_served": st.none() | st.integers(1, 2),
        "yields": st.sampled_from([span(0), span(20)]),
        "spread": st.sampled_from(Spread),
    },
)
