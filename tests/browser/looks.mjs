// What a program can judge of how a page looks, and pictures below the target folder for what it cannot.

import { mkdirSync } from "node:fs";
import path from "node:path";

import { TARGET } from "./browser.mjs";

const FOLDER = path.join(TARGET, "screenshots");

export const SCREENS = {
  "desktop-light": { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  "desktop-dark": { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: "light", deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  "phone-dark": { viewport: { width: 360, height: 740 }, colorScheme: "dark", deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

/** Takes a picture of the page and gives what is wrong with it. */
export async function lookAt(page, name) {
  mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: path.join(FOLDER, `${name}.png`), fullPage: true });
  return page.evaluate(judge);
}

/** Runs in the page. */
function judge() {
  const wrong = [];
  const { documentElement: root, title } = document;
  if (!root.lang) wrong.push("no language");
  if (!title) wrong.push("no title");
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one heading");
  if (root.scrollWidth > root.clientWidth) wrong.push(`${root.scrollWidth} pixels wide on ${root.clientWidth}`);

  // WCAG 2.2, 1.4.3: 4.5 to 1, for text of every size.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const channels = (color, over = "transparent") => {
    canvas.clearRect(0, 0, 1, 1);
    for (canvas.fillStyle of [over, color]) canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = (rgb) => {
    const [r, g, b] = [...rgb].slice(0, 3).map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.background = "Canvas";
  const ground = getComputedStyle(probe).backgroundColor;
  probe.remove();
  const backdrop = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (channels(color)[3] === 255) return color;
    }
    return ground;
  };
  for (const element of document.body.querySelectorAll("*")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()).join(" ");
    if (!text.trim() || !element.checkVisibility()) continue;
    const [under, over] = [backdrop(element), getComputedStyle(element).color];
    const [dark, light] = [luminance(channels(under)), luminance(channels(over, under))].sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) wrong.push(`contrast ${contrast.toFixed(1)} of "${text.slice(0, 30)}"`);
  }
  // WCAG 2.2, 2.5.8: 24 pixels each way, for what is no link in a text.
  for (const target of document.querySelectorAll("button, a.button")) {
    const { width, height } = target.getBoundingClientRect();
    if (Math.min(width, height) < 24) wrong.push(`"${target.textContent.trim()}" is ${width} by ${height} pixels`);
  }
  return wrong;
}
