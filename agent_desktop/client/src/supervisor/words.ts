/** The words of the supervisor's pages, in both languages. */

export const en = {};

export const zh: Record<keyof typeof en, string> = {};
