import { Pill } from "../../parts/Card";
import { serverNow } from "../../server/clock";
import { useWords } from "../../words/words";
import { type ApiKey, stateOf } from "./key";

const LOOKS = { live: "good", expired: "plain", revoked: "bad" } as const;

export function KeyState({ of }: { of: ApiKey }) {
  const { word } = useWords();
  const state = stateOf(of, serverNow());
  return <Pill kind={LOOKS[state]}>{word(`keyState.${state}`)}</Pill>;
}
