/** What is shown where a page broke: a way out, instead of nothing at all. */

import { Component, type ReactNode } from "react";
import { Button } from "../parts/Button";
import { useWords } from "../words/words";

interface BoundaryProps {
  /** Another place is tried anew. */
  place?: string;
  children: ReactNode;
}

interface Broken {
  error: unknown;
  place: string | undefined;
}

export class Boundary extends Component<BoundaryProps, { broken: Broken | null }> {
  override state: { broken: Broken | null } = { broken: null };

  static getDerivedStateFromError(error: unknown): { broken: Broken } {
    return { broken: { error, place: undefined } };
  }

  static getDerivedStateFromProps(
    { place }: BoundaryProps,
    { broken }: { broken: Broken | null },
  ): { broken: Broken | null } {
    if (!broken) return { broken };
    if (broken.place === undefined) return { broken: { ...broken, place } }; // it has just broken, here
    return { broken: broken.place === place ? broken : null };
  }

  override render(): ReactNode {
    return this.state.broken ? <Reload error={this.state.broken.error} /> : this.props.children;
  }
}

function Reload({ error }: { error: unknown }) {
  const { word } = useWords();
  return (
    <div className="card stack" id="broken" role="alert">
      <p>{word("pageBroken")}</p>
      <p className="muted">{String(error)}</p>
      <div className="buttons">
        <Button id="reload" look="primary" onPress={() => location.reload()}>
          {word("reload")}
        </Button>
      </div>
    </div>
  );
}
