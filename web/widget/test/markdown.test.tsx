import { render } from 'preact';
import { expect, it } from 'vitest';
import { Markdown, safeHref } from '../src/frame/markdown';

const html = (text: string): HTMLElement => {
  const root = document.createElement('div');
  render(<Markdown text={text} />, root);
  return root;
};

it('keeps code exactly as it is', () => {
  const code = 'if (a < b) {\n  run("<script>");\n}';
  expect(html('Run:\n\n```js\n' + code + '\n```\n').querySelector('pre')?.textContent).toBe(code);
});

it('keeps a code block that was cut off while it streams', () => {
  expect(html('```\nnpm install').querySelector('pre')?.textContent).toBe('npm install');
});

it('shows lists with their numbers and their nesting', () => {
  const root = html('3. Three\n4. Four\n   - inner\n\n5. Five');
  expect(root.querySelector('ol')?.getAttribute('start')).toBe('3');
  expect([...root.querySelectorAll('li')].map((li) => li.textContent)).toContain('inner');
  expect(root.querySelectorAll('ol')).toHaveLength(1);
});

it('shows tables', () => {
  const root = html('| Plan | Seats |\n|---|---:|\n| Free | 2 |\n| Pro \\| Plus | 10 |');
  expect([...root.querySelectorAll('th')].map((th) => th.textContent)).toEqual(['Plan', 'Seats']);
  expect([...root.querySelectorAll('td')].map((td) => td.textContent)).toEqual(['Free', '2', 'Pro | Plus', '10']);
});

it('never makes HTML or a script of an answer', () => {
  const root = html('<img src=x onerror=alert(1)> [click](javascript:alert(1)) [ok](https://example.com/a) <b>bold</b>');
  expect(root.querySelector('img, script, b')).toBeNull();
  expect([...root.querySelectorAll('a')].map((a) => a.getAttribute('href'))).toEqual(['https://example.com/a']);
  expect(root.textContent).toContain('<img src=x onerror=alert(1)>');
});

it.each(['javascript:alert(1)', 'data:text/html,x', ' javascript:alert(1)', 'JaVaScRiPt:x', '//example.com', '/console'])('refuses %s', (href) => {
  expect(safeHref(href)).toBeNull();
});
