using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "proxy", worker = .proxy),
    # By default, private addresses are refused.
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", http = (), service = "proxy")],
);

const proxy :Workerd.Worker = (
  modules = [(name = "workers.js", esModule = embed "dist/workers.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["enable_request_signal"],
  bindings = [
    (name = "AZURE_ENDPOINT", fromEnvironment = "AZURE_ENDPOINT"),
    (name = "AZURE_KEY", fromEnvironment = "AZURE_KEY"),
  ],
);
