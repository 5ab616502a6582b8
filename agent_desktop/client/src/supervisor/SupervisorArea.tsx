/** The supervisor's seat: one floor that all of its pages draw. */

import { lazy, Suspense } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { may, useSession } from "../session/session";
import { useWords } from "../words/words";
import { FloorDrawer } from "./FloorDrawer";
import { FloorPage } from "./FloorPage";
import { QueuePage } from "./QueuePage";
import { FloorContext, useOpenFloor } from "./use_floor";
import "./supervisor.css";

const ChannelsPage = lazy(() => import("./ChannelsPage"));

export default function SupervisorArea() {
  const { word } = useWords();
  const { token, account } = useSession();
  const channels = may(account, "channels.watch");
  const { pathname } = useLocation();
  const levels = channels && pathname === "/supervisor/channels"; // elsewhere nothing shows them
  const alerts = may(account, "alerts.read");
  const floor = useOpenFloor(token, { channels, levels, waiting: true, alerts });
  return (
    <FloorContext value={floor}>
      <Suspense fallback={<p role="status">{word("loading")}</p>}>
        <Routes>
          <Route index element={<FloorPage />} />
          <Route path="queues/:queue" element={<QueuePage />} />
          {channels && <Route path="channels" element={<ChannelsPage />} />}
          <Route path="*" element={<Navigate to="/supervisor" replace />} />
        </Routes>
      </Suspense>
      <FloorDrawer />
    </FloorContext>
  );
}
