// Tells the worker when the frame stays silent: a browser shows nothing but grey where a page
// cannot be reached or may not be framed. It stands before the frame, so that no word is missed.
"use strict";
(() => {
  const AFTER_LOAD_MS = 4000;
  const LATEST_MS = 20000; // where something never ends loading
  const words = document.getElementById("silent");
  const task = () => document.querySelector("iframe.task");
  const stop = () => {
    words.remove();
    removeEventListener("message", heard);
  };
  const heard = (event) => {
    if (task() && event.source === task().contentWindow) stop();
  };
  const tell = () => { words.hidden = false; };
  addEventListener("message", heard);
  addEventListener("load", () => setTimeout(tell, AFTER_LOAD_MS));
  setTimeout(tell, LATEST_MS);
  document.getElementById("silent-hide").addEventListener("click", () => {
    stop();
    task().focus();
  });
})();
