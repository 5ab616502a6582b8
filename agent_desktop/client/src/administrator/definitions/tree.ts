/** Things in two levels, as people read them: each group before what is in it. Pure. */

interface InTree {
  id: string;
  parent_id: string | null;
  position: number;
}

/** By their places; what stands below nothing that is there stands for itself. */
export function inTree<T extends InTree>(all: readonly T[]): T[] {
  const known = new Set(all.map(({ id }) => id));
  const ordered = [...all].sort(
    (one, other) => one.position - other.position || (one.id < other.id ? -1 : 1),
  );
  const groups = ordered.filter(({ parent_id }) => parent_id === null || !known.has(parent_id));
  return groups.flatMap((group) => [group, ...ordered.filter(({ parent_id }) => parent_id === group.id)]);
}
