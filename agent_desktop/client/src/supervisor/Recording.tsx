import { Play } from "lucide-react";
import { Link } from "react-router";

/** The way to where a recording is heard. */
export function Recording({ id, label }: { id: string; label: string }) {
  return (
    <Link to={`/recordings/${encodeURIComponent(id)}`} className="button">
      <Play aria-hidden="true" />
      {label}
    </Link>
  );
}
