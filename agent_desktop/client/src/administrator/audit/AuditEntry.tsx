import { Facts } from "../../parts/Card";
import { Drawer } from "../../parts/Drawer";
import { moment } from "../../parts/time";
import { useWords } from "../../words/words";
import { type Entry, linesOf } from "./wanted";

export function AuditEntry({ of, onClose }: { of: Entry; onClose(): void }) {
  const { word, named } = useWords();
  const { sequence, at, actor, action, record, record_id, details, hash, event_sequence } = of;
  return (
    <Drawer title={word("audit.entry", { sequence })} about={String(sequence)} onClose={onClose}>
      <Facts
        facts={[
          [word("audit.at"), moment(at)],
          [word("audit.actor"), actor || word("audit.nobody")],
          [word("audit.action"), named("auditAction", action)],
          [word("audit.record"), `${named("auditRecord", record)} · ${record_id}`],
          ...linesOf(details).map(([name, value]) => [named("auditDetail", name), value] as const),
          [word("audit.event"), event_sequence],
          [word("audit.hash"), <code key="hash">{hash}</code>],
        ]}
      />
    </Drawer>
  );
}
