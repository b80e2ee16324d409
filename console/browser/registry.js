// The least that a container client does: an image of one layer, pushed.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';

const digest = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Asks ECR behind an AWS port, which takes any keys. */
export async function ecr(aws, operation, body) {
  const answer = await fetch(aws, {
    method: 'POST', body: JSON.stringify(body),
    headers: {
      'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `AmazonEC2ContainerRegistry_V20150921.${operation}`,
      Authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ecr/aws4_request, SignedHeaders=host, Signature=0',
    },
  });
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** The header that logs in to the registry. */
async function login(aws) {
  const { authorizationData: [{ authorizationToken }] } = await ecr(aws, 'GetAuthorizationToken', {});
  return `Basic ${authorizationToken}`;
}

/** Pushes a folder as an image to a repository at the AWS port, with a tag. */
export async function push(aws, repository, tag, folder) {
  const Authorization = await login(aws);
  const layer = execFileSync('tar', ['-C', folder, '--transform', 's,^\\./,,', '-cz', '.']);
  const bare = execFileSync('gzip', ['-dc'], { input: layer });
  const config = Buffer.from(JSON.stringify({ architecture: 'arm64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digest(bare)] }, config: {} }));
  for (const blob of [layer, config]) {
    const begun = await fetch(`${aws}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers: { Authorization } });
    if (begun.status !== 202) throw new Error(`push to ${repository}: ${begun.status} ${await begun.text()}`);
    const to = new URL(begun.headers.get('Location'), aws);
    to.searchParams.set('digest', digest(blob));
    to.host = new URL(aws).host;
    const put = await fetch(to, { method: 'PUT', body: blob, headers: { Authorization, 'Content-Type': 'application/octet-stream' } });
    if (put.status !== 201) throw new Error(`push to ${repository}: ${put.status} ${await put.text()}`);
  }
  const manifest = JSON.stringify({
    schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest(config), size: config.length },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest(layer), size: layer.length }],
  });
  const put = await fetch(`${aws}/v2/${repository}/manifests/${tag}`, { method: 'PUT', body: manifest, headers: { Authorization, 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' } });
  if (put.status !== 201) throw new Error(`push ${repository}:${tag}: ${put.status} ${await put.text()}`);
  return digest(manifest);
}
