"""Flows tried out at a desk, as ``hotline flow test`` walks journeys: nobody is called or asked."""

import asyncio
from functools import partial

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.flow_book import KIND, as_written
from cti_server.self_service.values import in_region
from cti_server.store.routing_definitions import DefinitionVersions, RoutingDefinitions
from cti_server.wire.flow_trials import (
    CallerDeed,
    FlowTrial,
    FlowTrialAsked,
    SaidPrompt,
    TrialNode,
    TrialOption,
    TrialQuestion,
    TrialStep,
)
from ivr.actions import Ask, Enqueue
from ivr.flow import Flow
from ivr.reading import SayInWriting, asked_in_writing
from ivr.texts import Prompt, filled_in
from ivr.trial import Deed, Happened, Trial, try_out
from ivr.written import WrittenFlow, laid_out, read

from .flows import LARGEST, ONE, completed, published_now
from .parts import parts
from .routing import Routes, answer
from .routing import read as read_body

routes = Routes()


@routes.add(
    "POST", ONE + "/trial", needs=("routing.manage",), body=FlowTrialAsked, answers=FlowTrial
)
async def try_flow(request: web.Request) -> web.Response:
    """Walk through a flow or a draft with these keys and answers: what is said, where it ends."""
    here, name = parts(request), request.match_info["flow"]
    asked = await read_body(request, FlowTrialAsked, most=LARGEST)
    async with here.database.readers() as session:
        version, drafted = await _wanted(session, name, asked)
    walked = partial(_walked, drafted, asked, in_region(here.default_region))
    flow, trial = await asyncio.to_thread(walked)
    return answer(await asyncio.to_thread(_view, flow, version, trial))


async def _wanted(
    session: AsyncSession, name: str, asked: FlowTrialAsked
) -> tuple[int | None, WrittenFlow]:
    """A draft may be of a flow that is not there yet. Raises UnknownRecord."""
    if asked.draft is not None:
        return None, await completed(session, asked.draft, await published_now(session, name))
    version = asked.version or (await RoutingDefinitions(session, KIND).need(name)).version
    content = await DefinitionVersions(session, KIND).content(name, version)
    return version, await as_written(session, content)


def _walked(drafted: WrittenFlow, asked: FlowTrialAsked, say: SayInWriting) -> tuple[Flow, Trial]:
    """Blocks. Raises FlowInvalid."""
    with laid_out(drafted) as file:
        flow = read(file)
    deeds = [Deed(**deed.model_dump()) for deed in asked.deeds]
    return flow, try_out(flow, deeds, asked.given, partial(_spoken, say), asked.language)


def _spoken(say: SayInWriting, flow: Flow, prompt: Prompt) -> str:
    """What the voice says, written down; empty for a recording."""
    source = flow.prompts[prompt.name][prompt.language]
    values = dict(zip((slot.name for slot in source.slots), prompt.values, strict=False))
    return filled_in(
        source.text or "", lambda slot: say(values.get(slot.name, ""), slot, prompt.language)
    )


def _view(flow: Flow, version: int | None, trial: Trial) -> FlowTrial:
    walk, action = trial.walk, trial.action
    return FlowTrial(
        flow=flow.name,
        version=version,
        steps=[_step(each) for each in trial.happened],
        visits=[TrialNode(flow=each.flow, node=each.node) for each in trial.visits],
        language=trial.language,
        attributes=walk.attributes,
        form=action.form if isinstance(action, Enqueue) else None,
        served=walk.served,
        ended=trial.ended,
        wanted=trial.wanted,
        missing=trial.missing,
        question=_question(trial, action) if isinstance(action, Ask) else None,
        unused=trial.unused,
        faults=walk.faults,
    )


def _step(happened: Happened) -> TrialStep:
    deed = happened.deed
    return TrialStep(
        flow=happened.visit.flow,
        node=happened.visit.node,
        kind=happened.kind,
        what=happened.what,
        said=[
            SaidPrompt(name=prompt.name, language=prompt.language, text=text or None)
            for prompt, text in zip(happened.prompts, happened.texts, strict=True)
        ],
        deed=None if deed is None else CallerDeed.model_validate(deed, from_attributes=True),
    )


def _question(trial: Trial, ask: Ask) -> TrialQuestion:
    asked = asked_in_writing(trial.walk, ask)
    return TrialQuestion(
        min_digits=ask.min_digits,
        max_digits=ask.max_digits,
        terminator=ask.terminator,
        options=[TrialOption(answer=one.answer, label=one.label) for one in asked.options],
        phrases=[phrase for _, phrase in ask.vocabulary.phrases] if ask.vocabulary else [],
        secret=ask.secret,
    )
