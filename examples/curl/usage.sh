#!/bin/sh
# Prints what was used since midnight, model by model, as JSON:
#
#   export SCAIGRID_API_KEY=sgk_…
#   sh usage.sh
#   sh usage.sh month api_key      (hour, day, week or month; by model, user, backend, tenant, api_key, day or hour)
#
# A refusal is printed as well, with its code, hint and request id; the exit code is then 22.
set -eu
: "${SCAIGRID_API_KEY:?is not set: give it the key that the gateway printed}"
url=${SCAIGRID_BASE_URL:-http://localhost:8000}

curl --silent --show-error --fail-with-body --max-time 30 --get "$url/v1/accounting/usage/summary" \
  -H "Authorization: Bearer $SCAIGRID_API_KEY" \
  --data-urlencode "period=${1:-day}" --data-urlencode "group_by=${2:-model}"
echo
