import { render } from 'preact';
import { act } from 'preact/test-utils';
import { expect, it } from 'vitest';
import { Face, initialsOf } from '../src/frame/face';
import type { Config } from '../src/frame/types';

const show = (avatar: Config['avatar'], name: string): HTMLElement => {
  const root = document.createElement('div');
  void act(() => render(<Face avatar={avatar} name={name} />, root));
  return root;
};

it('takes the letters of the name in any script', () => {
  expect(['Ada', 'Ada King Lovelace', '  ', '小助手', 'Ёжик Тумана'].map(initialsOf)).toEqual(['A', 'AL', '', '小', 'ЁТ']);
});

it('shows the picture, and the initials when it does not come', () => {
  const root = show({ url: '/v1/widget/avatar?key=k&picture=p', initials: 'Z', color: '' }, 'Ada');
  const picture = root.querySelector('img')!;
  expect([picture.getAttribute('src'), picture.alt]).toEqual(['/v1/widget/avatar?key=k&picture=p', '']);
  void act(() => void picture.dispatchEvent(new Event('error')));
  expect([root.querySelector('img'), root.textContent]).toEqual([null, 'Z']);
});

it('writes on its own colour so that it can be read, and takes no other value for a colour', () => {
  expect(show({ url: null, initials: '', color: '#ffee00' }, 'Ada').querySelector<HTMLElement>('span')!.style.color).toMatch(/#111111|rgb\(17, 17, 17\)/);
  expect(show({ url: null, initials: '', color: 'red;x' }, 'Ada').querySelector<HTMLElement>('span')!.getAttribute('style')).toBeNull();
  expect(show(undefined, 'Ada').textContent).toBe('A');
});
