/** What is defined and watched by administrators, a page for each noun. */

import { Suspense } from "react";
import { Navigate, NavLink, Route, Routes } from "react-router";
import { useSession } from "../session/session";
import { useWords } from "../words/words";
import { pagesFor } from "./pages";
import "./administrator.css";

export default function AdministratorArea() {
  const { word } = useWords();
  const { account } = useSession();
  const pages = account ? pagesFor(account) : [];
  return (
    <div className="administrator">
      <nav className="side-nav" aria-label={word("administrator")}>
        {pages.map(({ path, name }) => (
          <NavLink key={path} to={`/administrator/${path}`}>
            {word(name)}
          </NavLink>
        ))}
      </nav>
      <div className="stack">
        <Suspense fallback={<p role="status">{word("loading")}</p>}>
          <Routes>
            {pages.map(({ path, Page }) => (
              <Route key={path} path={`${path}/*`} element={<Page />} />
            ))}
            {pages[0] && (
              <Route path="*" element={<Navigate to={`/administrator/${pages[0].path}`} replace />} />
            )}
          </Routes>
        </Suspense>
      </div>
    </div>
  );
}
