import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Card, Empty } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Checkbox } from "../../parts/Fields";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";

/** Whether this queue's agents have to record an outcome; holds from the next conversation's end on. */
export function DispositionRule({ queue }: { queue: string }) {
  const { word } = useWords();
  const queries = useQueryClient();
  const key = ["disposition-rule", queue];
  const params = { path: { queue } };
  const rule = useQuery({
    queryKey: key,
    queryFn: () => got(api.GET("/api/v1/queues/{queue}/disposition-rule", { params })),
  });
  const { busy, failure, attempt } = useDone();
  async function become(required: boolean) {
    await attempt(async () => {
      const body = { required };
      const told = await got(api.PUT("/api/v1/queues/{queue}/disposition-rule", { params, body }));
      queries.setQueryData(key, told);
    });
  }
  return (
    <Card id="disposition-rule" title={word("queues.rule")}>
      <Failure of={rule.error} />
      <Failure of={failure} exact />
      {rule.isPending && <Empty>{word("loading")}</Empty>}
      {rule.data && (
        <Checkbox
          isSelected={rule.data.required}
          isDisabled={busy}
          onChange={(required) => void become(required)}
        >
          {word("queues.ruleRequired")}
        </Checkbox>
      )}
    </Card>
  );
}
