// Which rows of a long table are in sight, and where keys go. No page in here.

/** The height of a row in pixels; app.css has the same. */
export const height = 38;
/** Rows that are drawn beyond what is in sight, each way. */
const spare = 8;

/** The rows that are drawn of so many when a part of the table is in sight: from first to before last. */
export function drawn(seen, count) {
  return {
    first: Math.max(0, Math.min(Math.floor(seen.top / height) - spare, count - 1)),
    last: Math.min(count, Math.ceil((seen.top + seen.height) / height) + spare),
  };
}

/** The row to which a key goes from the row at, of so many; undefined for any other key. */
export function target(key, at, seen, count) {
  const page = Math.max(1, Math.floor(seen.height / height) - 2);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, j: at + 1, k: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: count - 1 }[key];
  return to === undefined || !count ? undefined : Math.max(0, Math.min(to, count - 1));
}
