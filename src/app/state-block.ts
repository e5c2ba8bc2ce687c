import { throwOnErrors, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { fileEnvironment } from '../spec/eval/environment.ts';
import type { Body } from '../spec/hcl/ast.ts';
import type { HclParser } from '../spec/hcl/parse.ts';
import { bindBlock } from '../spec/schema/bind.ts';
import { decodeBodies } from '../spec/schema/decode.ts';
import { SPEC_SCHEMA } from '../spec/schema/spec-file.ts';
import { readStateSettings } from '../spec/state-settings.ts';

/** Where the state lies by the `state` blocks of a directory's files. Throws `DiagnosticsError`. */
export function statePath(bodies: readonly Body[], directory: string, parser: HclParser): string {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => void diagnostics.push(diagnostic);
  const [decoded] = decodeBodies([...bodies], SPEC_SCHEMA, report);
  const environment = fileEnvironment({ baseDir: directory, confined: false, parser });
  const settings = readStateSettings(decoded && bindBlock(decoded, environment, report), report);
  throwOnErrors(diagnostics);
  return settings.path;
}
