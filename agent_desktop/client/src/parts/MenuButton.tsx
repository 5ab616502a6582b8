import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button } from "./Button";
import type { Option } from "./Fields";

interface MenuButtonProps {
  id: string;
  label: string;
  /** What the list is of. */
  of: string;
  options: readonly Option[];
  choose(id: string): void;
}

/** A button that opens a list of what can be done. Nothing is done before one is chosen: arrows only look. */
export function MenuButton({ id, label, of, options, choose }: MenuButtonProps) {
  return (
    <MenuTrigger>
      <Button id={id}>
        {label}
        <span aria-hidden="true">▾</span>
      </Button>
      <Popover className="popover">
        <Menu aria-label={of} items={options} onAction={(chosen) => choose(String(chosen))}>
          {(one) => (
            <MenuItem id={one.id} className="option" textValue={one.label}>
              {one.label}
            </MenuItem>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
