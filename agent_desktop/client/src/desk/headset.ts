/** The keys and lights of a headset (WebHID): hook switch and mute do what the page's buttons do. */

import { createContext, useEffect, useState } from "react";
import type { Desk } from "./desk";
import {
  heard,
  type Keys,
  type Layout,
  type Lights,
  layoutOf,
  lit,
  TELEPHONY,
  wanted,
} from "./headset_reports";
import { type HidDevice, type HidInput, hid } from "./hid";

const UP: Keys = { hook: false, mute: false };

interface HeadsetShown {
  supported: boolean;
  name: string | null;
  /** Has the browser ask for one: only when somebody presses a button. */
  ask(): Promise<void>;
}

const NONE: HeadsetShown = { supported: false, name: null, ask: () => Promise.resolve() };

/** The one of the page, whose keys work wherever the agent looks. */
export const HeadsetContext = createContext(NONE);

/** The headset that the agent has let this page use, for as long as there is a desk. */
export function useHeadset(desk: Desk | null): HeadsetShown {
  const [device, setDevice] = useState<HidDevice | null>(null);
  useEffect(() => {
    if (!hid) return;
    const life = new AbortController();
    const look = async () => {
      const [first] = (await hid!.getDevices()).filter(isHeadset);
      if (!life.signal.aborted) setDevice(first ?? null);
    };
    void look();
    hid.addEventListener("connect", look, { signal: life.signal });
    hid.addEventListener("disconnect", look, { signal: life.signal });
    return () => life.abort();
  }, []);
  useEffect(() => (device && desk ? follow(device, desk) : undefined), [device, desk]);
  return {
    supported: hid !== null,
    name: device?.productName ?? null,
    async ask() {
      const [chosen] = (await hid?.requestDevice({ filters: [{ usagePage: TELEPHONY }] })) ?? [];
      if (chosen) setDevice(chosen);
    },
  };
}

function isHeadset({ collections }: HidDevice): boolean {
  return layoutOf(collections).hook !== null;
}

/** Its keys act on the desk, and the desk's calls light it; what comes back ends that. */
function follow(device: HidDevice, desk: Desk): () => void {
  const life = new AbortController();
  const { signal } = life;
  const layout = layoutOf(device.collections);
  let keys = UP;
  let shown = "";
  const light = () => {
    const lights = lightsFor(desk);
    const now = JSON.stringify(lights);
    if (now === shown || !device.opened) return;
    shown = now;
    void send(device, layout, lights);
  };
  const pressed = (event: Event) => {
    const { reportId, data } = event as HidInput;
    const now = heard(layout, keys, reportId, data);
    const wish = wanted(keys, now, stateOf(desk));
    keys = now;
    if (wish === "answer") void desk.answer();
    if (wish === "hang_up") void desk.hangUp();
    if (wish === "mute") void desk.act({ type: "mute", on: !desk.call?.talk?.muted });
  };
  const open = device.opened ? Promise.resolve() : device.open();
  open.then(
    () => {
      if (signal.aborted) return;
      device.addEventListener("inputreport", pressed, { signal });
      desk.addEventListener("changed", light, { signal });
      light();
    },
    () => {}, // another program has it: its keys do what that one wants
  );
  return () => {
    life.abort();
    void device.close();
  };
}

function stateOf({ call }: Desk): "none" | "ringing" | "talking" {
  if (!call) return "none";
  return call.state === "ringing" ? "ringing" : "talking";
}

function lightsFor(desk: Desk): Lights {
  const state = stateOf(desk);
  return { offHook: state === "talking", ring: state === "ringing", mute: desk.call?.talk?.muted ?? false };
}

async function send(device: HidDevice, layout: Layout, lights: Lights): Promise<void> {
  for (const [report, bytes] of lit(layout, lights)) await device.sendReport(report, bytes).catch(() => {}); // unplugged: "disconnect" says so
}
