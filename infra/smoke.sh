#!/usr/bin/env bash
# Waits until a deployed app is healthy: bash infra/smoke.sh <base URL> [version it has to report]
# A new package needs a moment, a cold start some seconds; after SMOKE_SECONDS (300) without success this fails.
set -euo pipefail

url=${1:?say the base URL of the app}/api/health
expected=${2:-}
deadline=$((SECONDS + ${SMOKE_SECONDS:-300}))
body=$(mktemp)
trap 'rm -f "$body"' EXIT

while :; do
  status=$(curl --silent --max-time 30 --output "$body" --write-out '%{http_code}' "$url") || status=000
  version=$(sed -n 's/.*"version" *: *"\([^"]*\)".*/\1/p' "$body")
  if [ "$status" = 200 ] && { [ -z "$expected" ] || [ "$version" = "$expected" ]; }; then
    echo "Healthy: $url reports version ${version:-(none)}."
    exit 0
  fi
  if [ $SECONDS -ge $deadline ]; then
    echo "Not healthy: $url answered $status, version ${version:-(none)}${expected:+, expected $expected}." >&2
    head -c 1000 "$body" >&2
    exit 1
  fi
  sleep "${SMOKE_PAUSE:-5}"
done
