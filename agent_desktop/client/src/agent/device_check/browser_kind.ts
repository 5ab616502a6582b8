/** Whose menus the help for the microphone describes. */

type BrowserKind = "edge" | "chromium" | "firefox" | "safari";

function browserOf(agent: string): BrowserKind {
  if (agent.includes("Firefox/")) return "firefox";
  if (agent.includes("Edg/")) return "edge";
  return agent.includes("Safari/") && !agent.includes("Chrom") ? "safari" : "chromium";
}

export const browserNow = (): BrowserKind => browserOf(navigator.userAgent);
