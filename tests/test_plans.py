"""What the settings ask of queues and regions, and what cannot be asked."""

from pathlib import Path
from typing import Any

import pytest

from acd.model import Rules
from acd.policies import Scored
from acd.queue import Step
from acd.requirements import Requirement, any_of
from acd.service_level import Formula, ServiceLevel
from config.acd import AcdSettings
from config.fax import FaxDocumentSettings, FaxSettings
from config.floor import QueueSettings
from config.recording import RecordingSettings
from config.settings import Settings
from cti_server.flow_plans import load_flows
from cti_server.plans import (
    check_documents,
    check_recording,
    check_surveys,
    check_ways,
    queue_of,
    regions_of,
    rules_of,
    service_level_of,
)
from cti_server.refusals import StartFailed
from tests.acd.build import span


def test_a_queue_is_what_its_settings_say() -> None:
    choice = {"english": 3, "french": 2}
    settings: dict[str, Any] = {
        "name": "law",
        "skills": {"sales": 1},
        "any_of": [choice],
        "preferred": {"law": 1},
        "reach": 2,
        "relax": [{"after": 60, "any_of": []}, {"after": 90, "reach": 10}],
        "policy": "scored",
        "weights": {"region": 5},
    }
    queue = queue_of(QueueSettings(**settings))
    sales = Requirement("sales", 1)
    assert queue.requirements == (sales, any_of(choice))
    assert queue.preferred == (Requirement("law", 1),)
    assert queue.policy == Scored(region=5)
    assert queue.steps == (Step(span(60), (sales,)), Step(span(90), reach=10))
    # who waits for a minute needs no language any more, and the skill still
    assert queue.demand(steps=1).requirements == (sales,)
    assert (queue.demand(steps=1).reach, queue.demand(steps=2).reach) == (2, 10)


def test_ways_out_of_a_queue_that_lead_nowhere_are_refused_with_the_fields_name() -> None:
    closed = {"when": "closed", "then": "queue:night"}
    day = QueueSettings.model_validate({"name": "day", "overflow": [closed]})
    check_ways([day, QueueSettings(name="night")])
    with pytest.raises(StartFailed, match=r"queues\.day\.overflow\.0\.then: there is no queue"):
        check_ways([day])


def test_rules_of_recording_name_what_there_is_and_numbers_as_they_are_compared() -> None:
    rule = {
        "name": "some",
        "record": "never",
        "callers": ["withheld", "+86138", "1380", "2001", "13800138000"],
        "dialled": ["8675586688888"],
        "queues": ["sales", "gone"],
        "hours": "holidays",
    }
    recording = RecordingSettings.model_validate(
        {
            "never": ["013800138000"],
            "rules": [rule],
            "protection": {"confirm_play_queues": ["sales", "lost"]},
        }
    )

    with pytest.raises(StartFailed) as failed:
        check_recording(recording, ["sales"], ["day"], "CN")

    at = "recording.rules.some"
    assert str(failed.value).splitlines() == [
        "recording.never: '013800138000' is compared as '+8613800138000': write it so",
        "recording.protection.confirm_play_queues: there is no queue 'lost'",
        f"{at}.callers: '13800138000' is compared as '+8613800138000': write it so",
        f"{at}.dialled: '8675586688888' is compared as '+8675586688888': write it so",
        f"{at}.queues: there is no queue 'gone'",
        f"{at}.hours: there is no working calendar 'holidays'",
    ]


def test_a_survey_that_a_queue_names_must_be_there() -> None:
    queue = QueueSettings(name="day", survey="after_call")
    check_surveys([queue], {"after_call"})
    with pytest.raises(StartFailed, match=r"^queues\.day\.survey: there is no 'after_call'"):
        check_surveys([queue], ())


@pytest.mark.parametrize(
    "head", [b"%PDF-1.7\n", b"\xef\xbb\xbf\n%PDF-1.4", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]
)
def test_a_pdf_or_a_tiff_can_be_faxed_whatever_it_is_called(tmp_path: Path, head: bytes) -> None:
    check_documents(documents(tmp_path, head), ())


@pytest.mark.parametrize("head", [b"", b"PK\3\4", b"II+\0", b" " * 1024 + b"%PDF-1.4"])
def test_what_can_be_faxed_to_nobody_is_refused_by_its_key(tmp_path: Path, head: bytes) -> None:
    with pytest.raises(
        StartFailed, match=r"fax\.documents\.101\.file: .* neither a PDF nor a TIFF"
    ):
        check_documents(documents(tmp_path, head), ())


