/** The words of recordings and their reviews, in both languages. */

export const en = {};

export const zh: Record<keyof typeof en, string> = {};
