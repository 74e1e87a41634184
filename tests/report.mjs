// report.mjs FILE: the figures of a JSON report of Vitest, Playwright or xunit (CTRF), "passed failed skipped", on standard output; on
// standard error each test that failed, or passed only when it was repeated, and why.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const plain = (text) => (text ?? '').replace(/\u001b\[[0-9;]*m/g, '').split('\n').slice(0, 20).join('\n');
const say = (kind, name, why) => console.error(`\n${kind}: ${name}\n${plain(why)}`);

function playwright(suite, path) {
  for (const inner of suite.suites ?? []) playwright(inner, [...path, inner.title]);
  for (const spec of suite.specs ?? []) {
    for (const { status, results } of spec.tests) {
      if (status !== 'unexpected' && status !== 'flaky') continue;
      for (const error of results.flatMap((result) => result.errors)) say(status === 'flaky' ? 'FLAKY' : 'FAILED', [...path, spec.title].join(' › '), `${error.message}${error.location ? `\nat ${error.location.file}:${error.location.line}` : ''}`);
    }
  }
}

if (report.stats) {
  playwright(report, []);
  for (const error of report.errors ?? []) say('FAILED', 'the run', error.message);
  console.log(report.stats.expected + report.stats.flaky, report.stats.unexpected, report.stats.skipped);
} else if (report.results) {
  const { tests, summary } = report.results;
  for (const { status, name, message, trace } of tests) if (status === 'failed') say('FAILED', name, `${message}\n${trace}`);
  console.log(summary.passed, summary.failed, summary.skipped + summary.pending + summary.other);
} else {
  for (const file of report.testResults) {
    for (const { status, fullName, failureMessages } of file.assertionResults) if (status === 'failed') say('FAILED', fullName, failureMessages[0]);
  }
  console.log(report.numPassedTests, report.numFailedTests, report.numPendingTests + report.numTodoTests);
}
