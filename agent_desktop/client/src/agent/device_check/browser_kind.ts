/** Whose menus the help for the microphone describes. */

export type BrowserKind = "edge" | "chromium" | "firefox" | "safari";

export function browserOf(agent: string): BrowserKind {
  if (agent.includes("Firefox/")) return "firefox";
  if (agent.includes("Edg/")) return "edge";
  return agent.includes("Safari/") && !agent.includes("Chrom") ? "safari" : "chromium";
}

export const browserNow = (): BrowserKind => browserOf(navigator.userAgent);
