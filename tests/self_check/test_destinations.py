"""A queue to which a flow leads and that is not there is told of until it is."""

from acd.invariants import Breach
from config.numbers import NumberSettings, RuleSettings
from config.recording import RecordingRuleSettings, RecordingSettings
from config.settings import Settings
from cti_server.flow_plans import named_by
from cti_server.self_check.calls import CallFault
from cti_server.self_check.destinations import Destinations
from ivr.flow import parse
from tests.acd.build import MORNING

FLOW = """
name: main
languages: [en]
start: sales
nodes:
  sales: {type: queue, queue: sales, full: left}
  left: {type: voicemail, mailbox: mail, then: end, silent: end, failed: end}
  end: {type: hang_up}
"""


FLOWS = {"main.yaml": parse(FLOW, "main.yaml")}
RULE = RuleSettings(caller="+852", queue="chat")
NUMBERS = {"1": NumberSettings(queue="sales"), "2": NumberSettings(queue="mail", when=(RULE,))}


class Queues(set[str]):
    def named_by(self, name: str) -> list[str]:
        return named_by(Settings(), NUMBERS, FLOWS, name)


def test_a_queue_that_is_gone_is_told_of_until_it_is_back() -> None:
    queues = Queues({"mail", "other"})
    destinations = Destinations(FLOWS, queues)

    def breaches() -> list[Breach]:
        return [one for name in destinations.named for one in destinations.check(name, MORNING)]

    assert destinations.named == ["mail", "sales"]
    gone = Breach(CallFault.QUEUE_GONE, "sales", detail="number 1, flow main")
    assert breaches() == [gone]
    queues.add("sales")
    assert breaches() == []


def test_a_queue_that_a_rule_of_recording_names_is_in_use() -> None:
    rule = RecordingRuleSettings(name="one-in-ten", record="always", queues=("old",), share=10)
    settings = Settings(recording=RecordingSettings(rules=(rule,)))

    assert named_by(settings, {}, FLOWS, "old") == ["recording rule one-in-ten"]
    assert named_by(settings, {}, FLOWS, "sales") == ["flow main"]


def test_a_queue_to_which_a_rule_of_a_number_leads_is_in_use() -> None:
    assert named_by(Settings(), NUMBERS, FLOWS, "chat") == ["number 2"]
