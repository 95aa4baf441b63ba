// The time that is left, in a place that keeps its size; a screen reader is told when it gets short.
"use strict";
(() => {
  const left = document.getElementById("time-left");
  const told = document.getElementById("time-told");
  const end = performance.now() + 1000 * Number(left.dataset.seconds);
  const short = [[60, "Less than a minute left."], [300, "Less than 5 minutes left."]];
  const say = (text) => {
    if (told.textContent !== text) told.textContent = text;
  };
  const tick = () => {
    const seconds = Math.max(0, Math.floor((end - performance.now()) / 1000));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    left.textContent = seconds
      ? "Time left: " + parts.map((part) => String(part).padStart(2, "0")).join(":")
      : "The time is over.";
    const soon = short.find(([limit]) => seconds < limit);
    if (!seconds) say("The time is over.");
    else if (soon) say(soon[1]);
    if (seconds) setTimeout(tick, 1000);
  };
  tick();
})();
