import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import { unreachable } from '../diagnostics/unreachable.ts';
import type { HostLayout } from '../host/layout.ts';
import type { Blob } from '../host/script.ts';
import type { InstanceDeclaration, ResourceDeclaration } from '../spec/model.ts';
import { Sensitive, Unknown } from '../spec/value.ts';
import {
  attributeReader,
  canonicalJson,
  findMark,
  reveal,
  type AttributeReader,
} from './attribute-reader.ts';
import { createSourceReader, sha256, textContent, type SourceReader } from './content.ts';
import {
  accountName,
  commandOf,
  comment,
  linkTarget,
  mode,
  optionalAccount,
  packageName,
  packageVersion,
  unitName,
} from './field-rules.ts';
import { managedPath, optionalPath, type PathPlace } from './path-rules.ts';
import type { Content, DesiredResource } from './resource.ts';

/** What decoding needs to know beside the declaration. */
export interface DecodeEnvironment {
  readonly layout: HostLayout;
  /** Maps sensitive text to the digest that state may keep. */
  readonly hmac: (text: string) => string;
  /** Share one among all instances of a run: it digests each file once. Default: one for this call. */
  readonly readSource?: SourceReader;
  /** The archive behind a URL as a blob with this digest, fetched no later than its `open`. */
  readonly fetched?: (url: string, sha256: string) => Blob;
}

/**
 * The typed resources of an instance whose facts are known. Faults that only show once values are known (a mode, a path, a
 * name) are diagnostics; a resource that has one is left out.
 */
