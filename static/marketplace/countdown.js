// The time that is left, in a place that keeps its size.
"use strict";
(() => {
  const left = document.getElementById("time-left");
  const end = performance.now() + 1000 * Number(left.dataset.seconds);
  const tick = () => {
    const seconds = Math.max(0, Math.floor((end - performance.now()) / 1000));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    left.textContent = seconds
      ? "Time left: " + parts.map((part) => String(part).padStart(2, "0")).join(":")
      : "The time is over.";
    if (seconds) setTimeout(tick, 1000);
  };
  tick();
})();
