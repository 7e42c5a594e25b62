// The tests that run in every engine with `npm test`, and a reporter that fails if one is skipped.

/** Titles, or parts of them, as patterns. */
export const MAIN_WALK = ["the demo page", "previews come one after the other", "cancel.. in the middle ends loop"];

/** Fails a run in which a browser skips a test, or has none of a title. */
export default class MainWalk {
  onBegin(_config, suite) {
    this.projects = suite.suites;
  }

  onEnd() {
    const left = this.projects.flatMap((project) => {
      const tests = project.allTests();
      const skipped = tests.filter((test) => test.outcome() === "skipped").map(({ title }) => `skipped: ${title}`);
      const unknown = MAIN_WALK.filter((title) => !tests.some((test) => new RegExp(title).test(test.title)));
      return [...skipped, ...unknown.map((title) => `no such test: ${title}`)].map((what) => `${project.title}: ${what}`);
    });
    for (const line of left) console.error(line);
    if (left.length > 0) return { status: "failed" };
  }

  printsToStdio() {
    return false;
  }
}
