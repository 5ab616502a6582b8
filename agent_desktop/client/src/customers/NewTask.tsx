import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../parts/Button";
import { Failure } from "../parts/Failure";
import { TextField } from "../parts/Fields";
import { useTyped } from "../parts/useTyped";
import { api, got } from "../server/rest";
import { useWords } from "../words/words";

/** Something that one is to do oneself, for this customer or for nobody in particular. */
export function NewTask({ customer = null }: { customer?: string | null }) {
  const { word } = useWords();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const { busy, failure, submit } = useTyped(async (text) => {
    const due = text("due");
    const due_at = due ? new Date(due).toISOString() : null;
    const body = { title: text("title").trim(), due_at, customer_id: customer };
    await got(api.POST("/api/v1/tasks", { body }));
    setOpen(false);
    void queries.invalidateQueries({ queryKey: ["to-do", "tasks"] });
    void queries.invalidateQueries({ queryKey: ["timeline"] });
  });
  if (!open)
    return (
      <div className="buttons">
        <Button id="new-task" onPress={() => setOpen(true)}>
          {word("newTask")}
        </Button>
      </div>
    );
  return (
    <form id="task" className="stack" onSubmit={(event) => void submit(event)}>
      <TextField
        name="title"
        label={word("taskTitle")}
        autoComplete="off"
        maxLength={200}
        isRequired
        autoFocus
      />
      <TextField name="due" type="datetime-local" label={word("taskDue")} />
      <Failure of={failure} />
      <div className="buttons">
        <Button type="submit" look="primary" isDisabled={busy}>
          {word("create")}
        </Button>
        <Button look="quiet" onPress={() => setOpen(false)}>
          {word("cancel")}
        </Button>
      </div>
    </form>
  );
}
