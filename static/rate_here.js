// Tells the page around the frame that the task has loaded: it cannot look in by itself.
"use strict";
if (parent !== window) parent.postMessage({ loaded: true }, "*");
