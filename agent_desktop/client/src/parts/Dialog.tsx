import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useWords } from "../words/words";
import { Button } from "./Button";

export interface DialogProps {
  title: ReactNode;
  isOpen: boolean;
  onClose(): void;
  wide?: boolean;
  /** What is in it is shown this once: a click beside it does not close it. */
  isShownOnce?: boolean;
  children: ReactNode;
}

/** Above the page until it is closed: by its button, Escape, or what is done in it. */
export function Dialog({ title, isOpen, onClose, wide = false, isShownOnce = false, children }: DialogProps) {
  const { word } = useWords();
  return (
    <ModalOverlay
      className="veil"
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isShownOnce}
    >
      <Modal>
        <AriaDialog className={`dialog ${wide ? "wide" : ""}`}>
          <div className="page-head">
            <Heading slot="title">{title}</Heading>
            <span className="gap" />
            <Button look="quiet" aria-label={word("close")} onPress={onClose}>
              <X />
            </Button>
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
