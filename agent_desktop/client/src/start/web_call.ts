/**
 * One call from this page: the microphone, a peer connection, and the socket that belongs to it
 * (cti_server/wire/web_calls.py). Event "changed" whenever `state` is another one.
 */

import type { components } from "../generated/stream";

type Told = components["schemas"]["WebCallTold"];
type Said = components["schemas"]["WebCallSaid"];

type WebCallState = "calling" | "talking" | "over";

export class WebCall extends EventTarget {
  state: WebCallState = "calling";
  /** Why it is over: a reason of the server's, "lost", or "microphone". */
  reason: string | null = null;
  /** What the server says of a refusal. */
  detail: string | null = null;
  readonly #sound: HTMLAudioElement;
  #socket: WebSocket | null = null;
  #connection: RTCPeerConnection | null = null;
  #microphone: MediaStream | null = null;

  /** `sound` plays what is heard. */
  constructor(sound: HTMLAudioElement) {
    super();
    this.#sound = sound;
  }

  /** Never rejects: `state` and `reason` tell. */
  async begin(number: string): Promise<void> {
    try {
      this.#microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      this.#end("microphone");
      return;
    }
    if (this.state === "over") return void this.#release(); // given up meanwhile
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#connection = connection;
    for (const track of this.#microphone.getTracks()) connection.addTrack(track, this.#microphone);
    connection.ontrack = ({ track }) => {
      this.#sound.srcObject = new MediaStream([track]);
    };
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === "failed") void this.#offerAgain();
    };
    await connection.setLocalDescription(await connection.createOffer());
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/api/v1/web-calls/socket`);
    this.#socket = socket;
    socket.onopen = () => this.#say({ type: "call", number, sdp: connection.localDescription!.sdp });
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)));
    socket.onclose = () => this.#end("lost"); // unless it has ended already
  }

  /** A key: in the sound where the browser can, else in words. */
  press(key: string): void {
    const sender = this.#connection?.getSenders()[0]?.dtmf;
    if (sender?.canInsertDTMF) sender.insertDTMF(key, 120, 70);
    else this.#say({ type: "keys", keys: key });
  }

  hangUp(): void {
    this.#say({ type: "hang_up" });
    this.#end("caller-hung-up");
  }

  async #hear(message: Told): Promise<void> {
    switch (message.type) {
      case "answer":
        await this.#connection?.setRemoteDescription({ type: "answer", sdp: message.sdp });
        break;
      case "connected":
        this.#be("talking");
        break;
      case "ended":
        this.#end(message.reason);
        break;
      case "refused":
        if (this.state === "talking") break; // of a key or a restart: the call goes on
        this.detail = message.detail;
        this.#end(message.problem);
        break;
    }
  }

  async #offerAgain(): Promise<void> {
    const connection = this.#connection;
    if (!connection || this.state === "over") return;
    await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));
    this.#say({ type: "restart", sdp: connection.localDescription!.sdp });
  }

  #say(message: Said): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #end(reason: string): void {
    if (this.state === "over") return;
    this.reason = reason;
    this.#release();
    this.#be("over");
  }

  #release(): void {
    this.#socket?.close(1000);
    this.#connection?.close();
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#sound.srcObject = null;
  }

  #be(state: WebCallState): void {
    this.state = state;
    this.dispatchEvent(new Event("changed"));
  }
}
