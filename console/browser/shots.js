// Takes the pictures of docs/console anew, each in light and dark colours:
// WebP, from what scene.js lives through.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { browser, open } from './harness.js';
import { scene } from './scene.js';

const folder = new URL('../../docs/console/', import.meta.url).pathname;
/** Pages, each with what is there last when it is whole. */
const shots = {
  sandboxes: ['', 'text=Cost so far'], sandbox: ['sandboxes/shop', '.graph .good'], night: ['night', 'td time'], money: ['money', 'td progress'], usage: ['sandboxes/shop/usage', '.chart:last-child canvas'],
};

/** A picture as WebP, which this browser writes, too. */
const webp = (page, png) => page.evaluate(async (text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d').drawImage(picture, 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.9 });
  const read = new FileReader();
  return new Promise((done) => {
    read.onload = () => done(read.result.split(',')[1]);
    read.readAsDataURL(blob);
  });
}, png.toString('base64'));

const at = await scene();
const chrome = await browser();
try {
  await mkdir(folder, { recursive: true });
  for (const colorScheme of ['light', 'dark']) {
    for (const [name, [place, last]] of Object.entries(shots)) {
      const page = await open(chrome, at, { colorScheme, viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
      await page.go(place);
      await page.locator(last).first().waitFor();
      await page.waitForFunction(() => !document.querySelector('.loading'));
      const picture = Buffer.from(await webp(page, await page.screenshot()), 'base64');
      const file = path.join(folder, `${name}${colorScheme === 'dark' ? '-dark' : ''}.webp`);
      await writeFile(file, picture);
      console.log(`${path.basename(file)}: ${(picture.length / 1000).toFixed(0)} kB`);
      page.faults();
      await page.context().close();
    }
  }
} finally {
  await chrome.close();
  await at.stop();
}
