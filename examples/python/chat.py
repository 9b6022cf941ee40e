"""Asks a model for one answer and prints it; what it took goes to standard error.

    pip install httpx
    export SCAIGRID_API_KEY=sgk_…
    python chat.py "Write a haiku about distributed systems."
"""

import os
import sys

import httpx

BASE_URL = os.environ.get("SCAIGRID_BASE_URL", "http://localhost:8000")
API_KEY = os.environ.get("SCAIGRID_API_KEY")
MODEL = "scailabs/poolnoodle-omni"
TIMEOUT_SECONDS = 120


def chat(prompt):
    """The whole answer. Ends the program with a reason where there is none."""
    if not API_KEY:
        sys.exit("SCAIGRID_API_KEY is not set: give it the key that the gateway printed.")
    try:
        response = httpx.post(
            f"{BASE_URL}/v1/inference/chat",
            headers={"Authorization": f"Bearer {API_KEY}"},
            json={"model": MODEL, "messages": [{"role": "user", "content": prompt}]},
            timeout=TIMEOUT_SECONDS,
        )
        reply = response.json()
    except httpx.TransportError as error:
        sys.exit(f"No answer from {BASE_URL}: is the gateway running there? ({error})")
    except ValueError:
        # The one answer that is no JSON would be a proxy's in between.
        sys.exit(f"HTTP {response.status_code} from something else at {BASE_URL}.")
    if reply["status"] == "error":
        error = reply["error"]
        sys.exit(f"{error['code']}: {error['message']} {error.get('hint', '')} ({reply['meta']['request_id']})")
    return reply["data"]


if __name__ == "__main__":
    answer = chat(sys.argv[1] if len(sys.argv) > 1 else "Write a haiku about distributed systems.")
    print(answer["choices"][0]["message"]["content"])
    meta = answer["_meta"]
    print(f"{answer['usage']['total_tokens']} tokens, {meta['latency_ms']} ms, {meta['request_id']}", file=sys.stderr)
