import { ToggleButton as AriaToggleButton, type ToggleButtonProps } from "react-aria-components";

/** A button that shows whether it is on. */
export function ToggleButton(props: Omit<ToggleButtonProps, "className" | "style">) {
  return <AriaToggleButton {...props} className="button plain" />;
}
