"""A flow tried out: what the caller does, and what comes of it."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ivr.given import Given

from .flows import FlowDraft
from .resource import LARGEST_NUMBER, Resource


class CallerDeed(Resource):
    """
    What the caller does where the flow asks, records, or has led them away: one of these; nothing
    of them is silence.

    ``says``: one of the question's phrases is understood, without asking only if ``clear``.
    ``records``: seconds of speech. ``leaves``: the way back from a queue (a key, "closed", "full",
    "nobody", "waited"), or "failed" from a transfer.
    """

    presses: Annotated[str, Field(pattern=r"^[0-9*#A-D]{0,64}$")] | None = None
    says: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    clear: bool = True
    records: Annotated[float, Field(gt=0, le=3600)] | None = None
    leaves: Annotated[str, Field(min_length=1, max_length=20)] | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        done = [self.presses, self.says, self.records, self.leaves]
        if sum(each is not None for each in done) > 1:
            raise ValueError("give one of 'presses', 'says', 'records', 'leaves', or none")
        return self


class FlowTrialAsked(Resource):
    """
    A ``draft`` or a ``version`` of the flow, else its published one; what the caller does, in
    order; and how things stand outside, as in ``given`` of a journey: nobody is really asked.
    """

    draft: FlowDraft | None = None
    version: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    language: Annotated[str, Field(max_length=10)] | None = Field(
        default=None, description="To begin in, where the flow has it; else its first."
    )
    deeds: Annotated[list[CallerDeed], Field(max_length=200)] = Field(default_factory=list)
    given: Given = Given()

    @model_validator(mode="after")
    def _one_flow(self) -> Self:
        if self.draft is not None and self.version is not None:
            raise ValueError("give 'draft' or 'version', not both")
        return self


class SaidPrompt(Resource):
    """``text``: with its values; null where it is a recording."""

    name: str
    language: str
    text: str | None


class TrialStep(Resource):
    """
    ``what``: the queue, the number, the reason for hanging up, or who is asked outside.
    ``deed``: what the caller did here.
    """

    flow: str
    node: str
    kind: Literal["says", "asks", "records", "asks_outside", "queue", "transfer", "hang_up"]
    what: str
    said: list[SaidPrompt]
    deed: CallerDeed | None


class TrialOption(Resource):
    answer: str
    label: str


class TrialQuestion(Resource):
    """What can be answered to the question that the trial stopped at."""

    min_digits: int
    max_digits: int
    terminator: str | None
    options: list[TrialOption]
    phrases: list[str]
    secret: bool


class TrialNode(Resource):
    flow: str
    node: str


class FlowTrial(Resource):
    """
    How far it went. ``ended``: by hanging up, or in a queue or elsewhere, where somebody may come
    back from (``leaves``). Else it wants the caller's next ``deed`` (``question`` says which, null
    for a message), something more ``given``, or an ``other_deed`` than the last one; ``missing``
    says why. ``unused``: deeds that it did not come to. ``faults``: slips of the author's on the
    way, for which the flow went on elsewhere.
    """

    flow: str
    version: int | None
    steps: list[TrialStep]
    visits: list[TrialNode] = Field(description="The nodes entered, in order.")
    language: str = Field(description="In which the caller is spoken to at the end.")
    attributes: Mapping[str, str] = Field(description="What an agent would be shown.")
    form: str | None = Field(description="What the agent would fill in.")
    served: bool
    ended: bool
    wanted: Literal["deed", "given", "other_deed"] | None
    missing: str
    question: TrialQuestion | None
    unused: int
    faults: list[str]
