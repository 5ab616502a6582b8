import { Refusal } from "../server/rest";
import { whyNot } from "../words/words";

interface FailureProps {
  of: unknown;
  /** With the server's own words, which name the field and the rule: for who defines things. */
  exact?: boolean;
}

/** Why something was not done; nothing where nothing failed. */
export function Failure({ of, exact = false }: FailureProps) {
  if (!of) return null;
  const why = whyNot(of);
  const detail = exact && of instanceof Refusal && !why.includes(of.message) ? of.message : null;
  return (
    <p className="alert" data-kind="bad" role="alert">
      {why}
      {detail && <span lang="en"> {detail}</span>}
    </p>
  );
}
