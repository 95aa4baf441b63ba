// What a page written for Mechanical Turk expects of it: the two old helpers, and the assignment in every form.
"use strict";
const turkGetParam = (name, otherwise = "") => new URLSearchParams(location.search).get(name) ?? otherwise;
const turkSetAssignmentID = () => {
  const id = turkGetParam("assignmentId");
  for (const form of document.querySelectorAll("form[action$='/mturk/externalSubmit']")) {
    let field = form.querySelector("[name=assignmentId]");
    if (!field) {
      field = form.appendChild(document.createElement("input"));
      field.type = "hidden";
      field.name = "assignmentId";
    }
    field.value = id;
    if (id === "ASSIGNMENT_ID_NOT_AVAILABLE") {
      for (const button of form.querySelectorAll("[type=submit], button:not([type])")) button.disabled = true;
    }
  }
};
addEventListener("DOMContentLoaded", turkSetAssignmentID);
parent.postMessage("here", "*");
