"""Prints an answer while it is being made; what it took goes to standard error.

    pip install httpx
    export SCAIGRID_API_KEY=sgk_…
    python stream.py "Tell me a long story."
"""

import json
import os
import sys

import httpx

BASE_URL = os.environ.get("SCAIGRID_BASE_URL", "http://localhost:8000")
API_KEY = os.environ.get("SCAIGRID_API_KEY")
MODEL = "scailabs/poolnoodle-omni"
# Between two signs of life; a quiet stream sends a comment every 15 seconds.
SILENCE_SECONDS_MAX = 60


def events(response):
    """The events of a stream as pairs of name and data; comments, which keep it open, are left out."""
    name, data = "message", []
    for line in response.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif line == "":
            if data:
                yield name, "\n".join(data)
            name, data = "message", []


def show(response):
    """Prints the words as they come; returns the tokens of the whole, or ends the program with a reason."""
    request_id = response.headers.get("x-scaigrid-request-id", "")
    tokens = 0
    for name, data in events(response):
        if data == "[DONE]":
            return tokens
        event = json.loads(data)
        if name == "error":
            sys.exit(f"\nThe answer is not whole: {event['code']}: {event['message']} ({request_id})")
        print(event["choices"][0]["delta"].get("content", ""), end="", flush=True)
        tokens = event.get("usage", {}).get("total_tokens", tokens)
    sys.exit(f"\nThe answer is not whole: the connection ended before [DONE]. ({request_id})")


def main(prompt):
    if not API_KEY:
        sys.exit("SCAIGRID_API_KEY is not set: give it the key that the gateway printed.")
    request = {"model": MODEL, "messages": [{"role": "user", "content": prompt}], "stream": True}
    headers = {"Authorization": f"Bearer {API_KEY}"}
    url = f"{BASE_URL}/v1/inference/chat"
    try:
        with httpx.stream("POST", url, headers=headers, json=request, timeout=SILENCE_SECONDS_MAX) as response:
            # What fails before the first word is an ordinary error: status, code, message, request id.
            if response.status_code != 200:
                sys.exit(f"HTTP {response.status_code}: {response.read().decode()}")
            tokens = show(response)
            print(f"\n{tokens} tokens, {response.headers['x-scaigrid-request-id']}", file=sys.stderr)
    except httpx.ConnectError as error:
        sys.exit(f"No answer from {BASE_URL}: is the gateway running there? ({error})")
    except httpx.TransportError as error:
        sys.exit(f"\nThe answer is not whole: {error!r}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "Tell me a long story.")
