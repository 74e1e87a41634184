import { count, number } from "./format.ts";

const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });
const questions = (n: number) => count(n, "question", "questions");

/** The texts about what the confidence is worth. */
export const ct = {
  confidence: {
    description: "Each answer has a confidence. Here you see what it is worth in your knowledge, and what each limit would bring.",
    percent: (n: number) => percent.format(n),

    judged: "What it is measured on",
    judgedText: (golden: number, answers: number) =>
      `${count(golden, "golden question", "golden questions")} as last asked, and ${count(answers, "answer", "answers")} that somebody called right or wrong in a conversation.`,
    golden: "Golden questions",
    answers: "Judged answers",
    right: "Right",
    rightOf: (right: number, all: number) => `${number.format(right)} of ${number.format(all)}`,
    measure: "Measure now",
    measuring: "Asking the golden questions…",
    measured: "Measured",
    measureFailed: "The measurement failed.",
    none: "Nothing is measured yet",
    noneText: "Add golden questions with their right answers, some of them questions that must not be answered. Then measure.",
    addGolden: "Golden questions",
    tooFew: (have: number, needed: number) => `With ${needed} judged questions, some right and some wrong, the confidence can be fitted to your knowledge. There are ${have}.`,

    reliability: "Promise and truth",
    reliabilityText: "Of the answers that promise 80 %, eight in ten should be right. On the line, the confidence is honest; below it, it promises too much.",
    chart: "Promised confidence beside the share that was right",
    inForce: "In force",
    fitted: "Fitted to your questions",
    shipped: "as shipped",
    version: (n: number) => `version ${n}`,
    error: (error: number, low: number, high: number) => `off by ${percent.format(error)} on average (95 %: ${percent.format(low)} to ${percent.format(high)})`,
    numbers: "The numbers",
    promised: "Promised",
    observed: "Right",
    asked: "Questions",

    limits: "What each limit brings",
    limitsText: "All golden questions that can be judged, under the limit from which the assistant answers.",
    curve: "Confidence",
    limit: "Limit",
    answeredRight: "Right answers",
    answeredWrong: "Wrong answers",
    missed: "Left out",
    declined: "Rightly declined",
    missedHint: "Left out: declined although the answer was right.",
    now: "now",
    bar: (right: number, wrong: number, missed: number, declined: number) => `${right} right, ${wrong} wrong, ${missed} left out, ${declined} rightly declined`,

    publish: "Put the fitted confidence in force",
    publishText: (limit: number) => `What would become of your golden questions at the assistant’s limit of ${percent.format(limit)}:`,
    before: "Now",
    after: "Then",
    publishTitle: "Put the fitted confidence in force?",
    publishBody: (now: string, then: string) => `Now: ${now}. Then: ${then}. It holds from the next message on, and you can take it back.`,
    published: "The fitted confidence is in force",
    back: "Back to the confidence as shipped",
    backTitle: "Go back to the confidence as shipped?",
    backBody: "What was fitted stays and can be fitted again.",
    backDone: "The confidence as shipped is in force",
    outcome: (right: number, wrong: number, missed: number) => `${questions(right)} right, ${number.format(wrong)} wrong, ${number.format(missed)} left out`,
  },
};
