"""What a centre says of what it took."""

import pytest
import smpp34

from fax_sms_email.smpp.receipts import Receipt, other_spellings, read

TEXT = "id:{id} sub:001 dlvrd:000 submit date:2611240900 done date:2611240901 stat:{stat} err:{err}"


def receipt(text: str = "", **tags: bytes) -> smpp34.DeliverSm:
    numbers = {"id": 0x001E, "state": 0x0427}
    tlvs = [smpp34.Tlv(numbers[name], value) for name, value in tags.items()]
    return smpp34.DeliverSm("86138", "10690000", text.encode(), esm_class=4, tlvs=tlvs)


@pytest.mark.parametrize(
    ("stat", "err", "found"),
    [
        ("DELIVRD", "000", Receipt(message_id="7f", state="delivered")),
        ("UNDELIV", "012", Receipt(message_id="7f", state="undelivered", reason="UNDELIV 012")),
        ("EXPIRED", "000", Receipt(message_id="7f", state="undelivered", reason="EXPIRED 000")),
        ("ACCEPTD", "000", None),
        ("NONSENSE", "000", None),
    ],
)
def test_by_its_text(stat: str, err: str, found: Receipt | None) -> None:
    assert read(receipt(TEXT.format(id="7f", stat=stat, err=err))) == found


@pytest.mark.parametrize(
    ("state", "found"), [(2, "delivered"), (5, "undelivered"), (8, "undelivered"), (1, None)]
)
def test_by_its_parameters_which_go_before_the_text(state: int, found: str | None) -> None:
    text = TEXT.format(id="other", stat="DELIVRD", err="000")
    told = read(receipt(text, id=b"7f\0", state=bytes((state,))))

    assert (told.message_id, told.state) == ("7f", found) if told else found is None


def test_of_no_text_that_it_names_it_says_nothing() -> None:
    assert read(receipt("hello")) is None


def test_other_spellings_of_a_number() -> None:
    assert "255" in other_spellings("ff")
    assert "ff" in other_spellings("255")
    assert other_spellings("not-a-number") == []
