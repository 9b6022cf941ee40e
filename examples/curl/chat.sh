#!/bin/sh
# Asks a model for one answer and prints the whole reply as JSON:
#
#   export SCAIGRID_API_KEY=sgk_…
#   sh chat.sh "Write a haiku about distributed systems." | jq -r '.data.choices[0].message.content'
#
# A refusal is printed as well, with its code, hint and request id; the exit code is then 22.
set -eu
: "${SCAIGRID_API_KEY:?is not set: give it the key that the gateway printed}"
url=${SCAIGRID_BASE_URL:-http://localhost:8000}

# One line of text as a JSON string.
prompt=$(printf '%s' "${1:-Write a haiku about distributed systems.}" | sed 's/[\\"]/\\&/g')

curl --silent --show-error --fail-with-body --max-time 120 "$url/v1/inference/chat" \
  -H "Authorization: Bearer $SCAIGRID_API_KEY" \
  -H "Content-Type: application/json" \
  -d "{\"model\":\"scailabs/poolnoodle-omni\",\"messages\":[{\"role\":\"user\",\"content\":\"$prompt\"}]}"
echo
