import { OptionalNumber } from "../../parts/OptionalNumber";
import { useWords } from "../../words/words";

interface PlaceFieldProps {
  value: number | null;
  onChange(value: number | null): void;
  maxValue?: number;
  isRequired?: boolean;
}

/** Where in the order of its kind something stands; what has the lower number comes first. */
export function PlaceField({ maxValue = 10_000, ...more }: PlaceFieldProps) {
  const { word } = useWords();
  return (
    <OptionalNumber
      name="position"
      label={word("placeInOrder")}
      hint={word("placeInOrderHint")}
      minValue={0}
      maxValue={maxValue}
      {...more}
    />
  );
}
