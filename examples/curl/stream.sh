#!/bin/sh
# Prints the events of an answer while it is being made:
#
#   export SCAIGRID_API_KEY=sgk_…
#   sh stream.sh "Tell me a long story."
#
# The exit code is 0 only for a whole answer: no error event, and [DONE] at the end.
set -eu
: "${SCAIGRID_API_KEY:?is not set: give it the key that the gateway printed}"
url=${SCAIGRID_BASE_URL:-http://localhost:8000}

# One line of text as a JSON string.
prompt=$(printf '%s' "${1:-Tell me a long story.}" | sed 's/[\\"]/\\&/g')

curl --no-buffer --silent --show-error --fail-with-body --max-time 600 "$url/v1/inference/chat" \
  -H "Authorization: Bearer $SCAIGRID_API_KEY" \
  -H "Content-Type: application/json" \
  -d "{\"model\":\"scailabs/poolnoodle-omni\",\"messages\":[{\"role\":\"user\",\"content\":\"$prompt\"}],\"stream\":true}" |
  awk '{ print; fflush() } /^event: error/ { failed = 1 } /^data: \[DONE\]/ { done = 1 } END { exit failed || !done }'
