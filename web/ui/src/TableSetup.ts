import { createContext, use } from "react";

/** What was read for a file. */
export type TableFile = { rows: string[][]; /** False: there is more than is kept in one file. */ whole: boolean };

/** What all tables of an application share: whose choices they remember, and how a file is saved. */
export type TableSetup = { person: string; save: (name: string, read: () => Promise<TableFile>) => void };

const plain: TableSetup = { person: "", save: () => {} };

export const TableSetupContext = createContext<TableSetup>(plain);
export const useTableSetup = () => use(TableSetupContext);
