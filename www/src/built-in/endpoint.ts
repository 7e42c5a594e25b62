/** The endpoint of the service in this page, which no network has. */
export const BUILT_IN = "https://in-this-page.invalid";
