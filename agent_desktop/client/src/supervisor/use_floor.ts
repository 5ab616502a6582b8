import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { end } from "../session/session";
import { Floor, type FloorWishes } from "./floor";
import { type FloorState, NOTHING } from "./floor_state";

export const FloorContext = createContext<Floor | null>(null);

/** A floor that is followed while whoever calls this is on the page. */
export function useOpenFloor(token: string | null, wishes: FloorWishes): Floor | null {
  const { channels, levels, waiting, alerts } = wishes;
  const [floor, setFloor] = useState<Floor | null>(null);
  useEffect(() => {
    if (!token) return;
    const opened = new Floor({ channels, levels, waiting, alerts }, () => end("expired"));
    setFloor(opened);
    return () => {
      opened.close();
      setFloor(null);
    };
  }, [token, channels, levels, waiting, alerts]);
  return floor;
}

export function useFloor(): Floor | null {
  return useContext(FloorContext);
}

/** Drawn again when anything of it changes. */
export function useFloorState(): FloorState {
  const floor = useContext(FloorContext);
  return useSyncExternalStore(
    (listener) => {
      floor?.addEventListener("changed", listener);
      return () => floor?.removeEventListener("changed", listener);
    },
    () => floor?.state ?? NOTHING,
  );
}
