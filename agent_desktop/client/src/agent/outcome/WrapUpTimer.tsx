import type { WrapUp } from "../../desk/agent_now";
import type { Desk } from "../../desk/desk";
import { showTrouble } from "../../desk/seat";
import { Button } from "../../parts/Button";
import { Pill } from "../../parts/Card";
import { length, useNow } from "../../parts/time";
import { api, got } from "../../server/rest";
import { useWords, whyNot } from "../../words/words";

const MORE = 60; // s
const LITTLE = 10; // s left, from which it is shown as urgent

/** How much of the wrap-up is left, and more of it while the queue allows. */
export function WrapUpTimer({ desk, wrapUp }: { desk: Desk; wrapUp: WrapUp }) {
  const { word } = useWords();
  const now = useNow();
  const left = (Date.parse(wrapUp.until) - now) / 1000;
  const more = Date.parse(wrapUp.extendable_until) > Math.max(now, Date.parse(wrapUp.until));
  function extend() {
    const params = { path: { agent_id: desk.agent?.id ?? "" } };
    got(api.POST("/api/v1/agents/{agent_id}/wrap-up/extension", { params, body: { seconds: MORE } })).catch(
      (error) => showTrouble(() => whyNot(error)),
    );
  }
  return (
    <>
      <Pill id="wrap-up-left" kind={left > LITTLE ? "warn" : "bad"}>
        {left > 0 ? `${word("wrapUpLeft")} ${length(left)}` : word("wrapUpOver")}
      </Pill>
      {more && (
        <Button id="extend-wrap-up" onPress={extend}>
          {word("extendWrapUp", { seconds: MORE })}
        </Button>
      )}
    </>
  );
}
