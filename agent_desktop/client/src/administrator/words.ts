/** The words of the administrator's pages, in both languages. */

export const en = {};

export const zh: Record<keyof typeof en, string> = {};
