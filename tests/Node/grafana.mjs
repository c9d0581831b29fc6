// Holds dashboards to Grafana's own types, strictly: an unknown property is a fault. Input: the paths of dashboards. Output: a JSON list of sentences.
// What the types of the dashboard leave open is held to the types of what fills it: options and fields of panels, and queries of data sources.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(`${process.argv[2]}/package.json`);
const Ajv = require('ajv');
const { createGenerator } = await import(pathToFileURL(join(process.argv[2], 'node_modules/ts-json-schema-generator/dist/index.js')));

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
const raw = join(process.argv[2], 'node_modules/@grafana/schema/dist/types/raw');
const sdk = join(process.argv[2], 'node_modules/@grafana/grafana-foundation-sdk/dist');
const composables = { stat: 'stat', timeseries: 'timeseries', 'state-timeline': 'statetimeline', table: 'table', heatmap: 'heatmap', logs: 'logs' };

// Of an annotation the dashboard's type knows only those of Grafana's own store. These are the additions of the two data sources, as their editors write them.
const annotationAdditions = {
  prometheus: { target: ['expr', 'interval', 'refId'], more: ['titleFormat', 'textFormat', 'tagKeys', 'useValueForTime'] },
  elasticsearch: { target: ['query', 'refId'], more: ['timeField', 'timeEndField', 'textField', 'tagsField'] },
};

const schema = makeSchema([
  ['Dashboard', join(raw, 'dashboard/x/types.gen'), 'Dashboard'],
  ...Object.values(composables).flatMap((folder) => {
    const types = join(raw, 'composable', folder, 'panelcfg/x/types.gen');
    const hasFields = /interface FieldConfig\b/.test(readFileSync(`${types}.d.ts`, 'utf8'));
    return [[`${folder}Options`, types, 'Options'], ...(hasFields ? [[`${folder}Fields`, types, 'FieldConfig']] : [])];
  }),
  ['prometheusQuery', join(sdk, 'prometheus/types.gen'), 'Dataquery'],
  ['elasticsearchQuery', join(sdk, 'elasticsearch/types.gen'), 'Dataquery'],
]);
ajv.addSchema(schema, 'grafana');
const units = new Set(Object.values(require(join(sdk, 'units/index.js'))));
const faults = [];

for (const path of JSON.parse(readFileSync(0, 'utf8'))) {
  const dashboard = JSON.parse(readFileSync(path, 'utf8'));
  const where = basename(path);
  for (const annotation of dashboard.annotations?.list ?? []) checkAnnotation(annotation, where);
  check('Dashboard', dashboard, where);
  for (const panel of (dashboard.panels ?? []).flatMap((panel) => [panel, ...(panel.panels ?? [])])) checkPanel(panel, `${where}, panel "${panel.title}"`);
}
process.stdout.write(JSON.stringify(faults));

function checkPanel(panel, where) {
  if (panel.type === 'row') return;
  const folder = composables[panel.type];
  if (!folder) {
    faults.push(`${where}: the type ${panel.type} is not held to a schema`);
    return;
  }
  check(`${folder}Options`, panel.options, `${where}, options`);
  const custom = panel.fieldConfig.defaults.custom ?? {};
  if (schema.properties[`${folder}Fields`]) check(`${folder}Fields`, custom, `${where}, custom`);
  else if (Object.keys(custom).length > 0) faults.push(`${where}: ${panel.type} has no field properties of its own`);
  const overridden = panel.fieldConfig.overrides.flatMap((override) => override.properties).filter((property) => property.id === 'unit').map((property) => property.value);
  for (const unit of [panel.fieldConfig.defaults.unit, ...overridden]) if (!units.has(unit)) faults.push(`${where}: "${unit}" is no unit of Grafana`);
  for (const target of panel.targets) check(`${target.datasource.type}Query`, target, `${where}, query ${target.refId}`);
}

/** Checks what a data source adds to an annotation, and takes it off, so that the rest is held to the type. */
function checkAnnotation(annotation, where) {
  const additions = annotationAdditions[annotation.datasource.type];
  if (!additions) return;
  for (const property of Object.keys(annotation.target ?? {})) if (!additions.target.includes(property)) faults.push(`${where}, annotation "${annotation.name}": the query has ${property}`);
  for (const property of additions.more) delete annotation[property];
  delete annotation.target;
}

function check(type, value, where) {
  const validate = ajv.getSchema(`grafana#/properties/${type}`);
  if (validate(value)) return;
  // Of a choice every branch complains; the deepest complaints are those of the branch that was meant.
  const deepest = Math.max(...validate.errors.map((error) => error.instancePath.split('/').length));
  for (const error of validate.errors.filter((error) => error.instancePath.split('/').length === deepest)) faults.push(`${where}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
}

/** One schema for all types, since reading the packages is what takes the time. Of each: the name here, the module, the name there. */
function makeSchema(types) {
  const folder = mkdtempSync(join(process.argv[2], 'schema-'));
  try {
    const file = join(folder, 'types.ts');
    const imports = types.map(([name, module, there]) => `import type { ${there} as Of${name} } from ${JSON.stringify(module)};\n`);
    // Of fields' properties all have a default.
    const properties = types.map(([name]) => `  ${name}: ${name.endsWith('Fields') ? `Partial<Of${name}>` : `Of${name}`};\n`);
    writeFileSync(file, `${imports.join('')}export interface Everything {\n${properties.join('')}}\n`);
    const tsconfig = join(folder, 'tsconfig.json');
    writeFileSync(tsconfig, JSON.stringify({ compilerOptions: { module: 'esnext', moduleResolution: 'bundler', target: 'es2022', skipLibCheck: true, strict: true, types: [] }, files: ['types.ts'] }));
    return createGenerator({ path: file, tsconfig, type: 'Everything', expose: 'none', topRef: false, additionalProperties: false, skipTypeCheck: true }).createSchema('Everything');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
