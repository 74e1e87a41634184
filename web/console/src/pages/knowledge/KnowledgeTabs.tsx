import { Link } from "@tanstack/react-router";
import { kt } from "@/strings/knowledge";
import classes from "./Knowledge.module.css";

const words = kt.knowledge;

export function KnowledgeTabs({ active }: { active: "sources" | "articles" | "findings" }) {
  return (
    <nav className={classes.tabs} aria-label={words.sections}>
      <Link to="/knowledge" className={classes.tab} activeOptions={{ exact: true }} aria-current={active === "sources" ? "page" : undefined}>
        {words.sources}
      </Link>
      <Link to="/knowledge/articles" search={{}} className={classes.tab} aria-current={active === "articles" ? "page" : undefined}>
        {words.articles}
      </Link>
      <Link to="/knowledge/findings" search={{}} className={classes.tab} aria-current={active === "findings" ? "page" : undefined}>
        {words.findings.title}
      </Link>
    </nav>
  );
}
