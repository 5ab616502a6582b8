/** What each role may do: for reading, for roles are as they are. */

import { Check } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { type ColumnOf, DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { TextField } from "../../parts/Fields";
import { useWords } from "../../words/words";
import { usePermissions } from "../users/options";
import { type Granted, granted, matching } from "./granted";
import "./roles.css";

export default function RolesPage() {
  const { word, named } = useWords();
  const matrix = usePermissions();
  const [typed, setTyped] = useState("");
  const roles = Object.keys(matrix.data?.roles ?? {});
  const rows = granted(matrix.data?.roles ?? {}, (permission) => named("mayDo", permission));
  const columns: ColumnOf<Granted>[] = [
    { id: "name", label: word("roles.permission"), cell: ({ label }) => label, by: ({ label }) => label },
    ...roles.map((role) => ({
      id: role,
      label: named("userRole", role),
      cell: ({ roles }: Granted) => <Mark there={roles.includes(role)} />,
      by: ({ roles }: Granted) => (roles.includes(role) ? 0 : 1),
    })),
    {
      id: "permission",
      label: word("roles.word"),
      cell: ({ permission }) => <code>{permission}</code>,
      by: ({ permission }) => permission,
    },
  ];
  return (
    <>
      <div className="page-head">
        <h1>{word("roles.title")}</h1>
      </div>
      <p className="muted">
        {word("roles.what")} <Link to="/administrator/recording-rights">{word("rights.title")}</Link>
      </p>
      <div className="row">
        <TextField name="q" label={word("search")} value={typed} onChange={setTyped} />
      </div>
      <Failure of={matrix.error} />
      <DataTable
        label={word("roles.title")}
        columns={columns}
        rows={matching(rows, typed)}
        idOf={({ permission }) => permission}
        empty={word(matrix.isPending ? "loading" : "roles.none")}
      />
    </>
  );
}

function Mark({ there }: { there: boolean }) {
  const { word } = useWords();
  return there ? (
    <Check className="granted" role="img" aria-label={word("roles.yes")} />
  ) : (
    <span className="visually-hidden">{word("roles.no")}</span>
  );
}
