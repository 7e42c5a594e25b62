/** The sign-in of an app: the user is in a cookie. */
export const userOf = (request) => /(?:^|; )user=(\w+)/.exec(request.headers.get("cookie") ?? "")?.[1] ?? null;
