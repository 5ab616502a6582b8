"""A flow has a document faxed: what it asks for, where refusals lead, and what is no flow."""

from pathlib import Path

import pytest

from ivr.actions import Answer, Digits
from ivr.errors import FlowInvalid
from ivr.flow import check, parse
from ivr.inquiries import FaxRefused, FaxRequested, RequestFax
from ivr.journeys import load_journeys
from ivr.travelling import walk_all
from ivr.walk import Walk

FLOW = """\
languages: [en]
start: code
prompts:
  code: {en: "Which document?"}
  sent: {en: "You will have {title}."}
nodes:
  code:
    type: collect
    prompt: code
    attribute: code
    min_digits: 1
    max_digits: 3
    then: fax
    otherwise: nothing
  fax:
    type: fax
    document: "{code}"
    number: "{caller_number}"
    keep: title
    then: sent
    unknown: code
    bad_number: no_number
    failed: nothing
  sent: {type: play, prompt: sent, then: bye}
  bye: {type: hang_up}
  no_number: {type: hang_up, reason: no-number}
  nothing: {type: queue, queue: desk}
"""
LITERAL = FLOW.replace('"{code}"', '"101"')


def asked(walk: Walk) -> RequestFax:
    walk.advance()
    wanted = walk.advance(Digits("101"))
    assert isinstance(wanted, RequestFax)
    return wanted


@pytest.mark.parametrize(
    ("answer", "node", "known"),
    [
        (FaxRequested("Price list"), "sent", ("Price list",)),
        (FaxRefused("unknown"), "code", ()),
        (FaxRefused("bad_number"), "no_number", ()),
        (FaxRefused("failed"), "nothing", ()),
    ],
)
def test_what_comes_of_it_leads_the_caller_on(
    answer: Answer, node: str, known: tuple[str, ...]
) -> None:
    walk = Walk(parse(FLOW, "fax.yaml"), {"caller_number": "139"})

    assert asked(walk) == RequestFax("101", "139", node="fax")
    prompts = getattr(walk.advance(answer), "prompts", ())
    assert (walk.path[-1], tuple(one for each in prompts for one in each.values)) == (node, known)


@pytest.mark.parametrize(
    ("answer", "served"), [(FaxRequested("Price list"), True), (FaxRefused("failed"), False)]
)
def test_who_was_promised_the_fax_may_hang_up(answer: Answer, served: bool) -> None:
    walk = Walk(parse(FLOW.replace("keep: title", "serves: true\n    keep: title"), "fax.yaml"))
    asked(walk)
    walk.advance(answer)

    assert walk.served is served


def test_without_a_number_it_goes_to_the_callers_and_one_of_which_nothing_is_known_to_none() -> (
    None
):
    flow = FLOW.replace('    number: "{caller_number}"\n', "")

    assert asked(Walk(parse(flow, "fax.yaml"), {"caller_number": "139"})).number is None
    assert asked(Walk(parse(FLOW, "fax.yaml"))).number == ""


def test_a_document_that_the_flow_itself_names_must_be_there() -> None:
    told = "fax.yaml:17: node 'fax': there is no document '101' to be faxed"

    assert [str(one) for one in check(parse(LITERAL, "fax.yaml"), faxes={"102"})] == [told]
    assert check(parse(LITERAL, "fax.yaml"), faxes={"101"}) == []
    assert check(parse(LITERAL, "fax.yaml")) == []  # nobody knows what there is
    assert check(parse(FLOW, "fax.yaml"), faxes=()) == []  # what callers press is theirs


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("max_digits: 3", "max_digits: 3\n    secret: true", "18: node 'fax': '{code}' would show"),
        ('"{caller_number}"', '"{phone}"', "18: node 'fax': nothing collects '{phone}'"),
        ('"{code}"', '""', "17: node 'fax': document: "),
        ("    failed: nothing\n", "", "15: node 'fax': missing key 'failed'"),
        ("keep: title", "keep: caller_number", "19: node 'fax': attribute 'caller_number' is"),
    ],
)
def test_what_nothing_stands_behind_is_refused_and_no_secret_is_a_code_or_a_number(
    old: str, new: str, told: str
) -> None:
    with pytest.raises(FlowInvalid) as raised:
        parse(FLOW.replace(old, new, 1), "fax.yaml")

    assert any(f"fax.yaml:{told}" in str(one) for one in raised.value.problems), raised.value


def test_a_secret_number_is_refused_as_a_secret_code_is() -> None:
    flow = LITERAL.replace("max_digits: 3", "max_digits: 3\n    secret: true")
    with pytest.raises(FlowInvalid, match=r"'\{code\}' would show a secret"):
        parse(flow.replace("{caller_number}", "{code}"), "fax.yaml")


def test_journeys_say_what_becomes_of_it_one_for_each_time(tmp_path: Path) -> None:
    file = tmp_path / "fax.yaml"
    hears = "{hears: code, presses: '101'}"
    ends = "{hears: {name: sent, values: [A]}}, {hang_up: completed}"
    given = "given: {variables: {caller_number: '139'}, faxes: {'101': %s}}"
    here, elsewhere = (given % f"{{title: A, number: '{number}'}}" for number in (139, 7))
    second = given % "[{refused: unknown}, A]"
    file.write_text(
        "journeys:\n"
        f"  - {{name: x, {here}, walk: [{hears}, {ends}]}}\n"
        f"  - {{name: y, {second}, walk: [{hears}, {hears}, {ends}]}}\n"
        f"  - {{name: z, {elsewhere}, walk: [{hears}, {ends}]}}\n"
        f"  - {{name: n, walk: [{hears}, {ends}]}}\n"
    )
    faults = [one.fault for one in walk_all(parse(FLOW, "f.yaml"), load_journeys(file))]

    assert faults[:2] == [None, None]
    assert "the fax '101' is asked for at 139" in str(faults[2])
    assert "given.faxes does not say what '101' says the first time" in str(faults[3])


@pytest.mark.parametrize("given", ["{}", "{title: A, refused: unknown}", "{refused: lost}"])
def test_a_journey_that_says_nothing_or_both_is_refused(tmp_path: Path, given: str) -> None:
    file = tmp_path / "fax.yaml"
    walk = f"{{name: x, given: {{faxes: {{'101': {given}}}}}, walk: [{{hang_up: x}}]}}"
    file.write_text(f"journeys:\n  - {walk}\n")

    with pytest.raises(FlowInvalid, match="faxes"):
        load_journeys(file)
