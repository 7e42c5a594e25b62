const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => {
  if (data instanceof Blob) document.querySelector("img").src = URL.createObjectURL(data);
  else document.querySelector("output").value = data;
};
document.querySelector("button").onclick = () => worker.postMessage(new URLSearchParams(location.search).get("endpoint"));
