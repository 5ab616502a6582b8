/** The words of the agent's page beyond the call, in both languages. */

export const en = {};

export const zh: Record<keyof typeof en, string> = {};
