/**
 * The peer connections: one for each call at this desktop, for as long as the server has the call.
 *
 * The browser offers and the server answers at once: it is ICE-lite and learns our address from the
 * checks, so nothing is gathered and nothing trickles. Whatever gets lost is tried again: first with
 * new ICE credentials for the same connection, then with a new one.
 *
 * Events: "path" (detail: "connected" or "failed") whenever a connection shows how the way is.
 */

import { StreamLost } from "../server/stream";
import type { Told, Wish } from "../server/told";
import type { Microphone } from "./microphone";

export type Path = "connected" | "failed";
/** How the way was that was tried last. */
interface PathFigures {
  protocol: string;
  /** Seconds there and back; null where the browser has not measured it. */
  roundTrip: number | null;
}

export type Ask = (message: Wish) => Promise<Told>;

interface Peer {
  connection: RTCPeerConnection;
  attempt: number;
}

const CHECK = "check"; // the id of the answer to a check
const CHECKED_WITHIN = 6_000; // ms

export class Softphone extends EventTarget {
  /** Set to the stream's. */
  ask: Ask = () => Promise.reject(new StreamLost());
  figures: PathFigures | null = null;
  readonly microphone: Microphone;
  readonly sound: HTMLAudioElement;
  #peers = new Map<string, Peer>(); // by call id
  #attempts = 0;
  #checked: Peer | null = null; // the connection of the check that goes on, and what its answer is for

  /** `sound` is the element that plays what comes. */
  constructor(microphone: Microphone, sound: HTMLAudioElement) {
    super();
    this.microphone = microphone;
    this.sound = sound;
    microphone.addEventListener("changed", () => {
      if (microphone.state !== "muted") this.#retrack();
    });
  }

  /** The connection of a call, for whoever wants its figures. */
  peer(id: string): RTCPeerConnection | null {
    return this.#peers.get(id)?.connection ?? null;
  }

  /** Have a connection for this call; harmless where there is a good one, or one under way. */
  async connect(id: string): Promise<void> {
    if (this.#peers.get(id)?.connection.connectionState !== "connected") await this.restart(id);
  }

  /** The server hears nothing of us, whatever we think of the connection. */
  async restart(id: string): Promise<void> {
    const state = this.#peers.get(id)?.connection.connectionState;
    if (state === "new" || state === "connecting") return; // it is under way
    if (state) await this.#offer(id, true);
    else await this.#renew(id);
  }

  /**
   * The microphone is another one now, or gone: then silence goes on in its place. A sender without
   * a live track stops, and its clock with it; what comes later would be late for ever.
   */
  #retrack(): void {
    if (!this.#peers.size) return;
    const track = this.microphone.track ?? this.microphone.silence();
    for (const { connection } of this.#peers.values()) connection.getSenders()[0]?.replaceTrack(track);
  }

  /** Try a connection without a call: whether there is a way. Rejects with StreamLost or Refusal. */
  async check(): Promise<void> {
    await this.microphone.open();
    const track = this.microphone.track;
    if (!track) return;
    this.#checked?.connection.close();
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    const attempt = ++this.#attempts;
    this.#checked = { connection, attempt };
    connection.addTrack(track, this.microphone.stream!);
    try {
      await connection.setLocalDescription(await connection.createOffer());
      const settled = settles(connection);
      await this.ask({ type: "check_path", attempt, sdp: connection.localDescription!.sdp });
      const path = await settled;
      this.figures = path === "connected" ? await figuresOf(connection) : null;
      if (this.#checked?.attempt === attempt) this.dispatchEvent(new CustomEvent("path", { detail: path }));
    } finally {
      connection.close();
      if (this.#checked?.attempt === attempt) this.#checked = null;
    }
  }

  async answered({ id, attempt, sdp }: { id: string; attempt: number; sdp: string }): Promise<void> {
    const peer = id === CHECK ? this.#checked : this.#peers.get(id);
    if (!peer || peer.attempt !== attempt || peer.connection.signalingState !== "have-local-offer") return;
    try {
      await peer.connection.setRemoteDescription({ type: "answer", sdp });
    } catch {
      this.drop(id); // the connection was closed meanwhile, or this browser does not take the answer
      this.dispatchEvent(new CustomEvent("path", { detail: "failed" }));
    }
  }

  drop(id: string): void {
    this.#peers.get(id)?.connection.close();
    this.#peers.delete(id);
    if (!this.#peers.size) this.sound.srcObject = null;
  }

  /** Only these calls are there. */
  keep(ids: string[]): void {
    for (const id of [...this.#peers.keys()]) if (!ids.includes(id)) this.drop(id);
  }

  async #renew(id: string): Promise<void> {
    this.drop(id);
    await this.microphone.open();
    const track = this.microphone.track;
    if (!track) return;
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#peers.set(id, { connection, attempt: 0 });
    connection.addTrack(track, this.microphone.stream!);
    connection.ontrack = (event) => {
      this.sound.srcObject = new MediaStream([event.track]);
    };
    connection.onconnectionstatechange = () => this.#changed(id, connection);
    await this.#offer(id, false);
  }

  async #offer(id: string, restart: boolean): Promise<void> {
    const peer = this.#peers.get(id);
    if (!peer) return;
    const { connection } = peer;
    const attempt = ++this.#attempts;
    peer.attempt = attempt;
    await connection.setLocalDescription(await connection.createOffer({ iceRestart: restart }));
    if (peer.attempt !== attempt || this.#peers.get(id) !== peer) return;
    try {
      await this.ask({ type: "media", id, attempt, restart, sdp: connection.localDescription!.sdp });
    } catch (error) {
      if (error instanceof StreamLost) {
        if (!restart) this.drop(id); // the next snapshot brings it up again
        return;
      }
      if (this.#peers.get(id) !== peer || peer.attempt !== attempt) return;
      if (restart) await this.#renew(id);
      else this.drop(id);
    }
  }

  #changed(id: string, connection: RTCPeerConnection): void {
    if (this.#peers.get(id)?.connection !== connection) return;
    const state = connection.connectionState;
    if (state === "connected" || state === "failed")
      this.dispatchEvent(new CustomEvent("path", { detail: state }));
    if (state === "failed") this.#offer(id, true);
  }
}

/** "connected" or "failed", in good time. */
function settles(connection: RTCPeerConnection): Promise<Path> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("failed"), CHECKED_WITHIN);
    connection.onconnectionstatechange = () => {
      const state = connection.connectionState;
      if (state !== "connected" && state !== "failed") return;
      clearTimeout(timer);
      resolve(state);
    };
  });
}

async function figuresOf(connection: RTCPeerConnection): Promise<PathFigures | null> {
  const reports = await connection.getStats();
  const all = [...reports.values()];
  const transport = all.find(({ type }) => type === "transport");
  const pair =
    reports.get(transport?.selectedCandidatePairId) ?? // Firefox has it on the pair itself
    all.find(({ type, selected, nominated }) => type === "candidate-pair" && (selected || nominated));
  if (!pair) return null;
  const local = reports.get(pair.localCandidateId) as { protocol?: string } | undefined;
  return { protocol: local?.protocol ?? "", roundTrip: pair.currentRoundTripTime ?? null };
}
