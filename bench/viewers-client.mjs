// Viewers of the log of a server, in a process of their own: `fork(file, [PORT, COUNT])`. Every second one never reads. They take
// bytes as they come and look at them when all is over, so that they cost the machine as little as browsers elsewhere would.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);

const viewers = await Promise.all(Array.from({ length: count }, (_, i) => view(i % 2 === 0)));
process.on('message', ({ before, run }) => {
  const expected = [...linesOf(before).slice(-1000), ...linesOf(run)];
  const readers = viewers.filter(({ reads }) => reads);
  const whole = Buffer.concat(expected.map(frameOf));
  const faults = readers.flatMap(({ chunks, isOpen }) => {
    const bytes = Buffer.concat(chunks);
    return bytes.equals(whole) ? [] : faultOf(textsOf(bytes), expected, isOpen());
  });
  process.send({ faults, lines: expected.length, bytes: Math.max(...readers.map(({ size }) => size())) });
});
process.on('disconnect', () => process.exit());
process.send('open');

/** Opens a WebSocket by hand; what the server has said beyond the upgrade is kept. */
function view(reads) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks = [];
    let bytes = 0;
    let head = Buffer.alloc(0);
    socket.on('error', reject);
    socket.write(
      `GET /deployment-engine/log HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n',
    );
    const keep = (data) => {
      chunks.push(data);
      bytes += data.length;
    };
    const onHead = (data) => {
      head = Buffer.concat([head, data]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!head.toString('latin1', 0, 12).endsWith('101')) reject(new Error(head.toString()));
      socket.off('data', onHead);
      socket.on('data', keep);
      keep(head.subarray(end + 4));
      if (!reads) socket.pause();
      resolve({ reads, chunks, size: () => bytes, isOpen: () => !socket.destroyed && !socket.readableEnded });
    };
    socket.on('data', onHead);
  });
}

/** A line as a server sends it, up to 64 KiB. */
function frameOf(line) {
  const text = Buffer.from(line);
  const head = text.length < 126 ? [text.length] : [126, text.length >> 8, text.length & 255];
  return Buffer.concat([Buffer.from([0x81, ...head]), text]);
}

/** Texts of the frames of a server; the last one may not be there to its end. */
function textsOf(bytes) {
  const texts = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const short = bytes[at + 1];
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + head > bytes.length) break;
    const size =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    if (bytes[at] === 0x81) texts.push(bytes.toString('utf8', at + head, at + head + size));
    at += head + size;
  }
  return texts;
}

function faultOf(texts, expected, isOpen) {
  const how = isOpen ? '' : ', and the connection is closed';
  if (texts.length !== expected.length) return [`${texts.length} lines instead of ${expected.length}${how}`];
  const at = expected.findIndex((line, i) => line !== texts[i]);
  return at < 0 ? [] : [`line ${at} is ${texts[at]} instead of ${expected[at]}`];
}

function linesOf(file) {
  return file === null ? [] : readFileSync(file, 'utf8').trimEnd().split('\n');
}
