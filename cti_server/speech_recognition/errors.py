"""What can be wrong with a recogniser."""

from cti_server.speech.errors import SpeechError


class RecogniserMissing(SpeechError):
    """Nothing here understands that language; the message says what to install."""
