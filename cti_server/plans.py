"""What the settings ask for, as the parts understand it: numbers, queues, regions, trunks."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from acd.errors import InvalidValue
from acd.model import CHANNEL_RULES, Channel, ChannelRule, Rules
from acd.policies import load as load_policy
from acd.queue import Queue, Step
from acd.rankings import Spread
from acd.requirements import Requirements, any_of, required
from acd.service_level import Formula, ServiceLevel
from config import yaml_text
from config.acd import AcdSettings
from config.fax import FaxSettings
from config.floor import QueueSettings, StepSettings
from config.numbers import WITHHELD, Destination, NumberSettings
from config.overflows import Misled, misled
from config.recording import RecordingSettings
from config.settings import Settings
from config.sip import KnownPeerSettings
from config.sms import SmsSettings
from crm.regions import Regions
from fax_sms_email.documents import HEAD, can_be_faxed
from fax_sms_email.keywords import faults

from .calls.dialled_numbers import e164
from .calls.number_plan import BadNumberPlan, NumberPlan, unreachable
from .refusals import StartFailed
from .sip.digest import ha1
from .sip.trunks import Trunk

Digits = Annotated[str, Field(pattern=r"^[0-9]{1,15}$")]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Countries = dict[Digits, dict[Name, dict[Digits, Name]]]


def check_numbers_queues(numbers: Mapping[str, NumberSettings], queues: Collection[str]) -> None:
    """Raises StartFailed where a number leads to a queue that is not there."""
    problems = [
        f"numbers.{number}.{at}queue: there is no queue {one.queue!r}"
        for number, leads_to in numbers.items()
        for at, one in [("", leads_to), *_rules(leads_to)]
        if one.queue is not None and one.queue not in queues
    ]
    if problems:
        raise StartFailed("\n".join(problems))


def _rules(number: NumberSettings) -> list[tuple[str, Destination]]:
    return [(f"when.{place}.", rule) for place, rule in enumerate(number.when)]


def check_numbers(queues: Iterable[QueueSettings], region: str) -> None:
    """Raises StartFailed where a rule or key leads to what nobody can dial."""
    _check(unreachable(queues, region))


def check_documents(settings: FaxSettings, look_ups: Collection[str]) -> None:
    """Raises StartFailed for documents that can be faxed to nobody. Reads how each begins."""
    problems = [
        f"fax.documents.{code}.file: {problem}"
        for code, document in settings.documents.items()
        if document.file is not None and (problem := _not_faxed(document.file)) is not None
    ]
    problems += [
        f"fax.documents.{code}.look_ups.{variable}: there is no look-up {name!r}"
        for code, document in settings.documents.items()
        for variable, name in document.look_ups.items()
        if name not in look_ups
    ]
    if problems:
        raise StartFailed("\n".join(problems))


def _not_faxed(file: Path) -> str | None:
    try:
        with file.open("rb") as document:
            head = document.read(HEAD)
    except OSError as error:
        return f"{file} cannot be read: {error.strerror}"
    return None if can_be_faxed(head) else f"{file} is neither a PDF nor a TIFF"


def check_keywords(settings: SmsSettings) -> None:
    """Raises StartFailed for a keyword that no text could say."""
    for number, each in settings.numbers.items():
        for keyword, rule in faults(each.keywords):
            raise StartFailed(f"sms.numbers.{number}.keywords.{keyword}: {rule}")


def check_surveys(queues: Iterable[QueueSettings], surveys: Collection[str]) -> None:
    """Raises StartFailed where a queue names a survey that there is not."""
    problems = [
        f"queues.{queue.name}.survey: there is no {queue.survey!r} in surveys"
        for queue in queues
        if queue.survey is not None and queue.survey not in surveys
    ]
    if problems:
        raise StartFailed("\n".join(problems))


def check_recording(
    recording: RecordingSettings,
    queues: Collection[str],
    calendars: Collection[str],
    region: str,
) -> None:
    """
    Raises StartFailed where a rule of recording names a queue or calendar that there is not, or a
    number as none is compared: nobody would learn that it never fits.
    """
    problems = [*_not_as_compared("recording.never", recording.never, region)]
    problems += [
        f"recording.protection.confirm_play_queues: there is no queue {queue!r}"
        for queue in recording.protection.confirm_play_queues
        if queue not in queues
    ]
    for rule in recording.rules:
        at = f"recording.rules.{rule.name}"
        problems += _not_as_compared(f"{at}.callers", rule.callers, region)
        problems += _not_as_compared(f"{at}.dialled", rule.dialled, region)
        unknown = [queue for queue in rule.queues if queue not in queues]
        problems += [f"{at}.queues: there is no queue {queue!r}" for queue in unknown]
        if rule.hours is not None and rule.hours not in calendars:
            problems.append(f"{at}.hours: there is no working calendar {rule.hours!r}")
    if problems:
        raise StartFailed("\n".join(problems))


def _not_as_compared(at: str, prefixes: Iterable[str], region: str) -> Iterator[str]:
    """What is wrong with whole numbers that are not written as E.164."""
    for prefix in prefixes:
        if prefix != WITHHELD and (whole := e164(prefix, region)) not in ("", prefix):
            yield f"{at}: {prefix!r} is compared as {whole!r}: write it so"


def check_ways(queues: Iterable[QueueSettings]) -> None:
    """Raises StartFailed where a queue's rules or keys lead nowhere or round in a ring."""
    _check(misled(queues))


