"""What callers and agents are told, and the processes that speak it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from cti_server.calls.prompts import Prompts
from cti_server.definitions import Definitions
from cti_server.job_processes import JobProcesses
from cti_server.prompt_book import PromptBook
from cti_server.prompt_texts import of_announcements, of_recording, of_tiers
from cti_server.rendering import FlowSounds, QueueSounds, prepare
from cti_server.saved_queries import Queries
from cti_server.speech.errors import SpeechError
from cti_server.speech.library import SHIPPED_VOICES, PromptLibrary
from cti_server.speech.program_voice import ProgramVoice
from cti_server.speech.studio import Studio
from cti_server.speech.value_clips import ValueClips
from cti_server.speech_recognition.ears import languages_of
from cti_server.speech_recognition.pool import RecogniserPool

from .directory import Directory
from .ground import Ground

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    jobs: JobProcesses
    prompts: Prompts
    queue_sounds: QueueSounds
    recogniser: RecogniserPool
    book: PromptBook
    render: Callable[[str, str], Awaitable[Path]]


async def open_voice(ground: Ground, directory: Directory, queries: Queries) -> Voice:
    settings = ground.settings
    jobs = JobProcesses(settings.speech.prompt_jobs)
    ground.opening.callback(jobs.shutdown, cancel_futures=True)
    speech, crm = settings.speech, settings.crm
    studio = Studio(speech.studio or ground.data / "studio")
    voices = [
        ProgramVoice(language, voice.program, voice.version)
        for language, voice in speech.voices.items()
    ]
    library = PromptLibrary(
        speech.cache or ground.data / "prompts",
        (*voices, *SHIPPED_VOICES),
        jobs=jobs,
        studio=studio,
    )
    clips = ValueClips(library, ground.region)
    told = list(of_recording(settings.recording))
    prompts = await prepare(
        directory.flows.values(),
        tuple(directory.queues.values()),
        library,
        speech.languages,
        clips,
        crm.tier_greetings,
        told,
    )
    recogniser = await _open_recognition(ground, directory)
    directory.flows.run(FlowSounds(library, prompts, clips, recogniser))
    return Voice(
        jobs=jobs,
        prompts=prompts,
        queue_sounds=QueueSounds(library, prompts),
        recogniser=recogniser,
        book=PromptBook(
            library,
            directory.flows,
            directory.queues,
            [*of_tiers(crm.tier_greetings), *of_announcements(speech.languages), *told],
            queries.spoken,
        ),
        render=library.render,
    )


async def _open_recognition(ground: Ground, directory: Directory) -> RecogniserPool:
    """Processes of its own, so that a caller waits for no prompt; none before they are needed."""
    settings = ground.settings.recognition
    jobs = JobProcesses(settings.processes)
    ground.opening.callback(jobs.shutdown, cancel_futures=True)
    pool = RecogniserPool(
        jobs,
        processes=settings.processes,
        within=settings.answer_within.total_seconds(),
        engines={str(language): name for language, name in settings.engines.items()},
    )
    await pool.prepare(languages_of(directory.flows.values()))
    return pool


def rehearse(
    ground: Ground, directory: Directory, prompts: Prompts, definitions: Definitions
) -> None:
    """Have the agents' announcements spoken while the first calls are served already."""
    if not any(queue.announce_agent for queue in directory.queues.values()):
        return
    rehearsal = asyncio.create_task(prompts.rehearse(definitions.numbers))

    async def end() -> None:
        rehearsal.cancel()
        results = await asyncio.gather(rehearsal, return_exceptions=True)
        if isinstance(results[0], SpeechError):
            log.warning("server.not_rehearsed", reason=str(results[0]))

    ground.opening.push_async_callback(end)
