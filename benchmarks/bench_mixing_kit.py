"""
CPU time of decoding, buffering and mixing: ``python -m benchmarks.bench_mixing_kit``.

Microseconds a frame of 20 ms on one core, the best of some rounds. A second has fifty frames, so
20 µs are 1 ms a call-second.
"""

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from cti_server.media.codecs import clock_rate, encode_frames, make_decoder, make_encoder
from cti_server.media.concealment import Concealment, shortened
from cti_server.media.frame_source import FrameSource
from cti_server.media.jitter_buffer import JitterBuffer
from cti_server.media.mixer import Mixer
from cti_server.media.protocol import LegCodec

Samples = npt.NDArray[np.int16]
Run = Callable[[], object]

ROUNDS = 7
FRAMES = 1000
CODECS: tuple[LegCodec, ...] = ("PCMU", "PCMA", "G722", "OPUS")


def measure(name: str, prepare: Callable[[], Run], frames: int = FRAMES) -> None:
    """``prepare`` makes what is measured anew for each round."""
    best = float("inf")
    for _ in range(ROUNDS):
        run = prepare()
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    print(f"{name:<58} {best / frames * 1e6:8.2f} µs")


def speech() -> list[Samples]:
    """Loud and quiet by turns, with a pitch and some noise."""
    at = np.arange(FRAMES * 160) / 8000
    envelope = 3000 * (1 + np.sin(2 * np.pi * 1.3 * at))
    voice = np.sum([np.sin(2 * np.pi * 130 * n * at) / n for n in range(1, 12)], axis=0)
    noise = np.random.default_rng(1).normal(0, 300, len(at))
    return list((envelope * voice + noise).astype(np.int16).reshape(FRAMES, 160))


def codecs(frames: list[Samples]) -> None:
    for codec in CODECS:
        encoder = make_encoder(codec)
        payloads = [encoder.encode(frame) for frame in frames]

        def encoding(codec: LegCodec = codec) -> Run:
            encode = make_encoder(codec).encode
            return lambda: [encode(frame) for frame in frames]

        def decoding(codec: LegCodec = codec, payloads: list[bytes] = payloads) -> Run:
            decode = make_decoder(codec).decode
            return lambda: [decode(payload) for payload in payloads]

        measure(f"{codec}: encode", encoding)
        measure(f"{codec}: decode", decoding)
    together = np.stack(frames)
    measure("PCMU: encode, 1000 listeners at once", lambda: lambda: encode_frames(together, "PCMU"))


def buffering() -> None:
    payload = bytes(160)

    def run() -> None:
        buffer = JitterBuffer()
        for number in range(FRAMES):
            now = number * 0.02
            buffer.put(number, number * 160, payload, now, duration=160)
            buffer.get(now, 160)

    measure("jitter buffer: put and get", lambda: run)


def sources(frames: list[Samples]) -> None:
    """A whole leg: packets in, frames out."""
    for codec in CODECS:
        encoder = make_encoder(codec)
        payloads = [encoder.encode(frame) for frame in frames]
        for name, jitter, loss in (("clean", 0.0, 0.0), ("40 ms jitter, 2 % loss", 0.04, 0.02)):

            def prepare(
                codec: LegCodec = codec,
                payloads: list[bytes] = payloads,
                jitter: float = jitter,
                loss: float = loss,
            ) -> Run:
                return lambda: leg(codec, payloads, jitter, loss)

            measure(f"{codec}: one leg, buffered, decoded, {name}", prepare)


def leg(codec: LegCodec, payloads: list[bytes], jitter: float, loss: float) -> None:
    rng = np.random.default_rng(3)
    late, kept = rng.random(FRAMES) * jitter, rng.random(FRAMES) >= loss
    coming = sorted((n * 0.02 + late[n], n) for n in range(FRAMES) if kept[n])
    source, ticks, at = FrameSource(codec), clock_rate(codec) // 50, 0
    for number in range(FRAMES):
        now = number * 0.02 + 0.003
        while at < len(coming) and coming[at][0] <= now:
            arrived, packet = coming[at]
            source.put(packet, packet * ticks, payloads[packet], arrived)
            at += 1
        source.frame(now)


def made_up(frames: list[Samples]) -> None:
    def concealing() -> Run:
        concealment = Concealment()
        for frame in frames[:8]:
            concealment.heard(frame)

        def run() -> None:
            for frame in frames:
                concealment.conceal(160)
                concealment.heard(frame)

        return run

    pair = np.concatenate(frames[:2])
    measure("concealment: a lost frame and the one after it", concealing)
    measure("a pitch period taken out", lambda: lambda: [shortened(pair) for _ in frames])


def mixing() -> None:
    """The frames are counted by listener."""
    for calls in (1, 10, 100):
        monitor = {f"s{n}": [f"a{n}", f"b{n}"] for n in range(calls)}
        conference = {
            f"{me}{n}": [f"{one}{n}" for one in "abc" if one != me]
            for n in range(calls)
            for me in "abc"
        }
        arrangements = {"a listener to two": monitor, "three in conference": conference}
        for name, hears in arrangements.items():
            mixer = Mixer(hears)
            shape = (len(mixer.sources), 160)
            frames = np.random.default_rng(2).integers(-9000, 9000, shape).astype(np.int16)

            def prepare(mixer: Mixer = mixer, frames: Samples = frames) -> Run:
                return lambda: [mixer.mix(frames) for _ in range(100)]

            measure(f"mix, {calls} × {name}", prepare, 100 * len(hears))


def main() -> None:
    frames = speech()
    codecs(frames)
    buffering()
    sources(frames)
    made_up(frames)
    mixing()


if __name__ == "__main__":
    main()
