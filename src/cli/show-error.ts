import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DiagnosticsError, errorOnHost, runError, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Terminal } from './command.ts';
import { UsageError } from './usage-error.ts';

/** Shows an error as its kind deserves: a user's mistake with its place and remedy, a fault of ours with its stack. */
export async function showError(error: unknown, terminal: Terminal, directory: string): Promise<void> {
  if (error instanceof UsageError) {
    terminal.stderr.write(`Error: ${error.message}\n`);
    return;
  }
  const { StateError } = await import('../state/store.ts');
  const { HostError } = await import('../host/connection.ts');
  if (error instanceof DiagnosticsError) {
    await showDiagnostics(error.diagnostics, terminal, directory);
  } else if (error instanceof StateError) {
    await showDiagnostics([runError(error.message.replace(/\.$/, ''), error.remedy)], terminal, directory);
  } else if (error instanceof HostError) {
    await showDiagnostics([errorOnHost(error.host, error.message, error.remedy)], terminal, directory);
  } else if (error instanceof Error && error.name === 'AbortError') {
    terminal.stderr.write('Interrupted; nothing was changed.\n');
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    terminal.stderr.write(`slipway has a fault of its own. Please report this:\n${text}\n`);
  }
}

/** Errors and warnings on stderr, with the lines of the files they are about. */
export async function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  terminal: Terminal,
  directory: string,
): Promise<void> {
  if (diagnostics.length === 0) return;
  const { renderDiagnostics } = await import('../diagnostics/render.ts');
  const readSource = (file: string): string | undefined => {
    try {
      return readFileSync(path.resolve(directory, file), 'utf8');
    } catch {
      return undefined;
    }
  };
  const text = renderDiagnostics(diagnostics, { readSource, color: terminal.color, width: terminal.width });
  terminal.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}
