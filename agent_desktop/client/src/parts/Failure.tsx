import { whyNot } from "../words/words";

/** Why something was not done; nothing where nothing failed. */
export function Failure({ of }: { of: unknown }) {
  return of ? (
    <p className="alert" data-kind="bad" role="alert">
      {whyNot(of)}
    </p>
  ) : null;
}
