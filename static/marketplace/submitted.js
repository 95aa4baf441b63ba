// Tells the work page around this frame that the work has arrived; the link below does the same by hand.
"use strict";
if (parent !== window) {
  parent.postMessage({ submitted: document.getElementById("submitted").dataset.assignment }, location.origin);
}
