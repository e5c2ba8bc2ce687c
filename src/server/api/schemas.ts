import type { EffectiveConfig } from '../../app/override/config.ts';
import type { StandingOverride } from '../../app/override/standing-override.ts';
import type { PlanSummary } from '../../plan/plan.ts';
import type {
  AttributeView,
  HostView,
  InstanceView,
  PlanView,
  ResourceView,
  RestartView,
  StageView,
} from '../../plan/view.ts';
import type { Diagnostic, SourcePosition, SourceRange } from '../../diagnostics/diagnostic.ts';
import { RESOURCE_KINDS } from '../../spec/model.ts';
import type { ErrorBody } from '../http-error.ts';
import type {
  ClusterAnswer,
  ComponentAnswer,
  PlanAnswer,
  ValidateAnswer,
  WithdrawnAnswer,
} from './answers.ts';
import { HISTORY_SCHEMAS } from './schemas-history.ts';
import { LOOK_SCHEMAS } from './schemas-look.ts';
import { RUN_SCHEMAS } from './schemas-run.ts';
import {
  anything,
  list,
  object,
  oneOf,
  optional,
  orNull,
  ref,
  table,
  text,
  truth,
  whole,
  type JsonSchema,
} from './schema.ts';

const counted = (description: string) => whole(description, { minimum: 0 });
const format = { type: 'integer', enum: [1] };

