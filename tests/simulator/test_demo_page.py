"""What the demonstration's start page says is so: people, numbers, account, customer."""

import csv
from pathlib import Path

import pytest

from config.demonstration import DemoSettings
from config.settings import SHIPPED, Settings, load
from simulator.demo import STAFF
from simulator.demo_outside import ACCOUNT, PIN
from simulator.demo_server import DemoServer


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("demo")
    return load(DemoServer(SHIPPED / "demo" / "hotline.yaml", folder, "of this run").config_file)


@pytest.fixture
def page(settings: Settings) -> DemoSettings:
    assert settings.demo is not None
    return settings.demo


def test_everybody_whom_it_names_is_defined_with_that_name_role_and_phone(
    page: DemoSettings,
) -> None:
    for one in page.log_ins:
        words = STAFF[one.agent_id]
        assert one.name in words
        assert (one.role in words) == (one.role != "agent")
        assert ("browser" in words) == (one.phone == "browser")
    assert page.password.get_secret_value() == "of this run"


def test_its_numbers_lead_somewhere_and_pages_call_them_by_the_same_names(
    settings: Settings, page: DemoSettings
) -> None:
    spoken = {number for number, to in settings.numbers.items() if not to.fax}
    assert {one.number for one in page.numbers} == spoken
    assert {one.number: dict(one.title) for one in page.numbers} == {
        number: dict(title) for number, title in settings.web_calls.numbers.items()
    }
    for one in page.numbers:
        if one.number in ("1012", "1017"):
            assert one.hint is not None
            for hint in one.hint.values():
                assert ACCOUNT in hint
                assert PIN in hint


def test_everything_is_told_in_both_languages(page: DemoSettings) -> None:
    told = [one.about for one in page.log_ins] + [*page.tries]
    told += [one.title for one in page.numbers] + [one.hint for one in page.numbers if one.hint]

    assert all(set(one) == {"zh", "en"} for one in told)


def test_who_calls_from_the_page_is_a_customer(settings: Settings) -> None:
    file = Path(SHIPPED / "demo" / "customers.csv")
    with file.open(encoding="utf-8", newline="") as rows:
        names = [
            row["name"]
            for row in csv.DictReader(rows)
            if row["phone"] == settings.web_calls.caller_number
        ]

    assert len(names) == 1
