/** What can be typed into or chosen from; each with its label, hint and what is wrong with it. */

import { Check } from "lucide-react";
import type { ReactNode } from "react";
import {
  Checkbox as AriaCheckbox,
  NumberField as AriaNumberField,
  Select as AriaSelect,
  TextField as AriaTextField,
  Button,
  type CheckboxProps,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  type NumberFieldProps,
  Popover,
  SelectValue,
  Text,
  TextArea,
  type TextFieldProps,
} from "react-aria-components";

interface Labelled {
  label: ReactNode;
  hint?: ReactNode;
}

export interface TextProps extends Omit<TextFieldProps, "className" | "style" | "children">, Labelled {
  lines?: number;
  placeholder?: string;
  /** Of a number: "any" lets fractions in. */
  step?: number | "any";
}

export function TextField({ label, hint, lines = 1, placeholder, step, ...more }: TextProps) {
  return (
    <AriaTextField {...more} className="field">
      <Label>{label}</Label>
      {lines > 1 ? (
        <TextArea rows={lines} placeholder={placeholder} />
      ) : (
        <Input placeholder={placeholder} step={step} />
      )}
      <Below hint={hint} />
    </AriaTextField>
  );
}

export function NumberField({
  label,
  hint,
  ...more
}: Omit<NumberFieldProps, "className" | "style" | "children"> & Labelled) {
  return (
    <AriaNumberField {...more} className="field">
      <Label>{label}</Label>
      <Input />
      <Below hint={hint} />
    </AriaNumberField>
  );
}

function Below({ hint }: { hint?: ReactNode }) {
  return (
    <>
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="error" />
    </>
  );
}

export interface Option {
  id: string;
  label: string;
}

export interface SelectProps extends Labelled {
  options: readonly Option[];
  value: string | null;
  onChange(value: string): void;
  id?: string;
  isDisabled?: boolean;
  isRequired?: boolean;
  placeholder?: string;
}

export function Select({ label, hint, options, value, onChange, placeholder, ...more }: SelectProps) {
  return (
    <AriaSelect
      {...more}
      className="field"
      placeholder={placeholder ?? "—"}
      value={value}
      onChange={(key) => onChange(String(key))}
    >
      <Label>{label}</Label>
      <Button className="button">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </Button>
      <Below hint={hint} />
      <Popover className="popover">
        <ListBox items={options}>
          {(option) => (
            <ListBoxItem id={option.id} className="option" textValue={option.label}>
              {option.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export function Checkbox({
  children,
  ...more
}: Omit<CheckboxProps, "className" | "style"> & { children: ReactNode }) {
  return (
    <AriaCheckbox {...more} className="choice">
      {({ isSelected }) => (
        <>
          <span className="box" aria-hidden="true">
            {isSelected && <Check />}
          </span>
          {children}
        </>
      )}
    </AriaCheckbox>
  );
}
