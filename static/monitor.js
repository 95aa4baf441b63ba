// Renews the numbers of a study that runs, in place: nothing moves. New lines are announced, not
// put in, so that what somebody reads or is about to press stays where it is.
"use strict";
const live = document.querySelector("[data-live]");
if (live) follow();

async function follow() {
  const at = live.querySelector("[data-live-at]"), more = live.querySelector(".live-more");
  const cells = new Map([...document.querySelectorAll("[data-key]")].map((cell) => [cell.dataset.key, cell]));
  const bars = new Map([...document.querySelectorAll("[data-bar]")].map((bar) => [bar.dataset.bar, bar]));
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 10000));
    if (document.hidden) continue;
    let now;
    try {
      const answer = await fetch(live.dataset.live, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return void (live.dataset.stopped = "");
      now = await answer.json();
    } catch { continue; }
    for (const [key, text] of Object.entries(now.cells)) {
      const cell = cells.get(key);
      if (cell && cell.textContent !== text) cell.textContent = text;
    }
    for (const [key, share] of Object.entries(now.bars)) bars.get(key)?.style.setProperty("--part", share);
    at.textContent = now.at;
    more.hidden = now.shape === live.dataset.shape;
  }
}
