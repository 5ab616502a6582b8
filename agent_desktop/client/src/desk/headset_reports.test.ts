import { describe, expect, it } from "vitest";
import { heard, layoutOf, lit, wanted } from "./headset_reports";
import type { HidCollection } from "./hid";

/** As many USB headsets have it: keys in report 8, lights in reports 9 and 11. */
const HEADSET: HidCollection[] = [
  {
    usagePage: 0x0b,
    usage: 5,
    inputReports: [
      {
        reportId: 8,
        items: [
          { usages: [0x0b0020, 0x0b0097], reportSize: 1, reportCount: 2 },
          { usages: [0x0b002f], reportSize: 1, reportCount: 1 },
          { reportSize: 13, reportCount: 1 },
        ],
      },
    ],
    outputReports: [
      {
        reportId: 9,
        items: [
          { usages: [0x080017, 0x080009], reportSize: 1, reportCount: 2 },
          { reportSize: 6, reportCount: 1 },
        ],
      },
      {
        reportId: 11,
        items: [
          { reportSize: 3, reportCount: 3 },
          { usages: [0x080018], reportSize: 1, reportCount: 1 },
        ],
      },
    ],
  },
];
const UP = { hook: false, mute: false };
const data = (...bytes: number[]) => new DataView(Uint8Array.from(bytes).buffer);

describe("a headset", () => {
  const layout = layoutOf(HEADSET);

  it("tells its keys by the bits that its description names", () => {
    expect(heard(layout, UP, 8, data(0b001, 0))).toEqual({ hook: true, mute: false });
    expect(heard(layout, UP, 8, data(0b100, 0))).toEqual({ hook: false, mute: true });
    expect(heard(layout, UP, 8, data(0b010, 0xff))).toEqual(UP);
  });

  it("says nothing of them in other reports, nor in short ones", () => {
    expect(heard(layout, { hook: true, mute: true }, 7, data(0))).toEqual({ hook: true, mute: true });
    expect(heard(layout, UP, 8, data())).toEqual(UP);
  });

  it("may have its keys as a range, as an array, or further inside", () => {
    const range = layoutOf([
      {
        inputReports: [
          {
            items: [
              {
                isRange: true,
                usageMinimum: 0x0b0020,
                usageMaximum: 0x0b002f,
                reportSize: 1,
                reportCount: 16,
              },
            ],
          },
        ],
      },
    ]);
    expect(heard(range, UP, 0, data(0, 0x80))).toEqual({ hook: false, mute: true });
    const array = layoutOf([
      {
        children: [
          {
            inputReports: [
              { items: [{ isArray: true, usages: [0x0b0020, 0x0b002f], reportSize: 8, reportCount: 1 }] },
            ],
          },
        ],
      },
    ]);
    expect(heard(array, UP, 0, data(2))).toEqual({ hook: false, mute: true });
    expect(heard(array, UP, 0, data(1))).toEqual({ hook: true, mute: false });
  });

  it("is lit by whole reports, each of its own length", () => {
    expect([...lit(layout, { offHook: true, ring: false, mute: true })]).toEqual([
      [9, Uint8Array.of(0b11)],
      [11, Uint8Array.of(0, 0)],
    ]);
    expect(lit(layout, { offHook: false, ring: true, mute: false }).get(11)).toEqual(Uint8Array.of(0, 0b10));
    expect(lit(layoutOf([]), { offHook: true, ring: true, mute: true }).size).toBe(0);
  });

  it("answers, hangs up and mutes, and repeats what it was told without harm", () => {
    const off = { hook: true, mute: false };
    expect(wanted(UP, off, "ringing")).toBe("answer");
    expect(wanted(UP, off, "talking")).toBeNull();
    expect(wanted(off, UP, "talking")).toBe("hang_up");
    expect(wanted(off, UP, "none")).toBeNull();
    expect(wanted(off, { ...off, mute: true }, "talking")).toBe("mute");
    expect(wanted({ ...off, mute: true }, off, "talking")).toBeNull();
  });
});
