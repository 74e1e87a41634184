import { useEffect, useRef, useState, type RefObject, type UIEvent } from "react";

const near = 48;

/**
 * Stays with the newest while the reader is there, whatever grows: the text, the field below, the keyboard of a phone.
 * Never pulls them away from what they read, except to what they have just sent themselves.
 */
export function useStayAtEnd(scroller: RefObject<HTMLElement | null>, ready: boolean, sent: string | undefined, elsewhere: boolean) {
  const [atEnd, setAtEnd] = useState(!elsewhere);
  const pinned = useRef(!elsewhere);
  const toEnd = (behavior: ScrollBehavior = "auto") => {
    pinned.current = true;
    setAtEnd(true);
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior });
  };

  useEffect(() => {
    const el = scroller.current;
    if (!el || !ready) return;
    const follow = () => {
      if (pinned.current) el.scrollTo({ top: el.scrollHeight });
    };
    follow();
    const observer = new ResizeObserver(follow);
    observer.observe(el);
    if (el.firstElementChild) observer.observe(el.firstElementChild);
    return () => observer.disconnect();
  }, [scroller, ready]);

  useEffect(() => {
    if (!sent || !scroller.current) return;
    pinned.current = true;
    scroller.current.scrollTo({ top: scroller.current.scrollHeight });
  }, [scroller, sent]);

  const height = useRef(0);
  const onScroll = (e: UIEvent<HTMLElement>) => {
    const el = e.currentTarget;
    const end = el.scrollHeight - el.scrollTop - el.clientHeight < near;
    // A scroll that comes with a change of size is the layout's, not the reader's.
    const resized = height.current !== el.scrollHeight + el.clientHeight;
    height.current = el.scrollHeight + el.clientHeight;
    if (resized && pinned.current) return;
    pinned.current = end;
    setAtEnd(end);
  };
  return { atEnd, toEnd, onScroll };
}