export function decodeInstance(
  declaration: InstanceDeclaration,
  environment: DecodeEnvironment,
): { readonly resources: readonly DesiredResource[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const resources: DesiredResource[] = [];
  const known = { ...environment, readSource: environment.readSource ?? createSourceReader() };
  const { dir } = declaration;
  if (dir === null) throw new Error(`the directory of ${declaration.address} is not known`);
  for (const resource of declaration.resources) {
    const before = diagnostics.length;
    const read = attributeReader(resource, diagnostics);
    const decoded = decodeResource(resource, {
      read,
      dir,
      confined: environment.layout.confined,
      siblings: declaration.resources,
      environment: known,
    });
    if (diagnostics.length === before) resources.push(decoded);
  }
  return { resources, diagnostics };
}

interface Place extends PathPlace {
  readonly siblings: readonly ResourceDeclaration[];
  readonly environment: DecodeEnvironment & { readonly readSource: SourceReader };
}

function decodeResource(declaration: ResourceDeclaration, place: Place): DesiredResource {
  const { kind, address, range } = declaration;
  const { read, environment } = place;
  // Plain literals, no spread: there may be a hundred thousand of these.
  switch (kind) {
    case 'package':
      needsRoot(declaration, place);
      return { address, range, kind, name: packageName(read), version: packageVersion(read) };
    case 'group':
      needsRoot(declaration, place);
      return {
        address,
        range,
        kind,
        name: accountName(read, 'name'),
        gid: read.optionalInteger('gid'),
        system: read.flag('system', false),
      };
    case 'user':
      needsRoot(declaration, place);
      return {
        address,
        range,
        kind,
        name: accountName(read, 'name'),
        uid: read.optionalInteger('uid'),
        group: optionalAccount(read, 'group'),
        groups: read.texts('groups'),
        home: optionalPath(place, 'home'),
        shell: optionalPath(place, 'shell'),
        comment: comment(read),
        system: read.flag('system', false),
      };
    case 'directory': {
      const onRemove = read.optionalText('on_remove') === 'delete' ? 'delete' : 'keep';
      const path = managedPath(place, 'path');
      if (onRemove === 'delete' && path.split('/').length < 3) {
        read.fail(
          'Too much to delete',
          `${address} would delete all of ${path} at its removal. Use on_remove = "keep".`,
        );
      }
      return {
        address,
        range,
        kind,
        path,
        owner: optionalAccount(read, 'owner'),
        group: optionalAccount(read, 'group'),
        mode: mode(read),
        onRemove,
      };
    }
    case 'file':
      return {
        address,
        range,
        kind,
        path: managedPath(place, 'path'),
        owner: optionalAccount(read, 'owner'),
        group: optionalAccount(read, 'group'),
        mode: mode(read),
        content: content(place),
      };
    case 'link':
      return { address, range, kind, path: managedPath(place, 'path'), target: linkTarget(read) };
    case 'archive': {
      const format = read.text('format');
      if (format !== 'tar.gz' && format !== 'tar.xz' && format !== 'zip') {
        read.fail(
          'Unknown archive format',
          `${address} has format "${format}": it must be tar.gz, tar.xz or zip.`,
          'format',
        );
      }
      return {
        address,
        range,
        kind,
        path: managedPath(place, 'path'),
        blob: archiveBlob(place),
        format: format as 'tar.gz' | 'tar.xz' | 'zip',
        strip: read.optionalInteger('strip') ?? 0,
        owner: optionalAccount(read, 'owner'),
        group: optionalAccount(read, 'group'),
      };
    }
    case 'service': {
      const command = commandOf(read, 'command', address);
      return {
        address,
        range,
        kind,
        name: unitName(read),
        command,
        user: optionalAccount(read, 'user'),
        group: optionalAccount(read, 'group'),
        environment: read.textMap('environment'),
        workingDirectory: optionalPath(place, 'working_directory'),
        drain: read.optionalText('drain'),
        reload: read.optionalText('reload'),
        triggers: triggers(declaration, place),
        enabledAtBoot: read.flag('enabled_at_boot', true),
        stopTimeoutSeconds: read.number('stop_timeout', 30),
        dir: place.dir,
      };
    }
    case 'script':
      return {
        address,
        range,
        kind,
        once: read.flag('once', false),
        create: read.text('create'),
        unless: read.optionalText('unless'),
        destroy: read.optionalText('destroy'),
        triggersDigest: triggersDigest(read, environment.hmac, address),
        secrets: secrets(read, address),
        timeoutSeconds: read.number('timeout', 600),
      };
    default:
      return unreachable(kind);
  }
}

/** Under the local provider nothing outside the working directory is touched. */
function needsRoot({ kind, address }: ResourceDeclaration, { read, confined }: Place): void {
  if (!confined) return;
  read.fail(
    `A ${kind} cannot be managed on this machine itself`,
    `${address} is placed on a host of the local provider, which works without root and only in the instance's directory. Place it on a host reached by SSH, or leave it out there with enabled = false.`,
  );
}

function content({ read, environment }: Place): Content {
  const source = read.optionalText('source');
  if (source !== null) return { type: 'blob', blob: sourceBlob(read, source, environment.readSource) };
  const raw = read.raw('content');
  const sensitive = raw instanceof Sensitive;
  const value = sensitive ? raw.reveal() : raw;
  if (value instanceof Unknown) {
    read.fail('Unknown value', `The content needs ${value.path}, which is not known.`);
  } else if (typeof value === 'string') {
    return textContent(value, sensitive);
  } else {
    read.fail('Missing content', 'A file needs one of content, template and source.');
  }
  return textContent('', sensitive);
}

const NOTHING: Blob = { digest: '', sizeBytes: 0, async *open() {} };

function sourceBlob(read: AttributeReader, path: string, readSource: SourceReader): Blob {
  try {
    return readSource(path);
  } catch (error) {
    read.fail('Unreadable file', error instanceof Error ? error.message : String(error));
    return NOTHING;
  }
}

function archiveBlob({ read, environment }: Place): Blob {
  const source = read.text('source');
  const digest = read.optionalText('sha256');
  if (/^https?:\/\//.test(source)) {
    if (digest !== null && environment.fetched !== undefined) return environment.fetched(source, digest);
    read.fail('Archive cannot be fetched', `${source} needs its sha256.`);
    return NOTHING;
  }
  const blob = sourceBlob(read, source, environment.readSource);
  if (digest !== null && blob !== NOTHING && blob.digest !== digest) {
    read.fail('Wrong digest', `${source} has SHA-256 ${blob.digest}, the spec says ${digest}.`);
  }
  return blob;
}

/** Addresses of the resources whose change restarts a service: those above it, or those of `restart_on`. */
function triggers(declaration: ResourceDeclaration, { read, siblings }: Place): string[] {
  if (read.raw('restart_on') === null) {
    return siblings.slice(0, siblings.indexOf(declaration)).map((sibling) => sibling.address);
  }
  const addresses = siblings.map((sibling) => sibling.address);
  return read.texts('restart_on').flatMap((name) => {
    // The address of a resource with for_each means all of its items.
    const named = addresses.filter((address) => address === name || address.startsWith(`${name}[`));
    // A disabled resource is declared, but not here: the spec has checked the name. A misspelling never gets here.
    if (named.length === 0 && !/^[a-z]+\..+$/.test(name)) {
      read.fail('Unknown resource', `restart_on names "${name}".${didYouMean(name, addresses)}`);
    }
    return named;
  });
}

function triggersDigest(read: AttributeReader, hmac: (text: string) => string, address: string): string {
  const value = read.raw('triggers') ?? [];
  const unknown = findMark(value, Unknown);
  if (unknown instanceof Unknown) {
    read.fail('Unknown value', `The triggers of ${address} need ${unknown.path}, which is not known.`);
    return '';
  }
  return sha256(canonicalJson(value, hmac));
}

function secrets(read: AttributeReader, address: string): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  const value = reveal(read.raw('secrets') ?? {});
  if (value instanceof Unknown || typeof value !== 'object' || value === null || Array.isArray(value)) {
    read.fail('Wrong type', `The secrets of ${address} must be a map of strings.`);
    return result;
  }
  for (const [name, secret] of Object.entries(value)) {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) {
      read.fail(
        'Invalid name',
        `"${name}" cannot be the name of a secret's file: letters, digits, "_", "-", "." only.`,
      );
    } else if (typeof secret !== 'string') {
      read.fail('Wrong type', `The secret "${name}" of ${address} must be a string that is known.`);
    } else result.set(name, secret);
  }
  return result;
}
