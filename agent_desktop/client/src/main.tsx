import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { forgetSearch } from "./recordings/search";
import { Refusal } from "./server/rest";
import { whenAnother } from "./session/session";
import { App } from "./shell/App";
import { Boundary } from "./shell/Boundary";
import { Languages } from "./words/Languages";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/fields.css";
import "./styles/lists.css";
import "./styles/tables.css";
import "./styles/overlays.css";
import "./styles/shell.css";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => !(error instanceof Refusal) && failures < 3, // a refusal stays one
    },
  },
});

whenAnother(() => {
  queries.clear();
  forgetSearch();
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Languages>
        <Boundary>
          <App />
        </Boundary>
      </Languages>
    </QueryClientProvider>
  </StrictMode>,
);
