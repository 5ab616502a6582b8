"""In writing nobody leaves a spoken message."""

from ivr.messages import (
    DropMessage,
    MessageDropped,
    MessageInquiry,
    MessagePlayed,
    MessageReply,
    NotRecorded,
    PlayMessage,
)


class NothingHeard:
    """In the place of a caller's messages: whoever asks for one is told that there is none."""

    async def reply(self, wish: MessageInquiry) -> MessageReply:
        match wish:
            case PlayMessage():
                return MessagePlayed()
            case DropMessage(then):
                return MessageDropped(then)
            case _:
                return NotRecorded("failed")
