import { describe, expect, it } from "vitest";
import { columnsOf } from "./peaks";

const STEREO = {
  channels: 2,
  bits: 8,
  length: 4,
  data: [-64, 64, 0, 0, -32, 96, 0, 0, 0, 0, -128, 127, 0, 0, -1, 1],
};

describe("the columns of a waveform", () => {
  it("are as many as are wanted, each of its own channel", () => {
    expect(columnsOf(STEREO, 0, 2)).toEqual([
      [-0.5, 0.75],
      [0, 0],
    ]);
    expect(columnsOf(STEREO, 1, 2)).toEqual([
      [0, 0],
      [-1, 127 / 128],
    ]);
  });

  it("may be more than there are peaks", () => {
    expect(columnsOf(STEREO, 0, 8)).toHaveLength(8);
    expect(columnsOf({ ...STEREO, length: 0, data: [] }, 0, 3)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });
});
