/** The three ways in which the Responses API is spoken. */

/** On a resource, in a project, and in a project with the older, dated api-version. */
export type Dialect = "resource" | "project-v1" | "project-dated";
