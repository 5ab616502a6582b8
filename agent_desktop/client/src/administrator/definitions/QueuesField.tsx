import { ChoicesField } from "../../parts/ChoicesField";
import { Failure } from "../../parts/Failure";
import { useWords } from "../../words/words";
import { useQueueOptions } from "./options";

/** For whose contacts something is; for all where none is chosen. */
export function QueuesField({
  chosen,
  onChange,
}: {
  chosen: readonly string[];
  onChange(to: string[]): void;
}) {
  const { word } = useWords();
  const { options, error } = useQueueOptions();
  return (
    <>
      <Failure of={error} />
      <ChoicesField
        label={word("forQueues")}
        hint={word("forQueuesHint")}
        options={options}
        chosen={chosen}
        onChange={onChange}
      />
    </>
  );
}