const BASE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Error: object<ErrorBody>({ error: ref('Problem') }),
  Problem: object<ErrorBody['error']>({
    summary: text('One line.'),
    detail: optional(text('What was expected, and what to do.')),
    diagnostics: optional(list(ref('Diagnostic'))),
    run: optional(text('The run in the way, or the one to look at.')),
  }),
  Diagnostic: object<Diagnostic>(
    {
      severity: oneOf(['error', 'warning']),
      summary: text('One line, no full stop.'),
      detail: text('What was expected and what to do.'),
      subject: {
        description: 'Where it applies: a place in a file, a host, or the whole run.',
        oneOf: [
          {
            type: 'object',
            properties: { at: { const: 'source' }, range: ref('SourceRange'), hidden: truth() },
            required: ['at', 'range'],
          },
          {
            type: 'object',
            properties: { at: { const: 'host' }, host: text(), unreached: truth() },
            required: ['at', 'host'],
          },
          { type: 'object', properties: { at: { const: 'run' } }, required: ['at'] },
        ],
      },
    },
    'Something to know about the spec or the hosts.',
  ),
  SourceRange: object<SourceRange>(
    { file: text(), start: ref('SourcePosition'), end: ref('SourcePosition') },
    'A stretch of a file of the spec; its end is exclusive.',
  ),
  SourcePosition: object<SourcePosition>({
    line: whole('Counts from 1.'),
    column: whole('Counts from 1.'),
    byte: whole('Counts from 0.'),
  }),
  Cluster: object<ClusterAnswer>({
    cluster: orNull(text('Its name.'), 'Its name; null: nothing was applied yet, or the spec gives none.'),
    specVersion: orNull(text(), 'Version of the spec that was applied last, as the spec itself says.'),
    lineage: orNull(text(), 'Never changes during the life of a cluster; null: nothing was applied yet.'),
    serial: counted('Counts changes of the state.'),
    deployments: counted('Deployments that succeeded, in all.'),
    components: list(ref('Component')),
    hosts: list(text(), 'Addresses.'),
    outputs: table(anything, 'Outputs of the spec; null in place of a sensitive value.'),
    run: orNull(text(), 'The run that goes on in this server.'),
    interrupted: orNull(
      object<NonNullable<ClusterAnswer['interrupted']>>({ run: text(), unfinished: list(text()) }),
      'A run that was killed in the middle, and the instances it left so; an apply resumes it.',
    ),
    role: oneOf(['read', 'operate'], 'What whoever asks may do: look, or change as well.'),
  }),
  Component: object<ComponentAnswer>({
    name: text(),
    dependsOn: list(text()),
    instances: list(text(), 'Addresses, by index.'),
    preventDestroy: truth(),
  }),
  Plan: object<PlanAnswer>({
    plan: text('Its digest, by which it is applied.'),
    does: oneOf(['apply', 'destroy']),
    order: object<PlanAnswer['order']>(
      {
        does: oneOf(['apply', 'destroy']),
        targets: optional(list(text())),
        excludes: optional(list(text())),
        replace: optional(list(text())),
        version: optional(whole('The version of the history that it goes back to.')),
      },
      'What it was made for.',
    ),
    changes: truth('Whether applying it would do anything.'),
    view: ref('PlanView'),
    diagnostics: list(ref('Diagnostic'), 'Errors among them forbid to apply it.'),
  }),
  PlanView: object<PlanView>(
    {
      format,
      mode: oneOf(['apply', 'destroy']),
      cluster: orNull(text()),
      specVersion: orNull(text()),
      lineage: text(),
      serial: counted('Of the state that it was made for.'),
      specDigest: text(),
      refreshed: truth('Whether the hosts were asked.'),
      hosts: list(ref('HostPlan'), 'Every host of the plan, in its order.'),
      order: list(
        object<StageView>({ does: oneOf(['place', 'remove']), components: list(text()) }),
        'What goes before what: all that stands in one stage may happen at the same time.',
      ),
      stopped: optional(list(text(), 'Instances that stay stopped.')),
      warnings: list(text()),
      diagnostics: list(ref('Diagnostic')),
      summary: object<PlanSummary>({
        install: counted('Instances.'),
        update: counted('Instances.'),
        remove: counted('Instances.'),
        unchanged: counted('Instances.'),
        restarts: counted('Services.'),
      }),
    },
    'A plan as `slipway plan --json` prints it, without any secret.',
  ),
  HostPlan: object<HostView>({
    address: text(),
    name: orNull(text()),
    changes: list(ref('InstancePlan')),
    unchanged: list(text(), 'Instances that stay as they are.'),
  }),
  InstancePlan: object<InstanceView>({
    address: text('`backend@10.0.0.1`'),
    component: text(),
    action: oneOf(['install', 'update', 'replace', 'remove']),
    movedFrom: orNull(text()),
    reasons: list(text(), 'In words.'),
    resources: list(ref('ResourcePlan'), 'In the order of the work.'),
    unchanged: counted('Resources that stay as they are.'),
    restarts: list(
      object<RestartView>({ service: text(), how: oneOf(['restart', 'reload']), because: text() }),
      'What will restart, and why.',
    ),
    staysStopped: optional({ const: true, description: 'It was stopped, and stays so.' }),
  }),
  ResourcePlan: object<ResourceView>({
    address: text('`file.config`'),
    kind: oneOf(RESOURCE_KINDS),
    subject: orNull(text(), 'What it is on the host: a path, or a name.'),
    action: oneOf([
      'create',
      'adopt',
      'update',
      'replace',
      'start',
      'restart',
      'reload',
      'stop',
      'run',
      'remove',
    ]),
    attributes: list(
      object<AttributeView>({
        name: text(),
        before: ref('AttributeValue'),
        after: ref('AttributeValue'),
        sensitive: truth(),
      }),
    ),
    diff: orNull(text(), 'Unified diff of a text file.'),
    content: orNull(text(), 'Text of a new file; null where it is sensitive, binary or large.'),
    reason: orNull(text(), 'In words.'),
    fate: {
      description: 'What becomes of the thing on the host; null unless it is removed or replaced.',
      type: ['object', 'null'],
      properties: { fate: oneOf(['deleted', 'restored', 'kept', 'gone']) },
      required: ['fate'],
    },
    conflict: orNull(text(), 'What stands in the way: applying would fail on it.'),
  }),
  AttributeValue: { type: ['string', 'number', 'boolean', 'null'] },
  Config: object<EffectiveConfig>({
    components: table(list(text()), 'Where each component is placed.'),
    properties: table(anything, 'Values of variables; `(sensitive)` in place of one that is.'),
  }),
  Override: object<StandingOverride>({
    override: orNull(ref('Config'), 'As it stands in the file; null: there is none.'),
    spec: { ...ref('Config'), description: 'What would be in force without it.' },
  }),
  Withdrawn: object<WithdrawnAnswer>({ changed: truth('Whether there was one.') }),
  Validation: object<ValidateAnswer>({
    valid: truth(),
    errors: counted('Diagnostics that are errors.'),
    warnings: counted('Diagnostics that are warnings.'),
    diagnostics: list(ref('Diagnostic')),
  }),
};

/** All that answers consist of, by name. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  ...BASE_SCHEMAS,
  ...LOOK_SCHEMAS,
  ...RUN_SCHEMAS,
  ...HISTORY_SCHEMAS,
};
