/** What is read when it is wanted. After an update of the server, old parts are not there any more. */

const KEPT = "hotline.reloaded";

/** One that can not be read has the page reloaded, once. */
export async function loaded<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    const found = await load();
    if (sessionStorage.getItem(KEPT) === name) sessionStorage.removeItem(KEPT);
    return found;
  } catch (error) {
    if (sessionStorage.getItem(KEPT) === name || callGoesOn()) throw error; // the boundary asks
    sessionStorage.setItem(KEPT, name);
    location.reload();
    return new Promise(() => {}); // nothing is shown of a page that goes
  }
}

/** Its sound would be away for a moment: the agent says when. */
function callGoesOn(): boolean {
  return Boolean(globalThis.desk?.call);
}
