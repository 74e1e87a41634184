// The look of the launcher and of the frame's box, inside a shadow root: the page's styles cannot break it.
export const style = `:host{all:initial;--parley:#007378;--on-parley:#fff}
button{position:fixed;inset-block-end:20px;inset-inline-end:20px;z-index:2147483000;inline-size:56px;block-size:56px;border:0;border-radius:28px;padding:0;background:var(--parley);color:var(--on-parley);cursor:pointer;box-shadow:0 6px 24px rgb(0 0 0/.28);display:grid;place-items:center}
button:focus-visible{outline:3px solid var(--parley);outline-offset:3px;box-shadow:0 0 0 3px #fff}
svg{inline-size:26px;block-size:26px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;grid-area:1/1}
.x{opacity:0}.open .x{opacity:1}.open .c{opacity:0}
.badge{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-inline-size:20px;block-size:20px;border-radius:10px;background:#c62828;color:#fff;font:600 12px/20px system-ui,sans-serif;text-align:center}
[hidden]{display:none!important}
iframe{position:fixed;inset-block-end:92px;inset-inline-end:20px;z-index:2147483000;inline-size:min(400px,calc(100vw - 40px));block-size:min(680px,calc(100dvh - 120px));border:0;border-radius:16px;box-shadow:0 12px 48px rgb(0 0 0/.3);background:Canvas;color-scheme:light dark}
:host(.start) button,:host(.start) iframe{inset-inline:20px auto}
@media (max-width:480px){iframe,:host(.start) iframe{inset:0;inline-size:100vw;block-size:100dvh;border-radius:0;z-index:2147483001}}
@media (prefers-reduced-motion:no-preference){button{transition:transform .15s}button:hover{transform:scale(1.05)}svg g{transition:opacity .15s}}`;

export const icons = '<svg viewBox="0 0 24 24" aria-hidden="true"><g class="c"><path d="M21 12a8.5 8.5 0 0 1-12.3 7.6L3 21l1.5-5.3A8.5 8.5 0 1 1 21 12z"/></g><g class="x"><path d="M6 6l12 12M18 6L6 18"/></g></svg>';
