// Packs files as tar.gz, as POSIX.1-2001 (pax) has it. No page in here.
const block = 512;
const encoder = new TextEncoder();

const octal = (n, length) => `${n.toString(8).padStart(length - 1, '0')}\0`;

function header(name, size, type) {
  const bytes = new Uint8Array(block);
  const put = (text, at, length) => bytes.set(encoder.encode(text).subarray(0, length), at);
  put(name, 0, 100);
  put(octal(0o644, 8), 100, 8);
  put(octal(0, 8), 108, 8);
  put(octal(0, 8), 116, 8);
  put(octal(size, 12), 124, 12);
  put(octal(0, 12), 136, 12); // no time: the same folder is the same archive
  put('        ', 148, 8);
  put(type, 156, 1);
  put('ustar\u000000', 257, 8);
  put(octal(bytes.reduce((sum, b) => sum + b, 0), 7), 148, 7);
  return bytes;
}

const padding = (size) => new Uint8Array((block - (size % block)) % block);

/** A pax record that gives the next file a name of any length. */
function longName(name) {
  const rest = encoder.encode(` path=${name}\n`).length;
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  const record = encoder.encode(`${length} path=${name}\n`);
  return [header('pax', record.length, 'x'), record, padding(record.length)];
}

/** One folder that holds everything is the site itself, not a folder in it. */
export function rooted(files) {
  const top = files[0]?.name.split('/')[0];
  const inOne = files.length > 0 && files.every((f) => f.name.startsWith(`${top}/`));
  return files.map((f) => ({ ...f, name: inOne ? f.name.slice(top.length + 1) : f.name })).filter((f) => !/(^|\/)(\.git\/|\.DS_Store$)/.test(f.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The parts of a tar of files, which are {name, file}; a Blob of them is the tar. */
export function tar(files) {
  const parts = [];
  for (const { name, file } of files) {
    // ustar has room for a hundred bytes of a name.
    if (encoder.encode(name).length > 100) parts.push(...longName(name));
    parts.push(header(name, file.size, '0'), file, padding(file.size));
  }
  parts.push(new Uint8Array(2 * block));
  return parts;
}

export async function tarGz(files) {
  const stream = new Blob(tar(files)).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(stream).blob();
}

/** A digest in hexadecimal; undefined where the browser computes none (a page that is not https, nor of this machine). */
export async function sha256(blob) {
  if (!globalThis.crypto?.subtle) return undefined;
  const sum = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return Array.from(new Uint8Array(sum), (b) => b.toString(16).padStart(2, '0')).join('');
}
