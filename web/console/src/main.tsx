import "@parley/ui/styles";
import { ParleyProvider } from "@parley/ui";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "@/api/problem";
import { Boundary } from "@/app/Boundary";
import { makeRouter } from "@/app/router";
import { drafts } from "@/lib/drafts";
import { t } from "@/strings";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What the server refused it will refuse again; what did not arrive may arrive.
      retry: (failures, error) => failures < 2 && (!(error instanceof Problem) || error.status === 0 || error.status >= 500),
      retryDelay: (n) => 500 * 2 ** n,
    },
  },
});
const router = makeRouter(client);
drafts.sweep();

const element = document.getElementById("root");
if (!element) throw new Error("The page has no root element");
createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <ParleyProvider helpLabel={t.helpShortcut}>
        <Boundary>
          <RouterProvider router={router} />
        </Boundary>
      </ParleyProvider>
    </QueryClientProvider>
  </StrictMode>,
);
