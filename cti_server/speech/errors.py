"""What speech refuses, named for what is wrong. They cross process borders, so they pickle."""


class SpeechError(Exception):
    """Nothing can be played for this request."""


class VoiceMissing(SpeechError):
    """No voice speaks the language, or a part of the voice is not installed."""


class TextUnspeakable(SpeechError):
    """The text is empty, too long, or holds nothing that the voice can say."""


class SoundInvalid(SpeechError):
    """The file is not a recording that can be played."""


class RenderFailed(SpeechError):
    """The process that was rendering died, or the cache folder cannot be written."""
