// app/api/azure/[...path]/route.js: loads the proxy with the first request, since the build has no key.
const handle = async (request) => (await import("../../../../azure.js")).proxy(request);

export { handle as DELETE, handle as GET, handle as POST };
