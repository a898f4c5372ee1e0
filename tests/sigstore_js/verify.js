// Reads one question per line (JSON: bundle, trustedRoot, artifact and key in base64), writes one answer per line.
'use strict';
const readline = require('node:readline');
const { bundleFromJSON } = require('@sigstore/bundle');
const { TrustedRoot } = require('@sigstore/protobuf-specs');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

function answer(question) {
  try {
    const bundle = bundleFromJSON(question.bundle);
    const key = question.key && { rawBytes: Buffer.from(question.key, 'base64') };
    const hint = bundle.verificationMaterial.content?.publicKey?.hint;
    const material = toTrustMaterial(TrustedRoot.fromJSON(question.trustedRoot), key ? { [hint]: key } : {});
    const entity = toSignedEntity(bundle, Buffer.from(question.artifact, 'base64'));
    const signer = new Verifier(material).verify(entity);
    return { accepted: true, subject: signer.identity?.subjectAlternativeName ?? null };
  } catch (error) {
    return { accepted: false, reason: `${error.code ?? error.name}: ${error.message}` };
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
});
