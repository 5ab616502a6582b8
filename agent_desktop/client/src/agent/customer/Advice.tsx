/** What the agent had best do for this customer, and what became of it. */

import { Check, X } from "lucide-react";
import { useState } from "react";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import type { ScreenPop } from "../../server/told";
import { inLanguage, useWords } from "../../words/words";

type Answer = "accepted" | "declined";

export function Advice({ pop }: { pop: ScreenPop }) {
  const { word } = useWords();
  const { busy, failure, attempt } = useDone();
  const [said, setSaid] = useState<Record<string, Answer>>({});
  const { actions } = pop.customer;
  if (!actions.length) return null;
  async function answer(rule: string, what: Answer) {
    const path = { contact_id: pop.contact_id };
    const body = { rule_id: rule, answer: what };
    const done = await attempt(() =>
      got(api.POST("/api/v1/contacts/{contact_id}/next-actions", { params: { path }, body })),
    );
    if (done) setSaid((before) => ({ ...before, [rule]: what }));
  }
  return (
    <div className="advice" id="advice">
      <h3>{word("advice")}</h3>
      <ul className="listed">
        {actions.map(({ rule_id, labels }) => (
          <li key={rule_id} className="item">
            <span className="gap">{inLanguage(labels)}</span>
            {(["accepted", "declined"] as const).map((what) => (
              <Button
                key={what}
                aria-pressed={said[rule_id] === what}
                isDisabled={busy}
                onPress={() => void answer(rule_id, what)}
              >
                {what === "accepted" ? <Check /> : <X />}
                {word(what)}
              </Button>
            ))}
          </li>
        ))}
      </ul>
      <Failure of={failure} />
    </div>
  );
}
