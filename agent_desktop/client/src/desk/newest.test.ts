import { expect, it } from "vitest";
import { Newest } from "./newest";

it("does one thing at a time, and the newest last, whatever becomes of those before", async () => {
  const newest = new Newest();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const savings = ["a", "ab", "abc", "abcd"].map((text) => () => {
    begun.push(text);
    return new Promise<void>((done, failed) => ends.push(text === "a" ? () => failed(new Error()) : done));
  });
  const settled = () => new Promise((done) => setTimeout(done));

  for (const saving of savings.slice(0, 3)) newest.do(saving);
  expect(begun).toEqual(["a"]);
  ends[0]!();
  await settled();
  expect(begun).toEqual(["a", "abc"]);
  ends[1]!();
  await settled();
  newest.do(savings[3]!);
  expect(begun).toEqual(["a", "abc", "abcd"]);
});
