import { expect, it } from "vitest";
import { bytes } from "./bytes";

it("takes the largest unit of which there is one", () => {
  expect([0, 999, 1000, 1_500_000, 25e9, 3.2e12].map(bytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "1.5 MB",
    "25 GB",
    "3.2 TB",
  ]);
});
