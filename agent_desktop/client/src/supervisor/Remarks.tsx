/** What a supervisor writes to an agent: a line on the screen now, or a note to speak about later. */

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../parts/Button";
import { TextField } from "../parts/Fields";
import { api, got } from "../server/rest";
import { useWords } from "../words/words";
import { useAct } from "./act";

interface RemarkProps {
  id: string;
  label: string;
  button: string;
  longest: number;
  lines?: number;
  keep(text: string): Promise<unknown>;
}

function Remark({ id, label, button, longest, lines, keep }: RemarkProps) {
  const { word } = useWords();
  const { busy, act } = useAct();
  const [text, setText] = useState("");
  const [sent, setSent] = useState(false);
  async function submit(event: FormEvent) {
    event.preventDefault();
    const said = text.trim();
    if (!said || !(await act(() => keep(said)))) return;
    setText("");
    setSent(true);
  }
  function type(news: string) {
    setText(news);
    setSent(false);
  }
  return (
    <Form id={id} className="remark" onSubmit={(event) => void submit(event)}>
      <TextField label={label} value={text} onChange={type} maxLength={longest} lines={lines} />
      <Button type="submit" isDisabled={busy || !text.trim()}>
        {button}
      </Button>
      <span role="status">{sent && word("contact.sent")}</span>
    </Form>
  );
}

export function Nudge({ contact, agent }: { contact: string; agent: string | null }) {
  const { word } = useWords();
  const params = { path: { contact_id: contact } };
  return (
    <Remark
      id="nudge"
      label={word("contact.nudge")}
      button={word("contact.send")}
      longest={500}
      keep={(text) =>
        got(api.POST("/api/v1/contacts/{contact_id}/nudge", { params, body: { text, agent_id: agent } }))
      }
    />
  );
}

export function Coaching({ contact, agent }: { contact: string; agent: string }) {
  const { word } = useWords();
  const queries = useQueryClient();
  const params = { path: { contact_id: contact } };
  return (
    <Remark
      id="coaching"
      label={word("contact.coaching")}
      button={word("save")}
      longest={2000}
      lines={3}
      keep={async (text) => {
        await got(
          api.POST("/api/v1/contacts/{contact_id}/coaching", { params, body: { text, agent_id: agent } }),
        );
        void queries.invalidateQueries({ queryKey: ["contact", contact] });
      }}
    />
  );
}
