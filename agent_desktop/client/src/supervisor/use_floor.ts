import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { end } from "../session/session";
import { Floor, type FloorHello, type FloorWishes } from "./floor";
import { type FloorState, NOTHING } from "./floor_state";

export const FloorContext = createContext<Floor | null>(null);

const WALL = { wall: true } as const;

/** A floor that is followed while whoever calls this is on the page. */
export function useOpenFloor(token: string | null, wishes: FloorWishes): Floor | null {
  const { channels, levels, waiting, alerts } = wishes;
  const hello = useMemo(
    () => ({ floor: true, figures: true, channels, levels, waiting, alerts }) as const,
    [channels, levels, waiting, alerts],
  );
  return useOpened(token, hello);
}

/** Of which nothing is told but the figures of queues and centre. */
export function useOpenWall(token: string | null): Floor | null {
  return useOpened(token, WALL);
}

function useOpened(token: string | null, hello: FloorHello): Floor | null {
  const [floor, setFloor] = useState<Floor | null>(null);
  useEffect(() => {
    if (!token) return;
    const opened = new Floor(hello, () => end("expired"));
    setFloor(opened);
    return () => {
      opened.close();
      setFloor(null);
    };
  }, [token, hello]);
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
