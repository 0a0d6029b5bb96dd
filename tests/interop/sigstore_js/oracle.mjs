// Copyright (c) 2026, OpenCHAMI contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// What sigstore's JavaScript libraries make of a bundle, and a bundle that they made:
//   node oracle.mjs verify BUNDLE PUBLIC_KEY    exit code 0 or 1
//   node oracle.mjs sign STATEMENT PRIVATE_KEY  the bundle on standard output

import { createPublicKey, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { bundleFromJSON, bundleToJSON } from "@sigstore/bundle";
import { DSSEBundleBuilder } from "@sigstore/sign";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

const [command, document, key] = process.argv.slice(2);

function verify() {
  const always = { publicKey: createPublicKey(readFileSync(key)), validFor: () => true };
  const nobody = { tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] };
  const verifier = new Verifier(
    toTrustMaterial(nobody, () => always),
    { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 },
  );
  verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(readFileSync(document)))));
}

async function signed() {
  const secret = createPrivateKey(readFileSync(key));
  const publicKey = createPublicKey(secret).export({ type: "spki", format: "pem" });
  const signer = {
    sign: async (data) => ({ signature: sign("sha256", data, secret), key: { $case: "publicKey", publicKey, hint: "us" } }),
  };
  const builder = new DSSEBundleBuilder({ signer, witnesses: [] });
  const bundle = await builder.create({ data: readFileSync(document), type: "application/vnd.in-toto+json" });
  process.stdout.write(JSON.stringify(bundleToJSON(bundle)));
}

await { verify, sign: signed }[command]();
