"""What an event says of a person is masked for some, and gone when they are erased."""

from cti_server.wire.events import ContactReceived
from cti_server.wire.personal import masked, redacted

MAIL = ContactReceived(
    contact_id="k1",
    channel="email",
    queue="service",
    received_from="chief",
    address="wei@example.com",
    subject="My daughter's parcel",
    attributes={"name": "Li Wei"},
)


def test_of_a_mail_the_address_the_subject_and_what_is_filled_in_are_a_persons() -> None:
    for text, cleared in (("***", masked(MAIL)), ("", redacted(MAIL))):
        assert isinstance(cleared, ContactReceived)
        assert (cleared.address, cleared.subject) == (text, text)
        assert cleared.attributes == {"name": text}
        assert (cleared.contact_id, cleared.queue) == ("k1", "service")


def test_where_nobody_is_named_nothing_is_withheld() -> None:
    task = ContactReceived(contact_id="k2", channel="task", queue="service", received_from="chief")

    assert masked(task) == redacted(task) == task
