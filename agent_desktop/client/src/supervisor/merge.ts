/** JSON merge patches (RFC 7396), such that what a patch does not name stays the very same object. */

type Json = Record<string, unknown>;

/** `target` with the patch. Neither is changed; null takes a value away. */
export function merged<T>(target: T, patch: unknown): T {
  if (!isObject(patch)) return patch as T;
  const before: Json = isObject(target) ? target : {};
  const after: Json = { ...before };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete after[name];
    else after[name] = merged(before[name], value);
  }
  return after as T;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
