import { Button as AriaButton, type ButtonProps as AriaProps } from "react-aria-components";

export interface ButtonProps extends Omit<AriaProps, "className" | "style"> {
  look?: "plain" | "primary" | "go" | "stop" | "quiet";
  big?: boolean;
}

export function Button({ look = "plain", big = false, ...more }: ButtonProps) {
  return <AriaButton {...more} className={`button ${look}${big ? " big" : ""}`} />;
}
