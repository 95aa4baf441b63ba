// Renews the numbers of a study that runs, in place: nothing moves. New lines are announced, not
// put in, so that what somebody reads or is about to press stays where it is.
"use strict";
const EVERY_MS = 10000;
const live = document.querySelector("[data-live]");
if (live) follow();

async function follow() {
  const at = live.querySelector("[data-live-at]"), more = live.querySelector(".live-more");
  const cells = byName("key"), bars = byName("bar");
  for (;;) {
    await pause();
    let now;
    try {
      const answer = await fetch(live.dataset.live, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return void (at.textContent += ", and no longer renewed: load the page again");
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

function byName(name) {
  return new Map([...document.querySelectorAll(`[data-${name}]`)].map((found) => [found.dataset[name], found]));
}

// Until it is time, or somebody comes back to the page; not while nobody sees it.
async function pause() {
  do {
    await new Promise((resolve) => {
      const timer = setTimeout(done, EVERY_MS);
      document.addEventListener("visibilitychange", done);
      function done() {
        clearTimeout(timer);
        document.removeEventListener("visibilitychange", done);
        resolve();
      }
    });
  } while (document.hidden);
}
