const PITCH = 440; // Hz
const LASTS = 1.2; // s
const SOFT = 0.2;

/** A tone from this speaker, "" for the system's own; over when it has sounded. Rejects if it cannot. */
export async function playTone(speaker: string): Promise<void> {
  const context = new AudioContext();
  try {
    const out = context.createMediaStreamDestination();
    const gain = new GainNode(context, { gain: SOFT });
    const source = new OscillatorNode(context, { frequency: PITCH });
    source.connect(gain).connect(out);
    const sound = new Audio(); // an element can be sent to a speaker in every browser that has the choice
    sound.srcObject = out.stream;
    if (speaker && sound.setSinkId) await sound.setSinkId(speaker);
    await sound.play();
    const over = new Promise((done) => source.addEventListener("ended", done, { once: true }));
    source.start();
    source.stop(context.currentTime + LASTS);
    await over;
    sound.srcObject = null;
  } finally {
    await context.close();
  }
}
