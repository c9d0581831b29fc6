// Holds documents against the Elastic Common Schema: check-ecs.mjs PACKAGES FILE...
// Each file holds one JSON document per line or one document. Every field that is not below "gpu" must be one of the schema, with a value of
// its type, single where the schema knows no list, and one of the allowed values where they are a closed list. Offences are printed, one a line.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [packages, ...files] = process.argv.slice(2);
const { EcsFlat, EcsVersion } = createRequire(packages + '/')('@elastic/ecs');
const offences = [];

const isDate = value => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) && !Number.isNaN(Date.parse(value));
const types = {
  keyword: value => typeof value === 'string' && value.length > 0 && value.length <= 1024,
  constant_keyword: value => typeof value === 'string' && value.length > 0,
  wildcard: value => typeof value === 'string' && value.length > 0,
  match_only_text: value => typeof value === 'string' && value.length > 0,
  date: isDate,
  long: Number.isSafeInteger,
  integer: Number.isInteger,
  float: Number.isFinite,
  boolean: value => typeof value === 'boolean',
  ip: value => typeof value === 'string' && /^([0-9.]+|[0-9a-f:.]+)$/i.test(value),
  object: value => typeof value === 'object' && Object.values(value).every(inner => typeof inner === 'string'),
};

function field(where, name, value) {
  const known = EcsFlat[name];
  if (!known) return offences.push(`${where}: ${name} is no field of ECS ${EcsVersion}`);
  const isList = Array.isArray(value);
  if (isList && !(known.normalize ?? []).includes('array')) offences.push(`${where}: ${name} is a list, ECS has one value`);
  for (const one of isList ? value : [value]) {
    // What is not indexed has no limit of length.
    const holds = known.index === false ? inner => typeof inner === 'string' : types[known.type];
    if (!holds) offences.push(`${where}: ${name} has the type ${known.type}, which this check does not know`);
    else if (!holds(one)) offences.push(`${where}: ${name} is ${JSON.stringify(one)}, expected ${known.type}`);
    const allowed = known.allowed_values ?? [];
    if (allowed.length > 0 && !allowed.some(entry => entry.name === one)) offences.push(`${where}: ${name} is '${one}', allowed are ${allowed.map(entry => entry.name).join(', ')}`);
  }
}

function walk(where, prefix, value) {
  for (const [key, inner] of Object.entries(value)) {
    const name = prefix + key;
    if (name === 'gpu') continue;
    if (inner !== null && typeof inner === 'object' && !Array.isArray(inner) && EcsFlat[name]?.type !== 'object') walk(where, name + '.', inner);
    else field(where, name, inner);
  }
}

function document(where, value) {
  walk(where, '', value);
  for (const name of ['@timestamp', 'message']) if (!(name in value)) offences.push(`${where}: ${name} is missing`);
  if (value.ecs?.version !== EcsVersion) offences.push(`${where}: ecs.version is ${value.ecs?.version}, the schema is ${EcsVersion}`);
  // A category has types that are expected with it; each category needs one, and each type one of the categories.
  const categories = value.event?.category ?? [];
  const given = value.event?.type ?? [];
  const expected = category => EcsFlat['event.category'].allowed_values.find(entry => entry.name === category)?.expected_event_types ?? [];
  for (const category of categories) if (!given.some(type => expected(category).includes(type))) offences.push(`${where}: event.type ${given} fits none of the category ${category}`);
  for (const type of given) if (!categories.some(category => expected(category).includes(type))) offences.push(`${where}: event.type ${type} fits none of the categories ${categories}`);
}

let count = 0;
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const documents = text.startsWith('{\n') ? [text] : text.split('\n').filter(line => line.length > 0);
  documents.forEach((json, index) => {
    count++;
    document(documents.length > 1 ? `${file}:${index + 1}` : file, JSON.parse(json));
  });
}
for (const offence of offences) console.log(offence);
console.log(`${count} documents, ${offences.length} offences`);
process.exit(offences.length > 0 || count === 0 ? 1 : 0);
