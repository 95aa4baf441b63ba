// Tells the page around the frame that the task is there.
"use strict";
parent.postMessage("here", "*");
