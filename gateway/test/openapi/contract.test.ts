import { describe, expect, test } from "bun:test";
import { ERRORS, type ErrorCode } from "../../src/errors.ts";
import { ContractError, checkAgainstContract } from "../harness/contract.ts";

const REQUEST_ID = "req_01JD0000000000000000000000";

function answered(method: string, path: string, status: number, body: object): () => void {
  return () =>
    checkAgainstContract({
      method,
      path,
      requestBody: undefined,
      status,
      headers: new Headers({ "content-type": "application/json", "x-scaigrid-request-id": REQUEST_ID }),
      body: { ...body, meta: { request_id: REQUEST_ID } },
      text: "",
    });
}

function refused(method: string, path: string, code: ErrorCode): () => void {
  return answered(method, path, ERRORS[code].status, { status: "error", error: { code, message: "No." } });
}

describe("an answer that the documentation does not know fails the test that met it", () => {
  test("a code that the endpoint is not documented with", () => {
    expect(refused("GET", "/v1/models/a/b", "MODEL_NOT_FOUND")).not.toThrow();
    expect(refused("GET", "/v1/models/a/b", "BACKEND_ERROR")).toThrow(ContractError);
  });

  test("a success with another status than the documented one", () => {
    const deleted = { status: "ok", data: { id: "apikey_1", deleted: true } };
    expect(answered("DELETE", "/v1/api-keys/apikey_1", 200, deleted)).not.toThrow();
    expect(answered("DELETE", "/v1/api-keys/apikey_1", 201, deleted)).toThrow("documented as 200");
  });
});
