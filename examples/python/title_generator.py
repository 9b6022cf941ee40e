"""Gives conversations their titles, the way a chat application does it in the background: errors told apart by their
code, another attempt where one helps, no sooner than asked, and an account of what was used.

    pip install httpx
    export SCAIGRID_API_KEY=sgk_…
    python title_generator.py "Hey, what's a good recipe for carbonara?" "How do I repair a flat tyre?"

To see the attempts, let the sandbox fail twice:

    SIMULATE='{"error":"BACKEND_RATE_LIMITED","retry_after":2,"times":2}' python title_generator.py
"""

import os
import random
import sys
import time

import httpx

BASE_URL = os.environ.get("SCAIGRID_BASE_URL", "http://localhost:8000")
API_KEY = os.environ.get("SCAIGRID_API_KEY")
SIMULATE = os.environ.get("SIMULATE")
MODEL = "scailabs/poolnoodle-omni"
INSTRUCTION = "You generate conversation titles. Reply with ONLY the title, max 6 words."

TIMEOUT_SECONDS = 30
ATTEMPTS_MAX = 3
# Nobody waits longer than this for a title, whatever the gateway asks for.
WAIT_SECONDS_MAX = 60
# The codes after which the same call may well succeed. Every other one means: change something first.
WORTH_ANOTHER_ATTEMPT = {
    "BACKEND_RATE_LIMITED",
    "BACKEND_TIMEOUT",
    "BACKEND_ERROR",
    "MODEL_UNAVAILABLE",
    "RATE_LIMITED",
    "OVERLOADED",
    "DEPENDENCY_UNAVAILABLE",
    "SHUTTING_DOWN",
}


class ScaiGridError(Exception):
    """A refusal or failure that the gateway has told."""

    def __init__(self, error, request_id):
        hint = f" {error['hint']}" if "hint" in error else ""
        super().__init__(f"{error['code']}: {error['message']}{hint} ({request_id})")
        self.code = error["code"]
        self.retry_after_seconds = error.get("retry_after")
        self.request_id = request_id


def call(client, method, path, **options):
    """One call: its data and its request id. Raises ScaiGridError, or httpx.TransportError where nobody answers."""
    response = client.request(method, path, **options)
    try:
        reply = response.json()
    except ValueError:
        # The one answer that is no JSON would be a proxy's in between.
        sys.exit(f"HTTP {response.status_code} from something else at {BASE_URL}.")
    request_id = reply["meta"]["request_id"]
    if reply["status"] == "error":
        raise ScaiGridError(reply["error"], request_id)
    return reply["data"], request_id


def wait_before(attempt, error):
    """Seconds before the next attempt: what the gateway asks for, else twice as long each time, never all at once."""
    return error.retry_after_seconds or 2**attempt * random.uniform(0.5, 1)


def title_of(client, text):
    """A title of at most six words for the first message of a conversation, its tokens and its request id."""
    request = {
        "model": MODEL,
        "messages": [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": text}],
        "max_tokens": 20,
        "temperature": 0.3,
    }
    # Sandbox models alone listen to it: it can stay in a program that runs for real.
    headers = {"X-Scaigrid-Simulate": SIMULATE} if SIMULATE else {}
    for attempt in range(ATTEMPTS_MAX):
        try:
            answer, request_id = call(client, "POST", "/v1/inference/chat", json=request, headers=headers)
            return answer["choices"][0]["message"]["content"], answer["usage"]["total_tokens"], request_id
        except ScaiGridError as error:
            # A connection that breaks is not tried again: the answer may have been made, and paid for.
            wait_seconds = wait_before(attempt, error)
            is_last = attempt + 1 == ATTEMPTS_MAX or wait_seconds > WAIT_SECONDS_MAX
            if is_last or error.code not in WORTH_ANOTHER_ATTEMPT:
                raise
            print(f"{error}: again in {wait_seconds:.1f} s", file=sys.stderr)
            time.sleep(wait_seconds)


def main(texts):
    total = 0
    headers = {"Authorization": f"Bearer {API_KEY}"}
    with httpx.Client(base_url=BASE_URL, headers=headers, timeout=TIMEOUT_SECONDS) as client:
        for text in texts:
            title, tokens, request_id = title_of(client, text)
            total += tokens
            print(title)
            print(f"{tokens} tokens, {request_id}", file=sys.stderr)
        print(f"{total} tokens in this run", file=sys.stderr)
        summary, _ = call(client, "GET", "/v1/accounting/usage/summary", params={"period": "day"})
    for usage in summary:
        if usage["group_key"] == MODEL:
            counts = f"{usage['request_count']} requests, {usage['total_tokens']} tokens"
            # Amounts are exact decimals, hence text.
            print(f"today with {MODEL}: {counts}, cost {usage['total_cost']}", file=sys.stderr)


if __name__ == "__main__":
    if not API_KEY:
        sys.exit("SCAIGRID_API_KEY is not set: give it the key that the gateway printed.")
    try:
        main(sys.argv[1:] or ["Hey, what's a good recipe for carbonara?"])
    except ScaiGridError as error:
        sys.exit(str(error))
    except httpx.TransportError as error:
        sys.exit(f"No answer from {BASE_URL}: is the gateway running there? ({error!r})")
