/* Two rules of this console: every text comes from a catalogue, and nothing says left or right. */

const letters = /\p{L}{2,}/u;

/** Attributes whose value a person reads or hears. */
const spoken = new Set([
  "alt",
  "aria-description",
  "aria-label",
  "aria-placeholder",
  "aria-roledescription",
  "aria-valuetext",
  "confirm",
  "description",
  "detail",
  "error",
  "helpLabel",
  "hint",
  "label",
  "placeholder",
  "title",
]);

/** String constants an expression may show: both branches of a condition, the sides of && and ||, template parts. */
function literals(node) {
  switch (node?.type) {
    case "Literal":
      return typeof node.value === "string" ? [node] : [];
    case "TemplateLiteral":
      return node.quasis.some((q) => letters.test(q.value.raw)) ? [node] : [];
    case "ConditionalExpression":
      return [...literals(node.consequent), ...literals(node.alternate)];
    case "LogicalExpression":
      return [...literals(node.left), ...literals(node.right)];
    case "BinaryExpression":
      return node.operator === "+" ? [...literals(node.left), ...literals(node.right)] : [];
    case "TSAsExpression":
    case "TSNonNullExpression":
      return literals(node.expression);
    default:
      return [];
  }
}

const shown = (node) => (node.type === "TemplateLiteral" ? true : letters.test(node.value));

export const noLiteralText = {
  meta: { type: "problem", schema: [], messages: { literal: "Put this text into the catalogue (src/strings) and use it from there." } },
  create(context) {
    const report = (node) => context.report({ node, messageId: "literal" });
    return {
      JSXText(node) {
        if (letters.test(node.value)) report(node);
      },
      JSXExpressionContainer(node) {
        const attribute = node.parent.type === "JSXAttribute" ? node.parent : null;
        if (attribute && !spoken.has(attribute.name.name)) return;
        for (const literal of literals(node.expression)) if (shown(literal)) report(literal);
      },
      JSXAttribute(node) {
        if (spoken.has(node.name.name) && node.value?.type === "Literal" && letters.test(String(node.value.value))) report(node.value);
      },
    };
  },
};

/** Physical directions in style objects and component properties; their logical counterparts follow the writing direction. */
const physical = /^(left|right|(margin|padding|border)(Left|Right)\w*|borderTop(Left|Right)Radius|borderBottom(Left|Right)Radius|ml|mr|pl|pr)$/;

export const logicalOnly = {
  meta: { type: "problem", schema: [], messages: { physical: "Use the logical property (inline start or end) instead of “{{name}}”." } },
  create(context) {
    const check = (node, name) => {
      if (typeof name === "string" && physical.test(name)) context.report({ node, messageId: "physical", data: { name } });
    };
    return {
      JSXAttribute(node) {
        const name = node.name.name;
        check(node, name);
        if (name !== "style" || node.value?.expression?.type !== "ObjectExpression") return;
        for (const p of node.value.expression.properties) check(p, p.key?.name ?? p.key?.value);
      },
    };
  },
};
