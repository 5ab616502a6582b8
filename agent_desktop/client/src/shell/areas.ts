/** The pages, and which permission opens each. */

import {
  AudioLines,
  AudioWaveform,
  Contact,
  Headset,
  LayoutDashboard,
  type LucideIcon,
  Settings2,
  Target,
} from "lucide-react";
import { type Account, may } from "../session/session";
import type { CommonWord } from "../words/words";

export interface Area {
  path: string;
  name: CommonWord;
  Icon: LucideIcon;
  /** One of these is enough. */
  needs: readonly string[];
}

/** What opens a page of administrators: each that `administrator/pages.ts` names, which others do not load. */
const ADMINISTER = [
  "routing.manage",
  "users.manage",
  "users.read",
  "keys.manage",
  "forms.manage",
  "tickets.types",
  "templates.manage",
  "customers.schema",
  "system.read",
  "alerts.manage",
  "audit.read",
];

const AREAS: readonly Area[] = [
  { path: "/", name: "desk", Icon: Headset, needs: ["stream"] },
  { path: "/customers", name: "customers", Icon: Contact, needs: ["customers.read"] },
  { path: "/supervisor", name: "floor.title", Icon: LayoutDashboard, needs: ["floor.read"] },
  { path: "/supervisor/channels", name: "channels", Icon: AudioWaveform, needs: ["channels.watch"] },
  { path: "/targets", name: "targets", Icon: Target, needs: ["reports.read"] },
  {
    path: "/recordings",
    name: "recordings",
    Icon: AudioLines,
    needs: ["recordings.read", "quality.read", "quality.review", "quality.own"],
  },
  { path: "/administrator", name: "administrator", Icon: Settings2, needs: ADMINISTER },
];

export function mayAdminister(account: Account): boolean {
  return ADMINISTER.some((permission) => may(account, permission));
}

export function areasOf(account: Account): Area[] {
  return AREAS.filter(({ needs }) => needs.some((permission) => may(account, permission)));
}