def _check(wrong: Iterable[Misled]) -> None:
    problems = [f"queues.{one.queue}.{one.field}: {one.problem}" for one in wrong]
    if problems:
        raise StartFailed("\n".join(problems))


def number_plan_of(settings: Settings, caller_ids: Mapping[str, str | None]) -> NumberPlan:
    """
    Which numbers can be called, and how; ``caller_ids`` are read at each call.

    Raises StartFailed with every problem.
    """
    try:
        return NumberPlan(
            settings.sip.trunks,
            settings.routes,
            region=settings.crm.default_region,
            realm=settings.sip.realm,
            caller_ids=caller_ids,
        )
    except BadNumberPlan as error:
        raise StartFailed(str(error)) from error


def queue_of(settings: QueueSettings) -> Queue:
    """Raises StartFailed for a policy that is not there."""
    try:
        return queue_from(settings)
    except InvalidValue as error:
        raise StartFailed(f"queues: {settings.name}: {error}") from error


def queue_from(settings: QueueSettings) -> Queue:
    """Raises InvalidValue for what no queue can be."""
    return Queue(
        name=settings.name,
        requirements=_clauses(settings.skills, settings.any_of),
        policy=load_policy(settings.policy, settings.weights),
        preferred=required(settings.preferred),
        reach=settings.reach,
        steps=tuple(_step(step, settings) for step in settings.relax),
        ring_for=settings.ring_for,
        wrap_up=settings.wrap_up,
        wrap_up_limit=settings.wrap_up_limit,
        disposition_limit=settings.disposition_limit,
        announce_agent=settings.announce_agent,
        announce_position_every=settings.announce_position_every,
        record=settings.record,
        max_waiting=settings.max_waiting,
        max_served=settings.max_served,
        yields=settings.yields,
        spread=Spread(settings.spread),
    )


def rules_of(settings: AcdSettings) -> Rules:
    """What an offer that comes to nothing costs, and what a priority is worth."""
    return Rules(
        priority_credit=settings.priority_credit,
        decline_limit=settings.decline_limit,
        decline_backoff=settings.decline_backoff,
        no_answer_limit=settings.no_answer_limit,
        no_answer_backoff=settings.no_answer_backoff,
        unreachable_limit=settings.unreachable_limit,
        unreachable_backoff=settings.unreachable_backoff,
        seat_rest=settings.seat_rest,
        channels={channel: _channel_rule(channel, settings) for channel in Channel},
    )


def _channel_rule(channel: Channel, settings: AcdSettings) -> ChannelRule:
    """As shipped, but for what the settings say; raises StartFailed for what cannot be."""
    rule, said = CHANNEL_RULES[channel], settings.channels.get(channel.value)
    if said is None:
        return rule
    capacity = rule.capacity if said.capacity is None else said.capacity
    interrupted_by = rule.interrupted_by
    if said.interrupted_by is not None:
        interrupted_by = frozenset(map(Channel, said.interrupted_by))
    try:
        return replace(rule, capacity=capacity, interrupted_by=interrupted_by)
    except InvalidValue as error:
        raise StartFailed(f"acd: channels: {channel.value}: {error}") from error


def service_level_of(settings: QueueSettings) -> ServiceLevel:
    target = settings.service_level
    return ServiceLevel(target.within, target.share, Formula(target.formula), target.short_abandon)


def service_level_in(queues: Mapping[str, QueueSettings], queue: str) -> ServiceLevel:
    """The target that the queue has now; the usual one of a queue that is gone."""
    return service_level_of(queues[queue]) if queue in queues else ServiceLevel()


def _clauses(skills: Mapping[str, int], choices: Sequence[Mapping[str, int]]) -> Requirements:
    return (*required(skills), *map(any_of, choices))


def _step(step: StepSettings, queue: QueueSettings) -> Step:
    asked = None
    if step.skills is not None or step.any_of is not None:
        skills = queue.skills if step.skills is None else step.skills
        asked = _clauses(skills, queue.any_of if step.any_of is None else step.any_of)
    return Step(step.after, asked, step.reach)


def regions_of(settings: Settings) -> Regions:
    """
    Where callers are from. Raises StartFailed for a file that is no such table.

    The file has countries' codes, under each its provinces, under each its area codes and cities.
    """
    file = settings.crm.regions or Path(str(files("config") / "regions" / "cn.yaml"))
    try:
        countries = TypeAdapter(Countries).validate_python(yaml_text.load(file.read_bytes()))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise StartFailed(f"crm.regions: {file}: {error}") from error
    return Regions(
        {
            code + prefix: (code, province, city)
            for code, provinces in countries.items()
            for province, cities in provinces.items()
            for prefix, city in cities.items()
        },
        settings.crm.default_region,
    )


def trunk_of(settings: KnownPeerSettings, realm: str) -> Trunk:
    proofs: tuple[tuple[str, str], ...] = ()
    if settings.username is not None and settings.password is not None:
        password = settings.password.get_secret_value()
        proofs = tuple(
            (algorithm, ha1(settings.username, realm, password, algorithm))
            for algorithm in ("MD5", "SHA-256")
        )
    return Trunk(settings.name, settings.addresses, settings.username, proofs)