def test_a_document_that_went_away_meanwhile_is_told(tmp_path: Path) -> None:
    gone = documents(tmp_path, b"%PDF-1.4")
    file = gone.documents["101"].file
    assert file is not None
    file.unlink()

    with pytest.raises(StartFailed, match=r"fax\.documents\.101\.file: .* cannot be read"):
        check_documents(gone, ())


def documents(folder: Path, content: bytes) -> FaxSettings:
    file = folder / "document.bin"
    file.write_bytes(content)
    return FaxSettings(documents={"101": FaxDocumentSettings(titles={"zh": "价目表"}, file=file)})


def test_a_service_level_is_what_the_settings_say_and_one_and_the_same_as_shipped() -> None:
    assert service_level_of(QueueSettings(name="law")) == ServiceLevel()
    asked: dict[str, Any] = {"within": 30, "share": 0.9, "formula": "offered", "short_abandon": 0}
    assert service_level_of(
        QueueSettings.model_validate({"name": "law", "service_level": asked})
    ) == ServiceLevel(span(30), 0.9, Formula.OFFERED, span(0))


def test_what_an_unanswered_offer_costs_is_what_the_settings_say() -> None:
    assert rules_of(AcdSettings()) == Rules()  # one and the same as shipped
    asked: dict[str, Any] = {
        "no_answer_limit": 3,
        "no_answer_backoff": 20,
        "decline_limit": 5,
        "decline_backoff": 40,
        "unreachable_limit": None,
        "unreachable_backoff": 2,
        "seat_rest": 60,
        "priority_credit": 0,
    }
    assert rules_of(AcdSettings(**asked)) == Rules(
        no_answer_limit=3,
        no_answer_backoff=span(20),
        decline_limit=5,
        decline_backoff=span(40),
        unreachable_limit=None,
        unreachable_backoff=span(2),
        seat_rest=span(60),
        priority_credit=span(0),
    )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"policy": "nicest"}, "queues: law: policy 'nicest': there are longest_idle"),
        ({"policy": "longest_idle", "weights": {"skill": 1}}, "does not take these weights"),
        ({"relax": [{"after": 9}, {"after": 9}]}, "do not come one after another"),
    ],
)
def test_a_queue_that_cannot_be_is_refused_by_its_name(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(StartFailed, match=told):
        queue_of(QueueSettings(name="law", **wrong))


def settings_with(regions: Path | None) -> Settings:
    return Settings.model_validate({"crm": {"regions": regions}, "numbers": {}, "queues": []})


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("057187654321", ("86", "浙江", "杭州")),
        ("+86 10 8765 4321", ("86", "北京", "北京")),
        ("13800138000", ()),  # a mobile number: its prefix is not in the shipped table
        ("+4930123456", ()),
        ("8026", ()),
        ("anonymous", ()),
    ],
)
def test_where_a_caller_is_from(number: str, region: tuple[str, ...]) -> None:
    assert regions_of(settings_with(None)).of(number) == region


def test_a_centres_own_table_is_taken_the_longest_prefix_first(tmp_path: Path) -> None:
    table = tmp_path / "table.yaml"
    table.write_text('"86":\n  浙江: {"1380013": 杭州, "138": 宁波}\n', encoding="utf-8")
    regions = regions_of(settings_with(table))
    assert regions.of("13800138000") == ("86", "浙江", "杭州")
    assert regions.of("13811138000") == ("86", "浙江", "宁波")


@pytest.mark.parametrize("text", ["- a list", '"86": {浙江: {57x: 杭州}}', '"86": [', "\ufffe"])
def test_a_table_that_is_none_is_refused_by_its_file(tmp_path: Path, text: str) -> None:
    table = tmp_path / "table.yaml"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(StartFailed, match=r"crm\.regions: .*table\.yaml"):
        regions_of(settings_with(table))


def test_a_number_leads_to_a_queue_that_is_there_wherever_it_is_defined() -> None:
    settings = Settings.model_validate({"numbers": {"2000": {"queue": "sales"}}})
    assert load_flows(settings, {"sales"}) == {}
    with pytest.raises(StartFailed, match=r"^numbers.2000.queue: there is no queue 'sales'$"):
        load_flows(settings, {"repair"})


def test_a_number_leads_to_no_flow_that_returns_to_others(tmp_path: Path) -> None:
    part = tmp_path / "part.yaml"
    part.write_text("languages: [en]\nstart: back\nnodes:\n  back: {type: return}\n")
    settings = Settings.model_validate({"numbers": {"2000": {"flow": str(part)}}})

    with pytest.raises(StartFailed, match=r"part\.yaml:1: nothing leads to it but other flows"):
        load_flows(settings, set())
