// What the first visit of each page costs: the document, all scripts and styles its route needs, and the font. Fails the build beyond the bound.
import console from 'node:console';
import process from 'node:process';
import { readFileSync, rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BOUND = 250_000;

// The modules of each address; a nested route needs those of its parents too.
const routes = {
  '/': ['home/HomePage'],
  '/inbox': ['inbox/InboxPage'],
  '/inbox/ID': ['inbox/InboxPage', 'inbox/InboxConversation'],
  '/conversations': ['conversations/ConversationsPage'],
  '/conversations/ID': ['conversations/ConversationPage'],
  '/tasks': ['tasks/TasksPage'],
  '/knowledge': ['knowledge/KnowledgePage'],
  '/knowledge/sources/ID': ['knowledge/SourcePage'],
  '/knowledge/documents/ID': ['knowledge/DocumentPage'],
  '/knowledge/websites/new': ['knowledge/NewWebsitePage'],
  '/knowledge/findings': ['knowledge/FindingsPage'],
  '/knowledge/articles': ['articles/ArticlesPage'],
  '/knowledge/articles/ID': ['articles/ArticlePage'],
  '/assistant/playground': ['assistant/PlaygroundPage'],
  '/assistant/profile': ['assistant/ProfilePage'],
  '/assistant/answers': ['assistant/AnswersPage'],
  '/assistant/search': ['assistant/RetrievalPage'],
  '/assistant/handover': ['assistant/HandoverPage'],
  '/quality': ['quality/QuestionsPage'],
  '/quality/runs': ['quality/RunsPage'],
  '/quality/difference': ['quality/DifferencePage'],
  '/quality/confidence': ['quality/ConfidencePage'],
  '/quality/runs/ID': ['quality/RunPage'],
  '/quality/runs/ID/questions/ID': ['quality/ResultPage'],
  '/costs': ['costs/CostsPage'],
  '/costs/calls': ['costs/CallsPage'],
  '/costs/budget': ['costs/BudgetPage'],
  '/settings/members': ['settings/SettingsPage', 'settings/MembersPage'],
  '/settings/roles': ['settings/SettingsPage', 'settings/RolesPage'],
  '/settings/account': ['settings/SettingsPage', 'settings/AccountPage'],
  '/settings/keys': ['settings/SettingsPage', 'settings/KeysPage'],
  '/settings/widget': ['settings/SettingsPage', 'settings/WidgetPage'],
  '/settings/webhooks': ['settings/SettingsPage', 'webhooks/WebhooksPage'],
  '/settings/webhooks/ID': ['settings/SettingsPage', 'webhooks/WebhookPage'],
  '/settings/models': ['settings/SettingsPage', 'models/ModelsPage'],
  '/settings/jobs': ['settings/SettingsPage', 'settings/JobsPage'],
  '/settings/brands': ['settings/SettingsPage', 'settings/BrandsPage'],
  '/settings/privacy': ['settings/SettingsPage', 'settings/PrivacyPage'],
  '/settings/audit': ['settings/SettingsPage', 'settings/AuditPage'],
};

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
rmSync('dist/.vite', { recursive: true });

const lazy = [...readFileSync('src/app/router.tsx', 'utf8').matchAll(/import\("@\/pages\/([^"]+)"\)/g)].map((match) => match[1]);
const counted = new Set(Object.values(routes).flat());
const forgotten = lazy.filter((page) => !counted.has(page));
if (forgotten.length > 0) throw new Error(`size.mjs does not know the route of ${forgotten.join(', ')}.`);

const files = (key, seen = new Set()) => {
  if (seen.has(key)) return [];
  seen.add(key);
  const chunk = manifest[key];
  if (!chunk) throw new Error(`The build has no ${key}.`);
  return [chunk.file, ...(chunk.css ?? []), ...(chunk.imports ?? []).flatMap((other) => files(other, seen))];
};
const weight = (file) => (file.endsWith('.woff2') ? readFileSync(`dist/${file}`).length : gzipSync(readFileSync(`dist/${file}`)).length);
const font = Object.values(manifest).find((chunk) => /inter-latin-wght-normal.*\.woff2$/.test(chunk.file))?.file;
if (!font) throw new Error('The build has no Latin font.');
const always = ['index.html', 'scheme.js', 'icon.svg', font, ...files('index.html')];

const sizes = Object.entries(routes).map(([address, pages]) => {
  const needed = new Set([...always, ...pages.flatMap((page) => files(`src/pages/${page}.tsx`))]);
  return [address, [...needed].reduce((sum, file) => sum + weight(file), 0)];
});
for (const [address, bytes] of sizes) console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${address}`);
const over = sizes.filter(([, bytes]) => bytes > BOUND);
if (over.length > 0) {
  console.error(`Over the bound of ${BOUND / 1000} kB gzipped: ${over.map(([address]) => address).join(', ')}.`);
  process.exit(1);
}
