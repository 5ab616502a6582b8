import { Phone } from "lucide-react";
import { type Customer, isMasked } from "../../customers/CustomerRecord";
import type { Desk } from "../../desk/desk";
import { Button } from "../../parts/Button";
import { useWords } from "../../words/words";

interface DialProps {
  desk: Desk;
  customer: Customer;
  number: string;
  first: boolean;
  queue: string;
}

/** A number that is hidden is dialled by whose it is, which is possible for the first one. */
export function DialButton({ desk, customer, number, first, queue }: DialProps) {
  const { word } = useWords();
  const { queues } = desk.lists;
  const onBehalfOf = queues.includes(queue) ? queue : queues[0];
  const hidden = isMasked(number);
  if (!onBehalfOf || (hidden && !first)) return null;
  function dial() {
    if (hidden) void desk.dialCustomer(customer.id, onBehalfOf!);
    else void desk.dial(number, onBehalfOf!);
  }
  return (
    <Button aria-label={`${word("dial")} ${number}`} isDisabled={desk.call !== null} onPress={dial}>
      <Phone />
    </Button>
  );
}
