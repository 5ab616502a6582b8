import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Microphone } from "./microphone";

function pretended() {
  const track = { stop: vi.fn(), muted: false };
  return { track, stream: { getTracks: () => [track], getAudioTracks: () => [track] } };
}

function promised() {
  let resolve!: (stream: unknown) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<unknown>((one, other) => {
    resolve = one;
    reject = other;
  });
  return { promise, resolve, reject };
}

class Sounds {
  resume() {}
  createAnalyser() {
    return {};
  }
  createMediaStreamSource() {
    return { connect() {}, disconnect() {} };
  }
}

describe("the microphone", () => {
  const getUserMedia = vi.fn();
  beforeEach(() => {
    getUserMedia.mockReset();
    vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
    vi.stubGlobal("AudioContext", Sounds);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("stays closed where it was closed while the browser still asked", async () => {
    const { track, stream } = pretended();
    const asked = promised();
    getUserMedia.mockReturnValueOnce(asked.promise);
    const microphone = new Microphone();
    const opening = microphone.open();
    microphone.close();
    asked.resolve(stream);
    await opening;
    expect(track.stop).toHaveBeenCalledOnce();
    expect(microphone.track).toBeNull();
    expect(microphone.state).toBe("unasked");
  });

  it("says nothing of a refusal that came after it was closed", async () => {
    const asked = promised();
    getUserMedia.mockReturnValueOnce(asked.promise);
    const microphone = new Microphone();
    const opening = microphone.open();
    microphone.close();
    asked.reject(new DOMException("", "NotAllowedError"));
    await opening;
    expect(microphone.state).toBe("unasked");
  });

  it("opens anew after that", async () => {
    const first = pretended();
    const second = pretended();
    const asked = promised();
    getUserMedia.mockReturnValueOnce(asked.promise).mockResolvedValueOnce(second.stream);
    const microphone = new Microphone();
    const opening = microphone.open();
    microphone.close();
    const again = microphone.open();
    asked.resolve(first.stream);
    await Promise.all([opening, again]);
    expect(first.track.stop).toHaveBeenCalledOnce();
    expect(second.track.stop).not.toHaveBeenCalled();
    expect(microphone.track).toBe(second.track);
  });
});
