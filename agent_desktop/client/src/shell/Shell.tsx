/** What is around every page: who works here and how they are, what is wrong, and the ways to the pages. */

import { LogOut, X } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { Link, useLocation } from "react-router";
import { HeadsetContext, useHeadset } from "../desk/headset";
import { putDown, showTrouble, useDesk, useTrouble } from "../desk/seat";
import { Button } from "../parts/Button";
import { type Account, logOut } from "../session/session";
import { useWords } from "../words/words";
import { Announcement } from "./Announcement";
import { type Area, areasOf } from "./areas";
import { Boundary } from "./Boundary";
import { CallBar } from "./CallBar";
import { Leaving } from "./Leaving";
import { LanguageButton, ThemeButton } from "./Settings";
import { StateControl } from "./StateControl";
import { obeyShortcuts } from "./shortcuts";

export function Shell({ account, children }: { account: Account; children: ReactNode }) {
  const { word } = useWords();
  const desk = useDesk();
  const areas = areasOf(account);
  const headset = useHeadset(desk);
  const { pathname } = useLocation();
  useEffect(() => (desk ? obeyShortcuts(desk) : undefined), [desk]);
  return (
    <div className="shell">
      <header className="bar">
        <span className="brand">Hotline</span>
        <span id="who" className="muted">
          {desk?.agent?.number ? `${account.name} · ${desk.agent.number}` : account.name}
        </span>
        <span className="gap" />
        {desk?.agent?.state && <StateControl desk={desk} />}
        <ThemeButton />
        <LanguageButton />
        <Button id="log-out" look="quiet" onPress={() => void leave()}>
          <LogOut />
          {word("logOut")}
        </Button>
      </header>
      <Trouble />
      <Leaving />
      {desk && <Announcement desk={desk} />}
      {desk && <CallBar desk={desk} />}
      {areas.length > 1 && <Ways areas={areas} />}
      <main id="page" className="page" style={areas.length > 1 ? undefined : { gridColumn: "1 / -1" }}>
        <HeadsetContext value={headset}>
          <Boundary place={pathname}>{children}</Boundary>
        </HeadsetContext>
      </main>
    </div>
  );
}

async function leave(): Promise<void> {
  await logOut();
  putDown();
  showTrouble(null);
}

function Ways({ areas }: { areas: Area[] }) {
  const { word } = useWords();
  const { pathname } = useLocation();
  const here = areas
    .filter(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
    .sort((one, other) => other.path.length - one.path.length)[0]; // a page within another's has its own way
  return (
    <nav className="nav" aria-label={word("pages")}>
      {areas.map(({ path, name, Icon }) => (
        <Link key={path} to={path} aria-current={path === here?.path ? "page" : undefined}>
          <Icon aria-hidden="true" />
          {word(name)}
        </Link>
      ))}
    </nav>
  );
}

/** The first thing on the page that has to be known; it stays until it is closed or over. */
function Trouble() {
  const { word } = useWords();
  const say = useTrouble();
  return (
    <div id="alert-box" className={say ? "alert alert-line" : "alert-line"} role="alert" hidden={!say}>
      <span id="alert">{say?.()}</span>
      <span className="gap" />
      <Button look="quiet" id="alert-close" aria-label={word("close")} onPress={() => showTrouble(null)}>
        <X />
      </Button>
    </div>
  );
}
