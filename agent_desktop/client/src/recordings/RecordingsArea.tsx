/** Recordings: found, heard, and reviewed. */

import { NavLink, Route, Routes } from "react-router";
import { may, useSession } from "../session/session";
import { useWords } from "../words/words";
import { RecordingPage } from "./RecordingPage";
import { ReviewPage } from "./ReviewPage";
import { ReviewsPage } from "./ReviewsPage";
import { SearchPage } from "./SearchPage";
import "./recordings.css";

export default function RecordingsArea() {
  const { word } = useWords();
  const { account } = useSession();
  const reviews = ["quality.read", "quality.review", "quality.own"].some((each) => may(account, each));
  return (
    <>
      <nav className="sub-nav" aria-label={word("recordings")}>
        {may(account, "recordings.read") && (
          <NavLink to="/recordings" end>
            {word("searchRecordings")}
          </NavLink>
        )}
        {reviews && <NavLink to="/recordings/reviews">{word("reviews")}</NavLink>}
      </nav>
      <Routes>
        <Route index element={may(account, "recordings.read") ? <SearchPage /> : <ReviewsPage />} />
        <Route path="reviews" element={<ReviewsPage />} />
        <Route path="reviews/:id" element={<ReviewPage />} />
        <Route path=":id" element={<RecordingPage />} />
      </Routes>
    </>
  );
}
