"""
A pjsua2 softphone as a process of its own (GPL; never imported by the server).

Run as ``python pjsua_phone.py CONFIG.json``. It prints one JSON object a line for everything that
happens and takes commands the same way on standard input:
``{"do": "call", "uri": …}``, ``answer``, ``press`` (keys), ``speak``, ``fall_silent``, ``hang_up``,
``quit``.
It speaks the WAV file ``says`` into every call and records what it hears into ``hears``.
With ``tones_only`` its keys sound, and it says nothing else; it knows no telephone-event then, or
with ``offers_events`` says that it does.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any

import pjsua2 as pj  # type: ignore[import-not-found,import-untyped,unused-ignore]


def tell(event: str, **facts: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


def without_events(sdp: str) -> str:
    """A description that does not know telephone-event."""
    lines = sdp.splitlines()
    numbers = [
        line.split(":")[1].split()[0] for line in lines if "telephone-event/" in line.lower()
    ]
    kept = [
        line
        for line in lines
        if not any(line.startswith((f"a=rtpmap:{n} ", f"a=fmtp:{n} ")) for n in numbers)
    ]
    return "".join(
        " ".join(word for word in line.split() if word not in numbers) + "\r\n"
        if line.startswith("m=audio")
        else line + "\r\n"
        for line in kept
    )


class Call(pj.Call):  # type: ignore[misc,unused-ignore]
    def __init__(self, phone: "Phone", call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(phone.account, call_id)
        self.phone = phone
        self.connected = False
        self.audio: Any = None

    def onCallSdpCreated(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        if self.phone.config.get("tones_only") and not self.phone.config.get("offers_events"):
            prm.sdp.wholeSdp = without_events(prm.sdp.wholeSdp)

    def onCallState(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        info = self.getInfo()
        tell("state", state=info.stateText, status=info.lastStatusCode)
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.phone.gone = True

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802
        info = self.getInfo()
        for index, media in enumerate(info.media):
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                audio = self.getAudioMedia(index)
                self.audio = audio
                if not self.phone.config.get("tones_only"):
                    self.phone.player.startTransmit(audio)
                audio.startTransmit(self.phone.recorder)
                if not self.connected:
                    self.connected = True
                    tell("audio")

    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802
        tell("digit", digit=prm.digit)


class Account(pj.Account):  # type: ignore[misc,unused-ignore]
    def __init__(self, phone: "Phone") -> None:
        super().__init__()
        self.phone = phone

    def onRegState(self, prm: Any) -> None:  # noqa: N802
        tell("registered", status=prm.code)

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802
        call = Call(self.phone, prm.callId)
        self.phone.call = call
        tell("ringing", remote=call.getInfo().remoteUri)
        answer = pj.CallOpParam()
        answer.statusCode = 200 if self.phone.config.get("auto_answer") else 180
        call.answer(answer)


class Phone:
    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.call: Call | None = None
        self.generator: Any = None
        self.gone = False
        self.quit = False
        self.commands: list[dict[str, Any]] = []
        self.endpoint = pj.Endpoint()
        self.endpoint.libCreate()
        settings = pj.EpConfig()
        settings.logConfig.level = settings.logConfig.consoleLevel = 0
        settings.medConfig.clockRate = 8000
        settings.medConfig.noVad = True
        settings.medConfig.ecTailLen = 0
        settings.uaConfig.threadCnt = 0
        settings.uaConfig.mainThreadOnly = True
        self.endpoint.libInit(settings)
        self.endpoint.audDevManager().setNullDev()
        transport = pj.TransportConfig()
        transport.port = 0
        transport.boundAddress = transport.publicAddress = "127.0.0.1"
        kind = pj.PJSIP_TRANSPORT_TCP if config.get("tcp") else pj.PJSIP_TRANSPORT_UDP
        self.endpoint.transportCreate(kind, transport)
        self.endpoint.libStart()
        wanted = config.get("codec", "PCMU").upper().split()  # the favourite first
        for codec in self.endpoint.codecEnum2():
            name = codec.codecId.upper().split("/")[0]
            priority = 255 - wanted.index(name) if name in wanted else 0
            self.endpoint.codecSetPriority(codec.codecId, priority)
        self.player = pj.AudioMediaPlayer()
        self.player.createPlayer(config["says"])
        self.recorder = pj.AudioMediaRecorder()
        self.recorder.createRecorder(config["hears"])
        self.account = Account(self)
        self.account.create(self._account())

    def _account(self) -> Any:
        account = pj.AccountConfig()
        account.idUri = self.config["id"]
        account.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
        if "registrar" in self.config:
            account.regConfig.registrarUri = self.config["registrar"]
            account.sipConfig.authCreds.append(
                pj.AuthCredInfo("digest", "*", self.config["username"], 0, self.config["password"])
            )
        return account

    def obey(self, command: dict[str, Any]) -> None:
        match command["do"]:
            case "call":
                self.gone = False
                self.call = Call(self)
                self.call.makeCall(command["uri"], pj.CallOpParam(True))
            case "answer" if self.call is not None:
                answer = pj.CallOpParam()
                answer.statusCode = 200
                self.call.answer(answer)
            case "speak" if self.call is not None:
                self.player.startTransmit(self.call.audio)
            case "fall_silent" if self.call is not None:
                self.player.stopTransmit(self.call.audio)
            case "press" if self.call is not None and self.config.get("tones_only"):
                self._sound(command["keys"])
            case "press" if self.call is not None:
                self.call.dialDtmf(command["keys"])
            case "hold" if self.call is not None:
                self.call.setHold(pj.CallOpParam(True))
            case "resume" if self.call is not None:
                again = pj.CallOpParam(True)
                again.opt.flag = pj.PJSUA_CALL_UNHOLD
                self.call.reinvite(again)
            case "hang_up" if self.call is not None:
                self.call.hangup(pj.CallOpParam(True))
            case "quit":
                self.quit = True

    def _sound(self, keys: str) -> None:
        """Keys as pjmedia's tone generator has them: 80 ms each, and as much between."""
        if self.generator is None:
            self.generator = pj.ToneGenerator()
            self.generator.createToneGenerator(8000, 1)
            self.generator.startTransmit(self.call.audio)  # type: ignore[union-attr]
        digits = pj.ToneDigitVector()
        for key in keys:
            digit = pj.ToneDigit()
            digit.digit, digit.on_msec, digit.off_msec, digit.volume = key, 80, 80, 0
            digits.append(digit)
        self.generator.playDigits(digits)

    def run(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()
        tell("ready")
        while not self.quit:
            self.endpoint.libHandleEvents(20)
            while self.commands:
                self.obey(self.commands.pop(0))
            if self.gone:
                self.call, self.gone = None, False
                tell("ended")
        del self.player, self.recorder, self.generator
        self.account.shutdown()
        self.endpoint.libDestroy()

    def _read(self) -> None:
        for line in sys.stdin:
            self.commands.append(json.loads(line))
        self.commands.append({"do": "quit"})


if __name__ == "__main__":
    Phone(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).run()
