import { ApiError } from "../../errors.ts";
import { errorArticle, errorList } from "../docs/error-pages.ts";
import { STYLESHEET_PATH, pageResponse } from "../docs/html.ts";
import { STYLESHEET } from "../docs/stylesheet.ts";
import { CODES } from "../openapi/errors-of.ts";
import type { SystemEndpoint } from "./endpoint.ts";

const shared = {
  kind: "system",
  method: "GET",
  access: "public",
  tag: "Documentation",
  costBearing: false,
} as const;

export const openApi: SystemEndpoint = {
  ...shared,
  path: "/openapi.json",
  operationId: "getOpenApi",
  summary: "This API as an OpenAPI 3.1 document",
  serve: (_arrival, { reference }) =>
    new Response(reference.openApi, {
      headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-cache" },
    }),
};

export const apiDocs: SystemEndpoint = {
  ...shared,
  path: "/docs",
  contentType: "text/html",
  summary: "This API as a page to read",
  serve(_arrival, { reference }) {
    const { main, aside } = reference.page;
    return pageResponse("API", main, aside);
  },
};

export const stylesheet: SystemEndpoint = {
  ...shared,
  path: STYLESHEET_PATH,
  operationId: "getDocsStylesheet",
  contentType: "text/css",
  summary: "The look of these pages",
  serve: () =>
    new Response(STYLESHEET, {
      headers: { "content-type": "text/css; charset=utf-8", "cache-control": "no-cache" },
    }),
};

export const errorIndex: SystemEndpoint = {
  ...shared,
  path: "/docs/errors",
  contentType: "text/html",
  summary: "Every error code",
  serve: () => pageResponse("Error codes", errorList()),
};

/** What `doc_url` of an error leads to. */
export const errorPage: SystemEndpoint = {
  ...shared,
  path: "/docs/errors/{code}",
  contentType: "text/html",
  errors: ["NOT_FOUND"],
  summary: "What an error code means and what to do",
  serve({ params }, { reference }) {
    const code = CODES.find((known) => known === params["code"]);
    if (code === undefined) throw new ApiError("NOT_FOUND");
    return pageResponse(code, errorArticle(code, reference.publicUrl));
  },
};
