const NAMES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/**
 * The environment for pip: what the user has set, or else VS Code's proxy.
 *
 * @param environment the process's
 * @param proxy VS Code's setting `http.proxy`; empty where it has none
 */
export function networkEnvironment(environment: NodeJS.ProcessEnv, proxy: string): NodeJS.ProcessEnv {
  if (proxy === "" || NAMES.some((name) => environment[name])) return environment;
  return { ...environment, HTTPS_PROXY: proxy, HTTP_PROXY: proxy };
}
