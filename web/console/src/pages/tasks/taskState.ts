import type { Task } from "@/api/types";

/** Still to do. */
export const isOpen = (task: Task) => task.state === "open" || task.state === "in_progress";
