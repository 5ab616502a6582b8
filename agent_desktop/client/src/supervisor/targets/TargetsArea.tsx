/** What the centre's figures are to be, how they stand, and what is done about them. */

import { Route, Routes } from "react-router";
import { TargetPage } from "./TargetPage";
import { TargetsPage } from "./TargetsPage";
import "../supervisor.css";
import "./targets.css";

export default function TargetsArea() {
  return (
    <Routes>
      <Route index element={<TargetsPage />} />
      <Route path=":id" element={<TargetPage />} />
    </Routes>
  );
}
