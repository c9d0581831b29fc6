// Reads PromQL with Prometheus' own grammar. Input: a JSON list of expressions. Output: for each either {error} or {tree}, a tree of
// {kind: selector|aggregate|call|binary|constant, ...} in which parentheses, signs and offsets are gone.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.argv[2]}/package.json`);
const { parser } = require('@prometheus-io/lezer-promql');

const expressions = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(expressions.map(read)));

function read(text) {
  const tree = parser.parse(text);
  let error = null;
  tree.iterate({ enter: (node) => { if (node.type.isError && error === null) error = `cannot be read at "${text.slice(Math.max(0, node.from - 20), node.to + 20)}"`; } });
  if (error !== null) return { error };
  try {
    return { tree: expression(tree.topNode.firstChild, text) };
  } catch (fault) {
    return { error: fault.message };
  }
}

function children(node) {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function words(node, text) {
  return text.slice(node.from, node.to);
}

function isExpression(node) {
  return /Expr$|Selector$|^FunctionCall$|Literal$/.test(node.name) && !/^(Duration|OffsetDuration)Expr$/.test(node.name);
}

function labelsOf(node, text) {
  return children(node).filter((child) => child.name === 'LabelName').map((child) => words(child, text));
}

function expression(node, text) {
  const parts = children(node);
  switch (node.name) {
    case 'ParenExpr': case 'UnaryExpr': case 'OffsetExpr': case 'StepInvariantExpr':
      return expression(parts.find(isExpression), text);
    case 'SubqueryExpr':
      return { ...expression(parts.find(isExpression), text), ranged: true };
    case 'MatrixSelector':
      return { ...expression(parts[0], text), ranged: true, range: words(parts.find((part) => part.name === 'DurationExpr'), text) };
    case 'VectorSelector':
      return selector(parts, text);
    case 'FunctionCall':
      return { kind: 'call', name: words(parts[0], text), arguments: body(parts, text) };
    case 'AggregateExpr':
      return { kind: 'aggregate', name: words(parts[0], text), ...modifier(parts, text), arguments: body(parts, text) };
    case 'BinaryExpr':
      return binary(parts, text);
    case 'NumberDurationLiteral':
      return { kind: 'constant' };
    case 'StringLiteral':
      return { kind: 'constant', name: words(node, text).slice(1, -1) };
    default:
      throw new Error(`${node.name} is not expected in "${text}"`);
  }
}

function selector(parts, text) {
  const matchers = [];
  for (const matcher of parts.filter((part) => part.name === 'LabelMatchers').flatMap(children)) {
    const [label, operator, value] = children(matcher);
    if (matcher.name !== 'UnquotedLabelMatcher') throw new Error(`${matcher.name} is not expected in "${text}"`);
    matchers.push({ label: words(label, text), operator: words(operator, text), value: JSON.parse(words(value, text)) });
  }
  const name = parts.find((part) => part.name === 'Identifier');
  return { kind: 'selector', name: name ? words(name, text) : '', matchers, ranged: false };
}

function modifier(parts, text) {
  const found = parts.find((part) => part.name === 'AggregateModifier');
  if (!found) return { by: [] };
  const [word, labels] = children(found);
  return word.name === 'By' ? { by: labelsOf(labels, text) } : { without: labelsOf(labels, text) };
}

function body(parts, text) {
  return children(parts.find((part) => part.name === 'FunctionCallBody')).filter(isExpression).map((part) => expression(part, text));
}

function binary(parts, text) {
  const [left, right] = parts.filter(isExpression).map((part) => expression(part, text));
  const node = { kind: 'binary', name: words(parts[1], text), left, right };
  const clause = parts.find((part) => part.name === 'MatchingModifierClause');
  if (!clause) return node;
  const inside = children(clause);
  const groupings = inside.filter((part) => part.name === 'GroupingLabels');
  node[inside[0].name === 'On' ? 'on' : 'ignoring'] = labelsOf(groupings[0], text);
  const side = inside.find((part) => /^Group(Left|Right)$/.test(part.name));
  if (side) node.group = side.name;
  if (groupings.length > 1) node.include = labelsOf(groupings[1], text);
  return node;
}
