// The buttons of the report: they ask the extension, which answers with the new content.
(function () {
  const vscode = acquireVsCodeApi();
  const live = document.getElementById("live");
  let timer;
  document.getElementById("refresh").addEventListener("click", () => vscode.postMessage("refresh"));
  document.getElementById("copy").addEventListener("click", () => vscode.postMessage("copy"));
  live.addEventListener("change", () => {
    clearInterval(timer);
    if (live.checked) timer = setInterval(() => vscode.postMessage("refresh"), 5000);
  });
  window.addEventListener("message", (event) => {
    if (typeof event.data?.content === "string") document.querySelector("main").innerHTML = event.data.content;
  });
})();
