/** The page: who logs in gets what their permissions open. */

import { Suspense, useEffect, useState } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { atWork, openDesk, showTrouble } from "../desk/seat";
import { Failure } from "../parts/Failure";
import { renewWhile } from "../session/renewal";
import { type Account, learnAccount, may, useSession } from "../session/session";
import { useQueueWords } from "../words/queue_words";
import { useReasonWords } from "../words/reasons";
import { useWords, word as words } from "../words/words";
import { areasOf, mayAdminister } from "./areas";
import { Duties } from "./Duties";
import { FrontPage } from "./FrontPage";
import { Heading } from "./Heading";
import { page } from "./page";
import { Shell } from "./Shell";

const customerWords = () => import("../customers/words");
const supervisorWords = () => import("../supervisor/words");
const AdministratorArea = page(
  "administrator",
  () => import("../administrator/AdministratorArea"),
  () => import("../administrator/words"),
);
const AgentPage = page(
  "agent",
  () => import("../agent/AgentPage"),
  () => import("../agent/words"),
  customerWords,
);
const CustomersArea = page("customers", () => import("../customers/CustomersArea"), customerWords);
const StartPage = page(
  "start",
  () => import("../start/StartPage"),
  () => import("../start/words"),
);
const RecordingsArea = page(
  "recordings",
  () => import("../recordings/RecordingsArea"),
  () => import("../recordings/words"),
);
const SupervisorArea = page("supervisor", () => import("../supervisor/SupervisorArea"), supervisorWords);
const TargetsArea = page("targets", () => import("../supervisor/targets/TargetsArea"), supervisorWords);
const WallPage = page("wall", () => import("../supervisor/WallPage"), supervisorWords);

export function App() {
  return (
    <BrowserRouter>
      <Heading />
      <Suspense fallback={<Waiting />}>
        <Routes>
          <Route path="/start" element={<StartPage />} />
          <Route path="*" element={<Work />} />
        </Routes>
      </Suspense>
    </BrowserRouter>
  );
}

function Work() {
  const { token, account, ended } = useSession();
  useEffect(() => {
    if (!globalThis.RTCPeerConnection || !navigator.mediaDevices) showTrouble(() => words("tooOld"));
  }, []);
  const [missed, setMissed] = useState<unknown>(null);
  useEffect(() => {
    setMissed(null);
    if (!token) return;
    const life = new AbortController();
    void learnAccount(setMissed, life.signal);
    return () => life.abort();
  }, [token]);
  const reads = may(account, "queues.read");
  useReasonWords(reads);
  useQueueWords(reads);
  if (!token) return ended === "replaced" ? <Replaced /> : <FrontPage ended={ended} />;
  if (!account) return <Waiting why={missed} />;
  if (account.must.length) return <Duties account={account} />;
  const wall = may(account, "wall.watch");
  const alone = wall && !areasOf(account).length;
  return (
    <Routes>
      {wall && <Route path="/wall" element={<Wall />} />}
      <Route
        path="*"
        element={alone ? <Navigate to="/wall" replace /> : <Seated token={token} account={account} />}
      />
    </Routes>
  );
}

function Seated({ token, account }: { token: string; account: Account }) {
  const seated = may(account, "stream");
  const areas = areasOf(account);
  const [first] = areas;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another session has another desk
  useEffect(() => (seated ? openDesk() : undefined), [seated, token]);
  useEffect(() => renewWhile(atWork), []);
  return (
    <Shell account={account}>
      <Suspense fallback={<Waiting />}>
        <Routes>
          {seated && <Route path="/" element={<AgentPage />} />}
          {may(account, "customers.read") && <Route path="/customers/*" element={<CustomersArea />} />}
          {areas.some(({ path }) => path === "/recordings") && (
            <Route path="/recordings/*" element={<RecordingsArea />} />
          )}
          {may(account, "floor.read") && <Route path="/supervisor/*" element={<SupervisorArea />} />}
          {mayAdminister(account) && <Route path="/administrator/*" element={<AdministratorArea />} />}
          {may(account, "reports.read") && <Route path="/targets/*" element={<TargetsArea />} />}
          {may(account, "channels.watch") && (
            <Route path="/channels" element={<Navigate to="/supervisor/channels" replace />} />
          )}
          {first && <Route path="*" element={<Navigate to={first.path} replace />} />}
        </Routes>
      </Suspense>
    </Shell>
  );
}

/** Without what is around other pages, and without a desk: nobody sits there. */
function Wall() {
  useEffect(() => renewWhile(() => true), []);
  return (
    <Suspense fallback={<Waiting />}>
      <WallPage />
    </Suspense>
  );
}

function Waiting({ why }: { why?: unknown }) {
  const { word } = useWords();
  return (
    <div className="page">
      <p className="muted" role="status">
        {word("loading")}
      </p>
      <Failure of={why} />
    </div>
  );
}

function Replaced() {
  const { word } = useWords();
  return (
    <main className="front">
      <p id="alert" className="alert" role="alert">
        {word("replaced")}
      </p>
    </main>
  );
}
