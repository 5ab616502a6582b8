"""The configuration: what is taken, what is refused, and how the refusal names it."""

from pathlib import Path

import pytest

from config.archive import FolderSettings
from config.settings import SettingsInvalid, load

GOOD = """
data: data
queues: [{name: sales}]
numbers: {"1000": {queue: sales}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hotline.yaml"


def refusal(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid) as refused:
        load(file)
    return str(refused.value)


def test_the_shipped_configurations_are_sound() -> None:
    for name in ("hotline.yaml", "bench.yaml", "demo/hotline.yaml"):
        assert load(Path("config") / name).numbers


def test_reasons_have_what_people_read_or_are_named_alone(file: Path) -> None:
    def called(reasons: str) -> list[tuple[str, str, str]]:
        file.write_text(f"{GOOD}acd: {{not_ready_reasons: {reasons}}}", encoding="utf-8")
        found = load(file).acd.not_ready_reasons
        return [(name, one.zh, one.en) for name, one in found.items()]

    assert called("{coaching: {zh: 辅导, en: Coaching}}") == [("coaching", "辅导", "Coaching")]
    assert called("[lunch, nap]") == [("lunch", "午餐", "Lunch"), ("nap", "nap", "nap")]
    problem = refusal(file, GOOD + "acd: {not_ready_reasons: {nap: {en: Nap}}}")
    assert "acd.not_ready_reasons.nap.zh" in problem


def test_the_environment_wins_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv("HOTLINE_SIP__REALM", "bank.example")

    assert load(file).sip.realm == "bank.example"


def test_relative_paths_start_at_the_files_folder(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "prices.pdf").touch()
    fax = "fax: {documents: {'101': {titles: {en: Prices}, file: prices.pdf}}}\n"
    archive = "archive: {keys: our.keys, stores: {near: {kind: folder, folder: sounds}}}\n"
    file.write_text(GOOD + "speech: {cache: spoken}\n" + archive + fax, encoding="utf-8")
    monkeypatch.chdir("/")

    settings = load(file)

    assert settings.data == tmp_path / "data"
    assert settings.speech.cache == tmp_path / "spoken"
    assert settings.archive_keys == tmp_path / "our.keys"
    near = settings.archive_stores["near"]
    assert isinstance(near, FolderSettings)
    assert near.folder == tmp_path / "sounds"
    assert settings.fax.documents["101"].file == tmp_path / "prices.pdf"
    assert settings.database.endswith(f"{tmp_path}/data/hotline.db")


REFUSED = [
    ("sip: {realn: x}", "sip.realn: unknown key"),
    ("colour: red", "colour: unknown key"),
    ("fax: {documents: {'A1': {titles: {en: x}, file: hotline.yaml}}}", "fax.documents.A1.[key]: "),
    ("fax: {documents: {'1': {titles: {}, file: hotline.yaml}}}", "fax.documents.1.titles: "),
    ("fax: {documents: {'1': {titles: {en: x}, file: no.pdf}}}", "fax.documents.1.file: Path does"),
    ("fax: {documents: {1: {titles: {en: x}, file: no.pdf}}}", "fax.documents.1.[key]: "),
    ("- a\n- list", "must be a mapping"),
    ("a: [", "not YAML"),
    ("mail: {sender: a@b.example}", "mail.host: "),
    ("mail: {host: mx, sender: nobody}", "mail.sender: "),
    (
        r'mail: {host: mx, sender: a@b.example, sender_name: "Desk\r\nBcc: c@b.example"}',
        "mail.sender_name: Value error, has a line break",
    ),
    (
        r'mail: {host: mx, sender: a@b.example, sender_name: "Our\u2028desk"}',
        "mail.sender_name: Value error, has a line break",
    ),
    ("mail: {host: mx, sender: a@b.example, tls: none}", "mail: Value error, tls: none to mx "),
    ("mail: {host: mx, sender: a@b.example, username: a}", "username and a password go together"),
    (
        "mail: {host: mx, sender: a@b.example, username: a, password_file: none.txt}",
        "mail.password_file: ",
    ),
    ("mail: {host: mx, sender: a@b.example, ca_file: no.pem}", "mail.ca_file: "),
    ("mailboxes: {sales: {mail: [a@b.example]}}", "mailboxes: mail needs the section mail"),
    ("archive: {publish: {mail: [a@b.example]}}", "archive.publish: mail needs the section mail"),
    ("mailboxes: {sales: {mail: [a]}}", "mailboxes.sales.mail.0: "),
    ("archive: {stores: {near: {kind: tape}}}", "archive.stores.near: "),
    ("archive: {stores: {Near: {kind: folder, folder: a}}}", "archive.stores.Near.[key]: "),
    ("archive: {stores: {far: {kind: s3}}}", "archive.stores.far.s3.bucket: "),
    (
        "archive: {stores: {far: {kind: s3, bucket: b, access_key: a}}}",
        "archive.stores.far.s3: Value error, access_key and secret_key go together",
    ),
    ("sip: {calls_per_second: 0}", "sip.calls_per_second: "),
    ("media: {host: 0.0.0.0}", "media.host: "),
    ("media: {host: phone.example}", "media.host: "),
    ("media: {public_host: 0.0.0.0}", "media.public_host: "),
    ("media: {public_host: pbx.example}", "media.public_host: "),
    ("media: {public_host: 239.0.0.1}", "media.public_host: "),
    ('media: {public_host: "2001:db8::1"}', "both be IPv4 or both be IPv6"),
    ("media: {ports: [30000, 20000]}", "media: "),
    ("media: {codecs: []}", "media.codecs: "),
    ("media: {codecs: [G729]}", "media.codecs.0: "),
    ("media: {fallback_codecs: [OPUS, PCMU]}", "each codec once"),
    ("api: {host: 192.0.2.1}", "reachable from outside"),
    ("api: {tls: {certificate: none.pem, key: none.key}}", "api.tls.certificate: "),
    ("sip: {trunks: [{name: x}]}", "sip.trunks.0: "),
    ("sip: {trunks: [{name: x, addresses: [not-an-address]}]}", "sip.trunks.0.addresses: "),
    ('numbers: {"1000": {}}', "needs a flow or a queue"),
    ("queues: [{name: a}, {name: a}]", "'a' is there twice"),
    ("queues: [{name: a, skills: {x: 11}}]", "queues.0.skills.x: "),
    ("queues: [{name: a, exits: {x: {then: hang_up}}}]", "queues.0.exits.x"),
    ("queues: [{name: a, overflow: [{when: size, then: hang_up}]}]", "queues.0.overflow.0: "),
    ("seats: [{last: 5, id: agent}]", "does not take the seat's number"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_cannot_work_is_refused_by_its_key(file: Path, text: str, words: str) -> None:
    message = refusal(file, text)

    assert words in message
    assert str(file) in message


def test_every_problem_is_named_at_once(file: Path) -> None:
    message = refusal(file, "sip: {realn: x}\nmedia: {workers: -1}\n")

    assert "sip.realn" in message
    assert "media.workers" in message


def test_a_misspelt_variable_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv("HOTLINE_SPI__REALM", "x")

    with pytest.raises(SettingsInvalid, match="HOTLINE_SPI__REALM: unknown key"):
        load(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"missing\.yaml: No such file"):
        load(tmp_path / "missing.yaml")
